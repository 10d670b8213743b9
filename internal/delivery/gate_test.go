package delivery

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/queue"
)

func gated(window float64, c endpoint.Circuit) endpoint.Throttle {
	return endpoint.Throttle{ThrottledAt: in(-time.Hour), ConcurrencyLimit: window, Ssthresh: endpoint.InitialSsthresh,
		Circuit: c}
}

func TestAnEndpointIsThrottledOnlyWhenItIsOverloadedOrKeepsFailing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		t           tally
		consecutive int
		gated       bool
		circuit     endpoint.Circuit
	}{
		"success":           {tally{succeeded: 3}, 0, false, ""},
		"nine failures":     {tally{failed: 9}, breakAfter - 1, false, ""},
		"ten failures":      {tally{failed: 1}, breakAfter, true, endpoint.Open},
		"an old sickness":   {tally{succeeded: 1}, 0, false, ""},
		"overloaded once":   {tally{failed: 1, overloaded: true}, 1, true, endpoint.Closed},
		"overloaded always": {tally{failed: 1, overloaded: true}, breakAfter, true, endpoint.Open},
	} {
		g := learn(endpoint.Throttle{}, c.t, c.consecutive, noon, 0)
		if g.Throttled() != c.gated || g.Circuit != c.circuit || (c.gated && g.ReleaseAt != in(0)) {
			t.Errorf("%s: got %+v, want throttled %t, circuit %q", name, g, c.gated, c.circuit)
		}
	}
}

func TestACircuitOpensProbesAndCloses(t *testing.T) {
	t.Parallel()
	g, now := gated(16, endpoint.Closed), noon
	for trip, wait := range []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second} {
		g = learn(g, tally{failed: 1}, breakAfter+trip, now, 0)
		if g.Circuit != endpoint.Open || g.CircuitUntil != db.At(now.Add(wait)) || g.CircuitOpenedAt != in(0) ||
			g.CircuitTrips != trip+1 {
			t.Fatalf("trip %d: got %+v, want it open for %s", trip, g, wait)
		}
		if n := budget(g, nil, 0, 0, now.Add(wait-time.Microsecond)); n != 0 {
			t.Errorf("admitted while open: got %d, want none", n)
		}
		if again := learn(g, tally{failed: 3}, breakAfter+trip+3, now.Add(time.Second),
			0); again.CircuitUntil != g.CircuitUntil {
			t.Errorf("next probe after an outcome from before: got %s, want %s", again.CircuitUntil, g.CircuitUntil)
		}
		now = now.Add(wait)
		if budget(g, nil, 0, 0, now) != 1 || budget(g, nil, 1, 0, now) != 0 {
			t.Errorf("probes: got %d, then %d, want 1, then 0", budget(g, nil, 0, 0, now), budget(g, nil, 1, 0, now))
		}
		g.Circuit = endpoint.HalfOpen
	}
	g = learn(g, tally{succeeded: 1}, 0, now, 0)
	if g.Circuit != endpoint.Closed || !g.CircuitOpenedAt.IsZero() || !g.CircuitUntil.IsZero() || g.CircuitTrips != 0 ||
		g.Limit() < 1 || g.Limit() > 3 {
		t.Errorf("after the probe succeeded: got %+v, want it closed, with a limit of 1 to 3", g)
	}
}

func TestProbesComeEverMoreSeldomUpToALimit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		trips, random := rapid.IntRange(1, 1_000_000).Draw(t, "trips"), rapid.Float64Range(0, 1).Draw(t, "random")
		wait := probeWait(trips, random)
		if wait < firstProbe || wait > lastProbe*6/5 || probeWait(trips+1, random) < wait {
			t.Errorf("wait after %d trips: got %s, want %s to %s, and no less than after fewer", trips, wait,
				firstProbe, lastProbe*6/5)
		}
	})
}

