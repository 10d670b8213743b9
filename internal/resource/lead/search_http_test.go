package lead_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/resource/lead"
	"github.com/hookline/hookline/internal/testkit"
)

func names(t *testing.T, c *testkit.Client, query string) string {
	t.Helper()
	var out []string
	list := testkit.Get[api.LeadList](t, c, "/api/v1/leads?"+query)
	for _, l := range list.Data {
		out = append(out, l.Name.MustGet())
	}
	if list.Meta.Total != len(out) {
		t.Errorf("?%s: %d of %d", query, len(out), list.Meta.Total)
	}
	return strings.Join(out, ", ")
}

func TestLeadsAreFoundByWhatTheyHave(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e)
		c := p.NewTenant(t, "business")
		var at []string // when each was created
		for _, f := range []object{
			{"name": "Ada Lovelace", "email": "ada@engines.example", "score": 10, "external_id": "crm-1", "phone": "+44 123"},
			{"name": "Grace Hopper", "company": "Navy", "score": 20, "notes": "compiler"},
			{"name": "Zoë Ärger", "first_name": "Zoë", "email": "zoe_1%@x.example", "score": 30, "external_id": "crm-2"},
		} {
			made, _ := create(t, c, f)
			at = append(at, url.QueryEscape(made["created_at"].(string)))
		}
		p.NewTenant(t, "business").NewLead(t, "ada@engines.example") // somebody else's
		_, path := create(t, c, object{"name": "Joan", "score": 5})
		changed := patch(t, c, path, object{"name": "Joan Clarke", "score": 25})
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
			if got := names(t, c, query); got != want {
				t.Errorf("?%s: %q instead of %q", query, got, want)
			}
		}
		c.Call(t, http.MethodDelete, path, nil).Want(t, http.StatusNoContent)
		if got := names(t, c, "q=clarke"); got != "" {
			t.Errorf("found after it was deleted: %s", got)
		}
	})
}

func TestAnImpossibleQuestionIsRefused(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Start(t, e).NewTenant(t, "business")
		for query, field := range map[string]string{
			"page=0": "page", "page=-1": "page", "page=x": "page", "per_page=0": "per_page", "per_page=101": "per_page",
			"score_min=2&score_max=1": "score_max", "score_min=x": "score_min", "score_min=-1": "score_min",
			"created_from=2026-11-21T10:00:00Z&created_to=2026-11-21T09:00:00Z": "created_to",
			"updated_from=2026-11-21T10:00:00Z&updated_to=2026-11-21T09:00:00Z": "updated_to",
			"created_from=yesterday": "created_from", "sort=name": "sort", "sort=": "sort", "q=": "q", "q=%2A%2A": "q",
			"q=" + strings.Repeat("a+b+c+d+e+f+g+h+", 1) + "i+j+k": "q",
		} {
			a := c.Call(t, http.MethodGet, "/api/v1/leads?"+query, nil)
			if a.Status != http.StatusBadRequest || len(a.Problem(t).Error.Details) != 1 || a.Problem(t).Error.Details[0].Field != field {
				t.Errorf("?%s: %d %s", query, a.Status, a.Body)
			}
		}
	})
}

func TestAnExternalIDIsOneLeadsInATenantAndEnvironment(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e)
		c, other := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		test := p.NewKey(t, testkit.Get[api.Me](t, c, "/api/v1/me").Tenant.ID, "test", "*")
		for _, each := range []*testkit.Client{c, other, test} {
			create(t, each, object{"external_id": "crm-1"})
		}
		_, path := create(t, c, object{"external_id": "crm-2"})
		for name, a := range map[string]testkit.Answer{
			"create":                         c.Call(t, http.MethodPost, "/api/v1/leads", object{"external_id": "crm-1"}),
			"create with an Idempotency-Key": c.Call(t, http.MethodPost, "/api/v1/leads", object{"external_id": "crm-1"}, "Idempotency-Key", "one"),
			"change":                         c.Call(t, http.MethodPatch, path, object{"external_id": "crm-1"}),
			"upsert":                         c.Call(t, http.MethodPut, "/api/v1/leads/by-email/a@example.com", object{"external_id": "crm-1"}),
		} {
			if a.Status != http.StatusConflict || !strings.Contains(a.Problem(t).Error.Message, "external_id") {
				t.Errorf("%s: %d %s", name, a.Status, a.Body)
			}
		}
		patch(t, c, path, object{"external_id": nil})
		create(t, c, object{"external_id": "crm-2"}) // free again
		if n := len(fired(t, c, "lead.created")); n != 3 {
			t.Errorf("%d leads were told of", n)
		}
	})
}

