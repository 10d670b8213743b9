package delivery

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/batch"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/queue"
)

// Store keeps deliveries and attempts.
type Store struct {
	db        *db.DB
	endpoints *endpoint.Store
	now       clock.Clock
	lease     time.Duration
	covers    func(tx *gorm.DB, tenantIDs []string) (map[string]bool, error)
	claims    *batch.Group[ticket, claim]
	woken     chan struct{} // calls this process's pump
	metrics   metrics

	partitionsUntil atomic.Int64 // Unix seconds; see hasPartitions

	// the requests under way in this process, of the fast and the bulk lane, and of the slow one
	ungated, gated *Flights
}

type metrics struct{ deferred, admitted atomic.Uint64 }

// Deferred is how many deliveries this process sent to wait at a gate.
func (s *Store) Deferred() uint64 { return s.metrics.deferred.Load() }

// Admitted is how many deliveries this process let through a gate.
func (s *Store) Admitted() uint64 { return s.metrics.admitted.Load() }

// ThrottledEndpoints counts the endpoints that are throttled, over all tenants.
func (s *Store) ThrottledEndpoints(ctx context.Context) (int64, error) {
	var n int64
	err := s.db.Read(ctx).Model(&endpoint.Endpoint{}).Where("throttled_at IS NOT NULL").Count(&n).Error
	return n, err
}

// NewStore makes a Store. lease is how long a worker may hold a claim; it must be longer than a task may run. covers
// says, in a transaction, to which of the tenants' endpoints requests may be made.
func NewStore(database *db.DB, endpoints *endpoint.Store, now clock.Clock, lease time.Duration, covers func(tx *gorm.DB,
	tenantIDs []string) (map[string]bool, error)) *Store {
	s := &Store{db: database, endpoints: endpoints, now: now, lease: lease, covers: covers, woken: make(chan struct{},
		1)}
	s.ungated, s.gated = newFlights(now, lease), newFlights(now, lease)
	s.claims = batch.New(200, database.Writers(), 0, s.claimAll)
	return s
}

// Limit sets how many requests a lane of this process makes at a time.
func (s *Store) Limit(lane string, requests int) { s.flights(lane).limit(lane, requests) }

// InFlight is how many requests of a queue this process has in flight.
func (s *Store) InFlight(lane string) int { return s.flights(lane).count(lane) }

// flights is what bounds the lane that a delivery's task runs in.
func (s *Store) flights(lane string) *Flights {
	if lane == queue.Slow {
		return s.gated
	}
	return s.ungated
}

// List returns deliveries newest first, without their bodies, and the cursor of the next page.
func (s *Store) List(ctx context.Context, scope principal.Scope, l page.Log, f Filter) ([]Delivery, *string, error) {
	if err := scope.Check(); err != nil {
		return nil, nil, err
	}
	if err := f.Check(); err != nil {
		return nil, nil, err
	}
	var rows []Delivery
	err := f.log(s.db.Read(ctx), scope, l).Find(&rows).Error
	rows, next := page.Cut(l, rows, func(d Delivery) page.Cursor { return page.Cursor{At: d.CreatedAt.Time, ID: d.ID} })
	return rows, next, err
}

// Get returns a delivery and its attempts in order.
func (s *Store) Get(ctx context.Context, scope principal.Scope, deliveryID string) (Delivery, []Attempt, error) {
	if err := scope.Check(); err != nil {
		return Delivery{}, nil, err
	}
	d, err := take(db.Scope(s.db.Read(ctx), scope), deliveryID)
	if err != nil {
		return d, nil, err
	}
	var attempts []Attempt
	err = db.Tenant(s.db.Read(ctx), scope.TenantID).Where("delivery_id = ?", deliveryID).Order("number").
		Find(&attempts).Error
	return d, attempts, err
}

func take(q *gorm.DB, deliveryID string) (Delivery, error) {
	return db.One[Delivery](q.Where("id = ?", deliveryID), "delivery")
}

// free narrows a change of many deliveries to those that nobody is working on: a change that waited for workers, while
// they wait for it, would never end. Those it passes over are seen to when they are claimed next.
func (s *Store) free(tx, where *gorm.DB) *gorm.DB {
	if !s.db.Postgres() {
		return where.Model(&Delivery{})
	}
	return tx.Model(&Delivery{}).Where("id IN (?)", s.db.ForUpdateSkipLocked(where.Model(&Delivery{}).Select("id")))
}

// replay makes a delivery that is in one of the states pending again; refusal is said when it is in another.
func (s *Store) replay(ctx context.Context, scope principal.Scope, deliveryID, refusal string,
	from ...Status) (Delivery, error) {
	if err := scope.Check(); err != nil {
		return Delivery{}, err
	}
	var d Delivery
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		var err error
		if d, err = take(s.db.ForUpdate(db.Scope(tx, scope)), deliveryID); err != nil {
			return err
		}
		if !slices.Contains(from, d.Status) {
			return problem.New(problem.Conflict, refusal, d.Status)
		}
		owners, err := s.endpoints.ByID(tx, []string{d.EndpointID})
		if err != nil {
			return err
		}
		switch e := owners[d.EndpointID]; {
		case e.ID == "" || !e.DeletedAt.IsZero():
			return problem.New(problem.Conflict,
				"The endpoint of this delivery was deleted, so there is nowhere to send it.")
		case !e.Enabled:
			return problem.New(problem.Conflict,
				"The endpoint of this delivery is disabled. Enable it first: PATCH /api/v1/webhooks/%s", e.ID)
		default:
			d.MaxAttempts = e.PolicyFor(d.EventType).Attempts()
		}
		now := s.now()
		d.Status, d.Reason, d.FailureCount = Pending, "", 0
		d.NextAttemptAt, d.DeadlineAt, d.FinishedAt = db.At(now), db.At(now.Add(grace)), db.Time{}
		return tx.Model(&Delivery{}).Where("id = ?", d.ID).
			Select("status", "reason", "failure_count", "max_attempts", "next_attempt_at", "deadline_at",
				"finished_at").Updates(&d).Error
	})
	return d, err
}

