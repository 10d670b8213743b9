package deadletter

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
)

// Recover sends, in the transaction that ctx carries, the next of what an endpoint missed, at most limit: what has a
// delivery is replayed, what has none is fanned out to this endpoint alone. IDs of the Part are those of deliveries.
// from is the Next of the part before, empty at first. A part may be empty before the end.
func (s *Store) Recover(ctx context.Context, m Missed, from string, limit int) (Part, error) {
	part := Part{Skipped: map[string]int{}, Next: from}
	if err := m.Scope.Check(); err != nil {
		return part, err
	}
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		owners, err := s.endpoints.ByID(tx, []string{m.EndpointID})
		if err != nil {
			return err
		}
		w, err := s.newWalk(&m, owners[m.EndpointID], from)
		if err != nil {
			return err
		}
		var found []candidate
		for looked := 0; !part.End && len(found) < limit && looked < walkMost; looked += walkChunk {
			var some []candidate
			if some, part.End, err = w.next(tx, limit-len(found)); err != nil {
				return err
			}
			found = append(found, some...)
		}
		if !w.after.IsZero() {
			part.Next = w.String()
		}
		return s.recoverAll(tx, w, found, &part)
	})
	return part, err
}

// recoverAll locks the events that have no delivery first: a second recovery then waits, and sees the deliveries made
// here.
func (s *Store) recoverAll(tx *gorm.DB, w *walk, found []candidate, part *Part) error {
	if len(found) == 0 {
		return nil
	}
	events, err := s.lockEvents(tx, w, found)
	if err != nil {
		return err
	}
	var locked []delivery.Delivery
	q := s.db.ForUpdate(db.Scope(tx, w.Scope))
	err = db.WhereLogUUIDs(q, "id", deliveryIDs(found)).Order("id").Find(&locked).Error
	if err != nil {
		return err
	}
	rows := byUUID(locked)
	var replays []delivery.Delivery
	var missing []event.Event
	for _, c := range found {
		d, stored := rows[c.delivery]
		e, here := events[c.event.ID]
		switch {
		case stored && replayable(d):
			replays = append(replays, d)
		case !stored && here && !slices.Contains(e.Endpoints, w.uuid):
			missing = append(missing, e)
		default:
			part.Skipped[SkipChanged]++
		}
	}
	if err := s.replayMany(tx, replays, part); err != nil {
		return err
	}
	return s.makeMissing(tx, w, missing, part)
}

// lockEvents locks and returns, by their ids and without their data, the events of candidates without a delivery.
func (s *Store) lockEvents(tx *gorm.DB, w *walk, found []candidate) (map[string]event.Event, error) {
	var ids []id.UUID
	for _, c := range found {
		if !c.stored {
			ids = append(ids, c.event.UUID())
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []event.Event
	q := s.db.ForUpdate(db.Scope(tx, w.Scope)).Omit("data")
	err := db.WhereLogUUIDs(q, "id", ids).Order("id").Find(&rows).Error
	if err != nil {
		return nil, err
	}
	out := make(map[string]event.Event, len(rows))
	for _, e := range rows {
		out[e.ID] = e
	}
	return out, nil
}

// makeMissing makes deliveries of events that the endpoint has none of, as fan-out would.
func (s *Store) makeMissing(tx *gorm.DB, w *walk, events []event.Event, part *Part) error {
	if len(events) == 0 {
		return nil
	}
	owner := delivery.Delivery{EndpointID: w.EndpointID, TenantID: w.Scope.TenantID}
	to, err := s.targets(tx, []delivery.Delivery{owner})
	if err != nil {
		return err
	}
	if reason := to.refuse(owner); reason != "" {
		part.Skipped[reason] += len(events)
		return nil
	}
	e, now := to.endpoints[w.EndpointID], s.now()
	var rows []delivery.Delivery
	for some := range slices.Chunk(events, filterBatch) {
		if e.Filter != "" {
			if some, err = s.events.ByID(tx, uuids(some)); err != nil {
				return err
			}
		}
		for _, missed := range some {
			d := fanOut(missed, e, now)
			if rows = append(rows, d); d.Status == delivery.Pending {
				part.IDs = append(part.IDs, d.ID)
			} else {
				part.Skipped[d.Reason]++
			}
			if err := s.events.AddEndpoint(tx, missed, w.uuid); err != nil {
				return err
			}
		}
	}
	if err := db.InsertAll(tx, rows); err != nil {
		return err
	}
	return s.stored(tx, rows)
}

// filterBatch is how many events a filter sees at a time: the data of one may be a megabyte.
const filterBatch = 20

func uuids(events []event.Event) []id.UUID {
	out := make([]id.UUID, len(events))
	for i, e := range events {
		out[i] = e.UUID()
	}
	return out
}

// fanOut makes the delivery of an event to an endpoint, due at once, or cancelled when the endpoint's filter keeps the
// event out.
func fanOut(e event.Event, to endpoint.Endpoint, now time.Time) delivery.Delivery {
	d := delivery.Planned(e, to)
	reason, message := delivery.Unwanted(to, &endpoint.Occurrence{Type: e.Type, ID: e.WireID(),
		OccurredAt: e.OccurredAt.Time, Data: []byte(e.Data)})
	if reason == "" {
		return again(d, to, now, 0)
	}
	return d.Cancelled(reason, message, now)
}
