package usage

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/principal"
)

// Store keeps counts.
type Store struct {
	db  *db.DB
	now clock.Clock
}

// NewStore makes a Store.
func NewStore(database *db.DB, now clock.Clock) *Store { return &Store{db: database, now: now} }

// chunk is how many rows one statement adds: six parameters each, and engines take 32,766.
const chunk = 1_000

// Add adds the calls to what is stored, all or none. The counts must be sorted and distinct.
func (s *Store) Add(ctx context.Context, counts []Count) error {
	return s.db.Tx(ctx, func(tx *gorm.DB) error {
		for rows := range slices.Chunk(counts, chunk) {
			err := tx.Clauses(clause.OnConflict{
				Columns: []clause.Column{{Name: "tenant_id"}, {Name: "environment"}, {Name: "day"}, {Name: "key_id"},
					{Name: "status"}},
				DoUpdates: clause.Assignments(map[string]any{
					"calls": gorm.Expr("usage_counts.calls + excluded.calls"),
				}),
			}).Create(&rows).Error
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// List returns at most limit counts from the first day to the last, oldest first, of one key unless keyID is empty.
func (s *Store) List(ctx context.Context, scope principal.Scope, first, last time.Time, keyID string,
	limit int) ([]Count, error) {
	q := db.Scope(s.db.Read(ctx), scope).Where("day BETWEEN ? AND ?", dayOf(first), dayOf(last))
	if keyID != "" {
		q = q.Where("key_id = ?", keyID)
	}
	var rows []Count
	err := q.Order("day, key_id, status").Limit(limit).Find(&rows).Error
	return rows, err
}

// DeleteOlder deletes at most limit expired counts and returns how many.
func (s *Store) DeleteOlder(ctx context.Context, limit int) (int64, error) {
	var n int64
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		r := tx.Exec(`DELETE FROM usage_counts WHERE (tenant_id, environment, day, key_id, status) IN (
			SELECT tenant_id, environment, day, key_id, status FROM usage_counts WHERE day < ? ORDER BY day LIMIT ?)`,
			dayOf(s.now().Add(-Lifetime)), limit)
		n = r.RowsAffected
		return r.Error
	})
	return n, err
}
