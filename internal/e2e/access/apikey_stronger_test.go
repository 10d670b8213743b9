package access_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// TestAKeyManagesOnlyKeysThatCanDoNoMore because write:keys alone would otherwise be enough to lock the owner out.
func TestAKeyManagesOnlyKeysThatCanDoNoMore(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		owner := p.NewTenant(t, "business")
		id := testkit.TenantOf(t, owner)
		key := func(permissions ...string) (*testkit.Client, string) {
			c := p.NewKey(t, id, "live", permissions...)
			return c, "/api/v1/keys/" + testkit.Get[api.Me](t, c, "/api/v1/me").Key.ID
		}
		weak, own := key("write:keys", "read:keys")
		_, equal := key("write:keys")
		_, everything := key("*")
		_, admin := key("write:keys", "read:leads")
		role := testkit.Post[api.KeyCreated](t, owner, "/api/v1/keys", map[string]any{"name": "r", "role": "read_only"},
			http.StatusCreated)
		for _, stronger := range []string{everything, admin, "/api/v1/keys/" + role.ID} {
			for what, a := range map[string]testkit.Answer{
				"revoke": weak.Call(t, http.MethodDelete, stronger, nil),
				"rotate": weak.Call(t, http.MethodPost, stronger+"/rotate", map[string]any{"grace": "0s"}),
				"rename": weak.Call(t, http.MethodPatch, stronger, map[string]any{"name": "x"}),
				"downgrade": weak.Call(t, http.MethodPatch, stronger,
					map[string]any{"permissions": []string{"write:keys"}}),
				"lock out": weak.Call(t, http.MethodPatch, stronger,
					map[string]any{"allowed_cidrs": []string{"192.0.2.0/24"}}),
			} {
				if a.Status != http.StatusForbidden || !strings.Contains(string(a.Body), "can do more than you") {
					t.Errorf("%s %s: got %d %s, want 403, as it can do more", what, stronger, a.Status, a.Body)
				}
			}
			k := testkit.Get[api.Key](t, owner, stronger)
			if !k.RevokedAt.IsNull() || !k.ExpiresAt.IsNull() || k.Name == "x" {
				t.Errorf("after it was refused the key is %+v", k)
			}
		}
		weak.Call(t, http.MethodPatch, equal, map[string]any{"name": "x"}).Want(t, http.StatusOK)
		weak.Call(t, http.MethodPost, equal+"/rotate", map[string]any{}).Want(t, http.StatusCreated)
		weak.Call(t, http.MethodDelete, equal, nil).Want(t, http.StatusNoContent)
		weak.Call(t, http.MethodDelete, own, nil).Want(t, http.StatusNoContent)
		owner.Call(t, http.MethodDelete, everything, nil).Want(t, http.StatusNoContent)
	})
}

// TestAMemberManagesItsOwnKeysAndOwnersAll because owners are signed in with a list of permissions, and not with "*".
func TestAMemberManagesItsOwnKeysAndOwnersAll(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := newTenant(t, p)
	member := func(name, as string) string {
		return testkit.Post[api.Member](t, p.Operator, "/admin/v1/tenants/"+tenant.ID+"/members",
			map[string]any{"email": name + "@example.com", "name": name, "role": as}, http.StatusCreated).ID
	}
	owner, developer := member("owner", "owner"), member("developer", "developer")
	for name, c := range map[string]struct {
		as, user string
		want     int
	}{
		"an owner and a key that may do everything":    {owner, "", http.StatusNoContent},
		"a developer and a key that may do everything": {developer, "", http.StatusForbidden},
		"a developer and its own":                      {developer, developer, http.StatusNoContent},
	} {
		settings := map[string]any{"name": "k", "environment": "live", "permissions": []string{"*"}}
		if c.user != "" {
			settings["user_id"] = c.user
		}
		made := testkit.Post[api.KeyCreated](t, p.Operator, "/admin/v1/tenants/"+tenant.ID+"/keys", settings,
			http.StatusCreated)
		b := newBrowser(t, p)
		b.navigate(t, newLink(t, p, tenant.ID, map[string]any{"member_id": c.as}).URL)
		form := map[string][]string{"csrf_token": {b.whoami(t).CSRFToken}, "name": {"k"}, "once": {made.ID}}
		b.send(t, http.MethodPost, "/app/keys/"+made.ID+"/revoke", form)
		k := testkit.Get[api.KeyList](t, p.Operator, "/admin/v1/tenants/"+tenant.ID+"/keys")
		for _, one := range k.Data {
			if one.ID == made.ID && one.RevokedAt.IsNull() != (c.want == http.StatusForbidden) {
				t.Errorf("%s: revoked at %v, want an answer of %d", name, one.RevokedAt, c.want)
			}
		}
	}
}

func TestATestKeySeesWhatWasDoneInTheTestEnvironmentOnly(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		live := p.NewTenant(t, "business")
		test := p.NewKey(t, testkit.TenantOf(t, live), "test", "*")
		made := map[*testkit.Client]string{}
		for _, c := range []*testkit.Client{live, test} {
			made[c] = testkit.Post[api.WebhookCreated](t, c, "/api/v1/webhooks", map[string]any{
				"url": "https://example.com/" + c.Key()[:8], "events": []string{"*"}}, http.StatusCreated).ID
		}
		for _, query := range []string{"", "?action=webhook.created", "?target=" + made[live], "?limit=1"} {
			a := test.Call(t, http.MethodGet, "/api/v1/audit-log"+query, nil).Want(t, http.StatusOK)
			for _, entry := range testkit.Into[api.AuditEntryList](t, a).Data {
				if env, _ := entry.Environment.Get(); env != "test" || entry.Target != made[test] {
					t.Errorf("%q: a test key sees %s of %s", query, entry.Action, entry.Target)
				}
			}
			if strings.Contains(string(a.Body), made[live]) {
				t.Errorf("%q: a test key sees the live endpoint: %s", query, a.Body)
			}
		}
		if n := len(testkit.Get[api.AuditEntryList](t, test, "/api/v1/audit-log").Data); n != 1 {
			t.Errorf("a test key sees %d entries, want 1", n)
		}
		if n := len(testkit.Get[api.AuditEntryList](t, live, "/api/v1/audit-log?action=webhook.created").Data); n != 2 {
			t.Errorf("a live key sees %d entries, want those of both environments", n)
		}
	})
}