func TestAConcurrencyLimitDoublesByRoundThenGrowsByOneAndHalvesOnFailure(t *testing.T) {
	t.Parallel()
	g := gated(4, endpoint.Closed)
	for _, want := range []int{8, 16, 32, 33, 34} {
		for range g.Limit() { // a round: all that were released succeed
			g = learn(g, tally{succeeded: 1}, 0, noon, 0)
		}
		if got := g.Limit(); got < want-1 || got > want {
			t.Errorf("limit after a round: got %d, want %d", got, want)
		}
	}
	before := g.ConcurrencyLimit
	g = learn(g, tally{failed: 7}, 7, noon, 0)
	if g.ConcurrencyLimit != before/2 || g.Ssthresh != before/2 {
		t.Errorf("after a failure: got %+v, want half of %f", g, before)
	}
	rapid.Check(t, func(t *rapid.T) {
		g := gated(rapid.Float64Range(0, endpoint.MaxLimit).Draw(t, "window"), endpoint.Closed)
		for range rapid.IntRange(1, 50).Draw(t, "steps") {
			now := tally{succeeded: rapid.IntRange(0, 20).Draw(t, "succeeded"), failed: rapid.IntRange(0, 20).
				Draw(t, "failed")}
			g = learn(g, now, now.failed, noon, 0)
			if now.succeeded+now.failed > 0 && (g.ConcurrencyLimit < 1 || g.ConcurrencyLimit > endpoint.MaxLimit) {
				t.Fatalf("limit: got %+v, want 1 to %d", g, endpoint.MaxLimit)
			}
		}
	})
}

func TestAnEndpointThatRefusesSomeEventsIsNotThrottledAsOneThatCannotKeepUp(t *testing.T) {
	t.Parallel()
	g := gated(4, endpoint.Closed)
	for range 100 * endpoint.MaxLimit { // each answer by itself, as it is when a window is small
		g = learn(g, tally{failed: 1}, 1, noon, 0)
		for range 5 {
			g = learn(g, tally{succeeded: 1}, 0, noon, 0)
		}
	}
	if g.Limit() != endpoint.MaxLimit {
		t.Errorf("limit of one that refuses one event in six: got %d, want %d", g.Limit(), endpoint.MaxLimit)
	}
	for name, c := range map[string]struct {
		t           tally
		consecutive int
	}{
		"overloaded":      {tally{failed: 1, overloaded: true}, 1},
		"no answer":       {tally{succeeded: 1, failed: 1, unanswered: true}, 1},
		"three in a row":  {tally{failed: 1}, narrowAfter},
		"many in a batch": {tally{failed: 20}, 20},
	} {
		if narrowed := learn(g, c.t, c.consecutive, noon, 0); narrowed.Limit() != endpoint.MaxLimit/2 {
			t.Errorf("limit after %s: got %d, want %d", name, narrowed.Limit(), endpoint.MaxLimit/2)
		}
	}
}

func TestABudgetIsWhatTheConcurrencyLimitLeavesAndNothingWhileSuspended(t *testing.T) {
	t.Parallel()
	held := gated(8, endpoint.Closed)
	held.RetryAfterUntil = in(time.Second)
	ten := 10
	for name, c := range map[string]struct {
		g                 endpoint.Throttle
		rate              *int
		released, waiting int
		want              int
	}{
		"all":                {gated(8.9, endpoint.Closed), nil, 0, 0, 8},
		"some":               {gated(8, endpoint.Closed), nil, 5, 2, 3},
		"none":               {gated(8, endpoint.Closed), nil, 11, 0, 0},
		"held":               {held, nil, 0, 0, 0},
		"half open":          {gated(8, endpoint.HalfOpen), nil, 0, 0, 1},
		"probing":            {gated(8, endpoint.HalfOpen), nil, 1, 1, 0},
		"limited":            {gated(8, endpoint.Closed), &ten, 0, 0, 3}, // slots at 0, 100 and 200 ms
		"limited, some wait": {gated(8, endpoint.Closed), &ten, 2, 2, 1},
		"limited and narrow": {gated(1, endpoint.Closed), &ten, 0, 0, 1},
	} {
		if got := budget(c.g, c.rate, c.released, c.waiting, noon); got != c.want {
			t.Errorf("%s: got %d, want %d", name, got, c.want)
		}
	}
}

