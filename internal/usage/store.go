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
// Where keys belong to users, a caller sees the counts of the keys that it may see: see apikey.Store.List.
func (s *Store) List(ctx context.Context, scope principal.Scope, first, last time.Time, keyID string,
	limit int) ([]Count, error) {
	q := db.Scope(s.db.Read(ctx), scope).Where("day BETWEEN ? AND ?", dayOf(first), dayOf(last))
	if keyID != "" {
		q = q.Where("key_id = ?", keyID)
	}
	if p := principal.From(ctx); p.Owns != 0 && !p.OwnsRest {
		own := db.Tenant(s.db.Read(ctx).Table("api_keys"), scope.TenantID).Where("user_id = ?", p.UserID).Select("id")
		q = q.Where("key_id IN (?)", own)
	}
	var rows []Count
	err := q.Order("day, key_id, status").Limit(limit).Find(&rows).Error
	return rows, err
}

// DeleteOlder deletes at most limit expired counts and returns how many.
func (s *Store) DeleteOlder(ctx context.Context, limit int) (int64, error) {
	return s.db.Affected(ctx, func(tx *gorm.DB) *gorm.DB {
		return tx.Exec(`DELETE FROM usage_counts WHERE (tenant_id, environment, day, key_id, status) IN (
			SELECT tenant_id, environment, day, key_id, status FROM usage_counts WHERE day < ? ORDER BY day LIMIT ?)`,
			dayOf(s.now().Add(-Lifetime)), limit)
	})
}

// AddBytes adds to the bytes that tenants stored on a day, all or none, and returns the new sums. The rows must be of
// one day, sorted and distinct.
func (s *Store) AddBytes(ctx context.Context, rows []Bytes) (sums []Bytes, err error) {
	err = s.db.Tx(ctx, func(tx *gorm.DB) error {
		sums = nil
		for part := range slices.Chunk(rows, chunk) {
			err := tx.Clauses(clause.OnConflict{
				Columns: []clause.Column{{Name: "tenant_id"}, {Name: "day"}},
				DoUpdates: clause.Assignments(map[string]any{
					"bytes": gorm.Expr("stored_bytes.bytes + excluded.bytes"),
				}),
			}).Create(&part).Error
			if err != nil {
				return err
			}
			tenants := make([]string, len(part))
			for i, row := range part {
				tenants[i] = row.TenantID
			}
			var some []Bytes
			if err := db.WhereIn(tx, "tenant_id", tenants).Where("day = ?", part[0].Day).Find(&some).Error; err != nil {
				return err
			}
			sums = append(sums, some...)
		}
		return nil
	})
	return sums, err
}

// BytesOf returns what tenants stored on a day, at most limit of them, those with the most first.
func (s *Store) BytesOf(ctx context.Context, day string, limit int) ([]Bytes, error) {
	var rows []Bytes
	err := s.db.Read(ctx).Where("day = ?", day).Order("bytes DESC").Limit(limit).Find(&rows).Error
	return rows, err
}

// bytesLifetime is how long the bytes of a day are stored: they count on that day only.
const bytesLifetime = 7 * 24 * time.Hour

// DeleteOlderBytes deletes at most limit expired sums of bytes and returns how many.
func (s *Store) DeleteOlderBytes(ctx context.Context, limit int) (int64, error) {
	return s.db.Affected(ctx, func(tx *gorm.DB) *gorm.DB {
		return tx.Exec(`DELETE FROM stored_bytes WHERE (tenant_id, day) IN (
			SELECT tenant_id, day FROM stored_bytes WHERE day < ? ORDER BY day LIMIT ?)`,
			dayOf(s.now().Add(-bytesLifetime)), limit)
	})
}
