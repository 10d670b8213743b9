package delivery

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
)

// Missed is the events that an endpoint missed: accepted from Since to before Until, of the types that it subscribes
// to now, and, when Types names any, of those.
type Missed struct {
	Scope        principal.Scope
	EndpointID   string
	Since, Until time.Time
	Types        []string // names and groups
	// Known is since when an event without a delivery never had one. Before it, one that succeeded may have outlived
	// its retention.
	Known time.Time
}

func (m Missed) wants(e endpoint.Endpoint, eventType string) bool {
	return e.Subscribes(eventType) && (len(m.Types) == 0 ||
		slices.ContainsFunc(m.Types, func(pattern string) bool { return event.Matches(pattern, eventType) }))
}

// missed is the events without a delivery to the endpoint that succeeded, was filtered out or is under way. Events that
// are yet to be fanned out are not missed.
func (s *Store) missed(q *gorm.DB, m Missed) *gorm.DB {
	return db.Scope(q.Table("events e"), m.Scope).
		Joins("LEFT JOIN deliveries d ON d.tenant_id = e.tenant_id AND d.environment = e.environment AND d.event_id "+
			"= e.id AND d.endpoint_id = ?", m.EndpointID).
		Where("e.created_at >= ? AND e.created_at < ? AND e.dispatched_at IS NOT NULL", db.At(m.Since), db.At(m.Until)).
		Where("(d.status = ? OR (d.status = ? AND d.reason <> ?) OR (d.id IS NULL AND e.created_at >= ?))", Dead,
			Cancelled, ReasonFiltered, db.At(m.Known))
}

// SurveyMissed counts what an endpoint missed.
func (s *Store) SurveyMissed(ctx context.Context, m Missed) (Survey, error) {
	out := Survey{Skipped: map[string]int{}, Sample: []string{}}
	if err := m.Scope.Check(); err != nil {
		return out, err
	}
	e, err := s.endpoints.Get(ctx, m.Scope, m.EndpointID)
	if err != nil {
		return out, err
	}
	var groups []struct {
		Type string
		N    int
	}
	if err := s.missed(s.db.Read(ctx), m).Select("e.type, COUNT(*) AS n").Group("e.type").
		Scan(&groups).Error; err != nil {
		return out, err
	}
	var types []string
	for _, g := range groups {
		if m.wants(e, g.Type) {
			out.Total += g.N
			types = append(types, g.Type)
		}
	}
	if len(types) == 0 {
		return out, nil
	}
	err = s.missed(s.db.Read(ctx), m).Where("e.type IN ?", types).Order("e.created_at, e.id").Limit(sampleSize).
		Pluck("e.id", &out.Sample).Error
	return out, err
}

// Recover sends, in the transaction that ctx carries, the next of what an endpoint missed: what has a delivery is
// replayed, what has none is fanned out to this endpoint alone. IDs of the Part are those of deliveries.
func (s *Store) Recover(ctx context.Context, m Missed, from string, limit int) (Part, error) {
	part := Part{Skipped: map[string]int{}, Next: from}
	if err := m.Scope.Check(); err != nil {
		return part, err
	}
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		found, err := s.missedPart(tx, m, &part, limit)
		if err != nil || len(found) == 0 {
			return err
		}
		owners, err := s.endpoints.ByID(tx, []string{m.EndpointID})
		if err != nil {
			return err
		}
		e := owners[m.EndpointID]
		var events []event.Event
		for _, candidate := range found {
			if m.wants(e, candidate.Type) {
				events = append(events, candidate)
			}
		}
		return s.recoverEvents(tx, m, e, events, &part)
	})
	return part, err
}

// missedPart finds the next events that were missed, whatever their type.
func (s *Store) missedPart(tx *gorm.DB, m Missed, part *Part, limit int) ([]event.Event, error) {
	q := s.missed(tx, m).Select("e.*").Order("e.created_at, e.id").Limit(limit)
	if part.Next != "" {
		c, err := page.ParseCursor(part.Next)
		if err != nil {
			return nil, err
		}
		q = q.Where("(e.created_at, e.id) > (?, ?)", db.At(c.At), c.ID)
	}
	var found []event.Event
	if err := q.Find(&found).Error; err != nil {
		return nil, err
	}
	if part.End = len(found) < limit; len(found) > 0 {
		last := found[len(found)-1]
		part.Next = page.Cursor{At: last.CreatedAt.Time, ID: last.ID}.String()
	}
	return found, nil
}

// recoverEvents locks the events first: whoever else recovers them then waits, and sees the deliveries made here.
func (s *Store) recoverEvents(tx *gorm.DB, m Missed, e endpoint.Endpoint, events []event.Event, part *Part) error {
	if len(events) == 0 {
		return nil
	}
	ids := make([]string, 0, len(events))
	for _, ev := range events {
		ids = append(ids, ev.ID)
	}
	var held []event.Event
	err := s.db.ForUpdate(db.Scope(tx, m.Scope)).Select("id").Where("id IN ?", ids).Order("id").Find(&held).Error
	if err != nil {
		return err
	}
	var rows []Delivery
	err = s.db.ForUpdate(db.Scope(tx, m.Scope)).Omit("body").Where("endpoint_id = ? AND event_id IN ?", m.EndpointID,
		ids).Order("id").Find(&rows).Error
	if err != nil {
		return err
	}
	existing := map[string]bool{}
	var again []Delivery
	for _, d := range rows {
		existing[d.EventID] = true
		if d.Status == Dead || (d.Status == Cancelled && d.Reason != ReasonFiltered) {
			again = append(again, d)
			continue
		}
		part.Skipped[SkipChanged]++
	}
	if err := s.replayMany(tx, again, part); err != nil {
		return err
	}
	missing := slices.DeleteFunc(events, func(ev event.Event) bool { return existing[ev.ID] })
	return s.makeMissing(tx, m, e, missing, part)
}

// makeMissing makes deliveries of events that the endpoint has none of, as fan-out would.
func (s *Store) makeMissing(tx *gorm.DB, m Missed, e endpoint.Endpoint, events []event.Event, part *Part) error {
	if len(events) == 0 {
		return nil
	}
	t, err := s.targets(tx, []Delivery{{EndpointID: m.EndpointID, TenantID: m.Scope.TenantID}})
	if err != nil {
		return err
	}
	if reason := t.refuse(m.EndpointID, m.Scope.TenantID); reason != "" {
		part.Skipped[reason] += len(events)
		return nil
	}
	now := s.now()
	var made []Delivery
	var eventIDs []string
	for _, ev := range events {
		deliveries, err := fanOut(ev, []endpoint.Endpoint{e}, now)
		if err != nil {
			return err
		}
		for _, d := range deliveries {
			if d.Status == Pending {
				// the reconciler hands it to the queue, and the claim to a gate
				d.Admission, d.DeadlineAt = Unthrottled, d.NextAttemptAt
				part.IDs = append(part.IDs, d.ID)
			} else {
				part.Skipped[d.Reason]++
			}
			made, eventIDs = append(made, d), append(eventIDs, ev.ID)
		}
	}
	if len(made) == 0 {
		return nil
	}
	if err := tx.CreateInBatches(&made, 500).Error; err != nil {
		return err
	}
	return db.Scope(tx.Model(&event.Event{}), m.Scope).Where("id IN ?", eventIDs).
		Updates(map[string]any{"delivery_count": gorm.Expr("delivery_count + 1"), "reason": ""}).Error
}
