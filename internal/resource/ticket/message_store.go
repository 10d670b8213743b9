package ticket

import (
	"context"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
)

// Messages returns a ticket, one page of its messages, newest first and without internal notes, and how many there are.
func (s *Store) Messages(ctx context.Context, scope principal.Scope, ref string, p page.Page) (Ticket, []Message, int64,
	error) {
	t, err := s.Get(ctx, scope, ref)
	if err != nil {
		return t, nil, 0, err
	}
	q := db.WhereID(db.Scope(s.db.Read(ctx), scope), "ticket_id", t.ID).Where("type <> 'internal_note'")
	rows, total, err := db.Paginate[Message](q, p)
	return t, rows, total, err
}

// AddMessage adds a message, of which the type, the sender and the body are given, to a ticket, and fires the event
// that goes with its type.
func (s *Store) AddMessage(ctx context.Context, scope principal.Scope, ref string, m Message) (t Ticket, _ Message,
	err error) {
	err = s.outbox.Tx(ctx, func(tx *event.Tx) error {
		if t, err = take(tx.DB, scope, ref); err != nil {
			return err
		}
		m.ID, m.TenantID, m.Environment, m.TicketID, m.CreatedAt = id.New(id.Message), scope.TenantID,
			scope.Environment, t.ID, db.At(s.now())
		if err := tx.Create(&m).Error; err != nil {
			return err
		}
		if name := eventOf(m.Type); name != "" {
			return tx.Emit(scope, name, m.data(t))
		}
		return nil
	})
	return t, m, err
}
