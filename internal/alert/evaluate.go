package alert

import (
	"time"

	"github.com/hookline/hookline/internal/endpoint"
)

// Limits say when an endpoint is disabled; zero values never do.
type Limits struct {
	After    time.Duration // seen failing for as long, without a success
	Failures int           // or as many failures in a row, once it has been failing for a day
}

const (
	// sustained is how long failures must last for their number to count: a flood of events that meets an outage of ten
	// minutes says nothing about the endpoint.
	sustained = 24 * time.Hour
	// notice is how long an endpoint must have been seen failing after a warning before it is disabled, so that nobody
	// is surprised whose endpoint is called so seldom that it went past all warnings at once.
	notice = 2 * time.Hour
	// earliest is how long the shortest failing lasts that leads to anything: half of the shortest limit. What has not
	// failed for as long needs no look.
	earliest = sustained / 2
)

// levels are the warnings, in per cent of a limit.
var levels = []int{50, 70, 90}

// signal is what follows from how an endpoint does.
type signal struct {
	warn    int // the warning that is due; 0 for none
	disable bool
}

// warned is the highest warning that there was in this time of failing, and when.
type warned struct {
	percent int
	at      time.Time
}

// evaluate decides from what was seen: an endpoint that nobody calls grows no worse by waiting, so the clock has no
// say. Of several warnings that are due only the highest is given.
func evaluate(e endpoint.Endpoint, w warned, l Limits) signal {
	if !e.Enabled || e.FailingSince.IsZero() || e.LastFailureAt.IsZero() {
		return signal{}
	}
	reached := progress(e, l)
	if reached >= 1 && w.percent > 0 && e.LastFailureAt.Sub(w.at) >= notice {
		return signal{disable: true}
	}
	due := 0
	for _, level := range levels {
		if reached*100 >= float64(level) && level > w.percent {
			due = level
		}
	}
	return signal{warn: due}
}

// progress is how far an endpoint is on its way to the nearer of its limits, of 1.
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
