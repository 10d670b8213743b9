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

// table describes leads.
var table = change.Table{
	Noun: "lead",
	Columns: []string{"name", "email", "company", "first_name", "last_name", "phone", "website", "position", "twitter",
		"linkedin", "notes", "score", "source", "status", "external_id", "email_key", "words", "updated_at"},
	Refused: func(err error) error {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return taken()
		}
		return err
	},
}

// NewStore makes a Store.
func NewStore(database *db.DB, outbox *event.Outbox, now clock.Clock) *Store {
	s := &Store{db: database, outbox: outbox, now: now, changes: change.New[Lead](database, outbox, table)}
	s.creates = batch.New(createBatch, database.Writers(), s.createAll)
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
	return db.One[Lead](db.ByID(q, leadID), "lead")
}

// Update changes a lead by edit and fires lead.updated, unless edit changes nothing. Updates of one lead take turns,
// so each event's old values are those before it. Concurrent calls share a commit, so edit may run more than once.
func (s *Store) Update(ctx context.Context, scope principal.Scope, leadID string, edit func(*Fields)) (Lead, error) {
	return s.changes.Do(ctx, scope, leadID, func(tx *event.Tx, l *Lead) (bool, error) { return s.edit(tx, l, edit) })
}

// edit changes a lead, which is locked and not yet stored, and fires lead.updated.
func (s *Store) edit(tx *event.Tx, l *Lead, edit func(*Fields)) (changed bool, err error) {
	before := l.Fields
	edit(&l.Fields)
	changes := Diff(before, l.Fields)
	if len(changes) == 0 {
		return false, nil
	}
	l.UpdatedAt = db.At(s.now())
	l.index()
	data := l.Data()
	data["changes"] = changes
	return true, tx.Emit(l.Scope(), Updated, data)
}

// Upsert changes the oldest lead with an address, whatever its case, or creates one, and says which.
func (s *Store) Upsert(ctx context.Context, scope principal.Scope, email string, edit func(*Fields)) (l Lead,
	created bool, err error) {
	err = s.outbox.Tx(ctx, func(tx *event.Tx) error {
		ctx, key := db.Context(tx.DB), *emailKey(&email)
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
			l, err = s.Create(ctx, scope, f)
			return err
		}
		l, err = s.Update(ctx, scope, oldest[0].ID, edit)
		return err
	})
	return l, created, err
}

// Delete removes a lead.
func (s *Store) Delete(ctx context.Context, scope principal.Scope, leadID string) error {
	return s.db.Tx(ctx, func(tx *gorm.DB) error {
		result := db.ByID(db.Scope(tx, scope), leadID).Delete(&Lead{})
		if result.Error == nil && result.RowsAffected == 0 {
			return problem.Missing("lead")
		}
		return result.Error
	})
}
