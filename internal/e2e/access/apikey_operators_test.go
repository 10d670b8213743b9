package access_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func TestOperatorsSeeAndRevokeATenantsKeysInBothEnvironments(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	live, stranger := p.NewTenant(t, "business"), p.NewTenant(t, "business")
	id := testkit.Get[api.Me](t, live, "/api/v1/me").Tenant.ID
	test := p.NewKey(t, id, "test", "read:leads")
	path := "/admin/v1/tenants/" + id + "/keys"
	for query, holder := range map[string]*testkit.Client{"": live, "?environment=live": live,
		"?environment=test": test} {
		a := p.Operator.Call(t, http.MethodGet, path+query, nil).Want(t, http.StatusOK)
		list := testkit.Into[api.KeyList](t, a)
		if me := testkit.Get[api.Me](t, holder, "/api/v1/me"); len(list.Data) != 1 || list.Meta.Total != 1 ||
			list.Data[0].ID != me.Key.ID || strings.Contains(string(a.Body), holder.Key()) {
			t.Errorf("keys with %s: got %s, want the one key without its secret", query, a.Body)
		}
	}
	foreign := testkit.Get[api.Me](t, stranger, "/api/v1/me").Key.ID
	for _, missing := range []string{path + "/" + foreign, path + "/key_x", "/admin/v1/tenants/tnt_x/keys/" +
		foreign} {
		p.Operator.Call(t, http.MethodDelete, missing, nil).Want(t, http.StatusNotFound)
	}
	stranger.Call(t, http.MethodGet, "/api/v1/me", nil).Want(t, http.StatusOK)
	for range 2 { // again changes nothing
		p.Operator.Call(t, http.MethodDelete, path+"/"+testkit.Get[api.KeyList](t, p.Operator, path+
			"?environment=test").Data[0].ID, nil).Want(t, http.StatusNoContent)
	}
	test.Call(t, http.MethodGet, "/api/v1/me", nil).Want(t, http.StatusUnauthorized)
	live.Call(t, http.MethodGet, "/api/v1/me", nil).Want(t, http.StatusOK)
}
