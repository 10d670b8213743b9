package deadletter

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
)

// Survey is what a change of many would do.
type Survey struct {
	Total   int
	Skipped map[string]int // by reason
	Sample  []string       // ids of the first few
}

const sampleSize = 10

// SurveyDead counts the dead letters that died by a time. replay also counts those that replaying would skip.
func (s *Store) SurveyDead(ctx context.Context, a AccessScope, f Filter, by time.Time, replay bool) (Survey, error) {
	out := Survey{Skipped: map[string]int{}, Sample: []string{}}
	a, err := s.open(s.db.Read(ctx), a)
	if err != nil {
		return out, err
	}
	set := func() *gorm.DB {
		return diedBy(f.narrow(a.narrow(s.db.Read(ctx).Model(&delivery.Delivery{}).Where(isDead))), by)
	}
	var groups []struct {
		EndpointID, TenantID id.UUID
		N                    int
	}
	err = set().Select("endpoint_id, tenant_id, COUNT(*) AS n").Group("endpoint_id, tenant_id").Scan(&groups).Error
	if err != nil || len(groups) == 0 {
		return out, err
	}
	var rows []delivery.Delivery
	for _, g := range groups {
		out.Total += g.N
		rows = append(rows, delivery.Delivery{EndpointID: g.EndpointID.TypeID(id.Endpoint),
			TenantID: g.TenantID.TypeID(id.Tenant)})
	}
	if replay {
		to, err := s.targets(s.db.Read(ctx), rows)
		if err != nil {
			return out, err
		}
		for i, g := range groups {
			if reason := to.refuse(rows[i]); reason != "" {
				out.Skipped[reason] += g.N
			}
		}
	}
	var first []id.UUID
	err = set().Order("id").Limit(sampleSize).Pluck("id", &first).Error
	out.Sample = id.TypeIDs(id.Delivery, first)
	return out, err
}

// Part is what one step of a change of many did.
type Part struct {
	IDs     []string       // of the deliveries that were changed
	Skipped map[string]int // by reason
	Next    string         // where the next step begins
	End     bool           // there was nothing left
}

// SkipChanged is why a delivery is passed over that is no longer in the state that the change is for.
const SkipChanged = "changed"

// deadPart finds, in a transaction, the next dead letters that died by a time and locks those that are still dead.
// hold locks what must be locked before them.
func (s *Store) deadPart(tx *gorm.DB, a AccessScope, f Filter, by time.Time, from string, limit int,
	hold func(tx *gorm.DB, found []delivery.Delivery) error) ([]delivery.Delivery, Part, error) {
	part := Part{Skipped: map[string]int{}, Next: from}
	c := cursor{ascending: true}
	if from != "" {
		var err error
		if c.after, err = id.ParseAs(id.Delivery, from); err != nil {
			return nil, part, err
		}
	}
	found, next, more, err := c.find(tx, a, f, by, limit)
	if err != nil {
		return nil, part, err
	}
	if part.End = !more; more {
		part.Next = next.after.TypeID(id.Delivery)
	}
	if len(found) == 0 {
		return nil, part, nil
	}
	if err := hold(tx, found); err != nil {
		return nil, part, err
	}
	ids, err := uuidsOf(found)
	if err != nil {
		return nil, part, err
	}
	var rows []delivery.Delivery
	err = db.WhereLogUUIDs(s.db.ForUpdate(tx), "id", ids).Where(isDead).Order("id").Find(&rows).Error
	if gone := len(found) - len(rows); gone > 0 {
		part.Skipped[SkipChanged] = gone
	}
	return rows, part, err
}

func uuidsOf(rows []delivery.Delivery) ([]id.UUID, error) {
	ids := make([]id.UUID, len(rows))
	for i, d := range rows {
		var err error
		if ids[i], err = id.Parse(d.ID); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// step runs change on the next dead letters of a change of many, in the transaction that ctx carries. hold locks what
// must be locked before them.
func (s *Store) step(ctx context.Context, a AccessScope, f Filter, by time.Time, from string, limit int,
	hold func(tx *gorm.DB, found []delivery.Delivery) error,
	change func(tx *gorm.DB, rows []delivery.Delivery, part *Part) error) (Part, error) {
	var part Part
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		a, err := s.open(tx, a)
		if err != nil {
			return err
		}
		var rows []delivery.Delivery
		rows, part, err = s.deadPart(tx, a, f, by, from, limit, hold)
		if err != nil || len(rows) == 0 {
			return err
		}
		return change(tx, rows, &part)
	})
	return part, err
}

// ReplayPart makes, in the transaction that ctx carries, the next dead letters pending again that died by a time, at
// most limit. They are due at once, and the reconciler enqueues them in bounded steps. from is the Next of the part
// before, empty at first. A part may be empty before the end.
func (s *Store) ReplayPart(ctx context.Context, a AccessScope, f Filter, by time.Time, from string, limit int) (Part,
	error) {
	return s.step(ctx, a, f, by, from, limit, func(*gorm.DB, []delivery.Delivery) error { return nil }, s.replayMany)
}

// PurgePart deletes, in the transaction that ctx carries, the next dead letters that died by a time, with their
// attempts; see ReplayPart. Events that the reconciler is yet to look at are told: to it, a delivery without a row is
// one that is still to be made.
func (s *Store) PurgePart(ctx context.Context, a AccessScope, f Filter, by time.Time, from string, limit int) (Part,
	error) {
	var events []event.Event
	hold := func(tx *gorm.DB, found []delivery.Delivery) (err error) {
		ids := make([]id.UUID, len(found))
		for i, d := range found {
			if ids[i], err = id.ParseAs(id.Event, d.EventID); err != nil {
				return err
			}
		}
		events, err = s.events.Unwalked(tx, ids)
		return err
	}
	return s.step(ctx, a, f, by, from, limit, hold, func(tx *gorm.DB, rows []delivery.Delivery, part *Part) error {
		for _, d := range rows {
			part.IDs = append(part.IDs, d.ID)
		}
		ids, err := uuidsOf(rows)
		if err != nil {
			return err
		}
		if err := db.WhereLogUUIDs(tx, "delivery_id", ids).Delete(&delivery.Attempt{}).Error; err != nil {
			return err
		}
		if err := db.WhereLogUUIDs(tx, "id", ids).Delete(&delivery.Delivery{}).Error; err != nil {
			return err
		}
		return s.tell(tx, events, rows)
	})
}

// tell records with the events which of their deliveries were purged.
func (s *Store) tell(tx *gorm.DB, events []event.Event, purged []delivery.Delivery) error {
	endpoints := map[string][]id.UUID{} // by event
	for _, d := range purged {
		u, err := id.ParseAs(id.Endpoint, d.EndpointID)
		if err != nil {
			return err
		}
		endpoints[d.EventID] = append(endpoints[d.EventID], u)
	}
	for _, e := range events {
		if len(endpoints[e.ID]) == 0 {
			continue // its delivery was replayed meanwhile
		}
		if err := s.events.Purge(tx, e, endpoints[e.ID]); err != nil {
			return err
		}
	}
	return nil
}
