// Package throttle has the rules by which an endpoint that can't take everything at once gets a few deliveries at a
// time: a concurrency limit that grows with successes and shrinks with failures (AIMD, as TCP does), a circuit breaker,
// a rate limit, and the wait that the endpoint asked for. It is pure: callers store a State and pass the time.
package throttle

import (
	"math"
	"time"

	"github.com/hookline/hookline/internal/db"
)

// Circuit is the state of a circuit breaker.
type Circuit string

// The states of a circuit breaker: all requests are sent, none is, or one probe is.
const (
	Closed   Circuit = "closed"
	Open     Circuit = "open"
	HalfOpen Circuit = "half_open"
)

// State is the throttle of an endpoint. Most endpoints are not throttled: ThrottledAt is zero, and the other fields
// mean nothing.
type State struct {
	ThrottledAt      db.Time
	ConcurrencyLimit float64 // deliveries that may be admitted and not complete
	Ssthresh         float64 // the slow start threshold: below it each success raises the limit by one
	Circuit          Circuit
	CircuitOpenedAt  db.Time // since when the circuit breaker is not closed
	CircuitUntil     db.Time // when an open circuit breaker admits a probe
	CircuitTrips     int     // how often it opened without closing in between
	ProbeID          string  // the delivery that probes a half-open circuit
	RetryAfterUntil  db.Time // the endpoint asked for no request before this time
	NextTokenAt      db.Time // when its rate limit has a token for the next request
	ReleaseAt        db.Time // when the releaser is due to look at it; zero while no delivery is deferred
}

const (
	// InitialLimit is the limit of a new throttle, MaxLimit the highest. A new throttle has no slow start threshold
	// below that: until the endpoint answers that it can't keep up, its limit doubles with each round, as in TCP.
	InitialLimit = 4
	MaxLimit     = 256
	// TokenAhead is how far ahead the tokens of a rate limit are given out.
	TokenAhead = 200 * time.Millisecond

	narrowAfter = 3  // failures in a row shrink the limit, whatever they are
	breakAfter  = 10 // failures in a row open the circuit
	firstProbe  = 2 * time.Second
	lastProbe   = 5 * time.Minute
)

// Throttled reports whether the endpoint is throttled.
func (s State) Throttled() bool { return !s.ThrottledAt.IsZero() }

// Start throttles an endpoint that is not throttled, with the initial limit; an existing throttle stays as it is.
func (s State) Start(now time.Time) State {
	if s.Throttled() {
		return s
	}
	at := db.At(now)
	return State{ThrottledAt: at, ConcurrencyLimit: InitialLimit, Ssthresh: MaxLimit, Circuit: Closed,
		NextTokenAt: s.NextTokenAt, ReleaseAt: at}
}

// Ended is the state of an endpoint that is no longer throttled.
func (s State) Ended() State { return State{Circuit: Closed, NextTokenAt: s.NextTokenAt} }

// WithRateLimit is the throttle after its owner set or removed a rate limit. A rate limit needs a throttle, which
// starts with the highest concurrency limit. Without one the throttle ends as soon as nothing is deferred.
func (s State) WithRateLimit(rate *int, now time.Time) State {
	if rate != nil && !s.Throttled() {
		s = s.Start(now)
		s.ConcurrencyLimit, s.Ssthresh = MaxLimit, MaxLimit
	}
	if s.Throttled() {
		s.ReleaseAt = db.At(now)
	}
	return s
}

// Resumed is the throttle after the owner said that the endpoint takes events again: an open circuit breaker admits a
// probe at once, and an earlier Retry-After no longer applies.
func (s State) Resumed(now time.Time) State {
	if !s.Throttled() {
		return s
	}
	if s.Circuit == Open {
		s.CircuitUntil = db.At(now)
	}
	s.RetryAfterUntil, s.ReleaseAt = db.Time{}, db.At(now)
	return s
}

// Limit is the concurrency limit in whole deliveries, as owners see it.
func (s State) Limit() int { return int(math.Floor(s.ConcurrencyLimit)) }

// Columns is the throttle as GORM's Updates takes it.
func (s State) Columns() map[string]any {
	return map[string]any{
		"throttled_at": s.ThrottledAt, "concurrency_limit": s.ConcurrencyLimit, "ssthresh": s.Ssthresh,
		"circuit": s.Circuit, "circuit_opened_at": s.CircuitOpenedAt, "circuit_until": s.CircuitUntil,
		"circuit_trips": s.CircuitTrips, "probe_id": s.ProbeID, "retry_after_until": s.RetryAfterUntil,
		"next_token_at": s.NextTokenAt, "release_at": s.ReleaseAt,
	}
}

// Shut reports whether nothing may be admitted now, and until when.
func (s State) Shut(now time.Time) (until time.Time, shut bool) {
	if s.RetryAfterUntil.After(now) {
		until = s.RetryAfterUntil.Time
	}
	if s.Circuit == Open && s.CircuitUntil.After(now) && s.CircuitUntil.After(until) {
		until = s.CircuitUntil.Time
	}
	return until, !until.IsZero()
}

// Passes reports whether a delivery that was admitted may still be sent: what it was admitted by may have changed.
func (s State) Passes(deliveryID string, now time.Time) bool {
	switch {
	case s.RetryAfterUntil.After(now), s.Circuit == Open:
		return false
	case s.Circuit == HalfOpen:
		return s.ProbeID == deliveryID
	}
	return true
}

