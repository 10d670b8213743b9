package access_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/apikey"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/operator"
	"github.com/hookline/hookline/internal/role"
	"github.com/hookline/hookline/internal/testkit"
)

func TestOldAuditEntriesAndEndedKeysAreDeletedAndStayRefused(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e)
		tenant := p.NewTenant(t, "business")
		made := func(more map[string]any) api.KeyCreated {
			body := map[string]any{"name": "CI", "permissions": []string{"read:leads"}}
			for k, v := range more {
				body[k] = v
			}
			a := tenant.Call(t, http.MethodPost, "/api/v1/keys", body).Want(t, http.StatusCreated)
			return testkit.Into[api.KeyCreated](t, a)
		}
		revoked, kept := made(nil), made(nil)
		made(map[string]any{"expires_at": time.Now().Add(time.Hour).UTC().Format(time.RFC3339)})
		tenant.Call(t, http.MethodDelete, "/api/v1/keys/"+revoked.ID, nil).Want(t, http.StatusNoContent)
		ended, working := p.NewOperatorKey(t, "admin", nil), p.NewOperatorKey(t, "support", nil)
		p.NewOperatorKey(t, "backend",
			map[string]any{"expires_at": time.Now().Add(time.Hour).UTC().Format(time.RFC3339)})
		given := "hk_op_" + strings.Repeat("given", 8)
		ensure := func() {
			t.Helper()
			if err := p.App.Operators.Ensure(t.Context(), "given", given); err != nil {
				t.Fatal(err)
			}
		}
		ensure()
		holder := testkit.NewClient(p.URL, given)
		for _, k := range testkit.Get[api.OperatorKeyList](t, holder, operatorKeys).Data {
			if k.ID == ended.ID || k.Name == "given" {
				p.Operator.Call(t, http.MethodDelete, operatorKeys+"/"+k.ID, nil).Want(t, http.StatusNoContent)
			}
		}
		const day = 24 * time.Hour
		sweep := func(age, later time.Duration) (keys, operators, logged int64) {
			t.Helper()
			now := func() time.Time { return time.Now().Add(later) }
			keys, err := apikey.NewStore(p.App.Database(), now, role.Roles{}).DeleteOlder(t.Context(), age, 100)
			if err != nil {
				t.Fatal(err)
			}
			operators, err = operator.NewStore(p.App.Database(), now).DeleteOlder(t.Context(), age, 100)
			if err != nil {
				t.Fatal(err)
			}
			logged, err = audit.New(p.App.Database(), now).DeleteOlder(t.Context(), age, 100)
			if err != nil {
				t.Fatal(err)
			}
			return keys, operators, logged
		}
		before := len(entries(t, tenant, "/api/v1/audit-log"))
		for _, c := range []struct{ age, later time.Duration }{{0, 10000 * day}, {400 * day, 399 * day}} {
			if keys, operators, logged := sweep(c.age, c.later); keys != 0 || operators != 0 || logged != 0 {
				t.Errorf("kept for %s, after %s: got %d keys, %d operator keys and %d entries deleted, want none", c.age,
					c.later, keys, operators, logged)
			}
		}
		keys, operators, logged := sweep(400*day, 401*day)
		if keys != 2 || operators != 2 || before == 0 || logged < int64(before) {
			t.Errorf("after the retention: got %d keys, %d operator keys and %d entries deleted, want 2, 2 and at least %d",
				keys, operators, logged, before)
		}
		ensure() // as the next start does
		for _, text := range []string{ended.Key, given} {
			testkit.NewClient(p.URL, text).Call(t, http.MethodGet, operatorKeys, nil).Want(t, http.StatusUnauthorized)
		}
		testkit.NewClient(p.URL, working.Key).Call(t, http.MethodGet, "/admin/v1/tenants", nil).Want(t, http.StatusOK)
		if left := entries(t, tenant, "/api/v1/audit-log"); len(left) != 0 {
			t.Errorf("entries: got %d, want none", len(left))
		}
		testkit.NewClient(p.URL, revoked.Key).Call(t, http.MethodGet, "/api/v1/leads", nil).
			Want(t, http.StatusUnauthorized)
		testkit.NewClient(p.URL, kept.Key).Call(t, http.MethodGet, "/api/v1/leads", nil).Want(t, http.StatusOK)
	})
}
