package bench

import (
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/redis/go-redis/v9"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/apikey"
	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/testkit"
)

// BenchmarkAccess measures GET /me: bare, which is the handler behind Echo with nothing before it; open, which is the
// whole program without its limiter; leased, which is all of it, with a limit that is large enough for leases; and
// asked, with one that is not, so that Redis is asked each time. What access costs is the difference to bare. They take
// turns, request by request, so that all see the same machine. Allocations are the whole process's, the client's
// included, so only their differences mean something.
func BenchmarkAccess(b *testing.B) {
	for _, e := range []testkit.Engine{testkit.Embedded, testkit.Servers} {
		b.Run(string(e), func(b *testing.B) {
			leased := newCaller(b, e, testkit.WithLimits(func(ratelimit.Limit) ratelimit.Limit { return large }))
			asked := newCaller(b, e, testkit.WithLimits(func(ratelimit.Limit) ratelimit.Limit { return small }))
			open := newCaller(b, e, func(_ *config.Config, o *app.Options) { o.WithoutLimits = true })
			bare := newBare(b, open)
			all := []*caller{bare, open, leased, asked}
			for b.Loop() {
				for range rounds {
					apart(b, all)
					together(b, all)
				}
			}
			for i, name := range []string{"bare", "open", "leased", "asked"} {
				all[i].report(b, name)
			}
			b.ReportMetric(1000*(middle(leased.took)-middle(bare.took)), "leased_adds_p50_us")
			b.ReportMetric(1000*(middle(asked.took)-middle(bare.took)), "asked_adds_p50_us")
			trips(b, leased.redis)
		})
	}
}

// Neither limit is ever reached here.
var (
	large = ratelimit.PerMinute(10_000_000)
	small = ratelimit.Limit{Requests: 199, Window: 5 * time.Millisecond}
)

// caller calls GET /me of a program of its own.
type caller struct {
	program  *testkit.Program
	url, key string
	http     *http.Client
	redis    *queue.Redis

	took   []time.Duration // one request after the other
	rate   float64         // requests a second, eight at a time; the best round
	allocs float64         // for each request; the best round
}

func newCaller(b *testing.B, e testkit.Engine, option testkit.Option) *caller {
	b.Helper()
	p := testkit.Start(b, e, testkit.WithoutWorker(), option, asDeployed)
	c := &caller{program: p, url: p.URL + "/api/v1/me", key: newKey(b, p), http: newHTTP(), redis: p.App.Redis()}
	c.warm(b)
	return c
}

// newKey makes a tenant and a key of it without HTTP: responses of the program without a limiter lack the headers
// that the contract requires.
func newKey(b *testing.B, p *testkit.Program) string {
	b.Helper()
	t, err := p.App.Tenants.Create(b.Context(), b.Name(), "business", "hookline")
	if err != nil {
		b.Fatal(err)
	}
	scope := principal.Scope{TenantID: t.ID, Environment: principal.Live}
	_, key, err := p.App.Keys.Create(b.Context(), scope, apikey.Spec{Name: "bench", Permissions: []string{"*"}})
	if err != nil {
		b.Fatal(err)
	}
	return key
}

func newHTTP() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}
}

// others are the operations that nobody calls.
type others struct{ gen.StrictServerInterface }

// newBare serves the operation's handler with nothing before it, for the caller that another caller is.
func newBare(b *testing.B, like *caller) *caller {
	b.Helper()
	p, err := like.program.App.Keys.Authenticate(b.Context(), like.key, "127.0.0.1")
	if err != nil {
		b.Fatal(err)
	}
	handlers := struct {
		*apikey.API
		others
	}{API: apikey.NewAPI(like.program.App.Keys, like.program.App.Tenants, nil)}
	e := echo.New()
	e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			c.SetRequest(c.Request().WithContext(principal.With(c.Request().Context(), p)))
			return next(c)
		}
	})
	gen.RegisterHandlers(e, gen.NewStrictHandler(handlers, nil))
	server := httptest.NewServer(e)
	b.Cleanup(server.Close)
	c := &caller{url: server.URL + "/api/v1/me", key: like.key, http: newHTTP()}
	c.warm(b)
	return c
}

func (c *caller) warm(b *testing.B) {
	for range 200 {
		c.call(b)
	}
}

func (c *caller) call(b *testing.B) {
	r, err := http.NewRequest(http.MethodGet, c.url, http.NoBody)
	if err != nil {
		b.Error(err)
		return
	}
	r.Header.Set("X-Api-Key", c.key)
	response, err := c.http.Do(r)
	if err != nil {
		b.Error(err)
		return
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		b.Errorf("status %d", response.StatusCode)
	}
}

const each = 500

// apart measures one request after the other, of each caller in turn.
func apart(b *testing.B, all []*caller) {
	b.Helper()
	for range each {
		for _, c := range all {
			start := time.Now()
			c.call(b)
			c.took = append(c.took, time.Since(start))
		}
	}
}

// together measures eight requests at a time, of one caller after the other.
func together(b *testing.B, all []*caller) {
	b.Helper()
	for _, c := range all {
		const at = 8
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		var workers sync.WaitGroup
		for range at {
			workers.Go(func() {
				for range each / at {
					c.call(b)
				}
			})
		}
		workers.Wait()
		c.rate = max(c.rate, each/at*at/time.Since(start).Seconds())
		runtime.ReadMemStats(&after)
		if allocs := float64(after.Mallocs-before.Mallocs) / (each / at * at); c.allocs == 0 || allocs < c.allocs {
			c.allocs = allocs
		}
	}
}

// middle is the median in milliseconds.
func middle(all []time.Duration) float64 {
	slices.Sort(all)
	return float64(all[len(all)/2]) / float64(time.Millisecond)
}

func (c *caller) report(b *testing.B, name string) {
	b.Helper()
	report(b, name, c.took)
	b.ReportMetric(c.rate, name+"_req/s")
	b.ReportMetric(c.allocs, name+"_allocs/req")
}

// trips measures what a round trip to Redis takes by itself: a PING, the smallest script, and the limiter's decision.
// What a limit costs a request stands beside them.
func trips(b *testing.B, r *queue.Redis) {
	b.Helper()
	client, err := r.Impatient()
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	script := redis.NewScript("return 1")
	limiter := ratelimit.New(client, ratelimit.Options{})
	calls := map[string]func() error{
		"ping": func() error { return client.Ping(b.Context()).Err() },
		"take_leased": func() error {
			limiter.Take(b.Context(), ratelimit.Subject{Kind: ratelimit.Key, Tenant: "bench", ID: "a"}, large)
			return nil
		},
		"take_asked": func() error {
			limiter.Take(b.Context(), ratelimit.Subject{Kind: ratelimit.Key, Tenant: "bench", ID: "b"}, small)
			return nil
		},
		"evalsha": func() error { return script.Run(b.Context(), client, []string{"hookline:bench"}).Err() },
	}
	took := map[string][]time.Duration{}
	for range 4000 {
		for name, call := range calls {
			start := time.Now()
			if err := call(); err != nil {
				b.Fatal(err)
			}
			took[name] = append(took[name], time.Since(start))
		}
	}
	for name := range calls {
		report(b, name, took[name])
	}
}
