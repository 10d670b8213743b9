package ticket

import (
	"context"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/batch"
	"github.com/hookline/hookline/internal/change"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
)

// exists says whether a tenant has the thing with an id; it joins the transaction of ctx.
type exists func(ctx context.Context, scope principal.Scope, id string) (bool, error)

// Store stores tickets and their messages.
type Store struct {
	db            *db.DB
	outbox        *event.Outbox
	now           clock.Clock
	inbox, member exists
	creates       *batch.Group[Ticket, Ticket]
	changes       *change.Group[Ticket]
}

// table describes tickets.
var table = change.Table{Noun: "ticket", Columns: []string{"subject", "status", "priority", "inbox_id", "assignee_id",
	"words", "updated_at"}}

// NewStore makes a Store; inbox and member look up what tickets name.
func NewStore(database *db.DB, outbox *event.Outbox, now clock.Clock, inbox, member exists) *Store {
	s := &Store{db: database, outbox: outbox, now: now, inbox: inbox, member: member,
		changes: change.New[Ticket](database, outbox, table)}
	s.creates = batch.New(createBatch, database.Writers(), s.createAll)
	return s
}

// List returns one page of tickets, newest first, and how many there are.
func (s *Store) List(ctx context.Context, scope principal.Scope, p page.Page, f Filter) ([]Ticket, int64, error) {
	return db.Paginate[Ticket](f.narrow(s.db.Read(ctx), scope), p)
}

// Get returns a ticket by its id or number.
func (s *Store) Get(ctx context.Context, scope principal.Scope, ref string) (Ticket, error) {
	return take(s.db.Read(ctx), scope, ref)
}

func take(q *gorm.DB, scope principal.Scope, ref string) (Ticket, error) {
	q = db.Scope(q, scope)
	if n, ok := number(ref); ok {
		q = q.Where("number = ?", n)
	} else {
		q = db.ByID(q, id.Canonical(id.Ticket, ref))
	}
	return db.One[Ticket](q, "ticket")
}

// Find returns the id of a ticket by its id or number.
func (s *Store) Find(ctx context.Context, scope principal.Scope, ref string) (string, error) {
	t, err := s.Get(ctx, scope, ref)
	return t.ID, err
}

// Lock is Find, and locks the ticket until the transaction of ctx ends.
func (s *Store) Lock(ctx context.Context, scope principal.Scope, ref string) (string, error) {
	t, err := take(s.db.ForUpdate(s.db.Read(ctx)), scope, ref)
	return t.ID, err
}

// check refuses an inbox or a member that the tenant does not have.
func (s *Store) check(ctx context.Context, scope principal.Scope, f Fields, inbox, assignee bool) error {
	var wrong []problem.Detail
	if inbox {
		switch there, err := s.inbox(ctx, scope, f.InboxID); {
		case err != nil:
			return err
		case !there:
			wrong = append(wrong, problem.Detail{Field: "inbox_id",
				Message: "there is no such inbox; GET /api/v1/inboxes lists them"})
		}
	}
	if assignee {
		switch there, err := s.member(ctx, scope, *f.AssigneeID); {
		case err != nil:
			return err
		case !there:
			wrong = append(wrong, problem.Detail{Field: "assignee_id",
				Message: "there is no such member; GET /api/v1/members lists them"})
		}
	}
	if len(wrong) > 0 {
		return problem.Refused(wrong...)
	}
	return nil
}

// Update changes a ticket by edit and fires the events of the change, none when nothing changed. Updates of one ticket
// take turns, so each event's old values are those before it. Concurrent calls share a commit, so edit may run more
// than once.
func (s *Store) Update(ctx context.Context, scope principal.Scope, ref string, edit func(*Fields)) (Ticket, error) {
	ticketID := id.Canonical(id.Ticket, ref)
	if _, ok := number(ref); ok {
		found, err := s.Get(ctx, scope, ref)
		if err != nil {
			return found, err
		}
		ticketID = found.ID
	}
	return s.changes.Do(ctx, scope, ticketID, func(tx *event.Tx, t *Ticket) (bool, error) {
		before := t.Fields
		edit(&t.Fields)
		changes := Diff(before, t.Fields)
		if len(changes) == 0 {
			return false, nil
		}
		if !before.Status.Can(t.Status) {
			return false, problem.New(problem.Conflict, "A ticket that is %s can't become %s. It can become %s.",
				before.Status, t.Status, before.Status.Ways())
		}
		_, inbox := changes["inbox_id"]
		assignee := t.AssigneeID != nil && changes["assignee_id"].New != nil
		if err := s.check(db.Context(tx.DB), scope, t.Fields, inbox, assignee); err != nil {
			return false, err
		}
		return true, s.changed(tx, t, changes)
	})
}

// changed completes a changed ticket, which is not yet stored, and fires the events of its changes.
func (s *Store) changed(tx *event.Tx, t *Ticket, changes map[string]Change) error {
	t.UpdatedAt = db.At(s.now())
	t.index()
	for _, name := range Fired(changes) {
		if err := tx.Emit(t.Scope(), name, t.changed(changes)); err != nil {
			return err
		}
	}
	return nil
}

// tags is the field name of changed tags, which package tag stores.
const tags = "tags"

// Retagged fires the event of changed tags of a ticket.
func (s *Store) Retagged(ctx context.Context, scope principal.Scope, ticketID string, before, after []string) error {
	_, err := s.changes.Do(ctx, scope, ticketID, func(tx *event.Tx, t *Ticket) (bool, error) {
		return true, s.changed(tx, t, map[string]Change{tags: {Old: before, New: after}})
	})
	return err
}
