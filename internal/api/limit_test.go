package api_test

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/fake"
)

const me = "/api/v1/me"

// production are the limits as they are; tests that don't limit have higher ones.
var production = testkit.WithLimits(nil)

var rateLimit = regexp.MustCompile(`^"(default|address)";r=(\d+);t=(\d+)$`)

// left reads the headers; t is the seconds until there is room for one more.
func left(t *testing.T, a testkit.Answer) (policy string, r, seconds int) {
	t.Helper()
	m := rateLimit.FindStringSubmatch(a.Header.Get("RateLimit"))
	if m == nil {
		t.Fatalf("RateLimit of a %d: got %q, want the policy, r and t", a.Status, a.Header.Get("RateLimit"))
	}
	r, _ = strconv.Atoi(m[2])
	seconds, _ = strconv.Atoi(m[3])
	return m[1], r, seconds
}

// wantTooMany checks that everything in a 429 says the same.
func wantTooMany(t *testing.T, a testkit.Answer) {
	t.Helper()
	a.Want(t, http.StatusTooManyRequests)
	_, r, seconds := left(t, a)
	p := a.Problem(t).Error
	if r != 0 || seconds < 1 || a.Header.Get("Retry-After") != strconv.Itoa(seconds) ||
		p.Code != gen.ErrorErrorCodeRateLimited ||
		p.RetryAfterSeconds == nil || *p.RetryAfterSeconds != seconds {
		t.Errorf("got %v %s, want rate_limited, r=0 and the same wait in header, body and RateLimit", a.Header,
			a.Body)
	}
}

func TestAKeyGetsWhatItsPlanSaysAndNoMore(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e, production, patient)
		tenant := p.NewTenant(t, "free")
		other := p.NewKey(t, testkit.Get[gen.Me](t, tenant, me).Tenant.ID, "live", "*")
		for i := 2; i <= 60; i++ {
			path, status := me, http.StatusOK
			if i%2 == 0 {
				path, status = "/api/v1/leads", http.StatusForbidden // the plan doesn't include it: that counts too
			}
			a := tenant.Call(t, http.MethodGet, path, nil).Want(t, status)
			if policy := a.Header.Get("RateLimit-Policy"); policy != `"default";q=60;w=60` {
				t.Fatalf("RateLimit-Policy: got %s, want 60 in 60 s", policy)
			}
			if _, r, seconds := left(t, a); r != 60-i || seconds < 1 || seconds > 60 {
				t.Fatalf("RateLimit of request %d: got %s, want r=%d and t from 1 to 60", i,
					a.Header.Get("RateLimit"), 60-i)
			}
		}
		a := tenant.Call(t, http.MethodGet, me, nil)
		wantTooMany(t, a)
		if _, _, seconds := left(t, a); seconds > 60 {
			t.Errorf("wait: got %d s, want at most the window of 60", seconds)
		}
		wantTooMany(t, tenant.Call(t, http.MethodPost, "/api/v1/leads", "{"))
		if _, r, _ := left(t, other.Call(t, http.MethodGet, me, nil).Want(t, http.StatusOK)); r != 59 {
			t.Errorf("remaining requests of another key: got %d, want 59", r)
		}
		metrics := p.Metrics(t)
		if !strings.Contains(metrics, `hookline_rate_limited_requests_total{subject="key"} 2`) {
			t.Error("metrics: got no hookline_rate_limited_requests_total of 2 for keys, want it")
		}
	})
}

func TestEveryPlanHasItsLimitAndSoHaveOperators(t *testing.T) {
	t.Parallel()
	p := testkit.Start(t, testkit.Servers, production, patient)
	for plan, q := range map[string]int{"free": 60, "pro": 100, "business": 1000, "enterprise": 6000} {
		a := p.NewTenant(t, plan).Call(t, http.MethodGet, me, nil)
		if got := a.Header.Get("RateLimit-Policy"); got != fmt.Sprintf(`"default";q=%d;w=60`, q) {
			t.Errorf("RateLimit-Policy of %s: got %s, want q=%d", plan, got, q)
		}
	}
	a := p.Operator.Call(t, http.MethodGet, "/admin/v1/tenants", nil)
	if got := a.Header.Get("RateLimit-Policy"); got != `"default";q=6000;w=60` {
		t.Errorf("RateLimit-Policy of operators: got %s, want q=6000", got)
	}
}

