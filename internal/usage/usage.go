// Package usage counts the calls of tenants by day, key and status. A call costs an increment in memory and no SQL:
// counts are added to the database every few seconds and when the process stops, so a process that is killed loses
// those of its last seconds. They are statistics, not a basis for billing; credits are.
package usage

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/hookline/hookline/internal/background"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/principal"
)

// Lifetime is how long counts are stored: longer than the longest range of a query.
const Lifetime = 400 * 24 * time.Hour

const (
	flushEvery   = 5 * time.Second
	flushTimeout = 10 * time.Second
	// Distinct counts in memory: from early on they are flushed ahead of time, and at most ever are kept. More than
	// that come together only when the database does not take them.
	early = 5_000
	most  = 20_000
)

// Count is a row of usage_counts.
type Count struct {
	TenantID    string
	Environment principal.Environment
	Day         string // 2026-11-21, UTC
	KeyID       string
	Status      int
	Calls       int64
}

// TableName implements GORM's Tabler.
func (Count) TableName() string { return "usage_counts" }

// name is a Count without its Calls.
type name struct {
	tenantID    string
	environment principal.Environment
	day         string
	keyID       string
	status      int
}

type adder interface {
	Add(ctx context.Context, counts []Count) error
}

// Counter collects counts and flushes them.
type Counter struct {
	loop  *background.Routine
	store adder
	now   clock.Clock
	early chan struct{}

	mu     sync.Mutex
	counts map[name]int64
	lost   int64 // calls that found no room
}

// NewCounter makes a Counter, which flushes periodically from Start on.
func NewCounter(store adder, now clock.Clock) *Counter {
	c := &Counter{store: store, now: now, early: make(chan struct{}, 1), counts: map[name]int64{}}
	c.loop = background.New(c.run)
	return c
}

// Answered counts a completed call. Calls of operators, of strangers and of the dashboard's pages are not
// counted.
func (c *Counter) Answered(p principal.Principal, status int) {
	if p.TenantID == "" || p.SessionID != "" {
		return
	}
	n := name{p.TenantID, p.Environment, dayOf(c.now()), p.KeyID, status}
	c.mu.Lock()
	c.add(n, 1)
	due := len(c.counts) >= early
	c.mu.Unlock()
	if due {
		select {
		case c.early <- struct{}{}:
		default:
		}
	}
}

func (c *Counter) add(n name, calls int64) {
	if _, known := c.counts[n]; !known && len(c.counts) >= most {
		c.lost += calls
		return
	}
	c.counts[n] += calls
}

func dayOf(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// Start starts the periodic flushes.
func (c *Counter) Start(ctx context.Context) error { return c.loop.Start(ctx) }

// Stop stops the loop and flushes the rest, until ctx ends. It is called after the last call.
func (c *Counter) Stop(ctx context.Context) error {
	return errors.Join(c.loop.Stop(ctx), c.Flush(ctx))
}

func (c *Counter) run(ctx context.Context) {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-c.early:
		}
		c.tryFlush(ctx)
	}
}

// tryFlush completes a running flush when the loop stops: cancelled in mid-commit, it would count calls twice.
func (c *Counter) tryFlush(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTimeout)
	defer cancel()
	if err := c.Flush(ctx); err != nil {
		slog.Warn("counts of calls were not stored; will retry", "error", err)
	}
}

// Flush adds the counts to the database. When that fails they stay for the next flush.
func (c *Counter) Flush(ctx context.Context) error {
	c.mu.Lock()
	taken, lost := c.counts, c.lost
	c.counts, c.lost = map[name]int64{}, 0
	c.mu.Unlock()
	if lost > 0 {
		slog.Warn("the usage counter is full; a call was not counted", "lost", lost)
	}
	if len(taken) == 0 {
		return nil
	}
	err := c.store.Add(ctx, sorted(taken))
	if err != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		for n, calls := range taken {
			c.add(n, calls)
		}
	}
	return err
}

// sorted returns counts in the same order in all processes, so that concurrent flushes of the same counts don't
// deadlock.
func sorted(counts map[name]int64) []Count {
	rows := make([]Count, 0, len(counts))
	for n, calls := range counts {
		rows = append(rows, Count{TenantID: n.tenantID, Environment: n.environment, Day: n.day, KeyID: n.keyID,
			Status: n.status, Calls: calls})
	}
	slices.SortFunc(rows, func(a, b Count) int {
		return cmp.Or(cmp.Compare(a.TenantID, b.TenantID), cmp.Compare(a.Environment, b.Environment), cmp.Compare(a.Day,
			b.Day),
			cmp.Compare(a.KeyID, b.KeyID), cmp.Compare(a.Status, b.Status))
	})
	return rows
}