// Budget is how many deliveries may be admitted now, of which admitted are not complete and waiting of them not yet
// sent. rate is requests a second; nil for no limit.
func (s State) Budget(rate *int, admitted, waiting int, now time.Time) int {
	n := s.Limit()
	if _, shut := s.Shut(now); shut {
		return 0
	}
	if s.Circuit == Open || s.Circuit == HalfOpen {
		n = 1
	}
	n -= admitted
	if rate != nil {
		n = min(n, s.Tokens(*rate, now)-waiting)
	}
	return max(0, n)
}

// Healthy reports whether nothing keeps the endpoint throttled but what is deferred or under way.
func (s State) Healthy(rate *int, consecutiveFailures int, now time.Time) bool {
	_, shut := s.Shut(now)
	return rate == nil && !shut && s.Circuit != Open && s.Circuit != HalfOpen && consecutiveFailures == 0
}

// Feedback is what a batch of outcomes says about an endpoint.
type Feedback struct {
	Succeeded, Failed int
	Overloaded        bool      // it answered that it can't keep up
	Unanswered        bool      // a request got no answer, or not in time
	RetryAfter        time.Time // before when it wants no request; zero when it did not say
	Consecutive       int       // failures since the last success, these included
}

// Learn is the throttle after feedback. random, from 0 to 1, places the probe. An endpoint that is not throttled gets
// throttled when it is overloaded or keeps failing.
//
// A single refusal, such as a 500 for one event, does not shrink the limit: an endpoint that refuses one event in
// twenty would be held to a handful at a time for ever, and its backlog would grow although it answers all of it at
// once.
func (s State) Learn(f Feedback, now time.Time, random float64) State {
	broken := f.Failed > 0 && f.Consecutive >= breakAfter
	if f.Overloaded || broken {
		s = s.Start(now)
	}
	if !s.Throttled() {
		return s
	}
	s.ReleaseAt, s.ConcurrencyLimit = db.At(now), max(1, s.ConcurrencyLimit)
	for range f.Succeeded {
		s = s.Widen()
	}
	if f.Overloaded || f.Unanswered || (f.Failed > 0 && f.Consecutive >= narrowAfter) {
		s = s.Narrow()
	}
	if f.RetryAfter.After(s.RetryAfterUntil.Time) {
		s.RetryAfterUntil = db.At(f.RetryAfter)
	}
	switch {
	case s.Circuit != Closed && f.Succeeded > 0 && f.Consecutive == 0:
		s.Circuit, s.CircuitOpenedAt, s.CircuitUntil, s.CircuitTrips = Closed, db.Time{}, db.Time{}, 0
		s.ProbeID = ""
	case broken && s.Circuit != Open, f.Failed > 0 && s.Circuit == HalfOpen:
		s.CircuitTrips++
		if s.CircuitOpenedAt.IsZero() {
			s.CircuitOpenedAt = db.At(now)
		}
		s.Circuit, s.CircuitUntil = Open, db.At(now.Add(probeWait(s.CircuitTrips, random)))
		s.ProbeID = ""
	}
	return s
}

// probeWait is how long a circuit that opened for the trips-th time in a row stays open: doubling, capped, and up to a
// fifth longer so that endpoints on one broken server are not probed together.
func probeWait(trips int, random float64) time.Duration {
	wait := float64(firstProbe) * math.Pow(2, float64(min(max(trips, 1), 30)-1))
	return time.Duration(min(wait, float64(lastProbe)) * (1 + random/5))
}

// Widen raises the limit by one success: by one below the slow start threshold, so that it doubles with each round, and
// above it by one with each round.
func (s State) Widen() State {
	s.ConcurrencyLimit = max(1, s.ConcurrencyLimit)
	if s.ConcurrencyLimit < s.Ssthresh {
		s.ConcurrencyLimit++
	} else {
		s.ConcurrencyLimit += 1 / s.ConcurrencyLimit
	}
	s.ConcurrencyLimit = min(s.ConcurrencyLimit, MaxLimit)
	return s
}

// Narrow halves the limit.
func (s State) Narrow() State {
	s.ConcurrencyLimit = max(1, s.ConcurrencyLimit/2)
	s.Ssthresh = max(2, s.ConcurrencyLimit)
	return s
}

// Cap lowers the limit to what this installation has room for, at least InitialLimit. The slow start threshold stays:
// nothing failed at the endpoint, and the room may be taken for a moment only, such as while the database is away.
func (s State) Cap(limit int) State {
	s.ConcurrencyLimit = min(s.ConcurrencyLimit, float64(max(limit, InitialLimit)))
	return s
}

// interval is the time between two requests at a rate, rounded up: never more than rate begin within any second.
func interval(rate int) time.Duration {
	return time.Duration((1_000_000+rate-1)/rate) * time.Microsecond
}

// Tokens is how many tokens a rate limit has from now to TokenAhead.
func (s State) Tokens(rate int, now time.Time) int {
	left := TokenAhead - max(0, s.NextTokenAt.Sub(now))
	if left < 0 {
		return 0
	}
	return int(left/interval(rate)) + 1
}

// TakeToken takes the next token of a rate limit, which says when its request may begin, unless it is too far ahead.
func (s State) TakeToken(rate int, now time.Time) (next State, at time.Time, ok bool) {
	begin := db.At(now)
	if s.NextTokenAt.After(now) {
		begin = s.NextTokenAt
	}
	if begin.Sub(now) > TokenAhead {
		return s, time.Time{}, false
	}
	s.NextTokenAt = db.At(begin.Add(interval(rate)))
	return s, begin.Time, true
}
