package engine

import (
	"testing"
	"time"
)

// Patience is how long tests wait for what must happen. It is long because machines are slow, not because we are.
const Patience = 30 * time.Second

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

// AwaitSignal waits until condition holds. It looks after each signal, at most every five milliseconds, and at pace.
func AwaitSignal(
	t testing.TB, what string, within, pace time.Duration, condition func() bool, signal func() <-chan struct{},
) {
	t.Helper()
	limit := time.NewTimer(within)
	defer limit.Stop()
	now := time.NewTicker(pace)
	defer now.Stop()
	for {
		changed := signal() // before looking, so that no change in between is missed
		if condition() {
			return
		}
		select {
		case <-changed:
			select {
			case <-now.C:
			case <-time.After(5 * time.Millisecond):
			}
		case <-now.C:
		case <-limit.C:
			t.Fatalf("%s did not happen within %s", what, within)
		}
	}
}
