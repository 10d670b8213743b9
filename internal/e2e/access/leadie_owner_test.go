package access_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// refusedFor fails the test unless a request is a 400 about one field.
func refusedFor(t *testing.T, c *testkit.Client, path string, body map[string]any, field string) {
	t.Helper()
	a := c.Call(t, http.MethodPost, path, body).Want(t, http.StatusBadRequest)
	if d := a.Problem(t).Error.Details; len(d) != 1 || d[0].Field != field {
		t.Errorf("POST %s %v: got %s, want the field %s", path, body, a.Body, field)
	}
}

func TestAPortalSessionOfLeadieIsAMembers(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	id := p.NewTenantOf(t, "leadie")
	ada := addMember(t, p, id, "ada", "developer")
	path := "/admin/v1/tenants/" + id + "/portal-sessions"
	for _, body := range []map[string]any{{"environment": "live"}, {"environment": "live", "role": "viewer"},
		{"environment": "live", "capabilities": []string{"read:webhooks"}}} {
		refusedFor(t, p.Operator, path, body, "member_id")
		body["member_id"] = ada
		testkit.Post[api.PortalSession](t, p.Operator, path, body, http.StatusCreated)
	}
	other := "/admin/v1/tenants/" + p.NewTenantOf(t, "hookline") + "/portal-sessions"
	testkit.Post[api.PortalSession](t, p.Operator, other, map[string]any{"environment": "live"}, http.StatusCreated)
}

func TestCreditsOfLeadieAreGrantedToMembers(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	id := p.NewTenantOf(t, "leadie")
	grant := map[string]any{"amount": 5, "reason": "test"}
	path := "/admin/v1/tenants/" + id + "/credits"
	refusedFor(t, p.Operator, path, grant, "user_id")
	grant["user_id"] = addMember(t, p, id, "ada", "viewer")
	testkit.Post[api.CreditEntry](t, p.Operator, path, grant, http.StatusCreated)
}

// ids are the ids of the keys that a client lists.
func ids(t *testing.T, c *testkit.Client, query string) []string {
	t.Helper()
	var out []string
	for _, k := range testkit.Get[api.KeyList](t, c, keys+query).Data {
		out = append(out, k.ID)
	}
	slices.Sort(out)
	return out
}

func TestKeysOfLeadieAreTheUsers(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		id := p.NewTenantOf(t, "leadie")
		member := map[string]string{}
		client, key := map[string]*testkit.Client{}, map[string]string{}
		for name, role := range map[string]string{"ada": "owner", "ben": "developer", "cay": "admin"} {
			member[name] = addMember(t, p, id, name, role)
			client[name] = userKey(t, p, id, member[name], "live")
			key[name] = testkit.Get[api.Me](t, client[name], "/api/v1/me").Key.ID
		}
		all := []string{key["ada"], key["ben"], key["cay"]}
		slices.Sort(all)
		for _, name := range []string{"ada", "cay"} {
			if got := ids(t, client[name], ""); !slices.Equal(got, all) {
				t.Errorf("keys that %s lists: got %v, want all, to revoke them: %v", name, got, all)
			}
			other := keys + "/" + key["ben"]
			client[name].Call(t, http.MethodPatch, other, map[string]any{"name": "x"}).Want(t, http.StatusForbidden)
			client[name].Call(t, http.MethodPost, other+"/rotate", map[string]any{}).Want(t, http.StatusForbidden)
			client[name].Call(t, http.MethodPost, keys, map[string]any{"name": "x", "user_id": member["ben"]}).
				Want(t, http.StatusForbidden)
		}
		ben := client["ben"]
		for _, query := range []string{"", "?user_id=" + member["ben"]} {
			if got := ids(t, ben, query); !slices.Equal(got, []string{key["ben"]}) {
				t.Errorf("keys%s that Ben lists: got %v, want his own, %s", query, got, key["ben"])
			}
		}
		if got := ids(t, ben, "?user_id="+member["ada"]); len(got) != 0 {
			t.Errorf("keys of Ada that Ben lists: got %v, want none", got)
		}
		other := keys + "/" + key["cay"]
		ben.Call(t, http.MethodGet, other, nil).Want(t, http.StatusNotFound)
		ben.Call(t, http.MethodPatch, other, map[string]any{"name": "x"}).Want(t, http.StatusNotFound)
		ben.Call(t, http.MethodPost, other+"/rotate", map[string]any{}).Want(t, http.StatusNotFound)
		ben.Call(t, http.MethodDelete, other, nil).Want(t, http.StatusNotFound)
		ben.Call(t, http.MethodPatch, keys+"/"+key["ben"], map[string]any{"name": "x"}).Want(t, http.StatusOK)

		p.Await(t, "the calls to be counted", func() bool {
			if err := p.App.Usage.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			return slices.Equal(usedKeys(t, client["ada"]), all)
		})
		if got := usedKeys(t, ben); !slices.Equal(got, []string{key["ben"]}) {
			t.Errorf("usage that Ben reads: got that of %v, want that of his own key %s", got, key["ben"])
		}
		create(t, client["cay"], "mine", "read:tracking")
		client["ada"].Call(t, http.MethodDelete, keys+"/"+key["ben"], nil).Want(t, http.StatusNoContent)
		p.Await(t, "the key to be revoked", func() bool {
			return ben.Call(t, http.MethodGet, "/api/v1/me", nil).Status == http.StatusUnauthorized
		})
	})
}

// usedKeys are the ids of the keys whose calls a client reads.
func usedKeys(t *testing.T, c *testkit.Client) []string {
	t.Helper()
	var out []string
	for _, count := range testkit.Get[api.Usage](t, c, "/api/v1/usage").Data {
		out = append(out, count.KeyID)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
