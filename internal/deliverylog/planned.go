package deliverylog

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/search"
	"github.com/hookline/hookline/internal/wire"
)

// eventChunk is how many deliveries of an event one query reads.
const eventChunk = 500

// target is a delivery as it follows from its event.
type target struct{ id, endpoint id.UUID }

// ofEvent lists the deliveries of one event, with those that are planned.
func (s *Store) ofEvent(ctx context.Context, scope principal.Scope, after id.UUID, limit int, f Filter) (
	[]delivery.Delivery, *string, error) {
	if u, err := id.ParseAs(id.TestEvent, f.EventID); err == nil {
		rows, err := s.ofTest(ctx, scope, u, f)
		return rows, nil, err
	}
	e, err := s.events.Get(ctx, scope, f.EventID)
	if missing(err) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if f.Text != "" && !contains(e.Data, search.Fold(f.Text)) {
		return nil, nil, nil
	}
	f.EventID = e.ID
	var targets []target
	for _, endpointID := range e.Planned() {
		t := target{delivery.ID(e.UUID(), endpointID), endpointID}
		if (after.IsZero() || f.compare(t.id, after) > 0) &&
			(f.EndpointID == "" || f.EndpointID == endpointID.TypeID(id.Endpoint)) {
			targets = append(targets, t)
		}
	}
	slices.SortFunc(targets, func(a, b target) int { return f.compare(a.id, b.id) })
	var rows []delivery.Delivery
	for part := range slices.Chunk(targets, eventChunk) {
		all, err := s.read(ctx, scope, e, part)
		if err != nil {
			return nil, nil, err
		}
		for _, d := range all {
			if f.Matches(d) {
				rows = append(rows, d)
			}
		}
		if len(rows) > limit {
			break
		}
	}
	rows, next := page.Cut(page.Log{Limit: limit}, rows, cursorOf)
	return rows, next, nil
}

// ofTest returns the delivery of a test, whose event is not stored, in at most one row.
func (s *Store) ofTest(ctx context.Context, scope principal.Scope, u id.UUID, f Filter) ([]delivery.Delivery, error) {
	var rows []delivery.Delivery
	at := u.Time() // of the delivery's id, too
	err := f.narrow(db.Scope(s.db.Read(ctx), scope)).Where("id >= ? AND id < ? AND event_id = ?", id.From(at),
		id.From(at.Add(time.Millisecond)), u).Limit(1).Find(&rows).Error
	if len(rows) == 1 && f.Text != "" && !contains(wire.Or(rows[0].TestBody, ""), search.Fold(f.Text)) {
		return nil, err
	}
	return rows, err
}

// read returns the rows of an event's deliveries, and for those without one what is planned, in the order of targets.
func (s *Store) read(ctx context.Context, scope principal.Scope, e event.Event, targets []target) ([]delivery.Delivery,
	error) {
	planned, err := s.mayBePlanned(ctx, e) // before the rows: those that come in between are found
	if err != nil {
		return nil, err
	}
	ids, at := make([]id.UUID, len(targets)), make(map[string]int, len(targets))
	for i, t := range targets {
		ids[i], at[t.id.TypeID(id.Delivery)] = t.id, i
	}
	var rows []delivery.Delivery
	if err := db.WhereLogUUIDs(db.Scope(s.db.Read(ctx), scope), "id", ids).Find(&rows).Error; err != nil {
		return nil, err
	}
	all := make([]delivery.Delivery, len(targets))
	for _, d := range rows {
		all[at[d.ID]] = d
	}
	if planned && len(rows) < len(targets) {
		if err := s.plan(ctx, e, targets, all); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(all, func(d delivery.Delivery) bool { return d.ID == "" }), nil
}

// mayBePlanned says whether deliveries of the event may have no row yet. The reconciler has seen to that for all events
// up to its position.
func (s *Store) mayBePlanned(ctx context.Context, e event.Event) (bool, error) {
	var positions []int64
	err := s.db.Read(ctx).Table("reconciler").Pluck("position", &positions).Error
	return err == nil && (len(positions) == 0 || e.Position > positions[0]), err
}

// plan fills the places of rows that are empty with what the event plans.
func (s *Store) plan(ctx context.Context, e event.Event, targets []target, rows []delivery.Delivery) error {
	var ids []string
	for i, t := range targets {
		if rows[i].ID == "" {
			ids = append(ids, t.endpoint.TypeID(id.Endpoint))
		}
	}
	endpoints, err := s.endpoints.ByID(s.db.Read(ctx), ids)
	if err != nil {
		return err
	}
	for i, t := range targets {
		if rows[i].ID == "" {
			to := endpoints[t.endpoint.TypeID(id.Endpoint)]
			to.ID = t.endpoint.TypeID(id.Endpoint) // also of one that is gone
			rows[i] = delivery.Planned(e, to)
		}
	}
	return nil
}

// findPlanned finds a delivery that has no row by its id, which has the time of its event.
func (s *Store) findPlanned(ctx context.Context, scope principal.Scope, u id.UUID) (delivery.Delivery, error) {
	var d delivery.Delivery
	var events []event.Event
	at := u.Time()
	err := db.Scope(s.db.Read(ctx), scope).Omit("data").
		Where("id >= ? AND id < ?", id.From(at), id.From(at.Add(time.Millisecond))).Find(&events).Error
	if err != nil {
		return d, err
	}
	for _, e := range events {
		for _, endpointID := range e.Planned() {
			if delivery.ID(e.UUID(), endpointID) != u {
				continue
			}
			rows, err := s.read(ctx, scope, e, []target{{u, endpointID}})
			if err != nil {
				return d, err
			}
			if len(rows) > 0 {
				return rows[0], nil
			}
		}
	}
	return d, problem.Missing("delivery")
}

func missing(err error) bool {
	var p *problem.Error
	return errors.As(err, &p) && p.Code == problem.NotFound
}
