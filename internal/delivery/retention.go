package delivery

import (
	"context"
	"time"

	"github.com/hookline/hookline/internal/background"
	"github.com/hookline/hookline/internal/event"
)

// Retention is how long finished things are kept.
type Retention struct{ Deliveries, DeadLetters, Events time.Duration }

// Janitor deletes what is older than its retention, a little at a time.
type Janitor struct {
	store     *Store
	events    *event.Store
	retention Retention
	others    []sweeper
	routine   background.Routine
}

const (
	sweepEvery = time.Minute
	sweepBatch = 500
)

// sweeper deletes at most limit things that outlived their time, and returns how many.
type sweeper func(ctx context.Context, limit int) (int64, error)

// NewJanitor makes a Janitor, which also sweeps for others; Start starts it.
func NewJanitor(store *Store, events *event.Store, r Retention, others ...sweeper) *Janitor {
	return &Janitor{store: store, events: events, retention: r, others: others}
}

// Start begins to sweep, at once and then every minute.
func (j *Janitor) Start() {
	j.routine.StartEvery(sweepEvery, "deleting old data failed", j.Sweep)
}

// Stop ends sweeping.
func (j *Janitor) Stop() { j.routine.Stop() }

// Sweep deletes everything that has outlived its retention.
func (j *Janitor) Sweep(ctx context.Context) error {
	now := j.store.now()
	if err := j.store.EnsurePartitions(ctx); err != nil {
		return err
	}
	if err := j.store.giveUpDays(ctx, j.retention, now); err != nil {
		return err
	}
	if err := j.store.trim(ctx, now.Add(-j.retention.Deliveries)); err != nil {
		return err
	}
	steps := []func() (int64, error){
		func() (int64, error) {
			return j.store.deleteFinished(ctx, []Status{Succeeded, Cancelled}, now.Add(-j.retention.Deliveries))
		},
		func() (int64, error) {
			return j.store.deleteFinished(ctx, []Status{Dead}, now.Add(-j.retention.DeadLetters))
		},
		func() (int64, error) { return j.events.DeleteOlder(ctx, now.Add(-j.retention.Events), sweepBatch) },
	}
	for _, sweep := range j.others {
		steps = append(steps, func() (int64, error) { return sweep(ctx, sweepBatch) })
	}
	for _, step := range steps {
		for n := int64(sweepBatch); n == sweepBatch; {
			var err error
			if n, err = step(); err != nil {
				return err
			}
		}
	}
	return nil
}
