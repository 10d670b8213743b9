package delivery

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/throttle"
)

const (
	// inTxMost is how many endpoints a tenant may have for its events to be fanned out when they are stored: publishers
	// should not wait for thousands of filters.
	inTxMost = 100
	// fanOutRows is how many rows one statement of a fan-out stores, or looks for.
	fanOutRows = 1000
	// inTxSteps is how many steps a tenant's filters may take while its events are stored, in a second and the one
	// before: about 100 ms. Beyond them its events are fanned out after the commit.
	inTxSteps = 1_000_000
	// eventSteps is how many steps all filters may take for one event, about half a second. The endpoints whose filter
	// comes after that do not get it.
	eventSteps = 5_000_000
	// turnSteps ends a transaction of FanOut.
	turnSteps = 1_000_000
)

// costs are the steps that the filters of tenants took lately, in this process.
type costs struct{ recent *clock.Recent[string] }

func newCosts(now clock.Clock) costs { return costs{clock.NewRecent[string](now)} }

// add counts steps of a tenant.
func (c costs) add(tenantID string, steps int) {
	if steps > 0 {
		c.recent.AddN(tenantID, steps)
	}
}

// over says that a tenant's events are fanned out after they were stored.
func (c costs) over(tenantID string) bool { return c.recent.Count(tenantID) >= inTxSteps }

// FanOutInTx implements event.FanOut. Events of tenants with more than inTxMost endpoints, and of those whose filters
// take long, are left to FanOut.
func (s *Store) FanOutInTx(q *gorm.DB, events []event.Event) (*event.Beside, error) {
	endpoints, err := s.candidates(q, events)
	if err != nil {
		return nil, err
	}
	now := s.now()
	rows := map[string][]Delivery{} // by event: those that need a row from the beginning
	for i := range events {
		targets := endpoints[events[i].Scope()]
		if len(targets) > inTxMost || s.costs.over(events[i].TenantID) {
			continue
		}
		some, spent := fanOut(&events[i], targets, now, inTxSteps)
		s.costs.add(events[i].TenantID, spent)
		switch {
		case spent >= inTxSteps:
			events[i].Endpoints, events[i].Reason, events[i].DispatchedAt = nil, "", db.Time{}
		case len(some) > 0:
			rows[events[i].ID], events[i].Settled = some, len(some)
			events[i].Deferred = len(some) == len(events[i].Endpoints) && slices.ContainsFunc(some, isDeferred)
		}
	}
	if len(rows) == 0 {
		return nil, nil
	}
	of := func(stored []event.Event) (all []Delivery) {
		for _, e := range stored {
			all = append(all, rows[e.ID]...)
		}
		return all
	}
	beside := &event.Beside{Store: func(tx *gorm.DB, stored []event.Event) error {
		return s.insertTrouble(tx, of(stored))
	}}
	if all := of(events); len(all) <= fanOutRows {
		beside.StoreBoth = func(q *gorm.DB, events []event.Event) error { return s.insertBoth(q, events, all) }
	}
	return beside, nil
}

// insertBoth stores events with their deliveries that are not going to be attempted now, by one statement of
// PostgreSQL. The releaser is called after it: should that fail, it looks by itself after DeferredFor.
func (s *Store) insertBoth(q *gorm.DB, events []event.Event, rows []Delivery) error {
	if _, err := db.InsertBoth(q, events, rows); err != nil {
		return err
	}
	if err := CallReleaser(q, rows, s.now()); err != nil {
		slog.Warn("calling the releaser failed; it will look later", "error", err)
	}
	s.stored(rows)
	return nil
}

// insertTrouble stores deliveries that are not going to be attempted now, in the order of their ids, and tells of them
// after the commit. Those that exist stay as they are.
func (s *Store) insertTrouble(tx *gorm.DB, rows []Delivery) error {
	if len(rows) == 0 {
		return nil
	}
	slices.SortFunc(rows, compareIDs)
	for part := range slices.Chunk(rows, fanOutRows) {
		if _, err := db.InsertNew(tx, part); err != nil {
			return err
		}
	}
	if err := CallReleaser(tx, rows, s.now()); err != nil {
		return err
	}
	db.AfterCommit(db.Context(tx), func() { s.stored(rows) })
	return nil
}

// releaseSoon is how far ahead a look of the releaser is that needs no call.
const releaseSoon = 2 * time.Second

// CallReleaser has the releaser look at the endpoints at which the rows were deferred in the transaction, unless it is
// going to soon, or the throttle admits nothing before it does: then the row of the endpoint is not touched, so that a
// flood of events does not wait for it.
func CallReleaser(tx *gorm.DB, rows []Delivery, now time.Time) error {
	deferred := map[string]bool{}
	for _, d := range rows {
		if isDeferred(d) {
			deferred[d.EndpointID] = true
		}
	}
	for _, endpointID := range slices.Sorted(maps.Keys(deferred)) {
		err := tx.Model(&endpoint.Endpoint{}).
			Where("id = ? AND throttled_at IS NOT NULL AND (release_at IS NULL OR release_at > ?)", endpointID,
				db.At(now.Add(releaseSoon))).
			Where("release_at IS NULL OR ((retry_after_until IS NULL OR retry_after_until <= ?) AND "+
				"(circuit <> ? OR circuit_until IS NULL OR circuit_until <= ?))", db.At(now), throttle.Open, db.At(now)).
			Update("release_at", db.At(now)).Error
		if err != nil {
			return err
		}
	}
	return nil
}

