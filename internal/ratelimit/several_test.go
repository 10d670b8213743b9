package ratelimit

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// both are the claims of a request with a key of a tenant.
func both(tenant, key string, ofKey, ofTenant Limit) []Claim {
	return []Claim{{Subject{Kind: Key, Tenant: tenant, ID: key}, ofKey},
		{Subject{Kind: Tenant, Tenant: tenant, ID: tenant}, ofTenant}}
}

func TestARequestCountsForAllItsLimitsOrForNone(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	l, _, _ := newLimiter(t, server.Addr(), Options{})
	l.Warm(t.Context())
	for _, name := range []string{"with Redis", "without Redis"} {
		if name == "without Redis" {
			server.SetError("LOADING")
		}
		ofKey, ofTenant := PerMinute(10), PerMinute(15)
		take := func(key string) (Decision, int) {
			return l.TakeAll(context.Background(), both(name, key, ofKey, ofTenant)...)
		}
		for i := range 10 {
			if d, binding := take("a"); !d.Allowed || d.Remaining != 9-i || binding != 0 {
				t.Fatalf("%s, request %d: got %+v of limit %d, want it allowed by the key's with %d left", name, i, d, binding,
					9-i)
			}
		}
		for range 3 {
			if d, binding := take("a"); d.Allowed || binding != 0 {
				t.Fatalf("%s, over the key's limit: got %+v of limit %d, want it refused by the key's", name, d, binding)
			}
		}
		for i := range 5 { // those that were refused did not count for the tenant
			if d, binding := take("b"); !d.Allowed || d.Remaining != 4-i || binding != 1 {
				t.Fatalf("%s, second key, request %d: got %+v of limit %d, want it allowed by the tenant's with %d left", name,
					i, d, binding, 4-i)
			}
		}
		for range 3 {
			if d, binding := take("b"); d.Allowed || d.Limit != ofTenant || d.Reset <= 0 || binding != 1 {
				t.Fatalf("%s, over the tenant's limit: got %+v of limit %d, want it refused by the tenant's", name, d, binding)
			}
		}
		ofTenant.Requests++
		if d, _ := take("b"); !d.Allowed {
			t.Errorf("%s, raised limit: got %+v, want it allowed", name, d)
		}
		ofTenant.Requests += 100
		if d, binding := take("b"); !d.Allowed || d.Remaining != 3 || binding != 0 {
			t.Errorf("%s, key after refusals by the tenant's limit: got %+v of limit %d, want 3 left of the key's", name, d,
				binding)
		}
	}
}

func TestTwoLimitsCostOneCallOfRedis(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	t.Cleanup(func() { _ = client.Close() })
	var calls counter
	client.AddHook(&calls)
	l := New(client, Options{Patience: 10 * time.Second})
	l.Warm(t.Context())
	before := calls.n.Load()
	for range 10 {
		l.TakeAll(t.Context(), both("t", "a", PerMinute(50), PerMinute(100))...)
	}
	if n := calls.n.Load() - before; n != 10 {
		t.Errorf("calls of Redis for 10 requests: got %d, want 10", n)
	}
}

// counter counts the commands of a client.
type counter struct{ n atomic.Int64 }

func (c *counter) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c *counter) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		c.n.Add(1)
		return next(ctx, cmd)
	}
}

func (c *counter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func TestManyKeysShareTheTenantsLimitExactly(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, connect func() *redis.Client) {
		tenant := fmt.Sprint("t", rand.Uint64())
		var allowed atomic.Int64
		var all sync.WaitGroup
		for p := range 3 {
			l := New(connect(), Options{Patience: 10 * time.Second})
			for k := range 4 {
				all.Go(func() {
					for range 50 {
						d, _ := l.TakeAll(context.Background(),
							Claim{Subject{Kind: Key, Tenant: tenant, ID: fmt.Sprint(p, k)}, Limit{100, time.Hour}},
							Claim{Subject{Kind: Tenant, Tenant: tenant, ID: tenant}, Limit{190, time.Hour}})
						if d.Allowed {
							allowed.Add(1)
						}
					}
				})
			}
		}
		all.Wait()
		if allowed.Load() != 190 {
			t.Errorf("allowed of 600: got %d, want 190", allowed.Load())
		}
	})
}

func TestLeasesOfSeveralLimitsNeverLetMoreThroughThanEither(t *testing.T) {
	t.Parallel()
	leased, refused := 0, 0
	for seed := range uint64(4) {
		random := rand.New(rand.NewPCG(seed, 3))
		f := newFleet(t, 2)
		ofKey, ofTenant := PerMinute(400), PerMinute(700)
		passed, perKey := model{}, map[string]*model{"a": {}, "b": {}, "c": {}}
		names := []string{"a", "b", "c"}
		for range 1500 {
			switch random.IntN(200) {
			case 0:
				f.pass(20 * time.Second)
			case 1, 2, 3:
				f.pass(ofTenant.leaseTime())
			default:
				f.pass(time.Duration(random.Int64N(int64(100 * time.Millisecond))))
			}
			l, key := f.members[random.IntN(len(f.members))], names[random.IntN(len(names))]
			before := f.server.CommandCount()
			d, _ := l.TakeAll(context.Background(), both("t", key, ofKey, ofTenant)...)
			if !d.Allowed {
				refused++
				left := min(ofTenant.Requests-passed.within(ofTenant, f.now()),
					ofKey.Requests-perKey[key].within(ofKey, f.now()))
				if left > 100 { // what leases hold, and what left the window while they lasted
					t.Fatalf("seed %d: got a request refused with %d left, want hardly any", seed, left)
				}
				continue
			}
			if f.server.CommandCount() == before {
				leased++
			}
			passed = append(passed, f.now())
			*perKey[key] = append(*perKey[key], f.now())
			if n, of := passed.within(ofTenant, f.now()), perKey[key].within(ofKey, f.now()); n > ofTenant.Requests ||
				of > ofKey.Requests {
				t.Fatalf("seed %d: got %d allowed of the tenant and %d of the key, want at most %d and %d", seed, n, of,
					ofTenant.Requests, ofKey.Requests)
			}
		}
	}
	if leased < 100 || refused < 100 {
		t.Errorf("got %d leased and %d refused, want at least 100 of each", leased, refused)
	}
}