func TestEveryAnswerToAKeyTellsItsLimitAndPublicOnesHaveNone(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	for _, o := range operations(t) {
		client := tenant
		if o.Permission == contract.Operator {
			client = p.Operator
		}
		a := client.Call(t, o.methods, o.at("x"), o.body, "Idempotency-Key", "one")
		if o.Public {
			if a.Header.Get("RateLimit") != "" {
				t.Errorf("RateLimit of the public operation %s: got %q, want none", o.OperationID,
					a.Header.Get("RateLimit"))
			}
			continue
		}
		again := client.Call(t, o.methods, o.at("x"), o.body, "Idempotency-Key", "one")
		for _, a := range []testkit.Answer{a, again} {
			if policy, r, _ := left(t, a); policy != "default" || r == 0 {
				t.Errorf("RateLimit of %s: got %s, want the policy default with requests left", o.OperationID,
					a.Header.Get("RateLimit"))
			}
		}
	}
}

// shortWindow makes every limit n requests in a second and a half.
func shortWindow(n int) testkit.Option {
	return testkit.WithLimits(func(ratelimit.Limit) ratelimit.Limit {
		return ratelimit.Limit{Requests: n, Window: 1500 * time.Millisecond}
	})
}

func TestTheLimitOpensAgainByItself(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		s := testkit.NewServices(t, e)
		p := testkit.StartOn(t, s)
		key := p.NewTenant(t, "business").Key()
		if e == testkit.Embedded {
			p.Stop() // SQLite is happier with one
		}
		tenant := testkit.NewClient(testkit.StartOn(t, s, shortWindow(3), sameKey(p)).URL, key)
		start := time.Now()
		for range 3 {
			tenant.Call(t, http.MethodGet, me, nil).Want(t, http.StatusOK)
		}
		full := tenant.Call(t, http.MethodGet, me, nil)
		if time.Since(start) < time.Second {
			wantTooMany(t, full)
			if _, _, seconds := left(t, full); seconds > 2 {
				t.Errorf("wait: got %d s, want at most the window of 1.5 s, rounded up", seconds)
			}
		}
		p.Await(t, "the limit to open", func() bool {
			return tenant.Call(t, http.MethodGet, me, nil).Status == http.StatusOK
		})
		if took := time.Since(start); took < 1500*time.Millisecond {
			t.Errorf("fourth request: got in after %s, want the window of 1.5 s to pass", took)
		}
	})
}

// sameKey starts a program on another's data.
func sameKey(p *testkit.Program) testkit.Option {
	return func(c *config.Config, _ *app.Options) { c.EncryptionKeys = p.Config.EncryptionKeys }
}

// patient waits up to 20 s for Redis: on a busy machine a command may take longer than the default 100 ms, and a
// process that decides alone does not share its counts.
func patient(_ *config.Config, o *app.Options) { o.Limits.Patience = 20 * time.Second }

// anHour makes every limit one per hour, so that none resets during a test on a busy machine.
var anHour = testkit.WithLimits(func(l ratelimit.Limit) ratelimit.Limit {
	return ratelimit.Limit{Requests: l.Requests, Window: time.Hour}
})

// TestSeveralProcessesShareOneLimit is about real servers only: the embedded engines are for one process.
func TestSeveralProcessesShareOneLimit(t *testing.T) {
	t.Parallel()
	s := testkit.NewServices(t, testkit.Servers)
	first := testkit.StartOn(t, s, anHour, patient)
	processes := []*testkit.Program{first}
	for range 2 {
		processes = append(processes, testkit.StartOn(t, s, anHour, patient, sameKey(first)))
	}
	key := first.NewTenant(t, "business").Key()
	var served, refused atomic.Int64
	var all sync.WaitGroup
	for _, p := range processes {
		for range 4 {
			all.Go(func() {
				for range 100 {
					switch status := fetch(p.URL+me, key); status {
					case http.StatusOK:
						served.Add(1)
					case http.StatusTooManyRequests:
						refused.Add(1)
					default:
						t.Errorf("got status %d, want 200 or 429", status)
					}
				}
			})
		}
	}
	all.Wait()
	// What a process has leased and not used is at most a hundredth of what was left then.
	if n := served.Load(); n > 1000 || n < 990 || n+refused.Load() != 1200 {
		t.Errorf("got %d served and %d refused of 1200, want at most 1000 served and no fewer than 990",
			served.Load(), refused.Load())
	}
}

// fetch gets a page from any goroutine; the status is 0 when no answer came.
func fetch(url, key string) int {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, http.NoBody)
	if err != nil {
		return 0
	}
	r.Header.Set("X-Api-Key", key)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

