package resource_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func namesFound(t *testing.T, c *testkit.Client, query string) string {
	t.Helper()
	var out []string
	list := testkit.Get[api.LeadList](t, c, "/api/v1/leads?"+query)
	for _, l := range list.Data {
		out = append(out, l.Name.MustGet())
	}
	if list.Meta.Total != len(out) {
		t.Errorf("leads with ?%s: got %d, want all %d on the page", query, len(out), list.Meta.Total)
	}
	return strings.Join(out, ", ")
}

func TestLeadsAreFoundByTheirWords(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		var at []string // when each was created
		for _, f := range []object{
			{"name": "Ada Lovelace", "email": "ada@engines.example", "score": 10, "external_id": "crm-1",
				"phone": "+44 123"},
			{"name": "Grace Hopper", "company": "Navy", "score": 20, "notes": "compiler"},
			{"name": "Zoë Ärger", "first_name": "Zoë", "email": "zoe_1%@x.example", "score": 30,
				"external_id": "crm-2"},
		} {
			made, _ := newLead(t, c, f)
			at = append(at, url.QueryEscape(made["created_at"].(string)))
		}
		p.NewTenant(t, "business").NewLead(t, "ada@engines.example") // somebody else's
		_, path := newLead(t, c, object{"name": "Joan", "score": 5})
		changed := patchLead(t, c, path, object{"name": "Joan Clarke", "score": 25})
		since := url.QueryEscape(changed["updated_at"].(string))
		for query, want := range map[string]string{
			"q=ada":        "Ada Lovelace",
			"q=LOVE+ad":    "Ada Lovelace",
			"q=ada+hopper": "",
			"q=lace":       "",
			"q=" + url.QueryEscape("ada@engines.exa"): "Ada Lovelace",
			"q=" + url.QueryEscape("+44"):             "Ada Lovelace",
			"q=example":                               "Zoë Ärger, Ada Lovelace",
			"q=zo%C3%AB":                              "Zoë Ärger",
			"q=%C3%84rg":                              "Zoë Ärger",
			"q=navy":                                  "Grace Hopper",
			"q=compiler":                              "",
			"q=clarke":                                "Joan Clarke",
			"q=example&score_min=20":                  "Zoë Ärger",
			"external_id=crm-1":                       "Ada Lovelace",
			"external_id=crm":                         "",
			"score_min=20":                            "Joan Clarke, Zoë Ärger, Grace Hopper",
			"score_max=20":                            "Grace Hopper, Ada Lovelace",
			"score_min=20&score_max=25":               "Joan Clarke, Grace Hopper",
			"sort=score":                              "Ada Lovelace, Grace Hopper, Joan Clarke, Zoë Ärger",
			"sort=-score":                             "Zoë Ärger, Joan Clarke, Grace Hopper, Ada Lovelace",
			"sort=created_at":                         "Ada Lovelace, Grace Hopper, Zoë Ärger, Joan Clarke",
			"sort=-updated_at&score_max=25":           "Joan Clarke, Grace Hopper, Ada Lovelace",
			"created_from=" + at[1] + "&created_to=" + at[2]: "Grace Hopper",
			"created_from=" + at[1] + "&created_to=" + at[1]: "",
			"updated_from=" + since:                          "Joan Clarke",
			"updated_to=" + at[1]:                            "Ada Lovelace",
		} {
			if got := namesFound(t, c, query); got != want {
				t.Errorf("?%s: %q instead of %q", query, got, want)
			}
		}
		c.Call(t, http.MethodDelete, path, nil).Want(t, http.StatusNoContent)
		if got := namesFound(t, c, "q=clarke"); got != "" {
			t.Errorf("search after the deletion: got %s, want none", got)
		}
	})
}

