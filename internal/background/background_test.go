package background_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookline/hookline/internal/background"
)

func TestALoopRunsUntilStopWhateverBecomesOfTheContextOfItsStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		runs := 0
		r := background.Every(time.Second, "counting failed", func(context.Context) error {
			runs++
			return errors.New("does not end the loop")
		})
		ctx, cancel := context.WithCancel(t.Context())
		if err := r.Start(ctx); err != nil {
			t.Fatalf("Start: got %v, want nil", err)
		}
		cancel()
		<-time.After(2500 * time.Millisecond)
		if err := r.Stop(t.Context()); err != nil {
			t.Errorf("Stop: got %v, want nil", err)
		}
		if runs != 3 {
			t.Errorf("it ran %d times in 2.5 s, want 3", runs)
		}
	})
}

func TestStopReturnsWhenALoopHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		forever := make(chan struct{})
		r := background.New(func(context.Context) { <-forever })
		if err := r.Start(t.Context()); err != nil {
			t.Fatalf("Start: got %v, want nil", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := r.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Stop returned %v, want %v", err, context.DeadlineExceeded)
		}
		close(forever)
	})
}

func TestStopOfALoopThatWasNotStartedDoesNothing(t *testing.T) {
	t.Parallel()
	if err := background.New(func(context.Context) {}).Stop(t.Context()); err != nil {
		t.Errorf("Stop: got %v, want nil", err)
	}
}

func TestAPauseEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			limit, took time.Duration
			whole       bool
		}{{time.Hour, time.Minute, true}, {time.Second, time.Second, false}} {
			ctx, cancel := context.WithTimeout(t.Context(), c.limit)
			began := time.Now() // of the bubble's own time
			whole := background.Pause(ctx, time.Minute)
			cancel()
			if took := time.Since(began); whole != c.whole || took != c.took {
				t.Errorf("a pause of a minute within %s: got %t after %s, want %t after %s", c.limit, whole, took, c.whole,
					c.took)
			}
		}
	})
}
