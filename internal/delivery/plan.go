package delivery

import (
	"context"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/throttle"
)

// planOf reads which deliveries of events are planned and have no row yet. Those that can't be attempted now are stored
// with the reason; the others are returned as jobs. late says that the reconciler may be about to give them rows: then
// they get rows with a lease first, and only those that got one here are returned. waiting are deliveries that have a
// row already, because their task waited for long, and may be claimed.
func (s *Store) planOf(ctx context.Context, eventIDs []id.UUID, late bool) (jobs []job, waiting []id.UUID, err error) {
	q := s.db.Read(ctx)
	events, err := s.events.ByID(q.Table(s.events.Table("events", eventIDs)), eventIDs)
	if err != nil || len(events) == 0 {
		return nil, nil, err
	}
	endpoints, existing, err := s.around(ctx, events)
	if err != nil {
		return nil, nil, err
	}
	jobs, waiting = s.planned(events, endpoints, existing)
	if len(jobs) == 0 {
		return nil, waiting, nil
	}
	jobs, trouble, err := s.sortOut(q, jobs)
	if err != nil {
		return nil, nil, err
	}
	if len(trouble) > 0 {
		err := s.db.Tx(ctx, func(tx *gorm.DB) error { return s.storeTrouble(tx, trouble) })
		if err != nil {
			return nil, nil, err
		}
	}
	if late {
		jobs, err = s.lease(ctx, jobs, s.now())
	}
	return jobs, waiting, err
}

// around reads the endpoints that events go to, and the deliveries of theirs that have a row, side by side: the first
// attempt waits for both.
func (s *Store) around(ctx context.Context, events []event.Event) (endpoints map[string]endpoint.Endpoint,
	existing map[string]Delivery, err error) {
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		endpoints, err = s.targets(s.db.Read(gctx), events)
		return err
	})
	g.Go(func() (err error) {
		existing, err = s.existing(s.db.Read(gctx), deliveriesOf(events))
		return err
	})
	return endpoints, existing, g.Wait()
}

// targets reads the endpoints that events go to.
func (s *Store) targets(q *gorm.DB, events []event.Event) (map[string]endpoint.Endpoint, error) {
	ids := map[string]bool{}
	for _, e := range events {
		for _, u := range e.Planned() {
			ids[u.TypeID(id.Endpoint)] = true
		}
	}
	return s.endpoints.ByID(q, slices.Collect(maps.Keys(ids)))
}

// deliveriesOf are the ids of all deliveries of events.
func deliveriesOf(events []event.Event) []id.UUID {
	var ids []id.UUID
	for _, e := range events {
		for _, u := range e.Planned() {
			ids = append(ids, ID(e.UUID(), u))
		}
	}
	return ids
}

// planned is a job for each delivery of the events that has no row. waiting are those whose row has never been
// attempted and waits for the queue.
func (s *Store) planned(events []event.Event, endpoints map[string]endpoint.Endpoint,
	existing map[string]Delivery) (jobs []job, waiting []id.UUID) {
	for _, e := range events {
		for _, u := range e.Planned() {
			if row, stored := existing[ID(e.UUID(), u).TypeID(id.Delivery)]; stored {
				if row.Status == Pending && row.Admission == Unthrottled {
					waiting = append(waiting, mustUUID(row.ID))
				}
				continue
			}
			target, known := endpoints[u.TypeID(id.Endpoint)]
			if !known {
				target.ID = u.TypeID(id.Endpoint)
				target.DeletedAt = db.At(s.now())
			}
			d := Planned(e, target)
			d.AttemptCount = 1
			jobs = append(jobs, job{delivery: d, endpoint: target, event: e})
		}
	}
	return jobs, waiting
}

// existing returns those of the deliveries that have a row, by id, with no more than where they stand.
func (s *Store) existing(q *gorm.DB, ids []id.UUID) (map[string]Delivery, error) {
	out := map[string]Delivery{}
	for part := range slices.Chunk(ids, fanOutRows) {
		var rows []Delivery
		from := q.Table(s.events.Table("deliveries", part)).Select("id", "status", "admission")
		if err := db.WhereUUIDs(from, "id", part).Find(&rows).Error; err != nil {
			return nil, err
		}
		for _, d := range rows {
			out[d.ID] = d
		}
	}
	return out, nil
}

// has says whether a delivery is among some.
func has(some map[string]Delivery, d Delivery) bool {
	_, there := some[d.ID]
	return there
}

