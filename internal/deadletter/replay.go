package deadletter

import (
	"context"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
)

// Replay makes a dead delivery pending again, with its whole retry policy before it. The caller then enqueues it,
// unless it is deferred.
func (s *Store) Replay(ctx context.Context, scope principal.Scope, deliveryID string) (delivery.Delivery, error) {
	return s.replay(ctx, scope, deliveryID, "Only a dead delivery can be replayed; this one is %s.",
		func(status delivery.Status) bool { return status == delivery.Dead })
}

// Resend is Replay for a delivery that is over, however it ended. It is the only way out of succeeded.
func (s *Store) Resend(ctx context.Context, scope principal.Scope, deliveryID string) (delivery.Delivery, error) {
	return s.replay(ctx, scope, deliveryID, "Only a delivery that is over can be replayed; this one is %s.",
		delivery.Status.Final)
}

// replay makes a delivery in a state that may be replayed pending again; otherwise it fails with refusal.
func (s *Store) replay(ctx context.Context, scope principal.Scope, deliveryID, refusal string,
	may func(delivery.Status) bool) (delivery.Delivery, error) {
	if err := scope.Check(); err != nil {
		return delivery.Delivery{}, err
	}
	var d delivery.Delivery
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		var err error
		if d, err = take(s.db.ForUpdate(db.Scope(tx, scope)), deliveryID); err != nil {
			return err
		}
		own, err := s.endpoints.OwnOf(tx, scope)
		if err != nil {
			return err
		}
		if !own.Has(d.EndpointID) {
			return problem.Missing("delivery")
		}
		if d.TestBody != nil {
			return problem.New(problem.Conflict, "A test can't be replayed. Send another: POST /api/v1/webhooks/%s/test",
				d.EndpointID)
		}
		if !may(d.Status) {
			return problem.New(problem.Conflict, refusal, d.Status)
		}
		to, err := s.targets(tx, []delivery.Delivery{d})
		if err != nil {
			return err
		}
		switch to.refuse(d) {
		case delivery.ReasonEndpointDeleted:
			return problem.New(problem.Conflict,
				"The endpoint of this delivery was deleted, so there is nowhere to send it.")
		case delivery.ReasonEndpointDisabled:
			return problem.New(problem.Conflict,
				"The endpoint of this delivery is disabled. Enable it first: PATCH /api/v1/webhooks/%s", d.EndpointID)
		case delivery.ReasonEntitlement:
			return problem.New(problem.EntitlementRequired,
				"The tenant's plan does not include webhooks, so nothing is delivered. Upgrade it, then replay.")
		}
		d = again(d, to.endpoints[d.EndpointID], s.now(), delivery.Grace)
		return s.saveAgain(tx, []delivery.Delivery{d})
	})
	return d, err
}

// again is a delivery that is pending with its whole retry policy before it. After reconcileAfter the reconciler looks
// at it; at a deferred one the releaser looks.
func again(d delivery.Delivery, e endpoint.Endpoint, now time.Time, reconcileAfter time.Duration) delivery.Delivery {
	d.Status, d.Reason, d.Admission = delivery.Pending, "", delivery.Unthrottled
	d.FailureCount, d.MaxAttempts = 0, e.PolicyFor(d.EventType).Attempts()
	d.NextAttemptAt, d.DeadlineAt = db.At(now), db.At(now.Add(reconcileAfter))
	d.FinishedAt, d.ChangedAt = db.Time{}, db.At(now)
	if e.Throttle.Throttled() {
		d.Admission, d.Reason = delivery.Deferred, delivery.ReasonThrottled
		d.DeadlineAt = db.At(now.Add(delivery.DeferredFor))
	}
	return d
}

