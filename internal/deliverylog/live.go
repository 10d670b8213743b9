package deliverylog

import (
	"context"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/principal"
)

const (
	// liveMost is how many deliveries that are under way are counted at most, so that an answer takes a bounded time.
	liveMost = 5_000
	// deadMost is the same for dead letters.
	deadMost = 1_000
)

// liveRow is a group of deliveries that did not succeed.
type liveRow struct {
	Status         delivery.Status
	EndpointID     string `gorm:"serializer:whe"`
	EventType      string
	Admission      delivery.Admission
	Reason         string
	ResponseStatus *int
	Count          int
	Last           db.Time // when the newest was created
	Next           db.Time // when the first of them is attempted
	Newest         string  `gorm:"serializer:dlv"` // id of the newest
}

// live counts at most liveMost deliveries that are under way, of the endpoints that are wanted, and says whether these
// are all.
func (s *Store) live(ctx context.Context, scope principal.Scope, wanted func(endpointID string) bool) ([]liveRow, bool,
	error) {
	var all []liveRow
	left := liveMost
	for _, status := range []delivery.Status{delivery.Retrying, delivery.Delivering, delivery.Pending} {
		rows, n, err := s.groups(ctx, scope, status, left)
		if err != nil {
			return nil, false, err
		}
		for _, r := range rows {
			if wanted(r.EndpointID) {
				all = append(all, r)
			}
		}
		if left -= n; left <= 0 {
			return all, false, nil
		}
	}
	return all, true, nil
}

// groups counts the newest deliveries in a status, at most limit, and returns how many there were.
func (s *Store) groups(ctx context.Context, scope principal.Scope, status delivery.Status, limit int) (rows []liveRow,
	n int, err error) {
	const by = "status, endpoint_id, event_type, admission, reason, response_status"
	newest := db.Scope(s.db.Read(ctx).Model(&delivery.Delivery{}), scope).
		Select("tenant_id", "environment", "status", "endpoint_id", "event_type", "admission", "reason",
			"response_status", "created_at", "next_attempt_at", "CAST(id AS text) AS newest").
		Where(notSucceeded+" AND status = ?", status).Order("id DESC").Limit(limit)
	err = s.db.Read(ctx).Table("(?) AS d", newest).Select(by + ", count(*) AS count, max(created_at) AS last, " +
		"min(next_attempt_at) AS next, max(newest) AS newest").Group(by).Find(&rows).Error
	for _, r := range rows {
		n += r.Count
	}
	return rows, n, err
}
