package api_test

import (
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/fake"
)

// countSQL counts the statements of requests, and not those of background loops.
func countSQL(t *testing.T, p *testkit.Program) *atomic.Int64 {
	t.Helper()
	var n atomic.Int64
	count := func(tx *gorm.DB) {
		if tx.Statement.Context.Value(http.ServerContextKey) != nil {
			n.Add(1)
		}
	}
	c := p.App.Database().Read(t.Context()).Callback()
	for name, err := range map[string]error{
		"query": c.Query().Before("*").Register("count", count), "row": c.Row().Before("*").Register("count", count),
		"raw": c.Raw().Before("*").Register("count", count), "create": c.Create().Before("*").Register("count", count),
		"update": c.Update().Before("*").Register("count", count), "delete": c.Delete().Before("*").
				Register("count", count),
	} {
		if err != nil {
			t.Fatalf("%s: got %v, want no error", name, err)
		}
	}
	return &n
}

// TestAWarmRequestAsksNoDatabaseAndRedisOnce has a limit that is too small for leases, so each request must ask. Once a
// second a key is read anew.
func TestAWarmRequestAsksNoDatabaseAndRedisOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		s := testkit.NewServices(t, e)
		var proxy *fake.Proxy
		if e == testkit.Servers {
			proxy, s.RedisURL = fake.NewProxy(t, s.RedisURL)
		}
		p := testkit.StartOn(t, s, patient, testkit.WithoutWorker(),
			testkit.WithLimits(func(ratelimit.Limit) ratelimit.Limit {
				return ratelimit.Limit{Requests: 199, Window: 5 * time.Millisecond}
			}))
		tenant := p.NewTenant(t, "business")
		tenant.Call(t, http.MethodGet, me, nil).Want(t, http.StatusOK)

		const requests = 100
		statements := countSQL(t, p)
		before := 0
		if proxy != nil {
			before = len(proxy.Commands())
		}
		start := time.Now()
		for range requests {
			tenant.Call(t, http.MethodGet, me, nil).Want(t, http.StatusOK)
		}
		// A key that is read may also have its last use noted.
		if n, most := statements.Load(), 2*int64(1+time.Since(start)/time.Second); n > most {
			t.Errorf("statements of %d requests: got %d, want at most %d", requests, n, most)
		}
		if proxy == nil {
			return
		}
		// Each request runs one script; the reconciler asks a few things every second.
		asked := proxy.Commands()[before:]
		scripts := len(slices.DeleteFunc(slices.Clone(asked), func(c string) bool { return c != "EVALSHA" }))
		others := 50 * int(1+time.Since(start)/time.Second)
		if scripts < requests || len(asked) > requests+others {
			t.Errorf("%d requests: got %d commands, %d of them scripts, want a script each and at most %d others", requests,
				len(asked), scripts, others)
		}
		tenant.Call(t, http.MethodGet, "/api/v1/leads", nil).Want(t, http.StatusOK)
		if statements.Load() == 0 {
			t.Error("statements of a list: got 0, want at least 1")
		}
	})
}
