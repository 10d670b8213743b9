package lead

import (
	"context"
	"errors"
	"slices"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/search"
)

// words finds leads by their words.
const words = search.Kind("lead")

// Store stores leads.
type Store struct {
	db     *db.DB
	outbox *event.Outbox
	now    clock.Clock
}

// NewStore makes a Store.
func NewStore(database *db.DB, outbox *event.Outbox, now clock.Clock) *Store {
	return &Store{db: database, outbox: outbox, now: now}
}

// List returns one page of leads, in the order that the filter names, and how many there are.
func (s *Store) List(ctx context.Context, scope principal.Scope, p page.Page, f Filter) ([]Lead, int64, error) {
	return db.PaginateBy[Lead](f.narrow(s.db.Read(ctx), scope), p, f.order())
}

// Get returns a lead.
func (s *Store) Get(ctx context.Context, scope principal.Scope, leadID string) (Lead, error) {
	return take(db.Scope(s.db.Read(ctx), scope), leadID)
}

func take(q *gorm.DB, leadID string) (Lead, error) {
	return db.One[Lead](q.Where("id = ?", leadID), "lead")
}

// Create adds a lead and fires lead.created.
func (s *Store) Create(ctx context.Context, scope principal.Scope, f Fields) (l Lead, err error) {
	err = s.outbox.Tx(ctx, func(tx *event.Tx) error {
		l, err = s.insert(tx, scope, f)
		return err
	})
	return l, err
}

func (s *Store) row(scope principal.Scope, f Fields) Lead {
	now := db.At(s.now())
	return Lead{
		ID: id.New(id.Lead), TenantID: scope.TenantID, Environment: scope.Environment,
		Fields: f, EmailKey: emailKey(f.Email), CreatedAt: now, UpdatedAt: now,
	}
}

func (s *Store) insert(tx *event.Tx, scope principal.Scope, f Fields) (Lead, error) {
	l := s.row(scope, f)
	if err := tx.Create(&l).Error; err != nil {
		return l, taken(err)
	}
	if err := words.Add(tx.DB, scope, l.item()); err != nil {
		return l, err
	}
	return l, tx.Emit(scope, Created, l.Data())
}

// taken turns the violation of the unique index into a problem.
func taken(err error) error {
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return problem.New(problem.Conflict,
			"Another lead has this external_id. Change that one, or send another external_id.")
	}
	return err
}

// Update changes a lead by edit and fires lead.updated, unless edit changes nothing. Updates of one lead take turns,
// so each event's old values are those before it.
func (s *Store) Update(ctx context.Context, scope principal.Scope, leadID string, edit func(*Fields)) (l Lead,
	err error) {
	err = s.outbox.Tx(ctx, func(tx *event.Tx) error {
		if l, err = take(s.db.ForUpdate(db.Scope(tx.DB, scope)), leadID); err != nil {
			return err
		}
		return s.change(tx, scope, &l, edit)
	})
	return l, err
}

// change edits a lead whose row is locked.
func (s *Store) change(tx *event.Tx, scope principal.Scope, l *Lead, edit func(*Fields)) error {
	before := l.Fields
	edit(&l.Fields)
	changes := Diff(before, l.Fields)
	if len(changes) == 0 {
		return nil
	}
	l.UpdatedAt, l.EmailKey = db.At(s.now()), emailKey(l.Email)
	columns := map[string]any{"updated_at": l.UpdatedAt, "email_key": l.EmailKey}
	for name, c := range changes {
		columns[name] = c.New
	}
	if err := db.Scope(tx.Model(&Lead{}), scope).Where("id = ?", l.ID).Updates(columns).Error; err != nil {
		return taken(err)
	}
	if slices.ContainsFunc(found, func(field string) bool { _, changed := changes[field]; return changed }) {
		if err := words.Replace(tx.DB, scope, l.item()); err != nil {
			return err
		}
	}
	data := l.Data()
	data["changes"] = changes
	return tx.Emit(scope, Updated, data)
}

// Upsert changes the oldest lead with an address, whatever its case, or creates one, and says which.
func (s *Store) Upsert(ctx context.Context, scope principal.Scope, email string, edit func(*Fields)) (l Lead,
	created bool, err error) {
	err = s.outbox.Tx(ctx, func(tx *event.Tx) error {
		key := *emailKey(&email)
		if err := s.db.AdvisoryLock(tx.DB, "lead "+scope.TenantID+" "+string(scope.Environment)+" "+key); err != nil {
			return err
		}
		var oldest []Lead
		err := s.db.ForUpdate(db.Scope(tx.DB, scope)).Where("email_key = ?", key).Order("created_at, id").Limit(1).
			Find(&oldest).Error
		if err != nil {
			return err
		}
		if created = len(oldest) == 0; created {
			f := Fields{Status: StatusNew, Email: &email}
			edit(&f)
			l, err = s.insert(tx, scope, f)
			return err
		}
		l = oldest[0]
		return s.change(tx, scope, &l, edit)
	})
	return l, created, err
}

// Delete removes a lead.
func (s *Store) Delete(ctx context.Context, scope principal.Scope, leadID string) error {
	return s.db.Tx(ctx, func(tx *gorm.DB) error {
		result := db.Scope(tx, scope).Where("id = ?", leadID).Delete(&Lead{})
		if result.Error == nil && result.RowsAffected == 0 {
			return problem.Missing("lead")
		}
		if result.Error != nil {
			return result.Error
		}
		return words.Remove(tx, scope, leadID)
	})
}
