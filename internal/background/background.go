// Package background runs what goes on beside requests and tasks, and ends it in order.
package background

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Routine is one goroutine that can be stopped. The zero Routine is ready to start.
type Routine struct {
	cancel context.CancelFunc
	done   sync.WaitGroup
}

// Start runs run, whose context ends with Stop.
func (r *Routine) Start(run func(ctx context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	r.done.Go(func() { run(ctx) })
}

// StartEvery does something at once and then at every interval. When it fails, the log says failure, a clause such as
// "sweeping failed".
func (r *Routine) StartEvery(interval time.Duration, failure string, do func(ctx context.Context) error) {
	r.Start(func(ctx context.Context) {
		tick := time.NewTicker(interval)
		defer tick.Stop()
		for {
			if err := do(ctx); err != nil && ctx.Err() == nil {
				slog.Warn(failure+"; it is tried again", "error", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	})
}

// Stop ends it and waits until it is over. Of one that was not started there is nothing to stop.
func (r *Routine) Stop() {
	if r.cancel != nil {
		r.cancel()
	}
	r.done.Wait()
}
