package content

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/hookline/hookline/internal/background"
)

// scheduler is the queue as a Schedule uses it.
type scheduler interface {
	Alive(ctx context.Context) error
	EnqueueAgent(ctx context.Context, runID string, timeout time.Duration) error
	RunAgent(ctx context.Context, runID string, timeout time.Duration) error
}

// Schedule enqueues runs: new ones at once, and those that the queue or a worker lost after their deadline. Each
// process has one; they don't interfere.
type Schedule struct {
	store   *Store
	queue   scheduler
	timeout time.Duration
	created *background.Routine
	overdue *background.Routine
}

const (
	lookEvery = time.Second
	lookBatch = 200
	// taskMargin is the time that a task may take in addition to the generator.
	taskMargin = 30 * time.Second
)

// NewSchedule makes a Schedule; limit is how long the generator may take.
func NewSchedule(store *Store, q scheduler, limit time.Duration) *Schedule {
	s := &Schedule{store: store, queue: q, timeout: limit + taskMargin}
	s.created = background.New(s.enqueue)
	s.overdue = background.Every(lookEvery, "looking for overdue agent runs failed", s.remind)
	return s
}

// Start starts both loops.
func (s *Schedule) Start(ctx context.Context) error {
	return errors.Join(s.created.Start(ctx), s.overdue.Start(ctx))
}

// Stop stops both loops and waits for them to exit, until ctx ends.
func (s *Schedule) Stop(ctx context.Context) error {
	return errors.Join(s.created.Stop(ctx), s.overdue.Stop(ctx))
}

func (s *Schedule) enqueue(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case runID := <-s.store.created:
			if err := s.queue.EnqueueAgent(ctx, runID, s.timeout); err != nil {
				slog.Debug("enqueueing an agent run failed; will retry", "run", runID, "error", err)
			}
		}
	}
}

func (s *Schedule) remind(ctx context.Context) error {
	if err := s.queue.Alive(ctx); err != nil {
		return err // the database keeps them
	}
	ids, err := s.store.overdue(ctx, lookBatch)
	if err != nil {
		return err
	}
	for _, runID := range ids {
		if err := s.queue.RunAgent(ctx, runID, s.timeout); err != nil {
			return err
		}
	}
	return nil
}
