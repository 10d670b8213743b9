package usage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/hookline/hookline/internal/background"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/plan"
	"github.com/hookline/hookline/internal/problem"
)

// mostMetered is how many tenants a Meter knows at a time. Others are known again after their next bytes were stored.
const mostMetered = 50_000

// Bytes is a row of stored_bytes: what a tenant stored on a day.
type Bytes struct {
	TenantID string
	Day      string // 2026-11-21, UTC
	Bytes    int64
}

// TableName implements GORM's Tabler.
func (Bytes) TableName() string { return "stored_bytes" }

type byteStore interface {
	AddBytes(ctx context.Context, rows []Bytes) ([]Bytes, error)
	BytesOf(ctx context.Context, day string, limit int) ([]Bytes, error)
}

// Meter holds tenants to their quota of stored bytes a day (UTC). It decides in memory, so a request costs no SQL and
// no Redis: it knows what all processes stored until the last flush, and what this one stored since. Between two
// flushes, which are some seconds, several processes together may let a tenant store more.
type Meter struct {
	loop  *background.Routine
	store byteStore
	now   clock.Clock

	flushing sync.Mutex // one flush at a time: they add the same bytes, and the latest sum must be read last

	mu      sync.Mutex
	day     string
	tenants map[string]*metered
}

// metered is the bytes of a tenant today.
type metered struct {
	before int64 // in the database, when it was last read
	fresh  int64 // of this process, not yet in the database; negative when a stored request failed after a flush
}

// NewMeter makes a Meter, which reads and flushes periodically from Start on.
func NewMeter(store byteStore, now clock.Clock) *Meter {
	m := &Meter{store: store, now: now, tenants: map[string]*metered{}}
	m.loop = background.Every(flushEvery, "storing the counts of bytes failed", m.tick)
	return m
}

// Start reads the day's bytes, so that a restart frees no quota, and starts the periodic flushes.
func (m *Meter) Start(ctx context.Context) error {
	if err := m.load(ctx); err != nil {
		slog.Warn("the day's counts of bytes could not be read; tenants over their quota may store until the next flush",
			"error", err)
	}
	return m.loop.Start(ctx)
}

// Stop stops the loop and flushes the rest, until ctx ends. It is called after the last call.
func (m *Meter) Stop(ctx context.Context) error { return errors.Join(m.loop.Stop(ctx), m.Flush(ctx)) }

// tick completes a running flush when the loop stops: cancelled in mid-commit, it would count bytes twice.
func (m *Meter) tick(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTimeout)
	defer cancel()
	return m.Flush(ctx)
}

func (m *Meter) load(ctx context.Context) error {
	day := dayOf(m.now())
	rows, err := m.store.BytesOf(ctx, day, mostMetered)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, row := range rows {
		m.of(row.TenantID, day).before = row.Bytes
	}
	return nil
}

// of returns the bytes of a tenant on a day, which is today: those of yesterday no longer matter.
func (m *Meter) of(tenantID, day string) *metered {
	if m.day != day {
		m.day, m.tenants = day, map[string]*metered{}
	}
	t := m.tenants[tenantID]
	if t == nil {
		t = &metered{}
		m.tenants[tenantID] = t
	}
	return t
}

// Reserve counts bytes that a tenant is about to store, unless that exceeds its quota: then it fails with a problem.
// The caller calls release when they are not stored after all.
func (m *Meter) Reserve(tenantID string, n, quota int64) (release func(), err error) {
	day := dayOf(m.now())
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.of(tenantID, day)
	if used := t.before + t.fresh; used+n > quota {
		return nil, problem.OverQuota(problem.Quota{Name: string(plan.StoredBytes), Limit: quota, Used: used},
			fmt.Sprintf("This plan allows %d stored bytes a day (UTC); the tenant has %d, and this request has %d. "+
				"Send it tomorrow, or ask for a larger plan.", quota, used, n))
	}
	t.fresh += n
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.day == day {
			m.of(tenantID, day).fresh -= n
		}
	}, nil
}

// Used returns the bytes that a tenant stored today, as far as this process knows.
func (m *Meter) Used(_ context.Context, tenantID string) (int64, error) {
	day := dayOf(m.now())
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.of(tenantID, day)
	return t.before + t.fresh, nil
}

// Flush adds the bytes of this process to the database and reads what all processes stored. When that fails they stay
// for the next flush.
func (m *Meter) Flush(ctx context.Context) error {
	m.flushing.Lock()
	defer m.flushing.Unlock()
	rows := m.fresh()
	if len(rows) == 0 {
		return nil
	}
	totals, err := m.store.AddBytes(ctx, rows)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.day != rows[0].Day {
		return nil
	}
	for _, row := range rows {
		m.of(row.TenantID, row.Day).fresh -= row.Bytes
	}
	for _, row := range totals {
		m.of(row.TenantID, row.Day).before = row.Bytes
	}
	return nil
}

// fresh returns what is not yet in the database, in the same order in all processes, so that concurrent flushes don't
// deadlock. When there are too many tenants it forgets those that have nothing.
func (m *Meter) fresh() []Bytes {
	m.mu.Lock()
	defer m.mu.Unlock()
	var rows []Bytes
	for tenantID, t := range m.tenants {
		switch {
		case t.fresh != 0:
			rows = append(rows, Bytes{TenantID: tenantID, Day: m.day, Bytes: t.fresh})
		case len(m.tenants) > mostMetered:
			delete(m.tenants, tenantID)
		}
	}
	slices.SortFunc(rows, func(a, b Bytes) int { return cmp.Compare(a.TenantID, b.TenantID) })
	return rows
}
