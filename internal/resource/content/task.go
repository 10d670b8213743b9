package content

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/hookline/hookline/internal/background"
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
	cancel context.CancelFunc

	mu    sync.Mutex
	under map[string]int // concurrent runs here, by tenant
}

// Why a run's context ended.
var (
	errStopped = errors.New("content: the worker stops")
	errTaken   = errors.New("content: the run was cancelled, or another worker claimed it")
	errTooLong = errors.New("content: the generator took too long")
)

// NewWorker makes a Worker that runs concurrency tasks at a time, at most half of them of one tenant. limit is the
// timeout of the generator.
func NewWorker(store *Store, w writer, limit time.Duration, concurrency int) *Worker {
	stop, cancel := context.WithCancel(context.Background())
	return &Worker{store: store, writer: w, limit: limit, share: (concurrency + 1) / 2, stop: stop, cancel: cancel,
		under: map[string]int{}}
}

// Release cancels all runs and returns them to the queue, where another worker starts them again: a
// model may take longer than a stop may. It does not wait for their tasks.
func (w *Worker) Release() { w.cancel() }

// again is the delay of a run whose tenant has reached its limit of concurrent runs.
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
		return &queue.Later{After: again, Reason: "the tenant has reached its limit of concurrent runs"}
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

// run calls the generator and records the outcome.
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
	case ctx.Err() != nil: // the worker stops, or the task was cancelled
		record, cancel := context.WithTimeout(context.WithoutCancel(task), recordTimeout)
		defer cancel()
		return w.store.release(record, c.run)
	}
	r, endErr := w.end(context.WithoutCancel(task), c.run, result, err)
	report(r, err, time.Since(began))
	return endErr
}

// beat renews the lease until over is closed, and cancels the run when another worker has it.
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
		ours, err := w.store.renew(ctx, r)
		if err == nil && !ours {
			cancel(errTaken)
			return
		}
	}
}

// recordTimeout limits the retries of recording a run's outcome. When they fail, the lease expires and the run is
// retried.
const recordTimeout = 10 * time.Second

func (w *Worker) end(ctx context.Context, r Run, result generator.Result, failure error) (Run, error) {
	ctx, cancel := context.WithTimeout(ctx, recordTimeout)
	defer cancel()
	for pause := 50 * time.Millisecond; ; pause *= 2 {
		done, err := w.store.end(ctx, r, result, failure)
		if err == nil {
			return done, nil
		}
		if !background.Pause(ctx, pause) {
			return r, errors.Join(err, ctx.Err())
		}
	}
}

// report logs a run. Failures that the operator has to fix are warnings.
func report(r Run, err error, took time.Duration) {
	level := slog.LevelInfo
	if r.Reason == string(generator.Misconfigured) || r.Reason == reasonInternal {
		level = slog.LevelWarn
	}
	slog.Log(context.Background(), level, "agent run", "tenant", r.TenantID, "environment", r.Environment, "run", r.ID,
		"agent", r.Agent,
		"status", r.Status, "attempt", r.Attempt, "generator", r.Generator, "model", r.Model, "reason", r.Reason,
		"error", err,
		"duration_ms", took.Milliseconds())
}
