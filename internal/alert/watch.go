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

// Watch raises operators' alerts: it passes on what is serious in tenants, and looks after the installation itself. Each
// worker process runs one; whoever sees a condition first raises its alert, and the others find it raised. Tenants'
// alerts are rows already and are passed on from there: in the transactions that make them, all tenants would wait for
// one row.
type Watch struct {
	*background.Routine

	store  *Store
	alive  func(ctx context.Context) error              // whether Redis answers
	oldest func(ctx context.Context) (time.Time, error) // when the delivery that is overdue the longest was due

	mu     sync.Mutex
	passed page.Cursor // up to where tenants' alerts were passed on
	away   time.Time   // since when Redis has not answered this process; zero while it does
	told   bool        // that it does not
}

const (
	watchEvery = 5 * time.Second
	awayFor    = time.Minute     // Redis may restart without anybody being told
	stuckFor   = 5 * time.Minute // late by so much is worth a message, whether nothing moves or the line is long
	lookBack   = 24 * time.Hour  // how old alerts a process that starts passes on
	overlap    = time.Minute     // a transaction may take as long to commit what it stamped before
	passBatch  = 200
)

// NewWatch makes a Watch.
func NewWatch(store *Store, alive func(ctx context.Context) error, oldest func(ctx context.Context) (time.Time, error)) *Watch {
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

// Look passes on and looks after everything once.
func (w *Watch) Look(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return errors.Join(w.pass(ctx), w.redis(ctx), w.moving(ctx))
}

// pass raises operators' alerts for the serious ones of tenants since the last look.
func (w *Watch) pass(ctx context.Context) error {
	start := w.store.now()
	from := page.Cursor{At: start.Add(-lookBack)}
	if w.passed.At.After(from.At) {
		from = w.passed
	}
	for {
		var rows []Alert
		err := w.store.db.Read(ctx).Where("(created_at, id) > (?, ?) AND tenant_id <> '' AND condition IN ? AND resolved_at IS NULL", db.At(from.At), from.ID, serious).
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

// passOn raises those operators' alerts that are not raised yet.
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
	err := s.db.Read(ctx).Model(&Alert{}).Where("tenant_id = '' AND environment = '' AND key IN ?", keys).Pluck("key", &raised).Error
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
		ours := w.told
		w.away, w.told = time.Time{}, false
		return w.store.over(ctx, RedisAway, ours)
	case w.away.IsZero():
		w.away = now
	case now.Sub(w.away) >= awayFor:
		w.told = true
		return w.store.ail(ctx, RedisAway, w.away, now)
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
		return w.store.over(ctx, Stuck, true)
	case now.Sub(since) >= stuckFor:
		return w.store.ail(ctx, Stuck, since, now)
	}
	return nil // neither is worth a message yet
}

// ail raises the alert of a condition of the installation unless it is raised.
func (s *Store) ail(ctx context.Context, condition string, since, now time.Time) error {
	open, err := s.ailing(ctx, condition)
	if err != nil || len(open) > 0 {
		return err
	}
	return s.db.Tx(ctx, func(tx *gorm.DB) error { return s.raise(tx, systemAlert(condition, since, now)) })
}

// over ends the alert of a condition of the installation and tells of that, once. One that is not ours is another
// process's, which may be cut off alone; that it is old says that this process ended.
func (s *Store) over(ctx context.Context, condition string, ours bool) error {
	open, err := s.ailing(ctx, condition)
	if err != nil {
		return err
	}
	for _, a := range open {
		if !ours && s.now().Sub(a.CreatedAt.Time) < toldEvery {
			continue
		}
		err := s.db.Tx(ctx, func(tx *gorm.DB) error {
			result := tx.Model(&Alert{}).Where("id = ? AND resolved_at IS NULL", a.ID).Update("resolved_at", db.At(s.now()))
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

// ailing is the alert of a condition of the installation that is not over.
func (s *Store) ailing(ctx context.Context, condition string) ([]Alert, error) {
	var open []Alert
	err := s.db.Read(ctx).Where("subject = ? AND tenant_id = '' AND resolved_at IS NULL", condition).Find(&open).Error
	return open, err
}
