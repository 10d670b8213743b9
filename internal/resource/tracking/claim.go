package tracking

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
)

// claimEach limits the messages of one tenant in a claim, so that a tenant with many does not delay others.
const claimEach = 10

// waiting finds the ids of unclaimed messages: the oldest few of each tenant. It skips from tenant to tenant in the
// index, so its cost does not depend on how many messages are queued. PostgreSQL has no min() of UUIDs.
const waiting = `WITH RECURSIVE t (id) AS (
		SELECT (SELECT tenant_id FROM direct_messages WHERE status = 'queued' ORDER BY tenant_id LIMIT 1)
		UNION ALL
		SELECT (SELECT tenant_id FROM direct_messages WHERE status = 'queued' AND tenant_id > t.id ORDER BY tenant_id LIMIT 1)
		FROM t WHERE t.id IS NOT NULL
	)
	SELECT m.id FROM t JOIN direct_messages m ON m.id IN (
		SELECT d.id FROM direct_messages d WHERE d.tenant_id = t.id AND d.status = 'queued' AND coalesce(d.claimed_until, 0) <= @now
		ORDER BY d.created_at, d.id LIMIT @each)
	ORDER BY coalesce(m.claimed_until, 0), m.created_at, m.id LIMIT @limit`

// ClaimMessages claims at most limit messages for a sender, a few of each tenant. No other claim gets them before the
// lease expires. Messages whose lease expired come last.
func (s *Store) ClaimMessages(ctx context.Context, limit int, lease time.Duration) ([]Message, error) {
	now := db.At(s.now())
	until := db.At(now.Add(lease))
	var rows []Message
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		var found []id.UUID
		err := tx.Raw(waiting, map[string]any{"now": now, "each": claimEach, "limit": limit}).Scan(&found).Error
		if err != nil || len(found) == 0 {
			return err
		}
		err = db.WhereUUIDs(s.db.ForUpdateSkipLocked(tx), "id", found).
			Where("status = 'queued' AND coalesce(claimed_until, 0) <= ?", now).
			Order("created_at, id").Find(&rows).Error
		if err != nil || len(rows) == 0 {
			return err
		}
		ids := make([]string, 0, len(rows))
		for i := range rows {
			rows[i].ClaimedUntil = until
			ids = append(ids, rows[i].ID)
		}
		return db.WhereIn(tx.Model(&Message{}), "id", ids).Updates(map[string]any{"claimed_until": until}).Error
	})
	return rows, err
}
