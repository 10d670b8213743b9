package alert

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
)

// Filter narrows a list; empty fields don't.
type Filter struct{ State, Condition, Subject string }

func (f Filter) inState(q *gorm.DB) *gorm.DB {
	switch f.State {
	case "open":
		return q.Where("resolved_at IS NULL")
	case "resolved":
		return q.Where("resolved_at IS NOT NULL")
	}
	return q
}

// List returns alerts newest first, their notifications by alert, and the cursor of the next page.
func (s *Store) List(ctx context.Context, scope principal.Scope, l page.Log, f Filter) ([]Alert,
	map[string][]Notification, *string, error) {
	own := db.Owned(db.Scope(s.db.Read(ctx), scope))
	q := f.inState(db.WhereOptional(own, map[string]string{"condition": f.Condition, "subject": f.Subject}))
	rows, next, err := db.PaginateKeyset(q, l, Alert.cursor)
	if err != nil {
		return nil, nil, nil, err
	}
	notifications, err := s.notificationsOf(ctx, scope, rows)
	return rows, notifications, next, err
}

func (s *Store) notificationsOf(ctx context.Context, scope principal.Scope, alerts []Alert) (map[string][]Notification,
	error) {
	ids := make([]string, 0, len(alerts))
	for _, a := range alerts {
		ids = append(ids, a.ID)
	}
	var rows []Notification
	err := db.Tenant(s.db.Read(ctx), scope.TenantID).Where("alert_id IN ?", ids).Order("created_at, id").
		Find(&rows).Error
	out := map[string][]Notification{}
	for _, n := range rows {
		out[n.AlertID] = append(out[n.AlertID], n)
	}
	return out, err
}

// Resolve resolves one alert.
func (s *Store) Resolve(ctx context.Context, scope principal.Scope, alertID string) (before, after Alert,
	notifications []Notification, err error) {
	err = s.db.Unit(ctx, func(ctx context.Context) error {
		return s.db.Tx(ctx, func(tx *gorm.DB) error {
			var err error
			if before, err = db.One[Alert](db.Owned(s.db.ForUpdate(db.Scope(tx, scope))).Where("id = ?", alertID),
				"alert"); err != nil {
				return err
			}
			if after = before; after.ResolvedAt.IsZero() {
				after.ResolvedAt = db.At(s.now())
			}
			if err := db.Scope(tx.Model(&Alert{}), scope).Where("id = ?", alertID).
				Update("resolved_at", after.ResolvedAt).Error; err != nil {
				return err
			}
			all, err := s.notificationsOf(ctx, scope, []Alert{after})
			notifications = all[after.ID]
			return err
		})
	})
	return before, after, notifications, err
}

// kept is how long a resolved alert is kept.
const kept = 90 * 24 * time.Hour

// DeleteOlder deletes at most limit alerts that were resolved long ago, with their notifications, and returns how many.
// Alerts of dead letters and of operators are never resolved by an event, so their age counts.
func (s *Store) DeleteOlder(ctx context.Context, limit int) (int64, error) {
	var n int64
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		var ids []string
		err := s.db.ForUpdateSkipLocked(tx).Model(&Alert{}).
			Where("created_at < ? AND (resolved_at IS NOT NULL OR condition = ? OR tenant_id = '')",
				db.At(s.now().Add(-kept)), Dead).
			Order("created_at").Limit(limit).Pluck("id", &ids).Error
		if err != nil || len(ids) == 0 {
			return err
		}
		if err := tx.Where("alert_id IN ?", ids).Delete(&Notification{}).Error; err != nil {
			return err
		}
		result := tx.Where("id IN ?", ids).Delete(&Alert{})
		n = result.RowsAffected
		return result.Error
	})
	return n, err
}