func isDeferred(d Delivery) bool { return d.Admission == Deferred }

// stored tells of rows that were stored without an attempt.
func (s *Store) stored(rows []Delivery) {
	s.config.Changed(rows)
	n := uint64(0)
	for _, d := range rows {
		if isDeferred(d) {
			n++
		}
	}
	if n > 0 {
		s.metrics.deferred.Add(n)
		s.config.WakeReleasers()
	}
}

// fanOut decides where an event goes, writes that into it, and returns the deliveries that are not attempted at once:
// of endpoints that are throttled, and of those that subscribe to the event's type and don't get it, whose cancelled
// delivery says why. The filters may take about most steps together; spent is how many they took.
func fanOut(e *event.Event, endpoints []endpoint.Endpoint, now time.Time, most int) (rows []Delivery, spent int) {
	seen := &endpoint.Occurrence{Type: e.Type, ID: e.WireID(), OccurredAt: e.OccurredAt.Time, Data: []byte(e.Data),
		Budget: most}
	e.Endpoints, e.Reason, e.DispatchedAt = nil, "", db.At(now)
	for _, target := range endpoints {
		if !target.Subscribes(e.Type) || !target.Concerns(e.UserNumber) {
			continue
		}
		u, err := id.Parse(target.ID)
		if err != nil {
			continue // no endpoint has such an id
		}
		e.Endpoints = append(e.Endpoints, u)
		reason, message := Unwanted(target, seen)
		switch {
		case reason != "":
			rows = append(rows, Planned(*e, target).Cancelled(reason, message, now))
		case target.Throttle.Throttled():
			rows = append(rows, Planned(*e, target).deferred(now))
		}
	}
	if len(e.Endpoints) == 0 {
		e.Reason = ReasonNoEndpoint
	}
	return rows, seen.Spent()
}

// Unwanted says why an event is not sent to an endpoint that subscribes to its type; the reason is empty when it is.
// The filter comes first: what it keeps out is not missed by an endpoint that is off.
func Unwanted(target endpoint.Endpoint, o *endpoint.Occurrence) (reason, message string) {
	passes, err := target.Passes(o)
	switch {
	case err != nil:
		return ReasonFilterError, err.Error()
	case !passes:
		return ReasonFiltered, ""
	}
	return refused(target), ""
}

// refused is why an endpoint gets nothing; empty when it gets what it wants.
func refused(e endpoint.Endpoint) string {
	switch {
	case e.ID == "" || !e.DeletedAt.IsZero():
		return ReasonEndpointDeleted
	case e.Enabled:
		return ""
	case e.DisabledReason == endpoint.ReasonGone:
		return ReasonGone
	}
	return ReasonEndpointDisabled
}

// candidates returns the endpoints of all scopes that the events are of.
func (s *Store) candidates(q *gorm.DB, events []event.Event) (map[principal.Scope][]endpoint.Endpoint, error) {
	out := map[principal.Scope][]endpoint.Endpoint{}
	for _, e := range events {
		out[e.Scope()] = nil
	}
	all, err := s.endpoints.Candidates(q, slices.Collect(maps.Keys(out)))
	for _, e := range all {
		out[e.Scope()] = append(out[e.Scope()], e)
	}
	return out, err
}

// FanOut fans those of the events out that are not fanned out yet, in one transaction: every delivery gets a row. It
// returns the rows that are to be run, and the events that are left for another turn.
func (s *Store) FanOut(ctx context.Context, eventIDs []id.UUID) (due []Delivery, left []event.Event,
	err error) {
	err = event.PartitionedTx(ctx, s.db, func(tx *gorm.DB) error {
		due, left = nil, nil
		events, err := s.events.ClaimUndispatched(tx, eventIDs)
		if err != nil || len(events) == 0 {
			return err
		}
		endpoints, err := s.candidates(tx, events)
		if err != nil {
			return err
		}
		spent := 0
		for i := range events {
			if spent >= turnSteps {
				left = events[i:]
				break
			}
			some, steps, err := s.fanOutAfter(tx, &events[i], endpoints[events[i].Scope()])
			if err != nil {
				return err
			}
			s.costs.add(events[i].TenantID, steps)
			due, spent = append(due, some...), spent+steps
		}
		return nil
	})
	return due, left, err
}

func (s *Store) fanOutAfter(tx *gorm.DB, e *event.Event, targets []endpoint.Endpoint) (due []Delivery, spent int,
	err error) {
	now := s.now()
	rows, spent := fanOut(e, targets, now, eventSteps)
	known := map[string]bool{}
	for _, d := range rows {
		known[d.EndpointID] = true
	}
	byID := make(map[string]endpoint.Endpoint, len(targets))
	for _, target := range targets {
		byID[target.ID] = target
	}
	for _, u := range e.Endpoints {
		target := byID[u.TypeID(id.Endpoint)]
		if !known[target.ID] {
			d := Planned(*e, target)
			d.DeadlineAt = db.At(now.Add(Grace))
			due = append(due, d)
		}
	}
	if err := s.insertTrouble(tx, slices.Concat(rows, due)); err != nil {
		return nil, 0, err
	}
	return due, spent, s.events.MarkDispatched(tx, *e)
}
