package endpoint

import (
	"math"
	"time"

	"github.com/hookline/hookline/internal/db"
)

// Circuit is the state of an endpoint's circuit breaker.
type Circuit string

// The states of a circuit breaker: all requests are sent, none is, or one probe is.
const (
	Closed   Circuit = "closed"
	Open     Circuit = "open"
	HalfOpen Circuit = "half_open"
)

// Throttle limits how many deliveries an endpoint gets at a time. Most endpoints are not throttled: ThrottledAt is
// zero, and the other fields mean nothing. internal/delivery decides about it; owners see it.
type Throttle struct {
	ThrottledAt      db.Time
	ConcurrencyLimit float64 // deliveries that may be admitted and not complete
	Ssthresh         float64 // the slow start threshold: below it each success raises the limit by one
	Circuit          Circuit
	CircuitOpenedAt  db.Time // since when the circuit breaker is not closed
	CircuitUntil     db.Time // when an open circuit breaker admits a probe
	CircuitTrips     int     // how often it opened without closing in between
	RetryAfterUntil  db.Time // the endpoint asked for no request before this time
	NextTokenAt      db.Time // when its rate limit has a token for the next request
	ReleaseAt        db.Time // when the releaser is due to look at it; zero while no delivery is deferred
}

// The concurrency limit of a new throttle, its slow start threshold, and the highest limit.
const (
	InitialLimit    = 4
	InitialSsthresh = 32
	MaxLimit        = 64
)

// Throttled says whether the endpoint is throttled.
func (t Throttle) Throttled() bool { return !t.ThrottledAt.IsZero() }

// Start throttles an endpoint that is not throttled, with the initial limit; an existing throttle stays as it is.
func (t Throttle) Start(now time.Time) Throttle {
	if t.Throttled() {
		return t
	}
	at := db.At(now)
	return Throttle{ThrottledAt: at, ConcurrencyLimit: InitialLimit, Ssthresh: InitialSsthresh, Circuit: Closed,
		NextTokenAt: t.NextTokenAt, ReleaseAt: at}
}

// withRateLimit is the throttle after its owner set or removed a rate limit. A rate limit needs a throttle, which
// starts with the highest concurrency limit. Without one the throttle ends as soon as nothing is deferred.
func (t Throttle) withRateLimit(rate *int, now time.Time) Throttle {
	if rate != nil && !t.Throttled() {
		t = t.Start(now)
		t.ConcurrencyLimit, t.Ssthresh = MaxLimit, MaxLimit
	}
	if t.Throttled() {
		t.ReleaseAt = db.At(now)
	}
	return t
}

// resumed is the throttle after the owner said that the endpoint takes events again: an open circuit breaker admits a
// probe at once, and an earlier Retry-After no longer applies.
func (t Throttle) resumed(now time.Time) Throttle {
	if !t.Throttled() {
		return t
	}
	if t.Circuit == Open {
		t.CircuitUntil = db.At(now)
	}
	t.RetryAfterUntil, t.ReleaseAt = db.Time{}, db.At(now)
	return t
}

// Limit is the concurrency limit in whole deliveries, as owners see it.
func (t Throttle) Limit() int { return int(math.Floor(t.ConcurrencyLimit)) }

// Columns is the throttle as GORM's Updates takes it.
func (t Throttle) Columns() map[string]any {
	return map[string]any{
		"throttled_at": t.ThrottledAt, "concurrency_limit": t.ConcurrencyLimit, "ssthresh": t.Ssthresh,
		"circuit": t.Circuit, "circuit_opened_at": t.CircuitOpenedAt, "circuit_until": t.CircuitUntil,
		"circuit_trips": t.CircuitTrips, "retry_after_until": t.RetryAfterUntil, "next_token_at": t.NextTokenAt,
		"release_at": t.ReleaseAt,
	}
}
