package delivery

import (
	"maps"
	"slices"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/tenant"
	"github.com/hookline/hookline/internal/throttle"
)

// Suspended says which of the tenants' deliveries are suspended, and why.
func (s *Store) Suspended(q *gorm.DB, tenantIDs []string) (map[string]string, error) {
	covered, err := s.config.Covers(q, tenantIDs)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	var suspects []string
	for _, tenantID := range tenantIDs {
		if !covered[tenantID] {
			out[tenantID] = ReasonEntitlement
			suspects = append(suspects, tenantID)
		}
	}
	if len(suspects) == 0 {
		return out, nil
	}
	paused, err := tenant.Paused(q, suspects)
	for tenantID := range paused {
		out[tenantID] = ReasonPaused
	}
	return out, err
}

// suspensionAge is how old the knowledge may be that a tenant's deliveries are not suspended.
const suspensionAge = time.Second

// suspensions remembers for a moment which tenants' deliveries are not suspended.
type suspensions struct {
	mu    sync.Mutex
	clear map[string]time.Time // when it was found
}

// unknown returns those of the tenants of which it is not known that nothing is suspended.
func (s *suspensions) unknown(tenantIDs []string, now time.Time) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(tenantIDs), func(tenantID string) bool {
		age := now.Sub(s.clear[tenantID])
		return age >= 0 && age < suspensionAge
	})
}

func (s *suspensions) note(tenantIDs []string, reasons map[string]string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.clear == nil || len(s.clear) > 10_000 {
		s.clear = map[string]time.Time{}
	}
	for _, tenantID := range tenantIDs {
		if reasons[tenantID] == "" {
			s.clear[tenantID] = now
		}
	}
}

// suspendedOf is Suspended with knowledge that may be a second old.
func (s *Store) suspendedOf(q *gorm.DB, tenantIDs []string) (map[string]string, error) {
	now := time.Now()
	ask := s.suspended.unknown(tenantIDs, now)
	if len(ask) == 0 {
		return nil, nil
	}
	reasons, err := s.Suspended(q, ask)
	if err == nil {
		s.suspended.note(ask, reasons, now)
	}
	return reasons, err
}

// reasonChanging is of a tenant that somebody is changing this very moment: whether its deliveries are suspended is
// known in a moment. It is never stored.
const reasonChanging = "changing"

// suspendedFirmly is Suspended for a transaction that is going to suspend deliveries: the tenants stay as they are
// until it ends. Otherwise it could suspend them after Resume has looked, and nobody would resume them.
func (s *Store) suspendedFirmly(tx *gorm.DB, tenantIDs []string) (map[string]string, error) {
	suspects, err := s.Suspended(tx, tenantIDs)
	if err != nil || len(suspects) == 0 {
		return nil, err
	}
	ids := slices.Sorted(maps.Keys(suspects))
	var steady []string
	if err := db.WhereIn(s.db.ForShareSkipLocked(tx.Model(&tenant.Tenant{})), "id", ids).Order("id").
		Pluck("id", &steady).Error; err != nil {
		return nil, err
	}
	out, err := s.Suspended(tx, steady)
	if err != nil {
		return nil, err
	}
	for _, tenantID := range ids {
		if !slices.Contains(steady, tenantID) {
			out[tenantID] = reasonChanging
		}
	}
	return out, nil
}

// suspended is a delivery that waits until its tenant's deliveries are resumed.
func (d Delivery) suspended(reason string, now time.Time) Delivery {
	d.Reason, d.Error, d.Admission = reason, "", Unthrottled
	d.DeadlineAt, d.ChangedAt = db.At(now.Add(suspendedFor+Grace)), db.At(now)
	return d
}

// suspend suspends deliveries with the reason, and takes them from the throttles of their endpoints.
func (s *Store) suspend(q *gorm.DB, reason string) error {
	now := s.now()
	return q.Model(&Delivery{}).Updates(map[string]any{
		"reason": reason, "deadline_at": db.At(now.Add(suspendedFor + Grace)), "admission": Unthrottled,
		"changed_at": db.At(now),
	}).Error
}

// Resume makes due, in a transaction, what was suspended of a tenant. It may be very much, so it goes through the
// throttles of its endpoints, which begin small.
func (s *Store) Resume(tx *gorm.DB, tenantID string) error {
	now := s.now()
	suspended := func() *gorm.DB {
		return db.Tenant(tx, tenantID).Where("reason IN ? AND status IN ?", []string{ReasonEntitlement, ReasonPaused},
			[]Status{Pending, Retrying})
	}
	var ids []id.UUID
	err := suspended().Model(&Delivery{}).Distinct().Pluck("endpoint_id", &ids).Error
	if err != nil || len(ids) == 0 {
		return err
	}
	texts := make([]string, len(ids))
	for i, u := range ids {
		texts[i] = u.TypeID(id.Endpoint)
	}
	err = s.unlocked(tx, suspended()).Updates(map[string]any{
		"reason": ReasonThrottled, "next_attempt_at": db.At(now), "deadline_at": db.At(now.Add(DeferredFor)),
		"admission": Deferred, "changed_at": db.At(now),
	}).Error
	if err != nil {
		return err
	}
	rows, err := s.lockEndpoints(tx, texts)
	if err != nil {
		return err
	}
	for _, e := range rows {
		t := e.Throttle.Start(now)
		t.ReleaseAt = db.At(now)
		t.ConcurrencyLimit = min(t.ConcurrencyLimit, throttle.InitialLimit)
		if err := writeThrottle(tx, e.ID, t); err != nil {
			return err
		}
	}
	db.AfterCommit(db.Context(tx), s.config.WakeReleasers)
	return nil
}
