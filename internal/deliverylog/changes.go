package deliverylog

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
)

// Mark has the fields of a delivery that differ after every change that its tenant sees.
type Mark struct {
	ID            string `gorm:"serializer:dlv"`
	Status        delivery.Status
	Reason        string
	AttemptCount  int
	NextAttemptAt db.Time
	ChangedAt     db.Time
}

// MarkOf is the mark of a delivery.
func MarkOf(d delivery.Delivery) Mark {
	return Mark{ID: d.ID, Status: d.Status, Reason: d.Reason, AttemptCount: d.AttemptCount,
		NextAttemptAt: d.NextAttemptAt, ChangedAt: d.ChangedAt}
}

// Change is a delivery as it is after a change, and its latest attempt without headers and answer.
type Change struct {
	Delivery delivery.Delivery
	Attempt  *delivery.Attempt // nil before the first
}

// Recent returns the marks of the tenant's newest deliveries, at most limit, newest first, and then those of further
// deliveries in each of the statuses, at most the newest limit of each.
func (s *Store) Recent(ctx context.Context, scope principal.Scope, limit int, statuses ...delivery.Status) ([]Mark,
	error) {
	if err := scope.Check(); err != nil {
		return nil, err
	}
	log := func() *gorm.DB {
		return db.Scope(s.db.Read(ctx).Model(&delivery.Delivery{}), scope).
			Select("id", "status", "reason", "attempt_count", "next_attempt_at", "changed_at").
			Order("id DESC").Limit(limit)
	}
	var all []Mark
	if err := log().Find(&all).Error; err != nil {
		return nil, err
	}
	known := make(map[string]bool, len(all))
	for _, m := range all {
		known[m.ID] = true
	}
	for _, status := range statuses {
		var some []Mark
		if err := log().Where(notSucceeded+" AND status = ?", status).Find(&some).Error; err != nil {
			return nil, err
		}
		for _, m := range some {
			if !known[m.ID] {
				known[m.ID] = true
				all = append(all, m)
			}
		}
	}
	return all, nil
}

// Changes returns the deliveries with the ids as they are now, in the order of their last change.
func (s *Store) Changes(ctx context.Context, scope principal.Scope, deliveryIDs []string) ([]Change, error) {
	if err := scope.Check(); err != nil || len(deliveryIDs) == 0 {
		return nil, err
	}
	ids, err := id.In(deliveryIDs)
	if err != nil {
		return nil, err
	}
	var rows []delivery.Delivery
	if err := db.WhereLogUUIDs(db.Scope(s.db.Read(ctx), scope), "id", ids).Find(&rows).Error; err != nil {
		return nil, err
	}
	if err := s.tellWhen(s.db.Read(ctx), rows); err != nil {
		return nil, err
	}
	ids = ids[:0] // of the tenant
	for _, d := range rows {
		ids = append(ids, uuidOf(d))
	}
	var attempts []delivery.Attempt
	err = db.WhereLogUUIDs(s.db.Read(ctx), "delivery_id", ids).
		Select("delivery_id", "number", "status", "response_status", "error_code", "error", "started_at",
			"finished_at").
		Find(&attempts).Error
	if err != nil {
		return nil, err
	}
	latest := map[string]*delivery.Attempt{}
	for i, a := range attempts {
		if known := latest[a.DeliveryID]; known == nil || known.Number < a.Number {
			latest[a.DeliveryID] = &attempts[i]
		}
	}
	slices.SortFunc(rows, func(a, b delivery.Delivery) int { return a.ChangedAt.Compare(b.ChangedAt.Time) })
	out := make([]Change, 0, len(rows))
	for _, d := range rows {
		out = append(out, Change{Delivery: d, Attempt: latest[d.ID]})
	}
	return out, nil
}
