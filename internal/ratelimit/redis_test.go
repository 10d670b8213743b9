package ratelimit

import (
	"context"
	"crypto/rand"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// engines runs a test on the embedded Redis and on a real one. connect makes one more client of the same server.
func engines(t *testing.T, test func(t *testing.T, connect func() *redis.Client)) {
	t.Helper()
	run := func(name string, options func(t *testing.T) *redis.Options) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(t)
			test(t, func() *redis.Client {
				own := *o
				c := redis.NewClient(&own)
				t.Cleanup(func() { _ = c.Close() })
				return c
			})
		})
	}
	run("embedded", func(t *testing.T) *redis.Options { return &redis.Options{Addr: miniredis.RunT(t).Addr()} })
	run("servers", func(t *testing.T) *redis.Options {
		o, err := redis.ParseURL(os.Getenv("HOOKLINE_TEST_REDIS_URL"))
		if err != nil {
			t.Fatalf("HOOKLINE_TEST_REDIS_URL is not usable: %v. Run the tests with `make test`, which brings "+
				"the services.", err)
		}
		return o
	})
}

// take counts one request against one limit.
func (s shared) take(ctx context.Context, key string, limit Limit) (grant, error) {
	all, err := s.takeAll(ctx, []part{{key: key, limit: limit, want: 1}})
	if err != nil {
		return grant{}, err
	}
	return all[0], nil
}

type answered struct {
	Decision
	moment int64
}

func count(t *testing.T, c commands, key string, limit Limit) answered {
	t.Helper()
	g, err := shared{c}.take(context.Background(), key, limit)
	if err != nil {
		t.Error(err)
	}
	return answered{g.Decision, g.moment}
}

// TestNoSlidingWindowHasMoreThanTheLimit has several clients, each as a process would have it, ask as fast as
// they can for several windows. Every answer carries the moment that Redis counted it at, so the rule can be checked
// for each of them, to the microsecond, in both directions.
func TestNoSlidingWindowHasMoreThanTheLimit(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, connect func() *redis.Client) {
		limit := Limit{Requests: 50, Window: 300 * time.Millisecond}
		key := "hookline:limit:test:" + rand.Text()
		window := limit.Window.Microseconds()
		var mu sync.Mutex
		var allowed, refused []int64
		var running sync.WaitGroup
		for range 4 {
			client := connect()
			for range 4 {
				running.Go(func() {
					for first, now := int64(0), int64(0); now <= first+5*window; {
						a := count(t, client, key, limit)
						mu.Lock()
						if a.Allowed {
							allowed = append(allowed, a.moment)
						} else {
							refused = append(refused, a.moment)
						}
						mu.Unlock()
						if now = a.moment; first == 0 {
							first = now
						}
					}
				})
			}
		}
		running.Wait()
		slices.Sort(allowed)
		for i := limit.Requests; i < len(allowed); i++ {
			if span := allowed[i] - allowed[i-limit.Requests]; span < window {
				t.Fatalf("got %d allowed within %d µs, want at least %d µs", limit.Requests+1, span, window)
			}
		}
		for _, at := range refused {
			from, _ := slices.BinarySearch(allowed, at-window+1)
			to, _ := slices.BinarySearch(allowed, at+1)
			if to-from < limit.Requests {
				t.Fatalf("got a request refused with %d in the window, want %d", to-from, limit.Requests)
			}
		}
		if len(allowed) < 4*limit.Requests || len(refused) == 0 {
			t.Errorf("got %d allowed and %d refused, want enough of both", len(allowed), len(refused))
		}
		if n := connect().LLen(t.Context(), key).Val(); n > int64(limit.Requests) {
			t.Errorf("entries in the log: got %d, want at most %d", n, limit.Requests)
		}
	})
}

