package job

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	"github.com/hookline/hookline/internal/background"
)

// Runner works jobs off, one step at a time and in turns, so that a long job holds up no other. Each worker process
// runs one; they don't disturb each other.
type Runner struct {
	*background.Routine

	store *Store
	steps map[string]Step
	kinds []string
}

const (
	idle     = time.Second            // between looks for jobs while there are none
	busy     = 100 * time.Millisecond // between looks while there are
	dueBatch = 20
)

// NewRunner makes a Runner that knows a step for each kind of job. It leaves kinds alone that it does not know: a newer
// process does. Stop rolls the step under way back, unless it is about to commit.
func NewRunner(store *Store, steps map[string]Step) *Runner {
	r := &Runner{store: store, steps: steps, kinds: slices.Sorted(maps.Keys(steps))}
	r.Routine = background.New(r.loop)
	return r
}

func (r *Runner) loop(ctx context.Context) {
	for pause := time.Duration(0); ; {
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-r.store.wake:
			timer.Stop()
		case <-timer.C:
		}
		pause = idle
		if r.round(ctx) {
			pause = busy
		}
	}
}

// round does one step of each job that is due, and says whether there was any.
func (r *Runner) round(ctx context.Context) bool {
	ids, err := r.store.due(ctx, r.kinds)
	if err != nil && ctx.Err() == nil {
		slog.Warn("looking for jobs failed; will retry", "error", err)
	}
	for _, jobID := range ids {
		if _, err := r.step(ctx, jobID, false); err != nil && ctx.Err() == nil {
			slog.Error("a step of a job failed; will retry", "job", jobID, "error", err)
		}
	}
	return len(ids) > 0
}

// Run works on one job until it is over, and returns it. Other runners may take steps of it meanwhile. watch is told
// of the job after each step.
func (r *Runner) Run(ctx context.Context, jobID string, watch func(Job)) (Job, error) {
	for {
		if _, err := r.step(ctx, jobID, true); err != nil {
			return Job{}, err
		}
		j, err := r.store.GetAny(ctx, jobID)
		if err != nil {
			return j, err
		}
		watch(j)
		if j.Over() {
			return j, nil
		}
		timer := time.NewTimer(max(0, min(time.Until(j.RunAt.Time), idle)))
		select {
		case <-ctx.Done():
			timer.Stop()
			return j, ctx.Err()
		case <-timer.C:
		}
	}
}

// step takes the next step of a job unless another runner holds it, and says whether it did.
func (r *Runner) step(ctx context.Context, jobID string, early bool) (bool, error) {
	var claimed bool
	var result Result
	var j Job
	err := r.store.db.Unit(ctx, func(ctx context.Context) error {
		var err error
		if j, claimed, err = r.store.claim(ctx, jobID, early); err != nil || !claimed {
			return err
		}
		if result, err = r.take(ctx, j); err != nil {
			return err
		}
		return r.store.save(ctx, j.advance(result, r.store.now()))
	})
	if err != nil {
		if claimed && ctx.Err() == nil {
			r.stumble(ctx, jobID)
		}
		return false, err
	}
	if result.After != nil {
		result.After()
	}
	return claimed, nil
}

// take runs the step function; a panic fails the step and not the process.
func (r *Runner) take(ctx context.Context, j Job) (result Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("job: panic: %v\n%s", p, debug.Stack())
		}
	}()
	return r.steps[j.Kind](ctx, j)
}

// stumble writes down that a step failed, now that its transaction is gone.
func (r *Runner) stumble(ctx context.Context, jobID string) {
	err := r.store.db.Unit(ctx, func(ctx context.Context) error {
		j, claimed, err := r.store.claim(ctx, jobID, true)
		if err != nil || !claimed {
			return err
		}
		return r.store.save(ctx, j.stumble(r.store.now()))
	})
	if err != nil {
		slog.Warn("a failed step could not be written down", "job", jobID, "error", err)
	}
}
