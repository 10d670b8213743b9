package lead

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
)

// Store keeps leads.
type Store struct {
	db     *db.DB
	outbox *event.Outbox
	now    clock.Clock
}

// NewStore makes a Store.
func NewStore(database *db.DB, outbox *event.Outbox, now clock.Clock) *Store {
	return &Store{db: database, outbox: outbox, now: now}
}

// Filter narrows a list; empty texts don't.
type Filter struct{ Email, Status, Source string }

func scoped(q *gorm.DB, scope principal.Scope) *gorm.DB {
	return q.Where("tenant_id = ? AND environment = ?", scope.TenantID, scope.Environment)
}

// List returns one page of leads, newest first, and how many there are.
func (s *Store) List(ctx context.Context, scope principal.Scope, p page.Page, f Filter) ([]Lead, int64, error) {
	if err := scope.Check(); err != nil {
		return nil, 0, err
	}
	q := scoped(s.db.Read(ctx), scope)
	q = db.Matching(q, map[string]string{"email": f.Email, "status": f.Status, "source": f.Source})
	return db.Numbered[Lead](q, p)
}

// Get returns a lead.
func (s *Store) Get(ctx context.Context, scope principal.Scope, leadID string) (Lead, error) {
	if err := scope.Check(); err != nil {
		return Lead{}, err
	}
	return take(scoped(s.db.Read(ctx), scope), leadID)
}

func take(q *gorm.DB, leadID string) (Lead, error) {
	var l Lead
	err := q.Where("id = ?", leadID).Take(&l).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return l, problem.Missing("lead")
	}
	return l, err
}

// Create adds a lead and fires lead.created.
func (s *Store) Create(ctx context.Context, scope principal.Scope, f Fields) (Lead, error) {
	if err := scope.Check(); err != nil {
		return Lead{}, err
	}
	now := db.At(s.now())
	l := Lead{
		ID: id.New(id.Lead), TenantID: scope.TenantID, Environment: scope.Environment,
		Fields: f, CreatedAt: now, UpdatedAt: now,
	}
	err := s.outbox.Tx(ctx, func(tx *event.Tx) error {
		if err := tx.Create(&l).Error; err != nil {
			return err
		}
		return tx.Emit(scope, Created, l.Data())
	})
	return l, err
}

// Update changes a lead by edit and fires lead.updated, unless edit changes nothing. Updates of one lead take turns,
// so each event's old values are those before it.
func (s *Store) Update(ctx context.Context, scope principal.Scope, leadID string, edit func(*Fields)) (Lead, error) {
	if err := scope.Check(); err != nil {
		return Lead{}, err
	}
	var l Lead
	err := s.outbox.Tx(ctx, func(tx *event.Tx) error {
		var err error
		if l, err = take(s.db.Locked(scoped(tx.DB, scope)), leadID); err != nil {
			return err
		}
		before := l.Fields
		edit(&l.Fields)
		changes := Diff(before, l.Fields)
		if len(changes) == 0 {
			return nil
		}
		l.UpdatedAt = db.At(s.now())
		columns := map[string]any{"updated_at": l.UpdatedAt}
		for name, c := range changes {
			columns[name] = c.New
		}
		if err := scoped(tx.Model(&Lead{}), scope).Where("id = ?", leadID).Updates(columns).Error; err != nil {
			return err
		}
		data := l.Data()
		data["changes"] = changes
		return tx.Emit(scope, Updated, data)
	})
	return l, err
}

// Delete removes a lead.
func (s *Store) Delete(ctx context.Context, scope principal.Scope, leadID string) error {
	if err := scope.Check(); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(tx *gorm.DB) error {
		result := scoped(tx, scope).Where("id = ?", leadID).Delete(&Lead{})
		if result.Error == nil && result.RowsAffected == 0 {
			return problem.Missing("lead")
		}
		return result.Error
	})
}
