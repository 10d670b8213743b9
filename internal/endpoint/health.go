package endpoint

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/throttle"
)

// State is how an endpoint does, as its row says.
type State string

// The states of endpoints. All but Enabled and Throttled, and Disabled by its owner, are failing; see Failing.
const (
	Enabled     State = "enabled"
	Disabled    State = "disabled"
	CircuitOpen State = "circuit_open" // or half open
	LastFailed  State = "failing"
	Throttled   State = "throttled" // its throttle defers deliveries
)

// State returns the state of the endpoint.
func (e Endpoint) State() State {
	switch {
	case !e.Enabled:
		return Disabled
	case slices.Contains(notClosed, e.Throttle.Circuit):
		return CircuitOpen
	case !e.FailingSince.IsZero():
		return LastFailed
	case e.Throttle.Throttled() && !e.Throttle.ReleaseAt.IsZero():
		return Throttled
	}
	return Enabled
}

// Failing reports whether the last attempt failed, the circuit breaker is not closed, or Hookline disabled the
// endpoint. failing says the same in SQL. The row decides, not a rate of successes: 98 % can hide four endpoints that
// receive nothing, small tenants have too few deliveries for a rate, and counts come seconds late.
func (e Endpoint) Failing() bool {
	switch e.State() {
	case CircuitOpen, LastFailed:
		return true
	case Disabled:
		return e.DisabledReason == ReasonFailing || e.DisabledReason == ReasonGone
	}
	return false
}

// failing is Failing, throttledOnly the state Throttled, each with the arguments of its function.
const (
	failing = "((enabled = ? AND (failing_since IS NOT NULL OR circuit IN ?)) OR (enabled = ? AND " +
		"disabled_reason IN ?))"
	throttledOnly = "(enabled = ? AND failing_since IS NULL AND circuit NOT IN ? AND throttled_at IS NOT NULL AND " +
		"release_at IS NOT NULL)"
)

func failingArgs() []any {
	return []any{true, notClosed, false, []string{ReasonFailing, ReasonGone}}
}

func throttledArgs() []any { return []any{true, notClosed} }

var notClosed = []throttle.Circuit{throttle.Open, throttle.HalfOpen}

// Troubled returns endpoints that the caller may access and that fail or are throttled, at most limit; those that fail
// come first, the longest first of all. It also returns how many fail in all.
func (s *Store) Troubled(ctx context.Context, scope principal.Scope, limit int) (out []Endpoint, fail int64,
	err error) {
	own := func() *gorm.DB { return s.own(s.db.Read(ctx), scope) }
	err = own().Where(failing, failingArgs()...).Order("failing_since IS NULL, failing_since, id").Limit(limit).
		Find(&out).Error
	if err != nil {
		return nil, 0, err
	}
	if fail = int64(len(out)); len(out) == limit {
		err = own().Model(&Endpoint{}).Where(failing, failingArgs()...).Count(&fail).Error
		return out, fail, err
	}
	var throttled []Endpoint
	err = own().Where(throttledOnly, throttledArgs()...).Order("throttled_at, id").Limit(limit - len(out)).
		Find(&throttled).Error
	return append(out, throttled...), fail, err
}
