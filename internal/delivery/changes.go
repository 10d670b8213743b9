package delivery

import (
	"context"
	"slices"
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/principal"
)

// Mark says that a delivery changed, and when it did last.
type Mark struct {
	ID        string
	ChangedAt db.Time
}

// Change is a delivery as it is after a change, without its body, and its latest attempt, without headers and answer.
type Change struct {
	Delivery Delivery
	Attempt  *Attempt // nil before the first
}

// Clock is the time by the database's clock, which is the one that changes are stamped with.
func (s *Store) Clock(ctx context.Context) (time.Time, error) {
	sql := "SELECT CAST(unixepoch('subsec') * 1000000 AS integer)"
	if s.db.Postgres() {
		sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
	}
	var micros int64
	err := s.db.Read(ctx).Raw(sql).Scan(&micros).Error
	return time.UnixMicro(micros).UTC(), err
}

// Changed returns at most limit deliveries that changed after a moment, in the order of their last change. A change is
// stamped before it is committed: one that is found a little later may have happened a little earlier, so whoever
// follows the log looks back by some seconds each time. It reads an index and no rows.
func (s *Store) Changed(ctx context.Context, scope principal.Scope, after time.Time, limit int) ([]Mark, error) {
	if err := scope.Check(); err != nil {
		return nil, err
	}
	var marks []Mark
	err := db.Scope(s.db.Read(ctx).Model(&Delivery{}), scope).Where("changed_at > ?", db.At(after)).
		Order("changed_at, id").Limit(limit).Select("id", "changed_at").Scan(&marks).Error
	return marks, err
}

// Changes returns the deliveries with the ids as they are now, in the order of their last change.
func (s *Store) Changes(ctx context.Context, scope principal.Scope, ids []string) ([]Change, error) {
	if err := scope.Check(); err != nil || len(ids) == 0 {
		return nil, err
	}
	var rows []Delivery
	err := db.Scope(s.db.Read(ctx), scope).Omit("body").Where("id IN ?", ids).Find(&rows).Error
	if err != nil {
		return nil, err
	}
	var attempts []Attempt
	err = db.Tenant(s.db.Read(ctx), scope.TenantID).
		Select("id", "delivery_id", "number", "status", "response_status", "error_code", "error", "started_at",
			"finished_at").
		Where("delivery_id IN ?", ids).Find(&attempts).Error
	if err != nil {
		return nil, err
	}
	latest := map[string]*Attempt{}
	for i, a := range attempts {
		if known := latest[a.DeliveryID]; known == nil || known.Number < a.Number {
			latest[a.DeliveryID] = &attempts[i]
		}
	}
	slices.SortFunc(rows, func(a, b Delivery) int { return a.ChangedAt.Compare(b.ChangedAt.Time) })
	out := make([]Change, 0, len(rows))
	for _, d := range rows {
		out = append(out, Change{Delivery: d, Attempt: latest[d.ID]})
	}
	return out, nil
}
