package retention

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
)

const (
	// rewriteFrom is how many rows of a day must go for a rewrite to be worth it, and rewriteKeep how many may stay for
	// it to be short; of other days rows are deleted.
	rewriteFrom = sweepBatch
	rewriteKeep = 10_000
	// lockTimeout is how long a change of a partition may wait for others, who then wait for it.
	lockTimeout = "200ms"
)

// day is the partitions of a day; a name is empty when there is no such partition.
type day struct {
	begin                        time.Time
	events, deliveries, attempts string
}

func (d day) end() time.Time { return d.begin.AddDate(0, 0, 1) }

// partitions returns the days that have partitions, the earliest first.
func (c *clearing) partitions(ctx context.Context) ([]day, error) {
	var names []string
	err := c.db.Read(ctx).Raw(`SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
		WHERE i.inhparent IN ('events'::regclass, 'deliveries'::regclass, 'attempts'::regclass)
		ORDER BY right(c.relname, 8)`).Scan(&names).Error
	var days []day
	for _, name := range names {
		parent, suffix, _ := strings.Cut(name, "_")
		begin, err := time.Parse("20060102", suffix)
		if err != nil {
			continue
		}
		if len(days) == 0 || !days[len(days)-1].begin.Equal(begin) {
			days = append(days, day{begin: begin})
		}
		d := &days[len(days)-1]
		switch parent {
		case "events":
			d.events = name
		case "deliveries":
			d.deliveries = name
		case "attempts":
			d.attempts = name
		}
	}
	return days, err
}

// days clears the logs day by day. It is not whole when a day could not be changed without waiting for others.
func (c *clearing) days(ctx context.Context) (whole bool, err error) {
	days, err := c.partitions(ctx)
	if err != nil {
		return false, err
	}
	whole = true
	for _, d := range days {
		failed := c.clearDay(ctx, d)
		switch {
		case ctx.Err() != nil:
			return false, ctx.Err()
		case isBusy(failed):
			whole = false
			slog.Info("an old partition is in use; it will be cleared later", "day", d.begin.Format(time.DateOnly))
		case failed != nil:
			err = errors.Join(err, fmt.Errorf("%s: %w", d.begin.Format(time.DateOnly), failed))
		}
	}
	return whole, err
}

// errFilled means that a partition that was empty has rows again.
var errFilled = errors.New("retention: the partition has rows again")

// isBusy says whether PostgreSQL timed out waiting for a lock, or somebody changed a day while it was cleared.
func isBusy(err error) bool {
	var state interface{ SQLState() string }
	return errors.Is(err, errFilled) || (errors.As(err, &state) && state.SQLState() == "55P03")
}

func (c *clearing) clearDay(ctx context.Context, d day) error {
	if d.deliveries != "" && d.attempts != "" && !d.end().After(c.oldDeliveries()) {
		gone, err := c.clearDeliveries(ctx, d)
		if err != nil {
			return err
		}
		if gone {
			d.deliveries, d.attempts = "", ""
		}
	}
	if d.events != "" && !d.end().After(c.events.day) {
		return c.clearEvents(ctx, d)
	}
	return nil
}

// clearDeliveries clears the deliveries and attempts of a day, and reports whether their partitions are gone.
func (c *clearing) clearDeliveries(ctx context.Context, d day) (gone bool, err error) {
	endpoints, first, err := c.keepersIn(ctx, d.deliveries)
	if err != nil {
		return false, err
	}
	// k has the endpoints that keep a number, and the oldest that each keeps.
	from := d.deliveries + ` d LEFT JOIN unnest(CAST(? AS uuid[]), CAST(? AS uuid[])) k (endpoint_id, first)
		ON k.endpoint_id = d.endpoint_id AND d.status <> 'dead'`
	goes := "(" + going + " AND (k.first IS NULL OR d.id < k.first))"
	args := append([]any{endpoints, first}, c.goingArgs()...)
	var n struct{ Total, Going int64 }
	err = c.db.Read(ctx).Raw("SELECT count(*) AS total, count(*) FILTER (WHERE "+goes+") AS going FROM "+from,
		append(c.goingArgs(), endpoints, first)...).Scan(&n).Error
	switch staying := n.Total - n.Going; {
	case err != nil:
		return false, err
	case n.Total == 0:
		return true, c.drop(ctx, partition{"deliveries", d.deliveries}, partition{"attempts", d.attempts})
	case n.Going == 0:
		return false, nil
	case staying > rewriteKeep || staying > 0 && n.Going < rewriteFrom:
		return false, c.deleteDeliveries(ctx, d.begin, d.end())
	}
	err = c.locked(ctx, func(tx *gorm.DB) error {
		return run(tx, []statement{
			{"LOCK TABLE " + d.deliveries + ", " + d.attempts + " IN SHARE ROW EXCLUSIVE MODE", nil},
			{"CREATE TEMP TABLE kept_deliveries ON COMMIT DROP AS SELECT d.* FROM " + from + " WHERE " + goes +
				" IS NOT TRUE", args},
			{"CREATE TEMP TABLE kept_attempts ON COMMIT DROP AS SELECT * FROM " + d.attempts +
				" WHERE delivery_id IN (SELECT id FROM kept_deliveries)", nil},
			{"TRUNCATE " + d.deliveries + ", " + d.attempts, nil}, // from here on, readers wait, too
			{"INSERT INTO " + d.deliveries + " SELECT * FROM kept_deliveries", nil},
			{"INSERT INTO " + d.attempts + " SELECT * FROM kept_attempts", nil},
		})
	})
	if err != nil || n.Going < n.Total {
		return false, err
	}
	return true, c.drop(ctx, partition{"deliveries", d.deliveries}, partition{"attempts", d.attempts})
}

