package alert

import (
	"context"
	"errors"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/background"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/page"
)

// Watch raises operators' alerts: it copies serious alerts of tenants, and checks the installation itself. Each worker
// process runs one; the first that detects a condition raises its alert, and the others find it open. Tenants' alerts
// are copied after their commit: in the transactions that raise them, all tenants would wait for one row.
type Watch struct {
	*background.Routine

	store  *Store
	alive  func(ctx context.Context) error              // whether Redis answers
	oldest func(ctx context.Context) (time.Time, error) // when the most overdue delivery was due

	mu       sync.Mutex
	passed   page.Cursor // the last tenant's alert that was copied
	away     time.Time   // since when this process has not reached Redis; zero while it does
	reported bool        // whether this process raised the alert about Redis
}

const (
	watchEvery = 5 * time.Second
	awayFor    = time.Minute     // no alert for a restart of Redis
	stuckFor   = 5 * time.Minute // how late a delivery must be
	lookBack   = 24 * time.Hour  // the oldest alerts that a starting process copies
	overlap    = time.Minute     // how long a transaction may take to commit after its time stamp
	passBatch  = 200
)

// NewWatch makes a Watch.
func NewWatch(store *Store, alive func(ctx context.Context) error, oldest func(ctx context.Context) (time.Time,
	error)) *Watch {
	w := &Watch{store: store, alive: alive, oldest: oldest}
	w.Routine = background.Every(watchEvery, "checking the installation failed", w.Look)
	return w
}

// Start starts the loop, unless operators have no channel that an alert could be sent to.
func (w *Watch) Start(ctx context.Context) error {
	if len(w.store.operators) == 0 {
		return nil
	}
	return w.Routine.Start(ctx)
}

// Look copies tenants' alerts and checks the installation once.
func (w *Watch) Look(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return errors.Join(w.pass(ctx), w.redis(ctx), w.moving(ctx))
}

// pass raises operators' alerts for the serious alerts of tenants since the last look.
func (w *Watch) pass(ctx context.Context) error {
	start := w.store.now()
	from := page.Cursor{At: start.Add(-lookBack)}
	if w.passed.At.After(from.At) {
		from = w.passed
	}
	for {
		var rows []Alert
		err := w.store.db.Read(ctx).
			Where("(created_at, id) > (?, ?) AND tenant_id <> '' AND condition IN ? AND resolved_at IS NULL",
				db.At(from.At), from.ID, serious).
			Order("created_at, id").Limit(passBatch).Find(&rows).Error
		if err != nil {
			return err
		}
		if err := w.store.passOn(ctx, rows); err != nil {
			return err
		}
		if len(rows) < passBatch {
			w.passed = page.Cursor{At: start.Add(-overlap)}
			return nil
		}
		last := rows[len(rows)-1]
		from = page.Cursor{At: last.CreatedAt.Time, ID: last.ID}
	}
}

// passOn raises those operators' alerts that don't exist yet.
func (s *Store) passOn(ctx context.Context, rows []Alert) error {
	if len(rows) == 0 {
		return nil
	}
	var keys, raised []string
	byKey := map[string]Alert{}
	for _, r := range rows {
		a := operatorAlert(r)
		if _, known := byKey[a.Key]; !known {
			keys, byKey[a.Key] = append(keys, a.Key), a
		}
	}
	err := s.db.Read(ctx).Model(&Alert{}).Where("tenant_id = '' AND environment = '' AND key IN ?", keys).
		Pluck("key", &raised).Error
	if err != nil {
		return err
	}
	for _, k := range raised {
		delete(byKey, k)
	}
	for _, k := range keys {
		if a, missing := byKey[k]; missing {
			if err := s.db.Tx(ctx, func(tx *gorm.DB) error { return s.raise(tx, a) }); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *Watch) redis(ctx context.Context) error {
	ping, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	err := w.alive(ping)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	now := w.store.now()
	switch {
	case err == nil:
		ours := w.reported
		w.away, w.reported = time.Time{}, false
		return w.store.resolveSystem(ctx, RedisAway, ours)
	case w.away.IsZero():
		w.away = now
	case now.Sub(w.away) >= awayFor:
		w.reported = true
		return w.store.raiseSystem(ctx, RedisAway, w.away, now)
	}
	return nil
}

func (w *Watch) moving(ctx context.Context) error {
	since, err := w.oldest(ctx)
	if err != nil {
		return err
	}
	now := w.store.now()
	switch {
	case since.IsZero() || now.Sub(since) < stuckFor/2:
		return w.store.resolveSystem(ctx, Stuck, true)
	case now.Sub(since) >= stuckFor:
		return w.store.raiseSystem(ctx, Stuck, since, now)
	}
	return nil // between the two limits the alert stays as it is
}

// raiseSystem raises the alert of a condition of the installation unless one is open.
func (s *Store) raiseSystem(ctx context.Context, condition string, since, now time.Time) error {
	open, err := s.openSystemAlerts(ctx, condition)
	if err != nil || len(open) > 0 {
		return err
	}
	return s.db.Tx(ctx, func(tx *gorm.DB) error { return s.raise(tx, systemAlert(condition, since, now)) })
}

// resolveSystem resolves the open alerts of a condition of the installation and notifies operators. An alert that this
// process did not raise (ours is false) may come from a process that alone can't reach Redis, so it is resolved only
// when it is so old that its process must have ended.
func (s *Store) resolveSystem(ctx context.Context, condition string, ours bool) error {
	open, err := s.openSystemAlerts(ctx, condition)
	if err != nil {
		return err
	}
	for _, a := range open {
		if !ours && s.now().Sub(a.CreatedAt.Time) < notifyEvery {
			continue
		}
		err := s.db.Tx(ctx, func(tx *gorm.DB) error {
			result := tx.Model(&Alert{}).Where("id = ? AND resolved_at IS NULL", a.ID).
				Update("resolved_at", db.At(s.now()))
			if result.Error != nil || result.RowsAffected == 0 {
				return result.Error
			}
			return s.notify(tx, a, Resolved, condition)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// openSystemAlerts returns the open alerts of a condition of the installation.
func (s *Store) openSystemAlerts(ctx context.Context, condition string) ([]Alert, error) {
	var open []Alert
	err := s.db.Read(ctx).Where("subject = ? AND tenant_id = '' AND resolved_at IS NULL", condition).Find(&open).Error
	return open, err
}
