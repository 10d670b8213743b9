package ticket

import (
	"cmp"
	"context"
	"slices"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
)

// createBatch is how many tickets share a commit at most.
const createBatch = 200

// Create adds a ticket with the next number, and fires ticket.created, and ticket.assigned when it has an assignee.
// Concurrent calls share a commit.
func (s *Store) Create(ctx context.Context, scope principal.Scope, f Fields) (Ticket, error) {
	if err := scope.Check(); err != nil {
		return Ticket{}, err
	}
	if err := s.check(ctx, scope, f, f.InboxID != "", f.AssigneeID != nil); err != nil {
		return Ticket{}, err
	}
	now := db.At(s.now())
	t := Ticket{ID: id.New(id.Ticket), TenantID: scope.TenantID, Environment: scope.Environment, Fields: f,
		CreatedAt: now, UpdatedAt: now}
	t.index()
	if !db.InUnit(ctx) {
		return s.creates.Do(ctx, t)
	}
	all, err := s.createAll(ctx, []Ticket{t})
	if err != nil {
		return Ticket{}, err
	}
	return all[0], nil
}

// createAll adds tickets of any scopes in one transaction and returns them with their numbers, in order.
func (s *Store) createAll(ctx context.Context, rows []Ticket) ([]Ticket, error) {
	all := slices.Clone(rows)
	err := s.outbox.Tx(ctx, func(tx *event.Tx) error {
		if err := assignNumbers(tx.DB, all); err != nil {
			return err
		}
		if err := db.InsertAll(tx.DB, all); err != nil {
			return err
		}
		for _, t := range all {
			if err := announce(tx, t); err != nil {
				return err
			}
		}
		return nil
	})
	return all, err
}

// announce fires the events of a new ticket.
func announce(tx *event.Tx, t Ticket) error {
	if err := tx.Emit(t.Scope(), Created, t.Data()); err != nil || t.AssigneeID == nil {
		return err
	}
	changes := map[string]Change{"assignee_id": {Old: nil, New: *t.AssigneeID}}
	return tx.Emit(t.Scope(), Assigned, t.changed(changes))
}

// assignNumbers gives new tickets the next numbers of their scopes. It locks the scopes' rows in one order, so that
// two transactions never wait for each other.
func assignNumbers(tx *gorm.DB, all []Ticket) error {
	count := map[principal.Scope]int64{}
	var scopes []principal.Scope
	for _, t := range all {
		if count[t.Scope()]++; count[t.Scope()] == 1 {
			scopes = append(scopes, t.Scope())
		}
	}
	slices.SortFunc(scopes, func(a, b principal.Scope) int {
		return cmp.Or(cmp.Compare(a.TenantID, b.TenantID), cmp.Compare(a.Environment, b.Environment))
	})
	next := map[principal.Scope]int64{}
	for _, scope := range scopes {
		last, err := takeNumbers(tx, scope, count[scope])
		if err != nil {
			return err
		}
		next[scope] = last - count[scope] + 1
	}
	for i, t := range all {
		all[i].Number = next[t.Scope()]
		next[t.Scope()]++
	}
	return nil
}

// takeNumbers takes the next n numbers of a scope and returns the last of them. Concurrent callers wait until this
// transaction ends, and get the same numbers when it is rolled back: so there are no gaps.
func takeNumbers(tx *gorm.DB, scope principal.Scope, n int64) (last int64, err error) {
	err = tx.Raw(`INSERT INTO ticket_numbers (tenant_id, environment, last) VALUES (?, ?, ?)
		ON CONFLICT (tenant_id, environment) DO UPDATE SET last = ticket_numbers.last + excluded.last RETURNING last`,
		scope.TenantID, scope.Environment, n).Scan(&last).Error
	return last, err
}