// clearEvents clears the events of a day. An event stays while it is not fanned out or one of its deliveries has a row,
// which is of the same day.
func (c *clearing) clearEvents(ctx context.Context, d day) error {
	goes := "e.dispatched_at IS NOT NULL"
	if d.deliveries != "" {
		goes += " AND NOT EXISTS (SELECT 1 FROM " + d.deliveries + " d WHERE d.event_id = e.id)"
	}
	var n struct{ Total, Going, Named int64 }
	err := c.db.Read(ctx).Raw("SELECT count(*) AS total, count(*) FILTER (WHERE g.goes) AS going," +
		" count(*) FILTER (WHERE g.goes AND e.publisher_id <> '') AS named FROM " + d.events +
		" e CROSS JOIN LATERAL (SELECT " + goes + " AS goes) g").Scan(&n).Error
	switch staying := n.Total - n.Going; {
	case err != nil:
		return err
	case n.Total == 0:
		return c.drop(ctx, partition{"events", d.events})
	case n.Going == 0:
		return nil
	case staying > rewriteKeep || staying > 0 && n.Going < rewriteFrom:
		return c.deleteEvents(ctx, d.begin, d.end())
	}
	if n.Named > 0 {
		if err := c.deletePublisherIDs(ctx, d, goes); err != nil {
			return err
		}
	}
	locks := []statement{{"LOCK TABLE " + d.events + " IN SHARE ROW EXCLUSIVE MODE", nil}}
	if d.deliveries != "" {
		locks = append(locks, statement{"LOCK TABLE " + d.deliveries + " IN SHARE MODE", nil})
	}
	err = c.locked(ctx, func(tx *gorm.DB) error {
		return run(tx, append(locks,
			statement{"CREATE TEMP TABLE kept_events ON COMMIT DROP AS SELECT * FROM " + d.events +
				" e WHERE NOT (" + goes + ")", nil},
			statement{"TRUNCATE " + d.events, nil}, // from here on, readers wait, too
			statement{"INSERT INTO " + d.events + " SELECT * FROM kept_events", nil},
		))
	})
	if err != nil || n.Going < n.Total {
		return err
	}
	return c.drop(ctx, partition{"events", d.events})
}

// deletePublisherIDs deletes the publishers' ids of the events of a day that go, an hour in each transaction.
func (c *clearing) deletePublisherIDs(ctx context.Context, d day, goes string) error {
	for hour := d.begin; hour.Before(d.end()); hour = hour.Add(time.Hour) {
		err := c.db.Tx(ctx, func(tx *gorm.DB) error {
			return tx.Exec("DELETE FROM publisher_ids p USING "+d.events+` e WHERE e.publisher_id <> ''
				AND e.id >= ? AND e.id < ? AND `+goes+` AND p.tenant_id = e.tenant_id
				AND p.environment = e.environment AND p.publisher_id = e.publisher_id AND p.event_id = e.id`,
				id.From(hour), id.From(hour.Add(time.Hour))).Error
		})
		if err != nil {
			return err
		}
	}
	return nil
}

type statement struct {
	sql  string
	args []any
}

func run(tx *gorm.DB, all []statement) error {
	for _, s := range all {
		if err := tx.Exec(s.sql, s.args...).Error; err != nil {
			return err
		}
	}
	return nil
}

// partition is one of a parent.
type partition struct{ parent, name string }

// drop drops partitions if the first is still empty.
func (c *clearing) drop(ctx context.Context, all ...partition) error {
	return c.locked(ctx, func(tx *gorm.DB) error {
		for i, p := range all {
			// The parent is locked before its partition, as readers lock them.
			if err := tx.Exec("ALTER TABLE " + p.parent + " DETACH PARTITION " + p.name).Error; err != nil {
				return err
			}
			var filled bool
			if err := tx.Raw("SELECT EXISTS (SELECT 1 FROM " + p.name + ")").Scan(&filled).Error; err != nil {
				return err
			}
			if filled && i == 0 {
				return errFilled
			}
			if err := tx.Exec("DROP TABLE " + p.name).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

// locked is a transaction that would rather fail than wait, since others wait behind it.
func (c *clearing) locked(ctx context.Context, fn func(tx *gorm.DB) error) error {
	return c.db.Tx(ctx, func(tx *gorm.DB) error {
		if err := tx.Exec("SET LOCAL lock_timeout = '" + lockTimeout + "'").Error; err != nil {
			return err
		}
		return fn(tx)
	})
}

// Times are when the oldest rows of the logs were made; zero for none.
type Times struct{ Deliveries, Attempts, Events time.Time }

// Oldest returns when the oldest rows were made. It reads the first entries of three indexes. An attempt lies with its
// delivery, so its age is to a few days that of the first in the order of ids.
func Oldest(ctx context.Context, d *db.DB) (Times, error) {
	var deliveries, attempts, events []db.Time
	q := d.Read(ctx)
	err := errors.Join(
		q.Table("deliveries").Order("id").Limit(1).Pluck("created_at", &deliveries).Error,
		q.Table("attempts").Order("delivery_id, number").Limit(1).Pluck("started_at", &attempts).Error,
		q.Table("events").Order("id").Limit(1).Pluck("created_at", &events).Error,
	)
	first := func(all []db.Time) time.Time {
		if len(all) == 0 {
			return time.Time{}
		}
		return all[0].Time
	}
	return Times{first(deliveries), first(attempts), first(events)}, err
}
