package engine

import (
	"testing"
	"time"
)

// Patience is how long tests wait for what must happen. It is long because machines are slow, not because we are.
const Patience = time.Minute

// The rest between two looks, which depends on what a look takes.
const (
	leastRest = 5 * time.Millisecond
	mostRest  = 250 * time.Millisecond
)

// Await waits until condition holds; it looks five times a second.
func Await(t testing.TB, what string, condition func() bool) {
	t.Helper()
	AwaitWithin(t, Patience, what, condition)
}

// AwaitWithin is Await with a limit of its own.
func AwaitWithin(t testing.TB, limit time.Duration, what string, condition func() bool) {
	t.Helper()
	AwaitSignal(t, what, limit, 200*time.Millisecond, condition, func() <-chan struct{} { return nil })
}

// AwaitSignal waits until condition holds. It looks after each signal and at pace, and rests four times as long as a
// look took, so that tests that wait leave a slow machine to those that work.
func AwaitSignal(
	t testing.TB, what string, within, pace time.Duration, condition func() bool, signal func() <-chan struct{},
) {
	t.Helper()
	limit := time.NewTimer(within)
	defer limit.Stop()
	expired := func() { t.Fatalf("%s: got no sign of it within %s, want it to happen", what, within) }
	for {
		changed := signal() // before looking, so that no change in between is missed
		begun := time.Now()
		if condition() {
			return
		}
		look, rest := time.After(pace), time.After(min(max(leastRest, 4*time.Since(begun)), mostRest))
		select {
		case <-rest:
		case <-limit.C:
			expired()
		}
		select {
		case <-changed:
		case <-look:
		case <-limit.C:
			expired()
		}
	}
}
