package eventtype

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
)

// A process caches types for rememberFor, so that publishing reads no database. Changes by other processes take effect
// within that time without any message.
const (
	rememberFor   = time.Second
	rememberCount = 5_000
)

// Store keeps tenants' own types.
type Store struct {
	db         *db.DB
	now        clock.Clock
	most       int64
	remembered *clock.Cache[key, *Own]
	schemas    *schemas
}

type key struct {
	principal.Scope
	name string
}

// NewStore makes a Store. most is how many characters the schemas and samples of a tenant's types can have together in
// each environment, since lists return them; 0 means 4,000,000.
func NewStore(database *db.DB, now clock.Clock, most int64) *Store {
	return &Store{db: database, now: now, most: cmp.Or(most, defaultText),
		remembered: clock.NewCache[key, *Own](rememberCount, rememberFor), schemas: newSchemas()}
}

// List returns all types of a tenant. The engines sort names differently, so the order is undefined.
func (s *Store) List(ctx context.Context, scope principal.Scope) ([]Own, error) {
	var rows []Own
	err := db.Scope(s.db.Read(ctx), scope).Find(&rows).Error
	return rows, err
}

// Names returns the names of all types of a tenant.
func (s *Store) Names(ctx context.Context, scope principal.Scope) ([]string, error) {
	var names []string
	err := db.Scope(s.db.Read(ctx).Model(&Own{}), scope).Pluck("name", &names).Error
	return names, err
}

// registered reports whether a type of any tenant has a name; it is for operators, who look at all tenants.
func (s *Store) registered(ctx context.Context, name string) (bool, error) {
	var names []string
	err := s.db.Read(ctx).Model(&Own{}).Where("name = ?", name).Limit(1).Pluck("name", &names).Error
	return len(names) > 0, err
}

// Get returns a type.
func (s *Store) Get(ctx context.Context, scope principal.Scope, name string) (Own, error) {
	return take(db.Scope(s.db.Read(ctx), scope), name)
}

func take(q *gorm.DB, name string) (Own, error) {
	return db.One[Own](q.Where("name = ?", name), "event type")
}

// recent is Get through the cache, at most rememberFor old. Callers must not change the result.
func (s *Store) recent(ctx context.Context, scope principal.Scope, name string) (*Own, error) {
	k := key{scope, name}
	if o, ok := s.remembered.Get(k); ok {
		return o, nil
	}
	o, err := s.Get(ctx, scope, name)
	if err != nil {
		return nil, err
	}
	s.remembered.Add(k, &o)
	return &o, nil
}

// Create registers a type. It fails with a conflict when the name is taken or the schemas have too much text.
func (s *Store) Create(ctx context.Context, o Own) (Own, error) {
	scope := principal.Scope{TenantID: o.TenantID, Environment: o.Environment}
	o.CreatedAt = db.At(s.now())
	o.UpdatedAt = o.CreatedAt
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		if err := s.lock(tx, scope); err != nil {
			return err
		}
		var problemOf *problem.Error
		if _, err := take(db.Scope(tx, scope), o.Name); !errors.As(err, &problemOf) {
			if err == nil {
				err = problem.New(problem.Conflict,
					"You have an event type %s already. Change it with PATCH /api/v1/event-types/%s, or register %s.",
					o.Name, o.Name, next(o.Name))
			}
			return err
		}
		if err := tx.Create(&o).Error; err != nil {
			return err
		}
		if err := s.checkText(tx, scope); err != nil {
			return err
		}
		return Quota.Check(s.db, tx, o.TenantID, s.now())
	})
	if err == nil {
		s.forget(ctx, scope, o.Name)
	}
	return o, err
}

// lock serializes registrations and changes in a scope, so that the limit of the text is exact.
func (s *Store) lock(tx *gorm.DB, scope principal.Scope) error {
	return s.db.AdvisoryLock(tx, "event types "+scope.TenantID+" "+string(scope.Environment))
}

// checkText fails with a conflict when the schemas and samples of a tenant's types are too long.
func (s *Store) checkText(tx *gorm.DB, scope principal.Scope) error {
	var text int64
	err := db.Scope(tx.Model(&Own{}), scope).Select("COALESCE(SUM(LENGTH(schema_text) + LENGTH(sample)), 0)").
		Scan(&text).Error
	if err == nil && text > s.most {
		err = problem.New(problem.Conflict,
			"The schemas and samples of all your event types exceed %d characters. Reduce them.", s.most)
	}
	return err
}

// Update changes a type by edit, which may refuse, and returns it before and after.
func (s *Store) Update(ctx context.Context, scope principal.Scope, name string, edit func(*Own) error) (before,
	after Own, err error) {
	err = s.db.Tx(ctx, func(tx *gorm.DB) error {
		if err := s.lock(tx, scope); err != nil {
			return err
		}
		if before, err = take(db.Scope(tx, scope), name); err != nil {
			return err
		}
		after = before
		if err := edit(&after); err != nil {
			return err
		}
		err := db.Scope(tx.Model(&Own{}), scope).Where("name = ?", name).
			Select("group_name", "description", "schema_text", "sample", "updated_at", "deprecated_at").
			Updates(&after).Error
		if err != nil {
			return fmt.Errorf("eventtype: %w", err)
		}
		return s.checkText(tx, scope)
	})
	if err == nil {
		s.forget(ctx, scope, name)
	}
	return before, after, err
}

// Delete deletes a type unless unused, called in the same transaction, fails.
func (s *Store) Delete(ctx context.Context, scope principal.Scope, name string,
	unused func(ctx context.Context) error) (before Own, err error) {
	err = s.db.Unit(ctx, func(ctx context.Context) error {
		tx := s.db.Read(ctx)
		if err := s.lock(tx, scope); err != nil {
			return err
		}
		if before, err = take(db.Scope(tx, scope), name); err != nil {
			return err
		}
		if err := unused(ctx); err != nil {
			return err
		}
		return db.Scope(tx, scope).Where("name = ?", name).Delete(&Own{}).Error
	})
	if err == nil {
		s.forget(ctx, scope, name)
	}
	return before, err
}

// forget drops a type from this process's cache after the commit.
func (s *Store) forget(ctx context.Context, scope principal.Scope, name string) {
	db.AfterCommit(ctx, func() { s.remembered.Remove(key{scope, name}) })
}