func TestARateLimitNeverLetsMoreBeginWithinASecondAndUsesWhatItHas(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.IntRange(1, 1000).Draw(t, "rate")
		g, now := endpoint.Throttle{}, noon
		var starts []time.Time
		for range rapid.IntRange(1, 300).Draw(t, "asks") {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(20*time.Millisecond)).Draw(t, "later")))
			free := slots(g, rate, now)
			next, at, ok := takeSlot(g, rate, now)
			if ok != (free > 0) || (ok && (at.Before(now.Truncate(time.Microsecond)) || at.Sub(now) > slotAhead)) {
				t.Fatalf("token at %s: got %t at %s, want %t, no earlier and no more than %s later", now, ok, at,
					free > 0, slotAhead)
			}
			if g = next; ok {
				starts = append(starts, at)
			}
		}
		for i := rate; i < len(starts); i++ {
			if starts[i].Sub(starts[i-rate]) < time.Second {
				t.Fatalf("time of %d requests: got %s, want at least 1s", rate+1, starts[i].Sub(starts[i-rate]))
			}
		}
	})
}

func TestAQueueKeepsRoomForOthers(t *testing.T) {
	t.Parallel()
	now := noon
	f := newFlights(func() time.Time { return now }, time.Minute)
	f.limit(queue.Fast, 32)
	f.limit(queue.Bulk, 32)
	enter := func(tenant, endpointID string, from, n int) (entered int) {
		for i := range n {
			if f.enter(Delivery{ID: fmt.Sprint(endpointID, "-", from+i), EndpointID: endpointID, TenantID: tenant},
				queue.Fast) == free {
				entered++
			}
		}
		return entered
	}
	if n := enter("a", "a1", 0, 20); n != 8 {
		t.Errorf("requests of an endpoint that answers nothing: got %d, want 8", n)
	}
	if n := enter("a", "a2", 0, 20) + enter("a", "a3", 0, 20); n != 8 {
		t.Errorf("requests of its tenant's other endpoints: got %d, want 8", n)
	}
	for i, held := range []Delivery{{ID: "a1-in-bulk", EndpointID: "a1", TenantID: "a"}, {ID: "a4-in-bulk",
		EndpointID: "a4", TenantID: "a"}} {
		if r := f.enter(held, queue.Bulk); r == free {
			t.Errorf("request %d in another queue: got room %d, want less than its share there", i, r)
		}
	}
	if n := enter("b", "b1", 0, 8); n != 8 {
		t.Errorf("requests of another tenant: got %d, want 8", n)
	}
	for i := range 8 {
		f.leave(fmt.Sprint("b1-", i), true)
	}
	if n := enter("b", "b1", 8, 20); n != 9 { // one more than the eight that it did, and then no more
		t.Errorf("requests of one that answered 8 in a second: got %d, want 9", n)
	}
	for wait, want := range map[time.Duration]room{0: soon, answerIn: full} { // it may yet answer
		now = now.Add(wait)
		if r := f.enter(Delivery{ID: "b1-30", EndpointID: "b1", TenantID: "b"}, queue.Fast); r != want {
			t.Errorf("room after %s: got %d, want %d", wait, r, want)
		}
		now = now.Add(-wait)
	}
	for i := range 9 {
		f.leave(fmt.Sprint("b1-", 8+i), true)
	}
	if n := enter("b", "b1", 40, 20); n != 18 {
		t.Errorf("requests of one that answered 17 in a second: got %d, want 18", n)
	}
	for i := range 18 {
		f.leave(fmt.Sprint("b1-", 40+i), true)
	}
	if n := enter("b", "b1", 60, 40); n != 28 {
		t.Errorf("requests of one that answered 35 in a second: got %d, want 28", n)
	}
	if r := f.enter(Delivery{ID: "b1-99", EndpointID: "b1", TenantID: "b"}, queue.Fast); r != soon {
		t.Errorf("its room then: got %d, want %d", r, soon)
	}
	for i := range 20 {
		f.leave(fmt.Sprint("a1-", i), false)
		f.leave(fmt.Sprint("a1-", i), false)
	}
	if n := enter("a", "a1", 20, 20); n != 8 {
		t.Errorf("room that was given back twice: got %d, want 8", n)
	}
	now = now.Add(2 * time.Minute)
	if n := enter("c", "c1", 0, 1); n != 1 || f.count(queue.Fast) != 1 {
		t.Errorf("requests after workers vanished: got %d, want 1", f.count(queue.Fast))
	}
}
