package ratelimit

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// fakeClock is a clock that only tests move.
type fakeClock struct{ at time.Time }

func newClock() *fakeClock { return &fakeClock{at: time.Unix(1_800_000_000, 0)} }

func (c *fakeClock) now() time.Time       { return c.at }
func (c *fakeClock) pass(d time.Duration) { c.at = c.at.Add(d) }

// take counts one request against one limit.
func (l *local) take(key string, limit Limit) Decision {
	parts := []part{{key: key, limit: limit}}
	l.takeAll(parts)
	return parts[0].decision
}

// model is the rule of the limit: a request is allowed unless the window that ends now has as many as the limit. It has
// the times of the allowed requests in order.
type model []time.Time

func (m model) within(limit Limit, now time.Time) int {
	n := 0
	for n < len(m) && m[len(m)-1-n].After(now.Add(-limit.Window)) {
		n++
	}
	return n
}

func TestTheLocalLimiterDecidesLikeTheRule(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 1))
		limit := Limit{Requests: 1 + random.IntN(20), Window: time.Duration(1+random.IntN(5000)) * time.Millisecond}
		clock := newClock()
		l, past := newLocal(clock.now), model{}
		for range 2000 {
			clock.pass(time.Duration(random.Int64N(int64(limit.Window) / int64(limit.Requests))))
			if random.IntN(50) == 0 {
				clock.pass(limit.Window - time.Microsecond)
			}
			used := past.within(limit, clock.at)
			d := l.take("x", limit)
			if d.Allowed != (used < limit.Requests) {
				t.Fatalf("seed %d: got allowed: %v with %d of %d used, want the rule's decision", seed, d.Allowed,
					used, limit.Requests)
			}
			if d.Allowed {
				past = append(past, clock.at)
			}
			if want := limit.Requests - past.within(limit, clock.at); d.Remaining != want {
				t.Fatalf("seed %d: %d remain instead of %d", seed, d.Remaining, want)
			}
		}
	}
}

func TestARequestIsAllowedAfterItsResetAndNotBefore(t *testing.T) {
	t.Parallel()
	clock := newClock()
	l, limit := newLocal(clock.now), Limit{Requests: 3, Window: time.Minute}
	for range 3 {
		l.take("x", limit)
		clock.pass(7 * time.Second)
	}
	d := l.take("x", limit)
	if d.Allowed || d.Reset != 39*time.Second || d.Seconds() != 39 {
		t.Fatalf("got %+v, want it refused for 39 s", d)
	}
	clock.pass(d.Reset - time.Microsecond)
	if early := l.take("x", limit); early.Allowed || early.Seconds() != 1 {
		t.Fatalf("a moment early: got %+v, want it refused for 1 s", early)
	}
	clock.pass(time.Microsecond)
	if !l.take("x", limit).Allowed {
		t.Fatal("after the wait: got it refused, want it allowed")
	}
}

func TestALowerLimitHoldsAtOnceAndTellsHowLongToWait(t *testing.T) {
	t.Parallel()
	clock := newClock()
	l := newLocal(clock.now)
	for range 10 {
		l.take("x", PerMinute(10))
		clock.pass(time.Second)
	}
	// Ten were made, at 0 … 9 s; three may be in the window, so the eighth has to leave it.
	if d := l.take("x", PerMinute(3)); d.Allowed || d.Reset != 57*time.Second {
		t.Fatalf("got %+v, want it refused for 57 s", d)
	}
}

func TestARefusalOfRedisIsCachedUntilItsReset(t *testing.T) {
	t.Parallel()
	clock := newClock()
	l, limit := newLocal(clock.now), PerMinute(5)
	l.record("x", grant{Decision: Decision{Limit: limit, Reset: 20 * time.Second}}, 1, 0)
	clock.pass(5 * time.Second)
	if d, refused := l.refuses("x", limit); !refused || d.Reset != 15*time.Second {
		t.Errorf("got %v, %+v, want it refused for 15 s", refused, d)
	}
	if _, refused := l.refuses("x", PerMinute(6)); refused {
		t.Error("raised limit: got it refused, want it allowed")
	}
	clock.pass(15 * time.Second)
	if _, refused := l.refuses("x", limit); refused {
		t.Error("after the time that Redis told: got it refused, want it allowed")
	}
}

func TestTheLocalLogIsBounded(t *testing.T) {
	t.Parallel()
	clock := newClock()
	l := newLocal(clock.now)
	l.subjects, l.moments = 10, 100
	for i := range 1000 {
		for range 30 {
			l.take(fmt.Sprint(i), PerMinute(50))
		}
		l.refuses(fmt.Sprint("never seen", i), PerMinute(50))
	}
	total := 0
	for e := l.recent.Front(); e != nil; e = e.Next() {
		total += len(e.Value.(*log).moments)
	}
	if len(l.logs) > 10 || l.recent.Len() != len(l.logs) || total > 100 || total != l.remembered {
		t.Errorf("got %d subjects with %d moments, and %d counted, want at most 10 with 100", len(l.logs), total,
			l.remembered)
	}
	if d := l.take("999", PerMinute(50)); d.Remaining != 19 {
		t.Errorf("subject seen last: got %+v, want its 30 requests counted", d)
	}
}

func TestAnAddressIsOneSubjectHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"192.0.2.1", "::ffff:192.0.2.1"},
		{"2001:db8::1", "2001:db8:0:0:ffff::2", "2001:DB8::1"},
		{"fe80::1%eth0", "fe80::2"},
		{"", "nonsense", "192.0.2.1:80"},
	} {
		for _, other := range same[1:] {
			if Stranger(same[0]) != Stranger(other) {
				t.Errorf("subjects of %q and %q: got %v and %v, want one", same[0], other, Stranger(same[0]),
					Stranger(other))
			}
		}
	}
	if Stranger("192.0.2.1") == Stranger("192.0.2.2") || Stranger("2001:db8:0:1::1") == Stranger("2001:db8:0:2::1") {
		t.Error("subjects of two networks: got one, want two")
	}
}
