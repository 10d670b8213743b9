package ratelimit

import (
	"context"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// fleet is several processes on one Redis, in a time that only the test moves.
type fleet struct {
	server  *miniredis.Miniredis
	members []*Limiter
	clocks  []*steadyClock
	at      time.Duration
}

func newFleet(t *testing.T, n int) *fleet {
	t.Helper()
	f := &fleet{server: miniredis.RunT(t)}
	for range n {
		l, _, clock := newLimiter(t, f.server.Addr(), Options{})
		f.members, f.clocks = append(f.members, l), append(f.clocks, clock)
	}
	f.pass(0)
	return f
}

// pass lets time pass, for processes and Redis alike, and has leases given back that ended meanwhile.
func (f *fleet) pass(d time.Duration) {
	f.at += d
	f.server.SetTime(time.Unix(1_800_000_000, 0).Add(f.at))
	for i, l := range f.members {
		f.clocks[i].passed.Store(int64(f.at))
		for key, e := range l.callers.logs {
			if s := e.Value.(*log).lease; s != nil && s.until <= f.at {
				l.giveBack(l.callers, key, s)
			}
		}
	}
}

func (f *fleet) now() time.Time { return time.Unix(0, 0).Add(f.at) }

func TestLeasesNeverLetMoreThroughThanTheLimitAndHardlyLess(t *testing.T) {
	t.Parallel()
	refused, leased := 0, 0
	for seed := range uint64(6) {
		random := rand.New(rand.NewPCG(seed, 2))
		limit := Limit{Requests: 200 + random.IntN(600), Window: time.Duration(20+random.IntN(80)) * time.Second}
		f := newFleet(t, 3)
		var passed model
		for range 2500 {
			// Bursts, a steady flow around the limit, and pauses.
			pace := limit.Window / time.Duration(limit.Requests)
			switch random.IntN(300) {
			case 0:
				f.pass(limit.Window / 3)
			case 1, 2, 3:
				f.pass(limit.leaseTime())
			default:
				f.pass(time.Duration(random.Int64N(int64(pace))))
			}
			l := f.members[random.IntN(len(f.members))]
			before := f.server.CommandCount()
			d := l.Take(context.Background(), Subject{Kind: Key, Tenant: "t", ID: "k"}, limit)
			if d.Allowed {
				if f.server.CommandCount() == before {
					leased++
				}
				passed = append(passed, f.now())
				if n := passed.within(limit, f.now()); n > limit.Requests {
					t.Fatalf("seed %d: got %d allowed in the window, want at most %d", seed, n, limit.Requests)
				}
				continue
			}
			refused++
			longer := Limit{Requests: limit.Requests, Window: limit.Window + limit.leaseTime()}
			if n := passed.within(longer, f.now()); n < limit.Requests-len(f.members)*limit.Requests/leaseOf {
				t.Fatalf("seed %d: got a request refused after %d, want %d allowed, less what others have leased",
					seed, n, limit.Requests)
			}
		}
	}
	if refused < 1000 || leased < 1000 {
		t.Errorf("got %d refused and %d leased, want at least 1000 of each", refused, leased)
	}
}

func TestBusySubjectsLeaseAndIdleOnesDoNot(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 2)
	limit := PerMinute(6000)
	asked := func(n int, every time.Duration) int {
		before := f.server.CommandCount()
		for range n {
			f.pass(every)
			if !f.members[0].Take(context.Background(), Subject{Kind: Key, Tenant: "t", ID: "k"}, limit).Allowed {
				t.Fatal("request: got it refused, want it allowed")
			}
		}
		return f.server.CommandCount() - before
	}
	f.members[0].Warm(context.Background())
	each := asked(1, 0) // the script's own commands count too
	if n := asked(50, time.Second); n != 50*each {
		t.Errorf("commands for one request a second: got %d, want %d", n, 50*each)
	}
	f.pass(time.Minute)
	if n := asked(1000, 15*time.Millisecond); n > 1000*each/8 {
		t.Errorf("commands for 67 requests a second: got %d, want at most an eighth of %d", n, 1000*each)
	}
	f.pass(limit.leaseTime()) // what is left is given back
	got, err := f.members[1].shared.take(t.Context(), Subject{Kind: Key, Tenant: "t", ID: "k"}.key(), limit)
	if err != nil || got.Remaining != 6000-1000-1 {
		t.Errorf("remaining: got %d, %v, want 4999", got.Remaining, err)
	}
}

func TestOneOfManyRequestsAtOnceLeases(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1)
	limit := PerMinute(6000)
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() { pass(f.members[0], 50, limit) })
	}
	all.Wait()
	key := Subject{Kind: Key, Tenant: "t", ID: "k"}.key()
	list, err := f.server.List(key)
	if err != nil {
		t.Fatal(err)
	}
	if left := f.members[0].callers.logs[key].Value.(*log).lease.left; len(list)-left != 800 {
		t.Errorf("got %d logged, %d of them unused, want 800 used", len(list), left)
	}
}

func TestALeaseEndsByItselfAndIsGivenBack(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, connect func() *redis.Client) {
		client := connect()
		l := New(client, Options{Patience: 10 * time.Second})
		s := Subject{Kind: Key, Tenant: "t", ID: strconv.FormatUint(rand.Uint64(), 36)}
		limit := Limit{Requests: 1000, Window: time.Minute}
		for range 4 {
			l.Take(t.Context(), s, limit)
		}
		await(t, "giving back", func() bool { return client.LLen(t.Context(), s.key()).Val() == 4 })
	})
}
