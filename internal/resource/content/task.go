package content

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/hookline/hookline/internal/generator"
	"github.com/hookline/hookline/internal/queue"
)

type writer interface {
	Generate(ctx context.Context, b generator.Brief) (generator.Result, error)
}

// Worker runs the tasks of agent runs.
type Worker struct {
	store  *Store
	writer writer
	limit  time.Duration
	share  int
	stop   context.Context //nolint:containedctx // of the worker, not of a call
	end    context.CancelFunc

	mu    sync.Mutex
	under map[string]int // runs under way here, by tenant
}

// Why a run's context ended.
var (
	errStopped = errors.New("content: the worker stops")
	errTaken   = errors.New("content: the run was cancelled, or is somebody else's")
	errTooLong = errors.New("content: the generator took too long")
)

// NewWorker makes a Worker that runs so many tasks at a time, of which a tenant has half at most. limit bounds what the
// generator may take.
func NewWorker(store *Store, w writer, limit time.Duration, concurrency int) *Worker {
	stop, end := context.WithCancel(context.Background())
	return &Worker{store: store, writer: w, limit: limit, share: (concurrency + 1) / 2, stop: stop, end: end, under: map[string]int{}}
}

// Release ends all runs that are under way and puts them back on the queue, where another worker starts them again: a
// model may take longer than a stop may. It does not wait for their tasks.
func (w *Worker) Release() { w.end() }

// again is when a run is tried again whose tenant has enough under way.
const again = 3 * time.Second

// Handle runs one task.
func (w *Worker) Handle(ctx context.Context, runID string) error {
	tenant := ""
	c, err := w.store.claim(ctx, runID, func(tenantID string) bool {
		tenant = tenantID
		return w.enter(tenantID)
	})
	if c.verdict != wait && tenant != "" {
		defer w.leave(tenant)
	}
	switch {
	case err != nil:
		return err
	case c.verdict == wait:
		return &queue.Later{After: again, Reason: "its tenant has as many runs under way as it may"}
	case c.verdict == drop:
		return nil
	}
	return w.run(ctx, c)
}

func (w *Worker) enter(tenantID string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.under[tenantID] >= w.share {
		return false
	}
	w.under[tenantID]++
	return true
}

func (w *Worker) leave(tenantID string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.under[tenantID]--; w.under[tenantID] <= 0 {
		delete(w.under, tenantID)
	}
}

// run has the generator write, and records what came of it.
func (w *Worker) run(task context.Context, c claim) error {
	ctx, cancel := context.WithCancelCause(task)
	defer cancel(nil)
	defer context.AfterFunc(w.stop, func() { cancel(errStopped) })()
	var beating sync.WaitGroup
	defer beating.Wait()
	over := make(chan struct{})
	defer close(over)
	beating.Go(func() { w.beat(ctx, c.run, cancel, over) })

	writing, enough := context.WithTimeoutCause(ctx, w.limit, errTooLong)
	defer enough()
	began := time.Now()
	result, err := w.writer.Generate(writing, c.brief)
	if err != nil && writing.Err() != nil {
		err = context.Cause(writing)
	}
	switch {
	case err == nil, errors.Is(err, errTooLong):
	case errors.Is(err, errTaken):
		return nil
	case ctx.Err() != nil: // the worker stops, or the task was taken from it
		record, cancel := context.WithTimeout(context.WithoutCancel(task), finishing)
		defer cancel()
		return w.store.release(record, c.run)
	}
	r, finishErr := w.finish(context.WithoutCancel(task), c.run, result, err)
	report(r, err, time.Since(began))
	return finishErr
}

// beat tells SQL that the worker is there, and the worker when the run is not its any more.
func (w *Worker) beat(ctx context.Context, r Run, cancel context.CancelCauseFunc, over <-chan struct{}) {
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for {
		select {
		case <-over:
			return
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		ours, err := w.store.keep(ctx, r)
		if err == nil && !ours {
			cancel(errTaken)
			return
		}
	}
}

// finishing is how long the outcome of a run is tried to be recorded. A run that could not be is begun anew.
const finishing = 10 * time.Second

func (w *Worker) finish(ctx context.Context, r Run, result generator.Result, failure error) (Run, error) {
	ctx, cancel := context.WithTimeout(ctx, finishing)
	defer cancel()
	for pause := 50 * time.Millisecond; ; pause *= 2 {
		done, err := w.store.finish(ctx, r, result, failure)
		if err == nil {
			return done, nil
		}
		select {
		case <-ctx.Done():
			return r, errors.Join(err, ctx.Err())
		case <-time.After(pause):
		}
	}
}

// report writes the one line that each run leaves in the log. What whoever runs this must see to is a warning.
func report(r Run, err error, took time.Duration) {
	level := slog.LevelInfo
	if r.Reason == string(generator.Misconfigured) || r.Reason == reasonInternal {
		level = slog.LevelWarn
	}
	slog.Log(context.Background(), level, "agent run", "tenant", r.TenantID, "environment", r.Environment, "run", r.ID, "agent", r.Agent,
		"status", r.Status, "attempt", r.Attempt, "generator", r.Generator, "model", r.Model, "reason", r.Reason, "error", err,
		"duration_ms", took.Milliseconds())
}
