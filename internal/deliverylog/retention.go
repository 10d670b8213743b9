package deliverylog

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
)

// How long counts are kept: a little longer than the period that they are read for and the one before it. The sums of
// days are what the analytics of up to 366 days are read from.
var retention = []struct {
	seconds int
	sums    bool // of the tenant; otherwise by endpoint and event type
	keep    time.Duration
}{
	{120, false, 150 * time.Minute}, {120, true, 150 * time.Minute},
	{3600, false, 50 * time.Hour}, {3600, true, 50 * time.Hour},
	{21600, false, 15 * 24 * time.Hour}, {21600, true, 15 * 24 * time.Hour},
	{86400, false, 62 * 24 * time.Hour}, {86400, true, 368 * 24 * time.Hour},
}

// DeleteOlder deletes at most limit counts that no statistic reads any more, and returns how many.
func (s *Store) DeleteOlder(ctx context.Context, limit int) (int64, error) {
	var n int64
	for _, r := range retention {
		if n >= int64(limit) {
			break
		}
		kind := "event_type <> ''" // as in the index
		if r.sums {
			kind = "event_type = ''"
		}
		done, err := s.db.Affected(ctx, func(tx *gorm.DB) *gorm.DB {
			const key = "tenant_id, environment, seconds, at, endpoint_id, event_type"
			return tx.Exec("DELETE FROM delivery_counts WHERE ("+key+") IN (SELECT "+key+
				" FROM delivery_counts WHERE seconds = ? AND at < ? AND "+kind+" ORDER BY at LIMIT ?)",
				r.seconds, db.At(s.now().Add(-r.keep)), int64(limit)-n)
		})
		if n += done; err != nil {
			return n, err
		}
	}
	return n, nil
}
