package delivery

import (
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/tenant"
)

// heldReasons says which of the tenants' deliveries are held back, and why.
func (s *Store) heldReasons(tx *gorm.DB, tenantIDs []string) (map[string]string, error) {
	covered, err := s.covers(tx, tenantIDs)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	var held []string
	for _, id := range tenantIDs {
		if !covered[id] {
			out[id] = ReasonEntitlement
			held = append(held, id)
		}
	}
	if len(held) == 0 {
		return out, nil
	}
	paused, err := tenant.Paused(tx, held)
	for id := range paused {
		out[id] = ReasonPaused
	}
	return out, err
}

// reasonChanging is of a tenant that somebody is changing this very moment: whether its deliveries are held back is
// known in a moment. It is never stored.
const reasonChanging = "changing"

// holds is heldReasons for a transaction that is going to hold deliveries back: the tenants stay as they are until it
// ends. Otherwise it could hold them after Resume has looked, and nobody would resume them.
func (s *Store) holds(tx *gorm.DB, tenantIDs []string) (map[string]string, error) {
	suspects, err := s.heldReasons(tx, tenantIDs)
	if err != nil || len(suspects) == 0 {
		return nil, err
	}
	ids := slices.Sorted(maps.Keys(suspects))
	var steady []string
	if err := db.WhereIn(s.db.ForShareSkipLocked(tx.Model(&tenant.Tenant{})), "id", ids).Order("id").
		Pluck("id", &steady).Error; err != nil {
		return nil, err
	}
	out, err := s.heldReasons(tx, steady)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if !slices.Contains(steady, id) {
			out[id] = reasonChanging
		}
	}
	return out, nil
}

// holdBack puts off those deliveries that would be made but whose tenant's plan does not cover them, or whose tenant is
// paused, with the reason, and returns the others. Nothing is lost: Resume makes them due again.
func (s *Store) holdBack(tx *gorm.DB, rows []Delivery, byID map[string]claim) ([]Delivery, error) {
	owners := map[string]bool{}
	for _, d := range rows {
		owners[d.TenantID] = true
	}
	reasons, err := s.holds(tx, slices.Collect(maps.Keys(owners)))
	if err != nil || len(reasons) == 0 {
		return rows, err
	}
	var left []Delivery
	held := map[string][]string{}
	for _, d := range rows {
		waits := d.Status == Pending || d.Status == Retrying
		reason := reasons[d.TenantID]
		if reason == "" || !waits {
			left = append(left, d)
			continue
		}
		if reason == reasonChanging {
			byID[d.ID] = claim{verdict: wait, after: time.Second, delivery: d}
			continue
		}
		held[reason] = append(held[reason], d.ID)
		byID[d.ID] = claim{verdict: wait, after: heldFor, delivery: d}
	}
	for reason, ids := range held {
		if err := s.hold(db.WhereIn(tx, "id", ids), reason); err != nil {
			return nil, err
		}
	}
	return left, nil
}

// hold puts deliveries off with the reason, and takes them from their gates, whose room they would use up.
func (s *Store) hold(q *gorm.DB, reason string) error {
	return q.Model(&Delivery{}).Updates(map[string]any{
		"reason": reason, "deadline_at": db.At(s.now().Add(heldFor + grace)), "admission": Unthrottled,
	}).Error
}

// Resume makes due, in a transaction, what was held back of a tenant. It may be very much, so it goes through the gates
// of its endpoints, which begin small.
func (s *Store) Resume(tx *gorm.DB, tenantID string) error {
	now := s.now()
	held := func() *gorm.DB {
		return db.Tenant(tx, tenantID).Where("reason IN ? AND status IN ?", []string{ReasonEntitlement, ReasonPaused},
			[]Status{Pending, Retrying})
	}
	var ids []string
	if err := held().Model(&Delivery{}).Distinct().Pluck("endpoint_id", &ids).Error; err != nil || len(ids) == 0 {
		return err
	}
	rows, err := s.lockEndpoints(tx, ids)
	if err != nil {
		return err
	}
	for _, e := range rows {
		g := e.Throttle.Start(now)
		g.ReleaseAt = db.At(now)
		g.ConcurrencyLimit = min(g.ConcurrencyLimit, endpoint.InitialLimit)
		if err := writeGate(tx, e.ID, g); err != nil {
			return err
		}
	}
	return s.free(tx, held()).Updates(map[string]any{
		"reason": "", "next_attempt_at": db.At(now), "deadline_at": db.At(now.Add(parkedFor)), "admission": Deferred,
	}).Error
}
