package tag

import (
	"context"
	"errors"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
)

// tickets is the ticket store as this package uses it.
type tickets interface {
	// Find returns the id of a ticket by its id or number; it fails with a problem.
	Find(ctx context.Context, scope principal.Scope, ref string) (ticketID string, err error)
	// Lock is Find, and locks the ticket until the transaction of ctx ends.
	Lock(ctx context.Context, scope principal.Scope, ref string) (ticketID string, err error)
	// Retagged fires, in the transaction of ctx, the event of changed tags of a ticket.
	Retagged(ctx context.Context, scope principal.Scope, ticketID string, before, after []string) error
}

// Store stores tags, and the tags of tickets.
type Store struct {
	db      *db.DB
	tickets tickets
	now     clock.Clock
}

// NewStore makes a Store.
func NewStore(database *db.DB, tickets tickets, now clock.Clock) *Store {
	return &Store{db: database, tickets: tickets, now: now}
}

// List returns one page of tags, newest first, and how many there are.
func (s *Store) List(ctx context.Context, scope principal.Scope, p page.Page) ([]Tag, int64, error) {
	return db.Paginate[Tag](db.Scope(s.db.Read(ctx), scope), p)
}

// Of returns the tags of a ticket by name.
func (s *Store) Of(ctx context.Context, scope principal.Scope, ticket string) ([]Tag, error) {
	ticketID, err := s.tickets.Find(ctx, scope, ticket)
	if err != nil {
		return nil, err
	}
	return of(s.db.Read(ctx), scope, ticketID)
}

func of(q *gorm.DB, scope principal.Scope, ticketID string) ([]Tag, error) {
	var rows []Tag
	given := db.Scope(q.Session(&gorm.Session{NewDB: true}).Model(&Tagging{}), scope).Select("tag_id")
	err := db.Scope(q, scope).Where("id IN (?)", db.WhereID(given, "ticket_id", ticketID)).Find(&rows).Error
	byName(rows)
	return rows, err
}

// Add gives a ticket the tag with an id or, without one, with a name, which is made when there is none. It returns all
// tags of the ticket.
func (s *Store) Add(ctx context.Context, scope principal.Scope, ticket, tagID, name string) (after []Tag, err error) {
	err = s.retag(ctx, scope, ticket, func(tx *gorm.DB, ticketID string, has []Tag) error {
		var t Tag
		if tagID != "" {
			t, err = get(tx, scope, tagID)
			var p *problem.Error
			if errors.As(err, &p) {
				err = problem.Refused(problem.Detail{Field: "tag_id", Message: "there is no such tag"})
			}
		} else {
			t, err = s.named(tx, scope, name)
		}
		if err != nil || slices.ContainsFunc(has, func(h Tag) bool { return h.ID == t.ID }) {
			return err
		}
		if len(has) >= limit {
			return problem.New(problem.Conflict, "A ticket can have at most %d tags. Take one away first.", limit)
		}
		return tx.Create(&Tagging{scope.TenantID, scope.Environment, ticketID, t.ID, db.At(s.now())}).Error
	}, &after)
	return after, err
}

// Remove takes a tag from a ticket.
func (s *Store) Remove(ctx context.Context, scope principal.Scope, ticket, tagID string) error {
	var after []Tag
	return s.retag(ctx, scope, ticket, func(tx *gorm.DB, ticketID string, _ []Tag) error {
		if _, err := get(tx, scope, tagID); err != nil {
			return err
		}
		given := db.WhereID(db.Scope(tx, scope), "ticket_id", ticketID)
		return db.WhereID(given, "tag_id", tagID).Delete(&Tagging{}).Error
	}, &after)
}

// retag changes the tags of a ticket, which is locked meanwhile, and calls Retagged when they changed.
func (s *Store) retag(ctx context.Context, scope principal.Scope, ticket string, change func(tx *gorm.DB,
	ticketID string, has []Tag) error, after *[]Tag) error {
	return s.db.Unit(ctx, func(ctx context.Context) error {
		ticketID, err := s.tickets.Lock(ctx, scope, ticket)
		if err != nil {
			return err
		}
		tx := s.db.Read(ctx)
		before, err := of(tx, scope, ticketID)
		if err != nil {
			return err
		}
		if err := change(tx, ticketID, before); err != nil {
			return err
		}
		if *after, err = of(tx, scope, ticketID); err != nil || len(*after) == len(before) {
			return err
		}
		return s.tickets.Retagged(ctx, scope, ticketID, names(before), names(*after))
	})
}

func get(q *gorm.DB, scope principal.Scope, tagID string) (Tag, error) {
	return db.One[Tag](db.ByID(db.Scope(q, scope), tagID), "tag")
}

// named returns the tag with a name, whatever its case, and makes it when there is none.
func (s *Store) named(tx *gorm.DB, scope principal.Scope, name string) (Tag, error) {
	t := Tag{
		ID: id.New(id.Tag), TenantID: scope.TenantID, Environment: scope.Environment,
		Name: name, NameKey: key(name), CreatedAt: db.At(s.now()),
	}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&t).Error; err != nil {
		return t, err
	}
	var kept Tag
	err := db.Scope(tx, scope).Where("name_key = ?", t.NameKey).Take(&kept).Error
	return kept, err
}
