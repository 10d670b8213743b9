package bench

import (
	"io"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/testkit"
)

// BenchmarkAccess measures GET /me, authenticated, limited and validated, beside the same server without the limiter.
// The two take turns, so that both see the same machine. Allocations are the whole process's, the client's included:
// their difference is the limiter's.
func BenchmarkAccess(b *testing.B) {
	for _, e := range []testkit.Engine{testkit.Embedded, testkit.Servers} {
		b.Run(string(e), func(b *testing.B) {
			limited := newCaller(b, e, false)
			open := newCaller(b, e, true)
			for b.Loop() {
				limited.measure(b)
				open.measure(b)
				limited.measure(b)
				open.measure(b)
			}
			limited.report(b, "limited")
			open.report(b, "unlimited")
			trips(b, limited.redis)
		})
	}
}

// caller calls GET /me of a program of its own.
type caller struct {
	url, key string
	http     *http.Client
	redis    *queue.Redis

	took   []time.Duration // one request after the other
	rate   float64         // requests a second, eight at a time; the best round
	allocs float64         // for each request; the best round
}

func newCaller(b *testing.B, e testkit.Engine, unlimited bool) *caller {
	b.Helper()
	p := testkit.Start(b, e, func(_ *config.Config, o *app.Options) { o.Worker, o.WithoutLimits = false, unlimited })
	c := &caller{
		url: p.URL + "/api/v1/me", key: p.NewTenant(b, "business").Key(),
		http:  &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}},
		redis: p.App.Redis(),
	}
	for range 200 {
		c.call(b)
	}
	return c
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

func (c *caller) measure(b *testing.B) {
	b.Helper()
	const n, at = 2000, 8
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range n {
		start := time.Now()
		c.call(b)
		c.took = append(c.took, time.Since(start))
	}
	runtime.ReadMemStats(&after)
	if allocs := float64(after.Mallocs-before.Mallocs) / n; c.allocs == 0 || allocs < c.allocs {
		c.allocs = allocs
	}
	start := time.Now()
	var all sync.WaitGroup
	for range at {
		all.Go(func() {
			for range n / at {
				c.call(b)
			}
		})
	}
	all.Wait()
	c.rate = max(c.rate, n/time.Since(start).Seconds())
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
	for name, call := range map[string]func() error{
		"ping": func() error { return client.Ping(b.Context()).Err() },
		"take": func() error {
			limiter.Take(b.Context(), ratelimit.Subject{Kind: ratelimit.Key, Tenant: "bench", ID: "bench"}, ratelimit.PerMinute(1_000_000))
			return nil
		},
		"evalsha": func() error { return script.Run(b.Context(), client, []string{"hookline:bench"}).Err() },
	} {
		var took []time.Duration
		for range 4000 {
			start := time.Now()
			if err := call(); err != nil {
				b.Fatal(err)
			}
			took = append(took, time.Since(start))
		}
		report(b, name, took)
	}
}
