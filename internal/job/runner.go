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

// Runner runs the steps of all jobs in turn, so that a long job does not delay the others. Each worker process runs
// one.
type Runner struct {
	*background.Routine

	store *Store
	steps map[string]Step
	kinds []string
}

const (
	idle     = time.Second            // between two polls while no job is due
	busy     = 100 * time.Millisecond // between two polls while jobs are due
	dueBatch = 20
)

// NewRunner makes a Runner with a step function for each kind of job. Jobs of other kinds are left to newer processes.
// Stop rolls the running step back unless it is about to commit.
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

// round runs one step of each due job, and says whether there was any.
func (r *Runner) round(ctx context.Context) bool {
	ids, err := r.store.due(ctx, r.kinds)
	if err != nil && ctx.Err() == nil {
		slog.Warn("reading due jobs failed; will retry", "error", err)
	}
	for _, jobID := range ids {
		if _, err := r.step(ctx, jobID, false); err != nil && ctx.Err() == nil {
			slog.Error("a step of a job failed; will retry", "job", jobID, "error", err)
		}
	}
	return len(ids) > 0
}

// Run runs the steps of one job until it ends, and returns it. Other runners may run steps of it meanwhile. watch is
// called with the job after each step.
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

// step runs the next step of a job unless another runner has locked it, and says whether it did.
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
			r.recordFailure(ctx, jobID)
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

// recordFailure records a failed step, after its transaction was rolled back.
func (r *Runner) recordFailure(ctx context.Context, jobID string) {
	err := r.store.db.Unit(ctx, func(ctx context.Context) error {
		j, claimed, err := r.store.claim(ctx, jobID, true)
		if err != nil || !claimed {
			return err
		}
		return r.store.save(ctx, j.failStep(r.store.now()))
	})
	if err != nil {
		slog.Warn("recording a failed step failed", "job", jobID, "error", err)
	}
}