// saveAgain writes deliveries that again has changed alike or that differ in the number of attempts and the admission.
func (s *Store) saveAgain(tx *gorm.DB, rows []delivery.Delivery) error {
	type change struct {
		maxAttempts int
		admission   delivery.Admission
	}
	byChange := map[change][]id.UUID{}
	example := map[change]delivery.Delivery{}
	for _, d := range rows {
		u, err := id.Parse(d.ID)
		if err != nil {
			return err
		}
		c := change{d.MaxAttempts, d.Admission}
		byChange[c], example[c] = append(byChange[c], u), d
	}
	for c, ids := range byChange {
		d := example[c]
		err := db.WhereLogUUIDs(tx.Model(&delivery.Delivery{}), "id", ids).
			Select("status", "reason", "failure_count", "max_attempts", "admission", "next_attempt_at", "deadline_at",
				"finished_at", "changed_at").Updates(&d).Error
		if err != nil {
			return err
		}
	}
	return s.stored(tx, rows)
}

// stored has the releaser look at the endpoints of deferred deliveries, which targets has locked, and tells the rest of
// the program after the commit.
func (s *Store) stored(tx *gorm.DB, rows []delivery.Delivery) error {
	if err := delivery.CallReleaser(tx, rows, s.now()); err != nil {
		return err
	}
	db.AfterCommit(db.Context(tx), func() {
		s.config.Changed(rows)
		if slices.ContainsFunc(rows, func(d delivery.Delivery) bool { return d.Admission == delivery.Deferred }) {
			s.config.WakeReleasers()
		}
	})
	return nil
}

// targets is where deliveries go: their endpoints, and why tenants' deliveries are suspended.
type targets struct {
	endpoints map[string]endpoint.Endpoint
	suspended map[string]string
}

// targets reads the targets of deliveries, of which it uses the endpoint and the tenant. In a transaction it locks the
// endpoints that are throttled: the releaser must not end a throttle for which a delivery is about to be deferred.
func (s *Store) targets(q *gorm.DB, rows []delivery.Delivery) (targets, error) {
	endpointIDs, tenantIDs := map[string]bool{}, map[string]bool{}
	for _, d := range rows {
		endpointIDs[d.EndpointID], tenantIDs[d.TenantID] = true, true
	}
	var t targets
	if len(rows) == 0 {
		return t, nil
	}
	var err error
	if t.endpoints, err = s.endpoints.ByID(q, slices.Sorted(maps.Keys(endpointIDs))); err != nil {
		return t, err
	}
	if t.suspended, err = s.config.Suspended(q, slices.Sorted(maps.Keys(tenantIDs))); err != nil {
		return t, err
	}
	var throttled []string
	for _, e := range t.endpoints {
		if e.Throttle.Throttled() {
			throttled = append(throttled, e.ID)
		}
	}
	if len(throttled) == 0 || !db.InUnit(db.Context(q)) {
		return t, nil
	}
	var locked []endpoint.Endpoint
	err = db.WhereIn(s.db.ForUpdate(q), "id", throttled).Order("id").Find(&locked).Error
	for _, e := range locked {
		t.endpoints[e.ID] = e
	}
	return t, err
}

// refuse says why a delivery can't be sent now; it is empty when it can. What a paused tenant replays waits with the
// rest.
func (t targets) refuse(d delivery.Delivery) string {
	switch e := t.endpoints[d.EndpointID]; {
	case e.ID == "" || !e.DeletedAt.IsZero():
		return delivery.ReasonEndpointDeleted
	case !e.Enabled:
		return delivery.ReasonEndpointDisabled
	case t.suspended[d.TenantID] == delivery.ReasonEntitlement:
		return delivery.ReasonEntitlement
	}
	return ""
}

// replayMany makes locked deliveries, in a transaction, pending again and due at once, except those that nothing can
// be sent to.
func (s *Store) replayMany(tx *gorm.DB, rows []delivery.Delivery, part *Part) error {
	to, err := s.targets(tx, rows)
	if err != nil {
		return err
	}
	now := s.now()
	var replayed []delivery.Delivery
	for _, d := range rows {
		if reason := to.refuse(d); reason != "" {
			part.Skipped[reason]++
			continue
		}
		replayed = append(replayed, again(d, to.endpoints[d.EndpointID], now, 0))
		part.IDs = append(part.IDs, d.ID)
	}
	if len(replayed) == 0 {
		return nil
	}
	return s.saveAgain(tx, replayed)
}
