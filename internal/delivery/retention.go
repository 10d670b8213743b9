package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hookline/hookline/internal/background"
	"github.com/hookline/hookline/internal/event"
)

// Retention is how long finished things are kept.
type Retention struct{ Deliveries, DeadLetters, Events time.Duration }

// Janitor deletes what is older than its retention, a little at a time.
type Janitor struct {
	*background.Routine

	store     *Store
	events    *event.Store
	retention Retention
	others    []Sweeper
}

const (
	sweepEvery = time.Minute
	sweepBatch = 500
)

// Sweeper deletes what outlived its time elsewhere. Delete deletes at most limit rows and returns how many; it is
// called until they are fewer. Name is what the log calls it.
type Sweeper struct {
	Name   string
	Delete func(ctx context.Context, limit int) (int64, error)
}

// NewJanitor makes a Janitor, which sweeps at once and then every minute, also for others.
func NewJanitor(store *Store, events *event.Store, r Retention, others ...Sweeper) *Janitor {
	j := &Janitor{store: store, events: events, retention: r, others: others}
	j.Routine = background.Every(sweepEvery, "deleting old data failed", j.Sweep)
	return j
}

// Sweep deletes everything that has outlived its retention. It runs every step: one that fails does not stop the
// others, and the error names those that failed.
func (j *Janitor) Sweep(ctx context.Context) error {
	var failed error
	for _, s := range j.steps(j.store.now()) {
		if err := s.run(ctx); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", s.name, err))
		}
	}
	return failed
}

type sweepStep struct {
	name string
	run  func(ctx context.Context) error
}

func (j *Janitor) steps(now time.Time) []sweepStep {
	finished := func(age time.Duration, states ...Status) func(ctx context.Context, _ int) (int64, error) {
		return func(ctx context.Context, _ int) (int64, error) {
			return j.store.deleteFinished(ctx, states, now.Add(-age))
		}
	}
	steps := []sweepStep{
		{"create partitions", j.store.EnsurePartitions},
		{"drop partitions", func(ctx context.Context) error { return j.store.giveUpDays(ctx, j.retention, now) }},
		{"attempts", func(ctx context.Context) error { return j.store.trim(ctx, now.Add(-j.retention.Deliveries)) }},
	}
	for _, s := range append([]Sweeper{
		{"deliveries", finished(j.retention.Deliveries, Succeeded, Cancelled)},
		{"dead letters", finished(j.retention.DeadLetters, Dead)},
		{"events", func(ctx context.Context, limit int) (int64, error) {
			return j.events.DeleteOlder(ctx, now.Add(-j.retention.Events), limit)
		}},
	}, j.others...) {
		steps = append(steps, sweepStep{s.Name, s.all})
	}
	return steps
}

// all deletes until there is nothing more to delete.
func (s Sweeper) all(ctx context.Context) error {
	for n := int64(sweepBatch); n == sweepBatch; {
		var err error
		if n, err = s.Delete(ctx, sweepBatch); err != nil {
			return err
		}
	}
	return nil
}
