package ratelimit

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
)

// The client prints every failed dial, and some tests are about nothing else.
func init() { redis.SetLogger(&logging.VoidLogger{}) }

// record is a log that tests read.
type record struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (r *record) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.out.Write(b)
}

func (r *record) lines(containing string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Count(r.out.String(), containing)
}

// steadyClock is a clock that several goroutines may read while a test moves it.
type steadyClock struct{ passed atomic.Int64 }

func (c *steadyClock) now() time.Time {
	return time.Unix(1_800_000_000, 0).Add(time.Duration(c.passed.Load()))
}

func newLimiter(t *testing.T, addr string, o Options) (*Limiter, *record, *steadyClock) {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: addr, ContextTimeoutEnabled: true, MaxRetries: -1, DialerRetries: 1})
	t.Cleanup(func() { _ = client.Close() })
	out, clock := &record{}, &steadyClock{}
	o.Log, o.Now = slog.New(slog.NewTextHandler(out, nil)), clock.now
	if o.Patience == 0 {
		o.Patience = 10 * time.Second // a busy machine is not what these tests are about
	}
	return New(client, o), out, clock
}

func pass(l *Limiter, n int, limit Limit) (allowed int) {
	for range n {
		if l.Take(context.Background(), Subject{Kind: Key, Tenant: "t", ID: "k"}, limit).Allowed {
			allowed++
		}
	}
	return allowed
}

func await(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.NewTimer(30 * time.Second)
	defer deadline.Stop()
	for now := time.NewTicker(time.Millisecond); !condition(); {
		select {
		case <-now.C:
		case <-deadline.C:
			t.Fatalf("%s: got no sign of it, want it to happen", what)
		}
	}
}

func TestALimitHoldsWhenRedisGoesAndComesBack(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	l, out, clock := newLimiter(t, server.Addr(), Options{})
	limit := PerMinute(10)
	if n := pass(l, 4, limit); n != 4 || l.Alone() {
		t.Fatalf("with Redis: got %d allowed, alone: %v, want 4 and false", n, l.Alone())
	}
	server.SetError("LOADING")
	if n := pass(l, 3, limit); n != 3 || !l.Alone() {
		t.Fatalf("without Redis: got %d allowed, alone: %v, want 3 and true", n, l.Alone())
	}
	server.SetError("")
	clock.passed.Add(int64(probeEvery))
	pass(l, 1, limit)
	await(t, "going back to Redis", func() bool { return !l.Alone() })
	if n := pass(l, 100, limit); n != 2 {
		t.Errorf("allowed after 8 of 10: got %d, want 2", n)
	}
	if out.lines("level=WARN") != 1 || out.lines("level=INFO") != 1 {
		t.Errorf("log: got\n%s\nwant one warning and one notice of its end", out.out.String())
	}
}

func TestWithoutRedisTheLimitIsExactUnderConcurrencyAndLoggedOnce(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	l, out, _ := newLimiter(t, server.Addr(), Options{})
	server.Close()
	var allowed atomic.Int64
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { allowed.Add(int64(pass(l, 50, PerMinute(100)))) })
	}
	all.Wait()
	if allowed.Load() != 100 || out.lines("\n") != 1 {
		t.Errorf("got %d allowed, want 100 and one line in the log:\n%s", allowed.Load(), out.out.String())
	}
}

func TestARedisThatNeverAnswersIsWaitedForOnce(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // connections are made by the kernel, and nobody reads them
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	const patience = 100 * time.Millisecond
	l, _, _ := newLimiter(t, silent.Addr().String(), Options{Patience: patience})
	start := time.Now()
	if n := pass(l, 200, PerMinute(150)); n != 150 {
		t.Errorf("allowed: got %d, want 150", n)
	}
	if took := time.Since(start); took > 50*patience { // waiting for each would take 150 times as long
		t.Errorf("calls without Redis: got %s, want at most %s", took, 50*patience)
	}
}

func TestARedisThatCantBeWrittenToIsNotBack(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	l, out, clock := newLimiter(t, server.Addr(), Options{})
	// A string where the log should be makes writing fail, and everything else work, as a replica or a full memory do.
	if err := server.Set(Subject{Kind: Key, Tenant: "t", ID: "k"}.key(), "x"); err != nil {
		t.Fatal(err)
	}
	pass(l, 1, PerMinute(100))
	if err := server.Set(probeKey(*l.missed.Load()), "x"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		clock.passed.Add(int64(probeEvery))
		before := l.probeAt.Load()
		pass(l, 1, PerMinute(100))
		await(t, "looking for Redis", func() bool { return l.probeAt.Load() != before && !l.probing.Load() })
	}
	if !l.Alone() || out.lines("\n") != 1 {
		t.Errorf("alone: got %v, want true and one line in the log:\n%s", l.Alone(), out.out.String())
	}
}

func TestAFloodOverTheLimitDoesNotReachRedis(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	one, _, _ := newLimiter(t, server.Addr(), Options{})
	two, _, _ := newLimiter(t, server.Addr(), Options{})
	pass(one, 10, PerMinute(10))
	pass(two, 1, PerMinute(10)) // learns from Redis that the other process used all
	before := server.CommandCount()
	if n := pass(one, 1000, PerMinute(10)) + pass(two, 1000, PerMinute(10)); n != 0 {
		t.Errorf("allowed above the limit: got %d, want 0", n)
	}
	if asked := server.CommandCount() - before; asked != 0 {
		t.Errorf("commands to Redis: got %d, want 0", asked)
	}
}

func TestACallerWithoutALimitIsRefused(t *testing.T) {
	t.Parallel()
	l, _, _ := newLimiter(t, miniredis.RunT(t).Addr(), Options{})
	for _, nonsense := range []Limit{{}, {Requests: 5}, {Window: time.Minute}, {Requests: -1, Window: time.Minute}} {
		if pass(l, 1, nonsense) != 0 || l.Alone() {
			t.Errorf("%+v: got requests allowed, or Redis taken for unavailable, want neither", nonsense)
		}
	}
}