// CancelEndpoint ends, in a transaction, all deliveries of a deleted endpoint that wait. One that is being attempted
// ends when its next attempt would be due.
func (s *Store) CancelEndpoint(tx *gorm.DB, scope principal.Scope, endpointID string) error {
	if err := scope.Check(); err != nil {
		return err
	}
	return s.cancel(s.free(tx, db.Scope(tx, scope).Where("endpoint_id = ? AND status IN ?", endpointID,
		[]Status{Pending, Retrying})), ReasonEndpointDeleted)
}

func (s *Store) cancel(q *gorm.DB, reason string) error {
	return q.Model(&Delivery{}).Updates(map[string]any{
		"status": Cancelled, "reason": reason, "admission": Unthrottled, "next_attempt_at": nil, "deadline_at": nil,
		"finished_at": db.At(s.now()),
	}).Error
}

// Recall makes the reconciler look, as soon as it is due, at every delivery that waits in the queue. It is for when
// Redis has lost its memory.
func (s *Store) Recall(ctx context.Context) error {
	return s.db.Tx(ctx, func(tx *gorm.DB) error {
		return s.free(tx, tx.Where("deadline_at IS NOT NULL AND status IN ? AND admission <> ?",
			[]Status{Pending, Retrying}, Deferred)).
			Update("deadline_at", gorm.Expr("next_attempt_at")).Error
	})
}

// Orphan ends the lease of every attempt that is under way, so that the reconciler gives them up at once. It is for
// the start of a process that knows that there is no other worker.
func (s *Store) Orphan(ctx context.Context) error {
	return s.db.Tx(ctx, func(tx *gorm.DB) error {
		return tx.Model(&Delivery{}).Where("deadline_at IS NOT NULL AND status = ?", Delivering).
			Update("deadline_at", db.At(s.now())).Error
	})
}

// Overdue returns at most limit deliveries, each with the lane that it belongs in, that the queue should have
// moved on by the time and did not, over all tenants, and puts their deadline off. Attempts whose worker never came
// back are marked lost, and their deliveries are due again. With strays it looks also, whatever the time, for those
// that stand in no line: what a gate released, and what a worker holds; it then reads all that is past its deadline. Of
// the deliveries it returns no more than whose they are and where they stand.
func (s *Store) Overdue(ctx context.Context, by time.Time, strays bool, limit int) ([]Delivery, error) {
	var rows []Delivery
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		now := s.now()
		rows = nil
		q := s.db.ForUpdateSkipLocked(tx).Select("id", "tenant_id", "status", "admission").Order("deadline_at").
			Limit(limit)
		if strays {
			q = q.Where("deadline_at <= ? AND (deadline_at <= ? OR status = ? OR admission = ?)", db.At(now), db.At(by),
				Delivering, Admitted)
		} else {
			q = q.Where("deadline_at <= ?", db.At(by))
		}
		err := q.Find(&rows).Error
		if err != nil || len(rows) == 0 {
			return err
		}
		var ids, lost []string
		for _, d := range rows {
			ids = append(ids, d.ID)
			if d.Status == Delivering {
				lost = append(lost, d.ID)
			}
		}
		if err := s.giveUp(tx, lost, now); err != nil {
			return err
		}
		return db.WhereIn(tx.Model(&Delivery{}), "id", ids).Update("deadline_at", db.At(now.Add(recheck))).Error
	})
	return rows, err
}

// giveUp ends attempts whose worker is gone. They don't count against the retry policy: the endpoint did nothing
// wrong.
func (s *Store) giveUp(tx *gorm.DB, deliveryIDs []string, now time.Time) error {
	if len(deliveryIDs) == 0 {
		return nil
	}
	if err := markLost(tx, deliveryIDs, now); err != nil {
		return err
	}
	return db.WhereIn(tx.Model(&Delivery{}), "id", deliveryIDs).Updates(map[string]any{
		"status": Retrying, "reason": ReasonWorkerLost, "error": lostMessage, "next_attempt_at": db.At(now),
	}).Error
}

const lostMessage = "The worker ended before the answer came. The request may have arrived; it is sent again."

func markLost(tx *gorm.DB, deliveryIDs []string, now time.Time) error {
	if len(deliveryIDs) == 0 {
		return nil
	}
	err := db.WhereIn(tx.Model(&Attempt{}), "delivery_id", deliveryIDs).Where("status = ?", AttemptRunning).
		Updates(map[string]any{
			"status": AttemptLost, "error_code": ReasonWorkerLost, "error": lostMessage, "finished_at": db.At(now),
		}).Error
	if err != nil {
		return fmt.Errorf("delivery: %w", err)
	}
	return nil
}

// OldestWaiting is when the delivery that has been due the longest was due; zero when nothing waits. It reads one
// entry of an index.
func (s *Store) OldestWaiting(ctx context.Context) (time.Time, error) {
	var oldest db.Time
	err := s.db.Read(ctx).Model(&Delivery{}).Select("min(deadline_at)").Where("deadline_at IS NOT NULL").Row().
		Scan(&oldest)
	return oldest.Time, err
}
