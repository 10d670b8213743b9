package access_test

import (
	"net/http"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func TestTheTroubleOfAllTenantsIsForOperatorsWhoMaySeeTheirDeadLetters(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		const path = "/admin/v1/trouble"
		for role, status := range map[string]int{"admin": http.StatusOK, "support": http.StatusOK,
			"backend": http.StatusForbidden} {
			c := p.NewOperator(t, role, nil)
			for _, path := range []string{path, "/admin/v1/dead-letters"} {
				c.Call(t, http.MethodGet, path, nil).Want(t, status)
			}
		}
		p.NewTenant(t, "business").Call(t, http.MethodGet, path, nil).Want(t, http.StatusForbidden)
		testkit.NewClient(p.URL, "").Call(t, http.MethodGet, path, nil).Want(t, http.StatusUnauthorized)
		got := testkit.Get[api.Trouble](t, p.NewOperator(t, "support", nil), path)
		if redis, err := got.RedisMs.Get(); err != nil || redis <= 0 || got.DatabaseMs <= 0 {
			t.Errorf("response times: got %v ms of Redis and %v ms of the database, want both above 0", got.RedisMs,
				got.DatabaseMs)
		}
	})
}
