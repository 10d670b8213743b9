package supportinbox

import (
	"context"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
)

// Store stores inboxes.
type Store struct {
	db     *db.DB
	outbox *event.Outbox
	now    clock.Clock
}

// NewStore makes a Store.
func NewStore(database *db.DB, outbox *event.Outbox, now clock.Clock) *Store {
	return &Store{db: database, outbox: outbox, now: now}
}

// Create adds an inbox.
func (s *Store) Create(ctx context.Context, scope principal.Scope, name, address string) (Inbox, error) {
	now := db.At(s.now())
	i := Inbox{
		ID: id.New(id.Inbox), TenantID: scope.TenantID, Environment: scope.Environment, Name: name, Address: address,
		CreatedAt: now, UpdatedAt: now,
	}
	err := s.db.Tx(ctx, func(tx *gorm.DB) error { return tx.Create(&i).Error })
	return i, err
}

// List returns one page of inboxes, newest first, and how many there are.
func (s *Store) List(ctx context.Context, scope principal.Scope, p page.Page) ([]Inbox, int64, error) {
	return db.Paginate[Inbox](db.Scope(s.db.Read(ctx), scope), p)
}

// Get returns an inbox.
func (s *Store) Get(ctx context.Context, scope principal.Scope, inboxID string) (Inbox, error) {
	return take(db.Scope(s.db.Read(ctx), scope), inboxID)
}

func take(q *gorm.DB, inboxID string) (Inbox, error) {
	return db.One[Inbox](db.ByID(q, inboxID), "inbox")
}

// Update changes an inbox of either environment of a tenant, and returns it before and after. A new error fires
// inbox.error.
func (s *Store) Update(ctx context.Context, tenantID, inboxID string, e Edit) (before, after Inbox, err error) {
	err = s.outbox.Tx(ctx, func(tx *event.Tx) error {
		if before, err = take(db.Tenant(s.db.ForUpdate(tx.DB), tenantID), inboxID); err != nil {
			return err
		}
		var failed bool
		now := db.At(s.now())
		if after, failed = e.apply(before, now); same(before, after) {
			return nil
		}
		after.UpdatedAt = now
		err := db.ByID(db.Scope(tx.Model(&Inbox{}), before.Scope()), inboxID).Updates(map[string]any{
			"name": after.Name, "error": after.Error, "failed_since": after.FailedSince, "updated_at": after.UpdatedAt,
		}).Error
		if err != nil || !failed {
			return err
		}
		return tx.Emit(after.Scope(), Failed, after.failure())
	})
	return before, after, err
}

func same(a, b Inbox) bool {
	return a.Name == b.Name && (a.Error == nil) == (b.Error == nil) && (a.Error == nil || *a.Error == *b.Error)
}
