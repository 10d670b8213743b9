package ratelimit

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestInFlightAdmitsSoManyOfEachSubject(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, a, b := NewInFlight(2, time.Second), Stranger("203.0.113.7"), Stranger("203.0.113.8")
		first, ok1 := f.Enter(t.Context(), a)
		second, ok2 := f.Enter(t.Context(), a)
		other, ok3 := f.Enter(t.Context(), b)
		if !ok1 || !ok2 || !ok3 {
			t.Fatalf("two of one and one of another: %v, %v, %v, want all admitted", ok1, ok2, ok3)
		}
		start := time.Now()
		if _, ok := f.Enter(t.Context(), a); ok || time.Since(start) != time.Second {
			t.Errorf("a third was admitted: %v, after %s, want false after 1s", ok, time.Since(start))
		}
		gone, cancel := context.WithCancelCause(t.Context())
		cancel(errors.New("gone"))
		if _, ok := f.Enter(gone, a); ok {
			t.Error("cancelled caller: got it admitted, want not")
		}
		time.AfterFunc(time.Second/2, first)
		third, ok := f.Enter(t.Context(), a)
		if !ok {
			t.Fatal("third caller after the first has left: got it refused, want it admitted")
		}
		first() // again, which frees nobody's place
		if _, ok := f.Enter(t.Context(), a); ok {
			t.Error("caller after one left twice: got it admitted, want one place only")
		}
		second()
		third()
		other()
		if len(f.open) != 0 {
			t.Errorf("%d subjects are remembered, want none", len(f.open))
		}
	})
}
