package db

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestCallersOfTheWriteProbeWaitNoLongerThanItsLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hanging := make(chan struct{})
		writes := 0
		p := &WriteProbe{write: func(context.Context) error { // a driver that does not heed its context
			writes++
			<-hanging
			return errors.New("the disk is full")
		}}
		const callers = 50
		began := time.Now()
		answers := make(chan error, callers)
		for range callers {
			go func() { answers <- p.Check(t.Context()) }()
		}
		for range callers {
			if err := <-answers; !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("check while the database hangs: got %v, want a deadline", err)
			}
		}
		if took := time.Since(began); took != probeLimit || writes != 1 {
			t.Errorf("%d callers: got %s and %d writes, want %s and 1", callers, took, writes, probeLimit)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := p.Check(gone); !errors.Is(err, context.Canceled) || time.Since(began) != probeLimit {
			t.Errorf("check of a caller who went away: got %v after %s, want no wait", err, time.Since(began)-probeLimit)
		}
		close(hanging)
		synctest.Wait()
		if err := p.Check(t.Context()); err == nil || err.Error() != "the disk is full" || writes != 1 {
			t.Errorf("check after the write: got %v after %d writes, want its result", err, writes)
		}
	})
}
