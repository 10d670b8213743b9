package delivery

import (
	"context"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
)

// overdue returns at most limit rows that the queue should have moved on by the time and did not, over all tenants, and
// puts their deadline off. With expiring, attempts whose lease expired are ended, and their deliveries are due again.
// With strays it returns also, whatever the time, rows that are in no queue with a backlog: those that were admitted,
// and those whose lease expired; it then reads all that is past its deadline. Of a row it returns no more than whose it
// is and where it stands.
func (s *Store) overdue(ctx context.Context, now, by time.Time, strays, expiring bool, limit int) ([]Delivery, error) {
	var rows []Delivery
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		rows = nil
		q := s.db.ForUpdateSkipLocked(tx).Select("id", "tenant_id", "endpoint_id", "status", "admission").
			Order("deadline_at").Limit(limit)
		if strays {
			q = q.Where("deadline_at <= ? AND (deadline_at <= ? OR status = ? OR admission = ?)", db.At(now), db.At(by),
				Delivering, Admitted)
		} else {
			q = q.Where("deadline_at <= ?", db.At(by))
		}
		if !expiring {
			q = q.Where("status <> ?", Delivering)
		}
		err := q.Find(&rows).Error
		if err != nil || len(rows) == 0 {
			return err
		}
		if rows, err = s.keepOwn(tx, rows, now); err != nil || len(rows) == 0 {
			return err
		}
		var expired, deferred []Delivery
		for _, d := range rows {
			if d.Status == Delivering {
				expired = append(expired, d)
			}
			if d.Admission == Deferred {
				deferred = append(deferred, d)
			}
		}
		if err := s.expire(tx, expired, now); err != nil {
			return err
		}
		err = db.WhereUUIDs(tx.Model(&Delivery{}), "id", uuids(rows)).
			Update("deadline_at", db.At(now.Add(Grace))).Error
		if err != nil || len(deferred) == 0 {
			return err
		}
		return s.recallDeferred(tx, deferred, now)
	})
	return rows, err
}

// keepOwn renews the leases of attempts that this process is making, which a database that is busy may have kept it
// from renewing in time, and returns the other rows.
func (s *Store) keepOwn(tx *gorm.DB, rows []Delivery, now time.Time) ([]Delivery, error) {
	var own, others []Delivery
	for _, d := range rows {
		if d.Status == Delivering && s.leases.holds(mustUUID(d.ID)) {
			own = append(own, d)
		} else {
			others = append(others, d)
		}
	}
	if len(own) == 0 {
		return rows, nil
	}
	return others, db.WhereUUIDs(tx.Model(&Delivery{}), "id", uuids(own)).
		Update("deadline_at", s.leaseEnd(now)).Error
}

// recallDeferred has the releaser look at deferred deliveries, and makes those due whose endpoint is not throttled.
func (s *Store) recallDeferred(tx *gorm.DB, rows []Delivery, now time.Time) error {
	if err := CallReleaser(tx, rows, now); err != nil {
		return err
	}
	ids := map[string]bool{}
	for _, d := range rows {
		ids[d.EndpointID] = true
	}
	owners, err := s.endpoints.ByID(tx, slices.Sorted(maps.Keys(ids)))
	if err != nil {
		return err
	}
	var free, kept []Delivery
	for _, d := range rows {
		if owners[d.EndpointID].Throttle.Throttled() {
			kept = append(kept, d)
		} else {
			free = append(free, d)
		}
	}
	if len(free) > 0 {
		if err := undefer(db.WhereUUIDs(tx.Model(&Delivery{}), "id", uuids(free)), now); err != nil {
			return err
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return db.WhereUUIDs(tx.Model(&Delivery{}), "id", uuids(kept)).
		Update("deadline_at", db.At(now.Add(DeferredFor))).Error
}

// recall makes the reconciler look, as soon as it is due, at every row that waits in the queue. It is for when Redis
// has lost its memory.
func (s *Store) recall(ctx context.Context) error {
	return s.db.Tx(ctx, func(tx *gorm.DB) error {
		return s.unlocked(tx, tx.Where("deadline_at IS NOT NULL AND status IN ? AND admission <> ?",
			[]Status{Pending, Retrying}, Deferred)).Update("deadline_at", gorm.Expr("next_attempt_at")).Error
	})
}
