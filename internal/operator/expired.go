package operator

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
)

// DeleteOlder deletes at most limit keys that were revoked or expired longer ago than the age, and returns how many. 0
// keeps all. A key without a row is refused like one that never was. A given key stays: without its row, Ensure would
// store it anew, and it would work again.
func (s *Store) DeleteOlder(ctx context.Context, age time.Duration, limit int) (int64, error) {
	if age == 0 {
		return 0, nil
	}
	before := db.At(s.now().Add(-age))
	return s.db.Affected(ctx, func(tx *gorm.DB) *gorm.DB {
		return tx.Exec("DELETE FROM operator_keys WHERE id IN (SELECT id FROM operator_keys WHERE NOT given AND "+
			"(revoked_at < ? OR expires_at < ?) LIMIT ?)", before, before, limit)
	})
}
