package lead

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/batch"
	"github.com/hookline/hookline/internal/change"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
)

// Store stores leads.
type Store struct {
	db      *db.DB
	outbox  *event.Outbox
	now     clock.Clock
	creates *batch.Group[Lead, bool] // whether the lead was added
	changes *change.Group[Lead]
}

// NewStore makes a Store.
func NewStore(database *db.DB, outbox *event.Outbox, now clock.Clock) *Store {
	s := &Store{db: database, outbox: outbox, now: now, changes: change.New[Lead](database, outbox)}
	s.creates = batch.New(createBatch, database.Writers(), 0, s.createAll)
	return s
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

// Update changes a lead by edit and fires lead.updated, unless edit changes nothing. Updates of one lead take turns,
// so each event's old values are those before it. Concurrent calls share a commit, so edit may run more than once.
func (s *Store) Update(ctx context.Context, scope principal.Scope, leadID string, edit func(*Fields)) (Lead, error) {
	return s.changes.Do(ctx, leadID, func(tx *event.Tx) (Lead, error) {
		l, err := take(s.db.ForUpdate(db.Scope(tx.DB, scope)), leadID)
		if err != nil {
			return l, err
		}
		err = s.change(tx, scope, &l, edit)
		return l, err
	})
}

// change edits a lead whose row is locked.
func (s *Store) change(tx *event.Tx, scope principal.Scope, l *Lead, edit func(*Fields)) error {
	before := l.Fields
	edit(&l.Fields)
	changes := Diff(before, l.Fields)
	if len(changes) == 0 {
		return nil
	}
	words := l.Words
	l.UpdatedAt = db.At(s.now())
	l.index()
	columns := map[string]any{"updated_at": l.UpdatedAt, "email_key": l.EmailKey}
	if l.Words != words { // otherwise the index for searches stays as it is
		columns["words"] = l.Words
	}
	for name, c := range changes {
		columns[name] = c.New
	}
	if err := db.Scope(tx.Model(&Lead{}), scope).Where("id = ?", l.ID).Updates(columns).Error; err != nil {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return taken()
		}
		return err
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
			l = s.row(scope, f)
			kept, err := insertNew(tx.DB, []Lead{l})
			if err == nil && !kept[0] {
				err = taken()
			}
			if err != nil {
				return err
			}
			return announce(tx, []Lead{l}, kept)
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
		return result.Error
	})
}