func TestWithoutRedisKeysAreLimitedAndServedAllTheSame(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p, cut, restore := fake.StartWithRedis(t, e, production)
		tenant, another := p.NewTenant(t, "free"), p.NewTenant(t, "pro")
		for range 20 {
			tenant.Call(t, http.MethodGet, me, nil).Want(t, http.StatusOK)
		}
		cut()
		start, served := time.Now(), 20
		for range 60 {
			if tenant.Call(t, http.MethodGet, me, nil).Status == http.StatusOK {
				served++
			}
		}
		if took := time.Since(start); served != 60 || took > 10*time.Second {
			t.Errorf("got %d served in %s, want 60 in at most 10 s", served, took)
		}
		wantTooMany(t, tenant.Call(t, http.MethodGet, me, nil))
		alone(t, p, "1")
		restore()
		p.Await(t, "going back to Redis", func() bool {
			another.Call(t, http.MethodGet, me, nil) // what is refused anyway doesn't ask
			text := p.Metrics(t)
			return strings.Contains(text, "hookline_rate_limit_fallback 0")
		})
		wantTooMany(t, tenant.Call(t, http.MethodGet, me, nil))
	})
}

func alone(t *testing.T, p *testkit.Program, want string) {
	t.Helper()
	text := p.Metrics(t)
	if !strings.Contains(text, "hookline_rate_limit_fallback "+want) {
		t.Errorf("hookline_rate_limit_fallback is not %s", want)
	}
}

// fewer makes the limits a tenth, so that tests of many refusals are short.
var fewer = testkit.WithLimits(func(l ratelimit.Limit) ratelimit.Limit {
	l.Requests /= 10
	return l
})

func TestStrangersAreLimitedWhateverTheyForward(t *testing.T) {
	t.Parallel()
	p := testkit.Start(t, testkit.Servers, fewer)
	known, unknown := p.NewTenant(t, "business"), p.NewTenant(t, "business")
	known.Call(t, http.MethodGet, me, nil).Want(t, http.StatusOK)
	nobody := testkit.NewClient(p.URL, "")
	refused := 0
	for i := range 50 {
		headers := []string{"X-Forwarded-For", fmt.Sprintf("203.0.113.%d", i), "X-Real-Ip",
			fmt.Sprintf("203.0.113.%d", i)}
		if i%2 == 0 {
			headers = append(headers, "X-Api-Key", fmt.Sprintf("hk_live_guess%d", i))
		}
		a := nobody.Call(t, http.MethodGet, me, nil, headers...)
		if i < 30 {
			a.Want(t, http.StatusUnauthorized)
			if policy, r, _ := left(t, a); policy != "address" || r != 29-i ||
				a.Header.Get("RateLimit-Policy") != `"address";q=30;w=60` {
				t.Fatalf("request %d: got %v, want the policy address with r=%d", i, a.Header, 29-i)
			}
			continue
		}
		wantTooMany(t, a)
		refused++
	}
	known.Call(t, http.MethodGet, me, nil).Want(t, http.StatusOK)
	wantTooMany(t, unknown.Call(t, http.MethodGet, me, nil)) // its key never worked here, so it could be a guess
	nobody.Call(t, http.MethodGet, "/api/v1/openapi.json", nil).Want(t, http.StatusOK)
	metrics := p.Metrics(t)
	if !strings.Contains(metrics,
		fmt.Sprintf(`hookline_rate_limited_requests_total{subject="address"} %d`, refused+1)) {
		t.Errorf("metrics: got no hookline_rate_limited_requests_total of %d for addresses, want it", refused+1)
	}
}

func TestBehindATrustedProxyEachClientHasItsOwnAddress(t *testing.T) {
	t.Parallel()
	p := testkit.Start(t, testkit.Embedded, fewer, func(c *config.Config, _ *app.Options) {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	})
	nobody := testkit.NewClient(p.URL, "")
	for i := range 40 {
		// What the client claims stands before what the proxy saw.
		forwarded := fmt.Sprintf("198.51.100.%d, 203.0.113.7", i)
		if a := nobody.Call(t, http.MethodGet, me, nil, "X-Forwarded-For", forwarded); i >= 30 {
			wantTooMany(t, a)
		}
	}
	nobody.Call(t, http.MethodGet, me, nil, "X-Forwarded-For", "203.0.113.8").Want(t, http.StatusUnauthorized)
}

func TestAStrangerOverTheLimitCostsNoLookup(t *testing.T) {
	t.Parallel()
	edge, keys := newEdge(t)
	for i := range 1000 {
		r, _ := http.NewRequestWithContext(context.Background(), http.MethodGet, me, http.NoBody)
		r.RemoteAddr = "203.0.113.7:1234"
		r.Header.Set("X-Api-Key", fmt.Sprint("guess", i))
		if status := edge(r); i >= 300 && status != http.StatusTooManyRequests {
			t.Fatalf("request %d: got %d, want 429 from the 300th on", i, status)
		}
	}
	if n := keys.asked.Load(); n != 300 {
		t.Errorf("keys looked up: got %d, want 300", n)
	}
}
