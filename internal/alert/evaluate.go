package alert

import (
	"time"

	"github.com/hookline/hookline/internal/endpoint"
)

// Limits say when a failing endpoint is disabled; a zero value is no limit.
type Limits struct {
	After    time.Duration // time from the first to the last failure, without a success
	Failures int           // failures in a row, once it has been failing for a day
}

const (
	// sustained is how long failures must last for their number to count: many events during an outage of ten minutes
	// are no reason to disable an endpoint.
	sustained = 24 * time.Hour
	// notice is how long an endpoint must keep failing after a warning before it is disabled, so that there is always a
	// warning first, even for an endpoint with few deliveries.
	notice = 2 * time.Hour
	// earliest is how long an endpoint must have been failing before it needs an evaluation: half of the shortest
	// limit.
	earliest = sustained / 2
)

// levels are the warnings, in per cent of a limit.
var levels = []int{50, 70, 90}

// signal is the result of an evaluation.
type signal struct {
	warn    int // the warning that is due; 0 for none
	disable bool
}

// warned is the highest warning since the endpoint began to fail, and when it was given.
type warned struct {
	percent int
	at      time.Time
}

// evaluate uses the times of failures and not the clock: an endpoint without deliveries gets no worse. Of several due
// warnings it gives only the highest.
func evaluate(e endpoint.Endpoint, w warned, l Limits) signal {
	if !e.Enabled || e.FailingSince.IsZero() || e.LastFailureAt.IsZero() {
		return signal{}
	}
	share := progress(e, l)
	if share >= 1 && w.percent > 0 && e.LastFailureAt.Sub(w.at) >= notice {
		return signal{disable: true}
	}
	due := 0
	for _, level := range levels {
		if share*100 >= float64(level) && level > w.percent {
			due = level
		}
	}
	return signal{warn: due}
}

// progress is the share of the nearer limit that an endpoint has used up; 1 is the limit.
func progress(e endpoint.Endpoint, l Limits) float64 {
	failing := e.LastFailureAt.Sub(e.FailingSince.Time)
	out := 0.0
	if l.After > 0 {
		out = float64(failing) / float64(l.After)
	}
	if l.Failures > 0 {
		out = max(out, min(float64(e.ConsecutiveFailures)/float64(l.Failures), float64(failing)/float64(sustained)))
	}
	return out
}