// sortOut picks the jobs that can't be done now, and returns them as the rows that they become.
func (s *Store) sortOut(q *gorm.DB, jobs []job) (able []job, trouble []Delivery, err error) {
	tenantIDs := map[string]bool{}
	for _, j := range jobs {
		tenantIDs[j.delivery.TenantID] = true
	}
	reasons, err := s.suspendedOf(q, slices.Collect(maps.Keys(tenantIDs)))
	if err != nil {
		return nil, nil, err
	}
	now := s.now()
	for _, j := range jobs {
		d := j.delivery
		d.AttemptCount = 0
		switch reason := refused(j.endpoint); {
		case reason != "":
			trouble = append(trouble, d.Cancelled(reason, "", now))
		case reasons[d.TenantID] != "":
			trouble = append(trouble, d.suspended(reasons[d.TenantID], now))
		case j.endpoint.Throttle.Throttled():
			trouble = append(trouble, d.deferred(now))
		default:
			able = append(able, j)
		}
	}
	return able, trouble, nil
}

// storeTrouble stores rows of deliveries that had none. Those that are suspended wait for Resume, which must not have
// been just before.
func (s *Store) storeTrouble(tx *gorm.DB, rows []Delivery) error {
	tenantIDs := map[string]bool{}
	for _, d := range rows {
		if d.Reason == ReasonEntitlement || d.Reason == ReasonPaused {
			tenantIDs[d.TenantID] = true
		}
	}
	if len(tenantIDs) > 0 {
		reasons, err := s.suspendedFirmly(tx, slices.Collect(maps.Keys(tenantIDs)))
		if err != nil {
			return err
		}
		now := s.now()
		for i, d := range rows {
			if !tenantIDs[d.TenantID] || d.Status.Final() {
				continue
			}
			if reason := reasons[d.TenantID]; reason == "" || reason == reasonChanging { // the reconciler runs it at once
				rows[i].Reason, rows[i].DeadlineAt = "", db.At(now)
			}
		}
	}
	return s.insertTrouble(tx, rows)
}

// deferFull throttles the endpoints of jobs for which there is no room in flight, and defers the jobs.
func (s *Store) deferFull(ctx context.Context, jobs []job) error {
	now := s.now()
	rows := make([]Delivery, len(jobs))
	endpointIDs := map[string]bool{}
	for i, j := range jobs {
		rows[i] = j.delivery
		rows[i].AttemptCount = 0
		rows[i] = rows[i].deferred(now)
		endpointIDs[j.endpoint.ID] = true
	}
	return s.db.Tx(ctx, func(tx *gorm.DB) error {
		if err := s.insertTrouble(tx, rows); err != nil {
			return err
		}
		if err := s.deferLeased(tx, rows); err != nil {
			return err
		}
		locked, err := s.lockEndpoints(tx, slices.Sorted(maps.Keys(endpointIDs)))
		if err != nil {
			return err
		}
		for _, e := range locked {
			t := e.Throttle.Start(now)
			if t.ReleaseAt.IsZero() {
				t.ReleaseAt = db.At(now)
			}
			if err := writeThrottle(tx, e.ID, t); err != nil {
				return err
			}
		}
		return nil
	})
}

// deferLeased defers those of the deliveries that got a row with a lease while they waited for room.
func (s *Store) deferLeased(tx *gorm.DB, rows []Delivery) error {
	var leased []Delivery
	err := db.WhereUUIDs(s.db.ForUpdate(tx).Select("id"), "id", uuids(rows)).
		Where("status = ? AND attempt_count = 1", Delivering).Order("id").Find(&leased).Error
	if err != nil || len(leased) == 0 {
		return err
	}
	now := s.now()
	err = db.WhereUUIDs(tx.Model(&Delivery{}), "id", uuids(leased)).Updates(map[string]any{
		"status": Pending, "reason": ReasonThrottled, "attempt_count": 0, "admission": Deferred,
		"deadline_at": db.At(now.Add(DeferredFor)), "changed_at": db.At(now)}).Error
	if err != nil {
		return err
	}
	return db.WhereUUIDs(tx, "delivery_id", uuids(leased)).Where("status = ?", AttemptRunning).Delete(&Attempt{}).Error
}

func writeThrottle(tx *gorm.DB, endpointID string, t throttle.State) error {
	return tx.Model(&endpoint.Endpoint{}).Where("id = ?", endpointID).Updates(t.Columns()).Error
}