func TestLeadsAreFoundInEveryScript(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		for _, name := range []string{
			"Οδυσσεύς Ελύτης", "ISPARTA Yıldız", "İstanbul Çelik", "Ｆｕｌｌ Ｗｉｄｔｈ", "Rene\u0301 Étude", "Straße",
			"株式会社 田中", "हिन्दी नाम", "Пётр Ильич", "محمد علي", "𝒜𝒹𝒶 ﬁnance", "조선 민주", "ქართული",
		} {
			newLead(t, c, object{"name": name})
		}
		for q, want := range map[string]string{
			"ΟΔΥΣΣΕΎΣ": "Οδυσσεύς Ελύτης", "οδυσσεύσ": "Οδυσσεύς Ελύτης", "οδυσσεύς": "Οδυσσεύς Ελύτης",
			"ısparta": "ISPARTA Yıldız", "isparta": "ISPARTA Yıldız", "YILDIZ": "ISPARTA Yıldız",
			"istanbul": "İstanbul Çelik", "İSTANBUL ç": "İstanbul Çelik", "full wid": "Ｆｕｌｌ Ｗｉｄｔｈ",
			"ＦＵＬＬ": "Ｆｕｌｌ Ｗｉｄｔｈ", "ren\u00e9": "Rene\u0301 Étude", "e\u0301TUDE": "Rene\u0301 Étude",
			"STRASSE": "Straße", "株式": "株式会社 田中", "田": "株式会社 田中", "会社": "株式会社 田中", "हिन्दी": "हिन्दी नाम",
			"пЁтр": "Пётр Ильич", "محم": "محمد علي", "ada finance": "𝒜𝒹𝒶 ﬁnance", "조": "조선 민주", "ქართ": "ქართული",
			"ada:* | x": "", "!ada": "𝒜𝒹𝒶 ﬁnance", `"ada" OR NOT`: "", "ada'": "𝒜𝒹𝒶 ﬁnance", `\ada\`: "𝒜𝒹𝒶 ﬁnance",
		} {
			if got := namesFound(t, c, "q="+url.QueryEscape(q)); got != want {
				t.Errorf("?q=%s found %q, want %q", q, got, want)
			}
		}
	})
}

func TestASearchFollowsChangesOfALead(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		_, path := newLead(t, c, object{"name": "Ada", "company": "Engines"})
		newLead(t, c, object{"name": "Grace"})
		steps := []struct {
			change object
			found  map[string]string
		}{
			{object{"score": 1}, map[string]string{"ada": "Ada", "engines": "Ada"}},
			{object{"name": "Augusta"}, map[string]string{"ada": "", "aug": "Augusta", "engines": "Augusta"}},
			{object{"company": nil}, map[string]string{"engines": "", "aug": "Augusta", "grace": "Grace"}},
			{object{"name": ""}, map[string]string{"aug": "", "grace": "Grace"}},
			{object{"name": "Ada"}, map[string]string{"ada": "Ada"}},
		}
		for _, s := range steps {
			patchLead(t, c, path, s.change)
			for q, want := range s.found {
				if got := namesFound(t, c, "q="+q); got != want {
					t.Errorf("after %v, ?q=%s found %q, want %q", s.change, q, got, want)
				}
			}
		}
		c.Call(t, http.MethodDelete, path, nil).Want(t, http.StatusNoContent)
		if got := namesFound(t, c, "q=ada"); got != "" {
			t.Errorf("search after the deletion: got %q, want none", got)
		}
	})
}

func TestAnInvalidQueryIsRefused(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		for query, field := range map[string]string{
			"page=0": "page", "page=-1": "page", "page=x": "page", "per_page=0": "per_page", "per_page=101": "per_page",
			"score_min=2&score_max=1": "score_max", "score_min=x": "score_min", "score_min=-1": "score_min",
			"created_from=2026-11-21T10:00:00Z&created_to=2026-11-21T09:00:00Z": "created_to",
			"updated_from=2026-11-21T10:00:00Z&updated_to=2026-11-21T09:00:00Z": "updated_to",
			"created_from=yesterday": "created_from", "sort=name": "sort", "sort=": "sort", "q=": "q", "q=%2A%2A": "q",
			"q=" + strings.Repeat("a+b+c+d+e+f+g+h+", 1) + "i+j+k": "q",
		} {
			a := c.Call(t, http.MethodGet, "/api/v1/leads?"+query, nil)
			if a.Status != http.StatusBadRequest || len(a.Problem(t).Error.Details) != 1 ||
				a.Problem(t).Error.Details[0].Field != field {
				t.Errorf("?%s: got %d %s, want 400 and the field %s", query, a.Status, a.Body, field)
			}
		}
	})
}

func TestAnExternalIDIsOneLeadsInATenantAndEnvironment(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c, other := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		test := p.NewKey(t, testkit.Get[api.Me](t, c, "/api/v1/me").Tenant.ID, "test", "*")
		for _, each := range []*testkit.Client{c, other, test} {
			newLead(t, each, object{"external_id": "crm-1"})
		}
		_, path := newLead(t, c, object{"external_id": "crm-2"})
		for name, a := range map[string]testkit.Answer{
			"create": c.Call(t, http.MethodPost, "/api/v1/leads",
				object{"external_id": "crm-1"}),
			"create with an Idempotency-Key": c.Call(t, http.MethodPost, "/api/v1/leads",
				object{"external_id": "crm-1"}, "Idempotency-Key", "one"),
			"change": c.Call(t, http.MethodPatch, path, object{"external_id": "crm-1"}),
			"upsert": c.Call(t, http.MethodPut, "/api/v1/leads/by-email/a@example.com", object{"external_id": "crm-1"}),
		} {
			if a.Status != http.StatusConflict || !strings.Contains(a.Problem(t).Error.Message, "external_id") {
				t.Errorf("%s: got %d %s, want 409 on external_id", name, a.Status, a.Body)
			}
		}
		patchLead(t, c, path, object{"external_id": nil})
		newLead(t, c, object{"external_id": "crm-2"}) // free again
		if n := len(eventData(t, c, "lead.created")); n != 3 {
			t.Errorf("lead.created: got %d, want 3", n)
		}
	})
}
