package event

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
)

// Store reads the event log and keeps its fan-out state.
type Store struct{ db *db.DB }

// NewStore makes a Store.
func NewStore(database *db.DB) *Store { return &Store{db: database} }

// Get returns one event.
func (s *Store) Get(ctx context.Context, scope principal.Scope, eventID string) (Event, error) {
	return db.One[Event](db.Scope(s.db.Read(ctx), scope).Where("id = ?", eventID), "event")
}

// List returns events newest first, of one type when eventType is not empty, and the cursor of the next page.
func (s *Store) List(ctx context.Context, scope principal.Scope, l page.Log, eventType string) ([]Event, *string,
	error) {
	q := db.Scope(s.db.Read(ctx), scope)
	if eventType != "" {
		q = q.Where("type = ?", eventType)
	}
	return db.PaginateKeyset(q, l, func(e Event) page.Cursor { return page.Cursor{At: e.CreatedAt.Time, ID: e.ID} })
}

// Undispatched returns the keys of at most limit events that were committed before olderThan and have not been fanned
// out, oldest first, over all tenants.
func (s *Store) Undispatched(ctx context.Context, olderThan time.Time, limit int) ([]Key, error) {
	var rows []Event
	err := s.db.Read(ctx).Select("tenant_id", "environment", "id").
		Where("dispatched_at IS NULL AND created_at < ?", db.At(olderThan)).Order("created_at").Limit(limit).
		Find(&rows).Error
	keys := make([]Key, 0, len(rows))
	for _, e := range rows {
		keys = append(keys, e.Key())
	}
	return keys, err
}

// ClaimUndispatched locks and returns those of the events that have not been fanned out yet. Two processes
// that claim the same events never both get them.
func (s *Store) ClaimUndispatched(tx *gorm.DB, keys []Key) ([]Event, error) {
	tuples := make([][]string, 0, len(keys))
	for _, k := range keys {
		tuples = append(tuples, k.tuple())
	}
	var rows []Event
	err := db.WhereInTuples(s.db.ForUpdateSkipLocked(tx), keyColumns, tuples).Where("dispatched_at IS NULL").
		Find(&rows).Error
	return rows, err
}

// MarkDispatched records how many deliveries each event got, or why it got none.
func (s *Store) MarkDispatched(tx *gorm.DB, now time.Time, events []Event) error {
	type outcome struct {
		count  int
		reason string
	}
	groups := map[outcome][][]string{}
	for _, e := range events {
		o := outcome{e.DeliveryCount, e.Reason}
		groups[o] = append(groups[o], e.Key().tuple())
	}
	for o, tuples := range groups {
		err := db.WhereInTuples(tx.Model(&Event{}), keyColumns, tuples).
			Updates(map[string]any{"dispatched_at": db.At(now), "delivery_count": o.count, "reason": o.reason}).Error
		if err != nil {
			return fmt.Errorf("event: %w", err)
		}
	}
	return nil
}

// DeleteOlder deletes at most limit events created before the time and returns how many. Events that are not fanned
// out, or that a delivery still refers to, stay.
func (s *Store) DeleteOlder(ctx context.Context, before time.Time, limit int) (int64, error) {
	var n int64
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		r := tx.Exec(`DELETE FROM events WHERE (tenant_id, environment, id) IN (
			SELECT e.tenant_id, e.environment, e.id FROM events e
			WHERE e.created_at < ? AND e.dispatched_at IS NOT NULL
			AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.tenant_id = e.tenant_id AND d.environment = e.environment AND d.event_id = e.id)
			ORDER BY e.created_at LIMIT ?)`, db.At(before), limit)
		n = r.RowsAffected
		return r.Error
	})
	return n, err
}

// Oldest is when the oldest event that is kept was stored, zero when there is none. It reads one entry of an index.
func (s *Store) Oldest(ctx context.Context) (time.Time, error) {
	var e []Event
	err := s.db.Read(ctx).Select("created_at").Order("created_at").Limit(1).Find(&e).Error
	if err != nil || len(e) == 0 {
		return time.Time{}, err
	}
	return e[0].CreatedAt.Time, nil
}
