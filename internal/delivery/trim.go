package delivery

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
)

// keepNewest is how many deliveries an endpoint of the profile inboxops keeps, however old: "the last 100 or 30 days"
// is all of the time and at least that many.
const keepNewest = 100

// keepers are the endpoints that do.
const keepers = "SELECT id FROM endpoints WHERE profile = 'inboxops' AND deleted_at IS NULL"

// deleteFinished deletes at most sweepBatch deliveries in the states that finished before the time, with their
// attempts, and returns how many. Whole days go at once where the database is partitioned, so a delivery goes when
// the day on which it was made is over, too; it is the same on both engines.
func (s *Store) deleteFinished(ctx context.Context, states []Status, before time.Time) (int64, error) {
	return s.delete(ctx, func(q *gorm.DB) *gorm.DB {
		q = q.Where("finished_at < ? AND id < ? AND status IN ?", db.At(before), id.Since(id.Delivery, dayOf(before)),
			states)
		if states[0] != Dead {
			q = q.Where("endpoint_id NOT IN (" + keepers + ")")
		}
		return q.Order("finished_at")
	})
}

// trim does the same for the endpoints that keep a number, and keeps it.
func (s *Store) trim(ctx context.Context, before time.Time) error {
	var endpoints []struct {
		ID string
		principal.Scope
	}
	err := s.db.Read(ctx).Table("endpoints").Select("id", "tenant_id", "environment").Where("id IN (" + keepers + ")").
		Scan(&endpoints).Error
	if err != nil {
		return err
	}
	for _, e := range endpoints {
		var oldest []Delivery
		err := db.Scope(s.db.Read(ctx), e.Scope).Select("id", "created_at").Where("endpoint_id = ?", e.ID).
			Order("created_at DESC, id DESC").Offset(keepNewest - 1).Limit(1).Find(&oldest).Error
		if err != nil {
			return err
		}
		if len(oldest) == 0 {
			continue
		}
		for n := int64(sweepBatch); n == sweepBatch; {
			n, err = s.delete(ctx, func(q *gorm.DB) *gorm.DB {
				return db.Scope(q, e.Scope).Where("endpoint_id = ?", e.ID).
					Where("(created_at, id) < (?, ?)", oldest[0].CreatedAt, oldest[0].ID).
					Where("finished_at < ? AND id < ? AND status IN ?", db.At(before), id.Since(id.Delivery,
						dayOf(before)), []Status{Succeeded, Cancelled}).
					Order("created_at, id")
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Store) delete(ctx context.Context, narrow func(*gorm.DB) *gorm.DB) (int64, error) {
	var ids []string
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		err := narrow(s.db.ForUpdateSkipLocked(tx).Model(&Delivery{})).Limit(sweepBatch).Pluck("id", &ids).Error
		if err != nil || len(ids) == 0 {
			return err
		}
		if err := tx.Where("delivery_id IN ?", ids).Delete(&Attempt{}).Error; err != nil {
			return err
		}
		return tx.Where("id IN ?", ids).Delete(&Delivery{}).Error
	})
	return int64(len(ids)), err
}

// Oldest is when the oldest deliveries and attempts that are kept were made, zero when there are none. An attempt lies
// with its delivery, so what is oldest of both is found by the order of ids, in the first entries of an index.
func (s *Store) Oldest(ctx context.Context) (deliveries, attempts time.Time, err error) {
	var d []Delivery
	if err = s.db.Read(ctx).Select("id", "created_at").Order("id").Limit(1).Find(&d).Error; err != nil || len(d) == 0 {
		return deliveries, attempts, err
	}
	deliveries = d[0].CreatedAt.Time
	var a []Attempt
	err = s.db.Read(ctx).Select("started_at").Order("delivery_id, number").Limit(1).Find(&a).Error
	if len(a) > 0 {
		attempts = a[0].StartedAt.Time
	}
	return deliveries, attempts, err
}
