// Package background runs loops beside requests and tasks, and stops them in a bounded time.
package background

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Routine is a loop in a goroutine of its own. Services embed one for its Start and Stop; New and Every make one.
type Routine struct {
	run    func(ctx context.Context)
	cancel context.CancelFunc
	done   sync.WaitGroup
}

// New makes a Routine of run, which must return when its context ends.
func New(run func(ctx context.Context)) *Routine { return &Routine{run: run} }

// Every makes a Routine that calls do at once and then at every interval. An error is logged with failure, a clause
// such as "sweeping failed", and does not end the loop.
func Every(interval time.Duration, failure string, do func(ctx context.Context) error) *Routine {
	return New(func(ctx context.Context) {
		tick := time.NewTicker(interval)
		defer tick.Stop()
		for {
			if err := do(ctx); err != nil && ctx.Err() == nil {
				slog.Warn(failure+"; will retry", "error", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	})
}

// Start starts the loop. It runs until Stop, also when ctx ends before: a signal to stop ends ctx, and loops go on
// while the services that need them stop.
func (r *Routine) Start(ctx context.Context) error {
	ctx, r.cancel = context.WithCancel(context.WithoutCancel(ctx))
	r.done.Go(func() { r.run(ctx) })
	return nil
}

// Stop stops the loop and waits for it to exit, until ctx ends, whose error it then returns. A loop that was not
// started is stopped already.
func (r *Routine) Stop(ctx context.Context) error {
	if r.cancel != nil {
		r.cancel()
	}
	return Wait(ctx, &r.done)
}

// Pause waits for d; it is false when ctx ended first.
func Pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Wait waits for the group, until ctx ends, whose error it then returns.
func Wait(ctx context.Context, group *sync.WaitGroup) error {
	done := make(chan struct{})
	go func() {
		group.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
