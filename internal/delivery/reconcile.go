package delivery

import (
	"context"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/hookline/hookline/internal/background"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/queue"
)

// Reconciler makes SQL's truth happen whatever became of hints, tasks and workers: events without deliveries are
// fanned out, deliveries that the queue has not moved on are put back on it, attempts without a worker are given up.
// Each worker process runs one; they don't disturb each other.
type Reconciler struct {
	*background.Routine

	dispatcher *Dispatcher
	queue      *queue.Queue
	alive      func(context.Context) error
	strayed    time.Time // when a line was looked through last
	forgotten  []string  // dead letters that Redis is yet to be told of again
}

const (
	reconcileEvery = 500 * time.Millisecond
	reconcileBatch = 500
	// fanoutGrace is how long the hook has to fan an event out. It only has to be longer than a fan-out takes: one
	// that is done twice at once is done once.
	fanoutGrace = time.Second
	runCount    = 8 // Redis round trips under way
	// strayEvery is how often all of a line is looked through for what does not stand in it.
	strayEvery = 5 * time.Second
)

// NewReconciler makes a Reconciler; alive says whether Redis answers.
func NewReconciler(d *Dispatcher, q *queue.Queue, alive func(context.Context) error) *Reconciler {
	r := &Reconciler{dispatcher: d, queue: q, alive: alive}
	r.Routine = background.Every(reconcileEvery, "reconciling failed", r.tick)
	return r
}

// tick runs every step; a failing step is logged and does not stop the others.
func (r *Reconciler) tick(ctx context.Context) error {
	for name, step := range map[string]func(context.Context) error{"events": r.events, "deliveries": r.deliveries,
		"archive": r.rearchive} {
		if err := step(ctx); err != nil && ctx.Err() == nil {
			slog.Warn("reconciling failed; it is tried again", "what", name, "error", err)
		}
	}
	return nil
}

func (r *Reconciler) events(ctx context.Context) error {
	for {
		keys, err := r.dispatcher.events.Undispatched(ctx, r.dispatcher.store.now().Add(-fanoutGrace), reconcileBatch)
		if err != nil || len(keys) == 0 {
			return err
		}
		if err := r.fanOut(ctx, keys); err != nil {
			return err
		}
		if len(keys) < reconcileBatch {
			return nil
		}
	}
}

// fanOut falls back to one event at a time, so that an event that can't be fanned out holds up no other.
func (r *Reconciler) fanOut(ctx context.Context, keys []event.Key) error {
	err := r.dispatcher.FanOut(ctx, keys)
	if err == nil || len(keys) == 1 {
		return err
	}
	var failed error
	for _, k := range keys {
		if single := r.dispatcher.FanOut(ctx, []event.Key{k}); single != nil {
			slog.Error("an event can't be fanned out", "event", k.ID, "tenant", k.TenantID, "error", single)
			failed = single
		}
	}
	return failed // those are looked at again at the next tick, not at once
}

func (r *Reconciler) deliveries(ctx context.Context) error {
	ping, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := r.alive(ping); err != nil {
		return err // nothing is due on a schedule that is away; SQL keeps it all
	}
	if err := r.remember(ctx); err != nil {
		return err
	}
	oldest, err := r.dispatcher.store.OldestWaiting(ctx)
	now := r.dispatcher.store.now()
	if err != nil || oldest.IsZero() || oldest.After(now) {
		return err
	}
	behind, err := r.queue.Latency() // what stands in line is not lost
	if err != nil {
		return err
	}
	strays := behind > 0 && now.Sub(r.strayed) >= strayEvery
	if strays {
		r.strayed = now
	}
	for {
		overdue, err := r.dispatcher.store.Overdue(ctx, now.Add(-behind), strays, reconcileBatch)
		if err != nil || len(overdue) == 0 {
			return err
		}
		slog.Debug("deliveries were overdue", "count", len(overdue))
		g, gctx := errgroup.WithContext(ctx)
		g.SetLimit(runCount)
		for _, d := range overdue {
			lane := queue.Slow
			if d.Admission != Admitted {
				lane = r.dispatcher.lines.of(d.TenantID)
			}
			g.Go(func() error { return r.queue.Run(gctx, lane, d.ID) })
		}
		if err := g.Wait(); err != nil {
			return err
		}
		if len(overdue) < reconcileBatch {
			return nil
		}
	}
}

// remember notices that Redis lost its memory, and then has every waiting delivery looked at as soon as it is due.
func (r *Reconciler) remember(ctx context.Context) error {
	known, err := r.queue.HasMemory(ctx)
	if err != nil || known {
		return err
	}
	slog.Info("Redis knows nothing of us; the schedule is rebuilt from the database")
	if err := r.queue.Register(ctx); err != nil {
		return err
	}
	if err := r.dispatcher.store.Recall(ctx); err != nil {
		return err
	}
	if r.forgotten, err = r.dispatcher.store.NewestDead(ctx, archiveSize); err != nil {
		return err
	}
	return r.queue.MarkMemory(ctx)
}
