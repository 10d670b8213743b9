// Package retention deletes what has outlived its time, and makes the partitions of the days to come.
//
// The three logs go by whole days (UTC) of their ids: a row goes when it is old enough and the day on which it was made
// is old enough, too. On PostgreSQL, where each day is a partition of each log, a day of which nothing must stay is
// dropped, and one of which little must stay is rewritten; on SQLite, and where much stays, rows are deleted in small
// transactions. There is no index on the age of rows: the order of ids is the order of time.
//
// Longer than their retention stay: deliveries that are not over; the newest 100 deliveries of each endpoint of the
// profile inboxops; events that are not fanned out; and events of which a delivery has a row.
package retention

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hookline/hookline/internal/background"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
)

// Retention is how long finished deliveries, dead letters and events are kept.
type Retention struct{ Deliveries, DeadLetters, Events time.Duration }

// Sweeper deletes what outlived its time elsewhere. Delete deletes at most limit rows and returns how many; it is
// called until they are fewer. Name is what the log calls it.
type Sweeper struct {
	Name   string
	Delete func(ctx context.Context, limit int) (int64, error)
}

// Janitor deletes what is older than its retention, a little at a time.
type Janitor struct {
	*background.Routine

	db        *db.DB
	now       clock.Clock
	retention Retention
	others    []Sweeper
	cleared   time.Time // when it went through the logs to their end
}

const (
	sweepEvery = time.Minute
	// clearEvery is how often it goes through the logs, of which more becomes old enough at midnight than later.
	clearEvery = time.Hour
	// sweepBatch is how many rows a transaction deletes.
	sweepBatch = 500
)

// NewJanitor makes a Janitor, which sweeps at once and then every minute, also for others.
func NewJanitor(database *db.DB, now clock.Clock, r Retention, others ...Sweeper) *Janitor {
	j := &Janitor{db: database, now: now, retention: r, others: others}
	j.Routine = background.Every(sweepEvery, "deleting old data failed", j.Sweep)
	return j
}

// Sweep deletes everything that has outlived its retention. It runs every step: one that fails does not stop the
// others, and the error names those that failed.
func (j *Janitor) Sweep(ctx context.Context) error {
	var failed error
	for _, s := range j.steps() {
		if err := s.run(ctx); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", s.name, err))
		}
	}
	return failed
}

type step struct {
	name string
	run  func(ctx context.Context) error
}

func (j *Janitor) steps() []step {
	steps := []step{
		{"create partitions", func(ctx context.Context) error { return event.EnsurePartitions(ctx, j.db) }},
		{"logs", j.clearLogs},
	}
	for _, s := range j.others {
		steps = append(steps, step{s.Name, s.all})
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

// clearLogs deletes old deliveries, attempts and events, once an hour. What could not be done without waiting for
// others is tried again at the next sweep.
func (j *Janitor) clearLogs(ctx context.Context) error {
	now := j.now()
	if since := now.Sub(j.cleared); since >= 0 && since < clearEvery {
		return nil
	}
	c := newClearing(j.db, j.retention, now)
	if err := c.readKeepers(ctx); err != nil {
		return err
	}
	whole := true
	var err error
	if j.db.Postgres() {
		whole, err = c.days(ctx)
	} else {
		err = c.rows(ctx)
	}
	if whole && err == nil {
		j.cleared = now
	}
	return err
}
