package access_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func setProfile(t *testing.T, p *testkit.Program, tenantID, profile string) {
	t.Helper()
	if err := p.App.Database().Read(t.Context()).Exec("UPDATE tenants SET profile = ? WHERE id = ?", profile,
		tenantID).Error; err != nil {
		t.Fatal(err)
	}
	p.App.Keys.Forget()
}

func TestKeysHaveTheProfilesPrefixAndStayValidWhenItChanges(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	for profile, prefixes := range map[string][2]string{
		"hookline": {"hk_live_", "hk_test_"}, "savelead": {"hk_live_", "hk_test_"}, "leadmetrics": {"lm_live_",
			"lm_test_"},
		"inboxops": {"ixk_", "ixk_"}, "leadhooks": {"wk_live_", "wk_test_"},
	} {
		id := p.NewTenantOf(t, profile)
		for i, environment := range []string{"live", "test"} {
			c := p.NewKey(t, id, environment, "*")
			me := testkit.Get[api.Me](t, c, "/api/v1/me")
			k := testkit.Get[api.Key](t, c, keys+"/"+me.Key.ID)
			if !strings.HasPrefix(c.Key(), prefixes[i]) || k.Prefix != prefixes[i] ||
				k.Hint != c.Key()[:len(prefixes[i])+4] || string(me.Environment) != environment {
				t.Errorf("key of %s, %s: got %+v of %s, want the prefix %s", profile, environment, k, c.Key()[:12],
					prefixes[i])
			}
		}
	}
	id := p.NewTenantOf(t, "inboxops")
	old := p.NewKey(t, id, "live", "*")
	setProfile(t, p, id, "leadmetrics")
	fresh := create(t, old, "fresh", "*")
	if fresh.Prefix != "lm_live_" || !strings.HasPrefix(old.Key(), "ixk_") {
		t.Errorf("key after a change of the profile: got %+v, want lm_live_, and ixk_ for the old one", fresh)
	}
	testkit.NewClient(p.URL, fresh.Key).Call(t, http.MethodGet, "/api/v1/leads", nil).Want(t, http.StatusOK)
	old.Call(t, http.MethodGet, "/api/v1/leads", nil).Want(t, http.StatusOK)
}

func TestAKeyInTheAddressIsRefusedWhateverItsPrefixAndNotRepeated(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	c := p.NewTenant(t, "business")
	secret := strings.Repeat("aZ09", 9)
	for _, prefix := range []string{"hk_live_", "hk_test_", "hk_op_", "lm_live_", "lm_test_", "ixk_", "wk_live_",
		"wk_test_", "ld_live_", "ld_test_"} {
		for query, field := range map[string]string{
			"api_key=" + prefix + secret: "api_key", "x=Bearer%20" + prefix + secret: "x", prefix + secret: "query",
			"a=1;key=" + prefix + secret:  "query",
			"key=" + prefix + secret[:20]: "key",
		} {
			a := c.Call(t, http.MethodGet, "/api/v1/leads?"+query, nil).Want(t, http.StatusBadRequest)
			if details := a.Problem(t).Error.Details; len(details) != 1 || details[0].Field != field ||
				strings.Contains(string(a.Body), secret[:16]) {
				t.Errorf("%s: got %s, want %s named and the key not repeated", query, a.Body, field)
			}
		}
	}
	c.Call(t, http.MethodGet, "/api/v1/leads?email=ixk_@example.com", nil).Want(t, http.StatusOK)
}
