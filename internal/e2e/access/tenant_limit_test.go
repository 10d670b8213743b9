package access_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/testkit"
)

func TestAllKeysOfATenantShareARateLimit(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e, testkit.WithLimits(nil), testkit.WithoutWorker(),
			func(_ *config.Config, o *app.Options) { o.Limits.Patience = 20 * time.Second })
		one := p.NewTenant(t, "free")
		two := p.NewKey(t, testkit.TenantOf(t, one), "test", "*")
		p.Operator.Call(t, http.MethodPatch, "/admin/v1/tenants/"+testkit.TenantOf(t, one),
			object{"quota_overrides": map[string]int64{"requests_per_minute": 70}}).Want(t, http.StatusOK)
		const me = "/api/v1/me"
		for range 50 {
			a := one.Call(t, http.MethodGet, me, nil).Want(t, http.StatusOK)
			if got := a.Header.Get("RateLimit-Policy"); got != `"default";q=60;w=60` {
				t.Fatalf("RateLimit-Policy of the first key: got %s, want that of the key, 60 in 60 s", got)
			}
		}
		for i := range 20 {
			a := two.Call(t, http.MethodGet, me, nil).Want(t, http.StatusOK)
			got, want := a.Header.Get("RateLimit"), fmt.Sprintf(`"tenant";r=%d;`, 19-i)
			if !strings.HasPrefix(got, want) || a.Header.Get("RateLimit-Policy") != `"tenant";q=70;w=60` {
				t.Fatalf("request %d of the second key: got %s, want %s", i, got, want)
			}
		}
		for name, c := range map[string]*testkit.Client{"first": one, "second": two} {
			a := c.Call(t, http.MethodGet, me, nil).Want(t, http.StatusTooManyRequests)
			if got := a.Header.Get("RateLimit"); !strings.HasPrefix(got, `"tenant";r=0;t=`) {
				t.Errorf("RateLimit of the %s key: got %s, want the tenant's with none left", name, got)
			}
		}
		p.NewTenant(t, "free").Call(t, http.MethodGet, me, nil).Want(t, http.StatusOK)
		metrics := p.Metrics(t)
		if !strings.Contains(metrics, `hookline_rate_limited_requests_total{subject="tenant"} 2`) {
			t.Error("metrics: got no hookline_rate_limited_requests_total of 2 for tenants, want it")
		}
	})
}
