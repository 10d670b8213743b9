package retention

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
)

// cut is where the rows of one kind begin that are kept: a row goes when it is over since before the time and its id is
// from a day before.
type cut struct {
	at  time.Time
	day time.Time
}

func newCut(now time.Time, age time.Duration) cut {
	at := now.Add(-age)
	return cut{at, dayOf(at)}
}

// dayOf is when the day (UTC) of a time began.
func dayOf(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// clearing is one pass through the logs.
type clearing struct {
	db                       *db.DB
	deliveries, dead, events cut
	keepers                  keepers
}

func newClearing(d *db.DB, r Retention, now time.Time) *clearing {
	return &clearing{db: d, deliveries: newCut(now, r.Deliveries), dead: newCut(now, r.DeadLetters),
		events: newCut(now, r.Events), keepers: keepers{first: map[id.UUID]id.UUID{}}}
}

// going is the condition on deliveries d that have outlived their retention, unless an endpoint keeps them.
const going = `((d.status = 'dead' AND d.finished_at < ? AND d.id < ?)
	OR (d.status IN ('succeeded', 'cancelled') AND d.finished_at < ? AND d.id < ?))`

func (c *clearing) goingArgs() []any {
	return []any{db.At(c.dead.at), id.From(c.dead.day), db.At(c.deliveries.at), id.From(c.deliveries.day)}
}

// oldDeliveries is when the first day begins of which every delivery is kept.
func (c *clearing) oldDeliveries() time.Time {
	if c.dead.day.After(c.deliveries.day) {
		return c.dead.day
	}
	return c.deliveries.day
}

// rows clears the logs row by row.
func (c *clearing) rows(ctx context.Context) error {
	return errors.Join(
		c.deleteDeliveries(ctx, time.UnixMilli(0), c.oldDeliveries()),
		c.deleteEvents(ctx, time.UnixMilli(0), c.events.day),
	)
}

// deleteDeliveries deletes, in small transactions, the deliveries with ids from a range of times that may go, with
// their attempts.
func (c *clearing) deleteDeliveries(ctx context.Context, from, to time.Time) error {
	after, end := id.From(from), id.From(to)
	for full := true; full; {
		err := c.db.Tx(ctx, func(tx *gorm.DB) error {
			var rows []delivery.Delivery
			err := c.db.ForUpdateSkipLocked(tx).Table("deliveries d").Select("id", "endpoint_id", "status").
				Where("d.id > ? AND d.id < ?", after, end).Where(going, c.goingArgs()...).Order("d.id").
				Limit(sweepBatch).Find(&rows).Error
			if full = len(rows) == sweepBatch; err != nil || len(rows) == 0 {
				return err
			}
			if after, err = id.Parse(rows[len(rows)-1].ID); err != nil {
				return err
			}
			ids, err := c.notKept(tx, rows)
			if err != nil || len(ids) == 0 {
				return err
			}
			if err := db.WhereLogUUIDs(tx, "delivery_id", ids).Delete(&delivery.Attempt{}).Error; err != nil {
				return err
			}
			return db.WhereLogUUIDs(tx, "id", ids).Delete(&delivery.Delivery{}).Error
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// deleteEvents deletes, in small transactions, the events with ids from a range of times that may go, with their
// publishers' ids. The ids of an event and of its deliveries have the same time, so those of a batch are in one range.
func (c *clearing) deleteEvents(ctx context.Context, from, to time.Time) error {
	after, end := id.From(from), id.From(to)
	for full := true; full; {
		err := c.db.Tx(ctx, func(tx *gorm.DB) error {
			var rows []struct {
				ID          id.UUID
				PublisherID string
			}
			err := c.db.ForUpdateSkipLocked(tx).Table("events").Select("id", "publisher_id").
				Where("id > ? AND id < ? AND dispatched_at IS NOT NULL", after, end).Order("id").Limit(sweepBatch).
				Find(&rows).Error
			if full = len(rows) == sweepBatch; err != nil || len(rows) == 0 {
				return err
			}
			first := rows[0].ID
			after = rows[len(rows)-1].ID
			var referred []id.UUID
			err = tx.Table("deliveries").Where("id >= ? AND id < ?", id.From(first.Time()),
				id.From(after.Time().Add(time.Millisecond))).Distinct().Pluck("event_id", &referred).Error
			if err != nil {
				return err
			}
			needed := make(map[id.UUID]bool, len(referred))
			for _, u := range referred {
				needed[u] = true
			}
			var ids []id.UUID
			named := false
			for _, e := range rows {
				if !needed[e.ID] {
					ids, named = append(ids, e.ID), named || e.PublisherID != ""
				}
			}
			return deleteEventRows(tx, ids, named)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func deleteEventRows(tx *gorm.DB, ids []id.UUID, named bool) error {
	if len(ids) == 0 {
		return nil
	}
	if named {
		err := tx.Exec(`DELETE FROM publisher_ids WHERE (tenant_id, environment, publisher_id, event_id) IN (?)`,
			db.WhereLogUUIDs(tx.Table("events"), "id", ids).Select("tenant_id, environment, publisher_id, id").
				Where("publisher_id <> ''")).Error
		if err != nil {
			return err
		}
	}
	return db.WhereLogUUIDs(tx, "id", ids).Delete(&event.Event{}).Error
}
