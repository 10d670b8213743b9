package delivery

import (
	"cmp"
	"context"
	"strings"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/queue"
)

// Config is what a Store needs to know.
type Config struct {
	// Lease is how long the lease of an attempt lasts unless its worker renews it; leaseFor if it is zero.
	Lease time.Duration
	// Covers says, in a transaction, to which of the tenants' endpoints requests may be made.
	Covers func(q *gorm.DB, tenantIDs []string) (map[string]bool, error)
	// Changed is told, after the commit, of rows that were stored or changed without an attempt. It must not block. It
	// may be nil.
	Changed func(rows []Delivery)
	// WakeReleasers has the releasers of all processes look at once. It must not block. It may be nil.
	WakeReleasers func()
}

// Store keeps the deliveries that make trouble, and inserts those that are over.
type Store struct {
	db        *db.DB
	endpoints *endpoint.Store
	events    *event.Store
	now       clock.Clock
	config    Config
	suspended suspensions
	costs     costs
	metrics   metrics
	releaser  signal // somebody deferred deliveries, or a throttle may admit more

	// the requests in flight in this process, of the fast and the bulk queue, and of the slow one
	fast, slow *InFlight
	leases     leases // of this process
}

type metrics struct{ deferred, admitted, reconciled, internal atomic.Uint64 }

// Deferred is how many deliveries this process deferred.
func (s *Store) Deferred() uint64 { return s.metrics.deferred.Load() }

// Admitted is how many deferred deliveries this process admitted.
func (s *Store) Admitted() uint64 { return s.metrics.admitted.Load() }

// Reconciled is how many deliveries that the queue did not run in time this process made due.
func (s *Store) Reconciled() uint64 { return s.metrics.reconciled.Load() }

// InternalErrors is how many requests this process could not make because of an error of ours.
func (s *Store) InternalErrors() uint64 { return s.metrics.internal.Load() }

// NewStore makes a Store.
func NewStore(database *db.DB, endpoints *endpoint.Store, events *event.Store, now clock.Clock, c Config) *Store {
	if c.Changed == nil {
		c.Changed = func([]Delivery) {}
	}
	if c.WakeReleasers == nil {
		c.WakeReleasers = func() {}
	}
	c.Lease = cmp.Or(c.Lease, leaseFor)
	return &Store{db: database, endpoints: endpoints, events: events, now: now, config: c, costs: newCosts(now),
		releaser: newSignal(), fast: newInFlight(now), slow: newInFlight(now)}
}

// Limit sets how many requests of a queue this process has in flight at a time.
func (s *Store) Limit(name string, requests int) { s.inFlight(name).limit(name, requests) }

// InFlight is how many requests of a queue this process has in flight.
func (s *Store) InFlight(name string) int { return s.inFlight(name).count(name) }

// Load is how many deliveries of a queue this process has taken from it and not completed.
func (s *Store) Load(name string) int { return s.inFlight(name).load(name) }

func (s *Store) inFlight(name string) *InFlight {
	if name == queue.Slow {
		return s.slow
	}
	return s.fast
}

// ThrottledEndpoints counts the endpoints that are throttled, over all tenants.
func (s *Store) ThrottledEndpoints(ctx context.Context) (int64, error) {
	var n int64
	err := s.db.Read(ctx).Model(&endpoint.Endpoint{}).Where("throttled_at IS NOT NULL").Count(&n).Error
	return n, err
}

// OldestWaiting is when the row that has been due the longest was due; zero when nothing waits. It reads one entry of
// an index.
func (s *Store) OldestWaiting(ctx context.Context) (time.Time, error) {
	var oldest db.Time
	err := s.db.Read(ctx).Model(&Delivery{}).Select("min(deadline_at)").Where("deadline_at IS NOT NULL").Row().
		Scan(&oldest)
	return oldest.Time, err
}

// unlocked narrows a change of many deliveries to those that nobody is working on: a change that waited for workers,
// while they wait for it, would never end. Those it passes over are seen to when they are claimed next.
func (s *Store) unlocked(tx, where *gorm.DB) *gorm.DB {
	if !s.db.Postgres() {
		return where.Model(&Delivery{})
	}
	return tx.Model(&Delivery{}).Where("id IN (?)", s.db.ForUpdateSkipLocked(where.Model(&Delivery{}).Select("id")))
}

// CancelEndpoint ends, in a transaction, all deliveries of a deleted endpoint that wait. One that is being attempted
// ends when its next attempt would be due, and one that is planned when a worker comes to it.
func (s *Store) CancelEndpoint(tx *gorm.DB, scope principal.Scope, endpointID string) error {
	q := db.WhereID(db.Scope(tx, scope), "endpoint_id", endpointID).Where("status IN ?", []Status{Pending, Retrying})
	return s.cancel(s.unlocked(tx, q), ReasonEndpointDeleted)
}

func (s *Store) cancel(q *gorm.DB, reason string) error {
	now := db.At(s.now())
	return q.Model(&Delivery{}).Updates(map[string]any{
		"status": Cancelled, "reason": reason, "admission": Unthrottled, "next_attempt_at": nil, "deadline_at": nil,
		"finished_at": now, "changed_at": now,
	}).Error
}

// Cancelled is a delivery that ended without an attempt.
func (d Delivery) Cancelled(reason, message string, now time.Time) Delivery {
	d.Status, d.Reason, d.Error, d.Admission = Cancelled, reason, message, Unthrottled
	d.NextAttemptAt, d.DeadlineAt = db.Time{}, db.Time{}
	d.FinishedAt, d.ChangedAt = db.At(now), db.At(now)
	return d
}

// deferred is a delivery that waits for the releaser.
func (d Delivery) deferred(now time.Time) Delivery {
	d.Admission, d.DeadlineAt, d.ChangedAt = Deferred, db.At(now.Add(DeferredFor)), db.At(now)
	if d.Status == Pending {
		d.Reason, d.Error = ReasonThrottled, ""
	}
	return d
}

// Planned is the delivery of an event to an endpoint as it is before anything happened.
func Planned(e event.Event, to endpoint.Endpoint) Delivery {
	target, _ := id.Parse(to.ID)
	return Delivery{
		ID: ID(e.UUID(), target).TypeID(id.Delivery), TenantID: e.TenantID, Environment: e.Environment, EventID: e.ID,
		PublisherID: e.PublisherID, EventType: e.Type, EndpointID: to.ID, Status: Pending,
		MaxAttempts: to.PolicyFor(e.Type).Attempts(), NextAttemptAt: e.CreatedAt, CreatedAt: e.CreatedAt,
		ChangedAt: e.CreatedAt,
	}
}

// uuids are the ids of deliveries as the database has them.
func uuids(rows []Delivery) []id.UUID {
	out := make([]id.UUID, len(rows))
	for i, d := range rows {
		out[i], _ = id.Parse(d.ID)
	}
	return out
}

// signal wakes whoever waits for it; signals in between are one.
type signal chan struct{}

func newSignal() signal { return make(signal, 1) }

// send never blocks.
func (s signal) send() {
	select {
	case s <- struct{}{}:
	default:
	}
}

func compareIDs(a, b Delivery) int { return strings.Compare(a.ID, b.ID) }