// fill writes many leads of several tenants, so that a planner has a reason to choose.
func fill(t *testing.T, d *db.DB) {
	t.Helper()
	err := d.Tx(t.Context(), func(tx *gorm.DB) error {
		for _, sql := range []string{
			`INSERT INTO tenants (id, name, plan, profile, created_at, updated_at, overrides, deliveries_paused) WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 3)
				SELECT 'tnt_' || CAST(i AS text), 'x', 'business', 'hookline', 1, 1, '{}', false FROM n`,
			`INSERT INTO leads (id, tenant_id, environment, name, email, email_key, external_id, score, source, status, created_at, updated_at)
				WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
				SELECT 'lead_' || CAST(100000 + i AS text), 'tnt_' || CAST(i % 4 AS text), 'live', 'Name ' || CAST(i AS text), 'a' || CAST(i AS text) || '@example.com',
				'a' || CAST(i AS text) || '@example.com', 'crm-' || CAST(i AS text), i % 1000, 'source ' || CAST(i % 13 AS text), 'status ' || CAST(i % 7 AS text),
				CAST(i AS bigint) * 1000000, CAST((i * 7) % 20000 AS bigint) * 1000000 FROM n`,
			`INSERT INTO search_words (tenant_id, environment, kind, word, item_id) SELECT tenant_id, environment, 'lead', 'w' || id, id FROM leads`,
			"ANALYZE",
		} {
			if err := tx.Exec(sql).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEachFilterOfLeadsReadsAnIndex(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		d := testkit.Database(t, e)
		fill(t, d)
		at := func(seconds int64) time.Time { return time.Unix(seconds, 0) }
		one, two := int32(500), int32(950)
		scope := principal.Scope{TenantID: "tnt_1", Environment: principal.Live}
		for name, q := range map[string]struct {
			f      lead.Filter
			sorted bool // by the index, so that a page costs a page
		}{
			"none":                {lead.Filter{}, true},
			"oldest first":        {lead.Filter{Sort: "created_at"}, true},
			"newest change first": {lead.Filter{Sort: "-updated_at"}, true},
			"highest score first": {lead.Filter{Sort: "-score"}, true},
			"lowest score first":  {lead.Filter{Sort: "score"}, true},
			"status":              {lead.Filter{Status: "status 3"}, true},
			"source":              {lead.Filter{Source: "source 3"}, true},
			"created":             {lead.Filter{CreatedFrom: at(500), CreatedTo: at(19000)}, true},
			"updated, so sorted":  {lead.Filter{UpdatedFrom: at(500), UpdatedTo: at(19000), Sort: "-updated_at"}, true},
			"score, so sorted":    {lead.Filter{ScoreMin: &one, ScoreMax: &two, Sort: "-score"}, true},
			"email":               {lead.Filter{Email: "a400@example.com"}, false},
			"external id":         {lead.Filter{ExternalID: "crm-401"}, false},
			"updated":             {lead.Filter{UpdatedFrom: at(500), UpdatedTo: at(510)}, false},
			"score":               {lead.Filter{ScoreMin: &one, ScoreMax: &one}, false},
			"a word":              {lead.Filter{Terms: []string{"wlead_10040"}}, false},
		} {
			plan := testkit.Plan(t, d, lead.ListQuery(q.f, d.Read(t.Context()).Session(&gorm.Session{DryRun: true}), scope).Limit(25), &[]lead.Lead{})
			bad := []string{"Seq Scan", "SCAN"}
			if q.sorted {
				bad = append(bad, "Sort  (", "TEMP B-TREE")
			}
			if i := slices.IndexFunc(bad, func(b string) bool { return strings.Contains(plan, b) }); i >= 0 {
				t.Errorf("%s: %s in\n%s", name, bad[i], plan)
			}
		}
	})
}