func TestRedisTellsTheTruthAboutWhatIsLeftAndHowLongItTakes(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, connect func() *redis.Client) {
		client, key := connect(), "hookline:limit:test:"+rand.Text()
		limit := Limit{Requests: 3, Window: 200 * time.Millisecond}
		var first answered
		for i := range 3 {
			a := count(t, client, key, limit)
			if !a.Allowed || a.Remaining != 2-i {
				t.Fatalf("request %d: got %+v, want it allowed with %d left", i, a, 2-i)
			}
			if i == 0 {
				first = a
			}
		}
		if ttl := client.PTTL(t.Context(), key).Val(); ttl <= 0 || ttl > limit.Window {
			t.Errorf("expiry of the log: got %s, want at most the window", ttl)
		}
		opens := first.moment + limit.Window.Microseconds()
		for {
			a := count(t, client, key, limit)
			if a.Allowed {
				if a.moment < opens {
					t.Errorf("request: got it allowed %d µs early, want it refused until then", opens-a.moment)
				}
				return
			}
			if a.Remaining != 0 || a.moment+a.Reset.Microseconds() != opens {
				t.Fatalf("reset: got %d, want %d", a.moment+a.Reset.Microseconds(), opens)
			}
		}
	})
}

func TestALowerLimitHoldsInRedisToo(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, connect func() *redis.Client) {
		client, key := connect(), "hookline:limit:test:"+rand.Text()
		var moments []int64
		for range 10 {
			moments = append(moments, count(t, client, key, PerMinute(10)).moment)
		}
		a := count(t, client, key, PerMinute(3))
		if opens := moments[7] + time.Minute.Microseconds(); a.Allowed || a.moment+a.Reset.Microseconds() != opens {
			t.Errorf("got %+v, want it refused until %d", a, opens)
		}
		if a := count(t, client, key, PerMinute(12)); !a.Allowed || a.Remaining != 1 {
			t.Errorf("raised limit: got %+v, want it allowed with 1 left", a)
		}
	})
}

// TestAClockThatGoesBackNeitherOpensNorShutsTheLimit is for a replica that takes over with another clock.
func TestAClockThatGoesBackNeitherOpensNorShutsTheLimit(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	t.Cleanup(func() { _ = client.Close() })
	at := time.Unix(1_800_000_000, 0)
	server.SetTime(at)
	for range 5 {
		count(t, client, "x", PerMinute(5))
	}
	server.SetTime(at.Add(-30 * time.Second))
	if a := count(t, client, "x", PerMinute(5)); a.Allowed || a.Reset > time.Minute {
		t.Errorf("clock set back half a minute: got %+v, want it refused for at most a minute", a)
	}
	server.SetTime(at.Add(-time.Hour))
	if a := count(t, client, "x", PerMinute(5)); !a.Allowed || a.Remaining != 4 {
		t.Errorf("clock set back an hour: got %+v, want it allowed with 4 left", a)
	}
	server.SetTime(at)
	if a := count(t, client, "x", PerMinute(5)); !a.Allowed || a.Remaining != 4 {
		t.Errorf("clock set forward an hour: got %+v, want it allowed with 4 left", a)
	}
}

func TestALongPauseAfterManyRequestsIsCleanedUpWhole(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	t.Cleanup(func() { _ = client.Close() })
	at := time.Unix(1_800_000_000, 0)
	for i := range 500 {
		server.SetTime(at.Add(time.Duration(i) * time.Millisecond))
		count(t, client, "x", PerMinute(500))
	}
	// 300 of them have left the window; the server's own expiry stands still here.
	server.SetTime(at.Add(time.Minute + 299*time.Millisecond))
	if a := count(t, client, "x", PerMinute(500)); a.Remaining != 299 {
		t.Errorf("got %+v, want 299 left", a)
	}
}

// TestKeysOfATenantAreOnOneNodeOfACluster is for the script, which gets several of them.
func TestKeysOfATenantAreOnOneNodeOfACluster(t *testing.T) {
	t.Parallel()
	tag := func(s Subject) string {
		_, rest, _ := strings.Cut(s.key(), "{")
		tag, _, _ := strings.Cut(rest, "}")
		return tag
	}
	for s, want := range map[Subject]string{
		{Kind: Key, Tenant: "tnt_1", ID: "key_1"}:    "tnt_1",
		{Kind: Tenant, Tenant: "tnt_1", ID: "tnt_1"}: "tnt_1",
		{Kind: Key, Tenant: "tnt_2", ID: "key_1"}:    "tnt_2",
		{Kind: Address, ID: "192.0.2.1"}:             "",
	} {
		if got := tag(s); got != want {
			t.Errorf("hash tag of %s: got %q, want %q", s.key(), got, want)
		}
		if probe := probeKey(s.key()); want != "" && !strings.Contains(probe, "{"+want+"}") {
			t.Errorf("probe of %s: got %s, want the same hash tag", s.key(), probe)
		}
	}
}
