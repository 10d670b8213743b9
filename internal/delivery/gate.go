package delivery

import (
	"math"
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
)

// Admission is where a delivery stands with regard to its endpoint's gate.
type Admission int

// The places. Most deliveries know no gate: they are in the queue from the beginning.
const (
	Unthrottled Admission = iota
	Deferred              // waits in SQL, and the queue knows nothing of it
	Admitted              // in the slow lane, or under way
)

const (
	provenWindow = 8  // a gate that opened this far and has nothing waiting goes away
	narrowAfter  = 3  // failures in a row narrow a gate, whatever they are
	breakAfter   = 10 // failures in a row open the circuit
	firstProbe   = 2 * time.Second
	lastProbe    = 5 * time.Minute
	crowdedFor   = time.Second
	slotAhead    = 200 * time.Millisecond // how far ahead a rate limit's slots are given out
	// after it the reconciler looks, should the pump have forgotten a parked delivery
	parkedFor = time.Hour
)

// tally is what a batch says about one endpoint.
type tally struct {
	endpointID        string
	succeeded, failed int
	overloaded        bool      // it answered that it can't keep up
	unanswered        bool      // a request got no answer, or not in time
	holdUntil         time.Time // and before when it wants no request; zero when it did not say
}

// learn is the gate after a batch of outcomes. consecutive is the failures since the last success, these included;
// random, from 0 to 1, places the probe. An endpoint without a gate gets one when it is overloaded or keeps failing.
//
// A single refusal, such as a 500 for one event, does not narrow a gate: an endpoint that refuses one event in twenty
// would be held to a handful at a time for ever, and its backlog would grow although it answers all of it at once.
func learn(g endpoint.Throttle, t tally, consecutive int, now time.Time, random float64) endpoint.Throttle {
	broken := t.failed > 0 && consecutive >= breakAfter
	if t.overloaded || broken {
		g = g.Start(now)
	}
	if !g.Throttled() {
		return g
	}
	g.ReleaseAt, g.ConcurrencyLimit = db.At(now), max(1, g.ConcurrencyLimit)
	for range t.succeeded {
		g = widen(g)
	}
	if t.overloaded || t.unanswered || (t.failed > 0 && consecutive >= narrowAfter) {
		g = narrow(g)
	}
	if t.holdUntil.After(g.RetryAfterUntil.Time) {
		g.RetryAfterUntil = db.At(t.holdUntil)
	}
	switch {
	case g.Circuit != endpoint.Closed && t.succeeded > 0 && consecutive == 0:
		g.Circuit, g.CircuitOpenedAt, g.CircuitUntil, g.CircuitTrips = endpoint.Closed, db.Time{}, db.Time{}, 0
	case broken && g.Circuit != endpoint.Open, t.failed > 0 && g.Circuit == endpoint.HalfOpen:
		g.CircuitTrips++
		if g.CircuitOpenedAt.IsZero() {
			g.CircuitOpenedAt = db.At(now)
		}
		g.Circuit, g.CircuitUntil = endpoint.Open, db.At(now.Add(probeWait(g.CircuitTrips, random)))
	}
	return g
}

// probeWait is how long a circuit that opened for the trips-th time in a row stays open: doubling, capped, and up to a
// fifth longer so that endpoints on one broken server are not probed together.
func probeWait(trips int, random float64) time.Duration {
	wait := float64(firstProbe) * math.Pow(2, float64(min(max(trips, 1), 30)-1))
	return time.Duration(min(wait, float64(lastProbe)) * (1 + random/5))
}

// widen opens a gate by one success: by one while it is narrow, so that it doubles with each round, and above the
// threshold by one with each round.
func widen(g endpoint.Throttle) endpoint.Throttle {
	g.ConcurrencyLimit = max(1, g.ConcurrencyLimit)
	if g.ConcurrencyLimit < g.Ssthresh {
		g.ConcurrencyLimit++
	} else {
		g.ConcurrencyLimit += 1 / g.ConcurrencyLimit
	}
	g.ConcurrencyLimit = min(g.ConcurrencyLimit, endpoint.MaxLimit)
	return g
}

// narrow halves a gate.
func narrow(g endpoint.Throttle) endpoint.Throttle {
	g.ConcurrencyLimit = max(1, g.ConcurrencyLimit/2)
	g.Ssthresh = max(2, g.ConcurrencyLimit)
	return g
}

// budget is how many deliveries may be released now through a gate of which released are on their way, waiting of them
// not yet under way. rate is requests a second; nil for no limit.
func budget(g endpoint.Throttle, rate *int, released, waiting int, now time.Time) int {
	n := g.Limit()
	switch {
	case g.RetryAfterUntil.After(now), g.Circuit == endpoint.Open && g.CircuitUntil.After(now):
		return 0
	case g.Circuit == endpoint.Open || g.Circuit == endpoint.HalfOpen:
		n = 1
	}
	n -= released
	if rate != nil {
		n = min(n, slots(g, *rate, now)-waiting)
	}
	return max(0, n)
}

// interval is the time between two requests at a rate, rounded up: never more than rate begin within any second.
func interval(rate int) time.Duration {
	return time.Duration((1_000_000+rate-1)/rate) * time.Microsecond
}

// slots is how many slots a rate limit has left from now to slotAhead.
func slots(g endpoint.Throttle, rate int, now time.Time) int {
	left := slotAhead - max(0, g.NextTokenAt.Sub(now))
	if left < 0 {
		return 0
	}
	return int(left/interval(rate)) + 1
}

// takeSlot gives out the next slot of a rate limit, unless it is too far ahead.
func takeSlot(g endpoint.Throttle, rate int, now time.Time) (endpoint.Throttle, time.Time, bool) {
	at := db.At(now)
	if g.NextTokenAt.After(now) {
		at = g.NextTokenAt
	}
	if at.Sub(now) > slotAhead {
		return g, time.Time{}, false
	}
	g.NextTokenAt = db.At(at.Add(interval(rate)))
	return g, at.Time, true
}
