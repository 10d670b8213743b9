package delivery

import (
	"context"
	"strconv"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
)

// wake makes this process's pump look soon. It never blocks.
func (s *Store) wake() {
	select {
	case s.woken <- struct{}{}:
	default:
	}
}

// pumpable returns the endpoints whose gates are to be looked at, over all tenants.
func (s *Store) pumpable(ctx context.Context, limit int) ([]string, error) {
	var ids []string
	err := s.db.Read(ctx).Model(&endpoint.Endpoint{}).Where("release_at <= ?", db.At(s.now())).Order("release_at").
		Limit(limit).Pluck("id", &ids).Error
	return ids, err
}

// call locks, in a transaction that is going to park deliveries at them, those endpoints that have gates, reads the
// gates again, and has the pump look unless it knows that nothing may pass. So no delivery is parked at a gate that
// goes away.
func (s *Store) call(tx *gorm.DB, endpoints []endpoint.Endpoint) error {
	var ids []string
	for _, e := range endpoints {
		if e.Throttle.Throttled() {
			ids = append(ids, e.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := s.lockEndpoints(tx, ids)
	if err != nil {
		return err
	}
	now := s.now()
	fresh := make(map[string]endpoint.Throttle, len(rows))
	for _, e := range rows {
		g := e.Throttle
		fresh[e.ID] = g
		if !g.Throttled() || (!g.ReleaseAt.IsZero() && budget(g, nil, 0, 0, now) == 0) {
			continue
		}
		g.ReleaseAt = db.At(now)
		if err := writeGate(tx, e.ID, g); err != nil {
			return err
		}
	}
	for i, e := range endpoints {
		if e.Throttle.Throttled() {
			endpoints[i].Throttle = fresh[e.ID]
		}
	}
	return nil
}

// release lets through an endpoint's gate what there is room for and returns it. Unless it insists it leaves an
// endpoint alone that somebody else is at; looked is false then.
func (s *Store) release(ctx context.Context, endpointID string, insist bool) (ids []string, looked bool, err error) {
	lock := s.db.ForUpdateSkipLocked
	if insist {
		lock = s.db.ForUpdate
	}
	err = s.db.Tx(ctx, func(tx *gorm.DB) error {
		ids, looked = nil, false
		now := s.now()
		var rows []endpoint.Endpoint
		err := lock(tx).Where("id = ? AND release_at <= ?", endpointID, db.At(now)).Find(&rows).Error
		if err != nil || len(rows) == 0 {
			return err
		}
		g, released, err := s.pump(tx, rows[0], now)
		if err != nil {
			return err
		}
		ids, looked = released, true
		return writeGate(tx, endpointID, g)
	})
	if err == nil {
		s.metrics.admitted.Add(uint64(len(ids)))
	}
	return ids, looked, err
}

// pump decides about a locked endpoint: what to release, and what becomes of its gate.
func (s *Store) pump(tx *gorm.DB, e endpoint.Endpoint, now time.Time) (endpoint.Throttle, []string, error) {
	g := e.Throttle
	g.ReleaseAt = db.Time{}
	if !g.Throttled() {
		return g, nil, nil
	}
	diverted, full, err := s.divert(tx, e, now)
	if err != nil || diverted {
		if g.ReleaseAt = db.At(now.Add(pumpEvery)); err == nil && !full {
			g.ReleaseAt, err = s.nextParked(tx, e.ID)
		}
		return g, nil, err
	}
	released, waiting, err := s.underWay(tx, e.ID)
	if err != nil {
		return g, nil, err
	}
	n := budget(g, e.RateLimit, released, waiting, now)
	ids, err := s.due(tx, e.ID, n, now)
	if err != nil {
		return g, nil, err
	}
	if len(ids) > 0 {
		if g.Circuit == endpoint.Open {
			g.Circuit = endpoint.HalfOpen
		}
		err := db.WhereIn(tx.Model(&Delivery{}), "id", ids).Updates(map[string]any{"admission": Admitted,
			"deadline_at": db.At(now.Add(grace))}).Error
		if err != nil {
			return g, nil, err
		}
	}
	if len(ids) == n { // the gate is full, or shut
		g.ReleaseAt = db.At(nextRoom(g, e.RateLimit != nil, now))
		return g, ids, nil
	}
	if released == 0 && len(ids) == 0 {
		if ungated, err := s.ungate(tx, e, now); ungated || err != nil {
			return endpoint.Throttle{Circuit: endpoint.Closed, NextTokenAt: g.NextTokenAt}, nil, err
		}
	}
	g.ReleaseAt, err = s.nextParked(tx, e.ID)
	return g, ids, err
}

// nextRoom is when a gate that lets nothing more through may do so again. What is under way calls when it is done, so
// it is only a second look.
func nextRoom(g endpoint.Throttle, limited bool, now time.Time) time.Time {
	switch {
	case g.RetryAfterUntil.After(now) && g.RetryAfterUntil.After(g.CircuitUntil.Time):
		return g.RetryAfterUntil.Time
	case g.Circuit == endpoint.Open && g.CircuitUntil.After(now):
		return g.CircuitUntil.Time
	case limited:
		return now.Add(pumpEvery)
	}
	return now.Add(time.Second)
}

const divertBatch = 500

// divert takes what is due from an endpoint that gets nothing: off, deleted, or of a tenant whose deliveries are held
// back. full says that there may be more.
func (s *Store) divert(tx *gorm.DB, e endpoint.Endpoint, now time.Time) (diverted, full bool, err error) {
	_, _, refused := judge(Delivery{Status: Pending}, e, now)
	held := ""
	if refused == "" {
		reasons, err := s.holds(tx, []string{e.TenantID})
		if held = reasons[e.TenantID]; err != nil || held == "" {
			return false, false, err
		}
		if held == reasonChanging {
			return true, true, nil
		}
	}
	var ids []string
	err = s.parkedDue(tx, e.ID, now).Order("next_attempt_at").Limit(divertBatch).Pluck("id", &ids).Error
	if err != nil || len(ids) == 0 {
		return true, false, err
	}
	q := db.WhereIn(tx, "id", ids)
	if refused != "" {
		return true, len(ids) == divertBatch, s.cancel(q, refused)
	}
	return true, len(ids) == divertBatch, s.hold(q, held)
}

func (s *Store) parkedDue(tx *gorm.DB, endpointID string, now time.Time) *gorm.DB {
	return at(s.db.ForUpdateSkipLocked(tx).Model(&Delivery{}), endpointID, Deferred).Where("next_attempt_at <= ?",
		db.At(now))
}

// at narrows a query of deliveries to those at a place of an endpoint's gate. The place is written out, since an index
// has only those that are at one: a plan for whatever the place is could not use it, and one is made again each time,
// for all days.
func at(q *gorm.DB, endpointID string, p Admission) *gorm.DB {
	return q.Where("endpoint_id = ? AND admission = "+strconv.Itoa(int(p)), endpointID)
}

// underWay counts what was released and is not finished, and what of it is yet to be claimed. A window bounds it. It
// asks for an order so that PostgreSQL takes the index that has it, and does not look for the few among all that is
// parked.
func (s *Store) underWay(tx *gorm.DB, endpointID string) (released, waiting int, err error) {
	var states []Status
	err = at(tx.Model(&Delivery{}), endpointID, Admitted).Order("next_attempt_at").Limit(2*endpoint.MaxLimit).
		Pluck("status", &states).Error
	for _, status := range states {
		if status != Delivering {
			waiting++
		}
	}
	return len(states), waiting, err
}

// due finds at most n parked deliveries: half of those that are due the longest, half of those that came last, so that
// a backlog moves on and does not hold up what is new.
func (s *Store) due(tx *gorm.DB, endpointID string, n int, now time.Time) ([]string, error) {
	if n == 0 {
		return nil, nil
	}
	oldest := (n + 1) / 2
	var ids, newest []string
	err := s.parkedDue(tx, endpointID, now).Order("next_attempt_at").Limit(oldest).Pluck("id", &ids).Error
	if err != nil || len(ids) < oldest || n == oldest {
		return ids, err
	}
	err = s.parkedDue(tx, endpointID, now).Where("id NOT IN ?", ids).Order("next_attempt_at DESC").Limit(n-oldest).
		Pluck("id", &newest).Error
	return append(ids, newest...), err
}

// nextParked is when the next parked delivery is due; zero when there is none.
func (s *Store) nextParked(tx *gorm.DB, endpointID string) (db.Time, error) {
	var next []Delivery
	err := at(tx.Select("next_attempt_at"), endpointID, Deferred).Order("next_attempt_at").Limit(1).Find(&next).Error
	if err != nil || len(next) == 0 {
		return db.Time{}, err
	}
	return next[0].NextAttemptAt, nil
}

// ungate takes the gate away from an endpoint that has shown that it needs none and of which nothing is due or under
// way. What is parked for later goes back to the queue by way of the reconciler.
func (s *Store) ungate(tx *gorm.DB, e endpoint.Endpoint, now time.Time) (bool, error) {
	g := e.Throttle
	if e.RateLimit != nil || g.Circuit == endpoint.Open || g.Circuit == endpoint.HalfOpen ||
		g.RetryAfterUntil.After(now) || g.Limit() < provenWindow {
		return false, nil
	}
	parked := func() *gorm.DB { return at(tx, e.ID, Deferred) }
	var some []string
	if err := parked().Model(&Delivery{}).Limit(divertBatch+1).Pluck("id", &some).Error; err != nil ||
		len(some) > divertBatch {
		return false, err // so many together would need the gate again
	}
	if len(some) == 0 {
		return true, nil
	}
	err := s.free(tx, parked()).Updates(map[string]any{"admission": Unthrottled,
		"deadline_at": gorm.Expr("next_attempt_at")}).Error
	if err != nil {
		return false, err
	}
	some = nil
	err = parked().Model(&Delivery{}).Limit(1).Pluck("id", &some).Error
	return len(some) == 0, err
}
