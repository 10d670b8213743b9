package delivery

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

// On PostgreSQL deliveries and attempts are partitioned by the day (UTC) that the delivery's id was made on, so that
// an old day is given up as a whole. SQLite keeps plain tables; everything here does nothing there.

const (
	// A process whose clock is behind, or ahead, finds partitions too; and nothing stops when nobody makes any for
	// days.
	partitionsBefore, partitionsAhead = 2, 7
	// rewriteFrom is how many rows of a day must go for a rewrite to be worth it, and rewriteKeep how many may stay for
	// it to be short; other days are left to small deletes.
	rewriteFrom = sweepBatch
	rewriteKeep = 10_000
	// lockTimeout is how long giving a day up may wait for others, who then wait for it.
	lockTimeout = "200ms"
)

// EnsurePartitions makes the partitions for the days around the present, by the clock that ids are made with. Several
// at once take turns.
func (s *Store) EnsurePartitions(ctx context.Context) error {
	if !s.db.Postgres() {
		return nil
	}
	today := time.Now().UTC()
	day := func(n int) string { return today.AddDate(0, 0, n).Format(time.DateOnly) }
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		return tx.Exec("SELECT make_delivery_partitions(?, ?)", day(-partitionsBefore), day(partitionsAhead)).Error
	})
	if err != nil {
		return fmt.Errorf("delivery: partitions: %w", err)
	}
	s.partitionsUntil.Store(today.AddDate(0, 0, partitionsAhead).Unix())
	return nil
}

// hasPartitions says whether this process knows that there is a partition for what is made now.
func (s *Store) hasPartitions() bool {
	return !s.db.Postgres() || time.Now().Unix() < s.partitionsUntil.Load()
}

// table is where deliveries with known ids lie: in today's partition, when all were made today, else in the whole.
// PostgreSQL plans a statement that names a partition once; one that leaves it to find the partition it plans again
// each time, which costs more than to run it.
func (s *Store) table(deliveryIDs []string) string {
	const whole = "deliveries"
	if !s.db.Postgres() || !s.hasPartitions() {
		return whole
	}
	today := dayOf(time.Now())
	from, to := id.Since(id.Delivery, today), id.Since(id.Delivery, today.AddDate(0, 0, 1))
	for _, deliveryID := range deliveryIDs {
		if deliveryID < from || deliveryID >= to {
			return whole
		}
	}
	return whole + today.Format("_20060102")
}

// partitioned is a transaction that adds deliveries. Should their partition be missing, it is made, and fn runs again.
func (s *Store) partitioned(ctx context.Context, fn func(tx *gorm.DB) error) error {
	err := s.db.Tx(ctx, fn)
	if !errors.Is(err, gorm.ErrCheckConstraintViolated) || db.InUnit(ctx) { // which is how PostgreSQL says that
		return err
	}
	if err := s.EnsurePartitions(ctx); err != nil {
		return err
	}
	return s.db.Tx(ctx, fn)
}

// giveUpDays empties the partitions of days that are over since before the time, as far as many rows of them may go,
// and drops those that are empty. What it can't do without waiting it leaves for the next time.
func (s *Store) giveUpDays(ctx context.Context, r Retention, now time.Time) error {
	if !s.db.Postgres() {
		return nil
	}
	var names []string
	err := s.db.Read(ctx).Raw(`SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
		WHERE i.inhparent = 'deliveries'::regclass ORDER BY c.relname`).Scan(&names).Error
	if err != nil {
		return err
	}
	for _, name := range names {
		suffix := strings.TrimPrefix(name, "deliveries_")
		day, err := time.Parse("20060102", suffix)
		if err != nil || day.AddDate(0, 0, 1).After(dayOf(now.Add(-r.Deliveries))) {
			continue
		}
		if err := s.giveUpDay(ctx, suffix, r, now); err != nil {
			if ctx.Err() != nil {
				return err
			}
			slog.Info("an old day could not be given up; it is tried again", "day", suffix, "error", err)
		}
	}
	return nil
}

// dayOf is when the day began, UTC.
func dayOf(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// stays says in SQL which rows of a day outlive it: live ones, those that finished lately, dead letters within their
// own time, and those of endpoints that keep a number of deliveries, which trim sees to.
const stays = `(finished_at IS NULL OR finished_at >= CASE status WHEN 'dead' THEN CAST(? AS bigint) ELSE CAST(? AS bigint) END
	OR (status <> 'dead' AND endpoint_id IN (` + keepers + `)))`

func (s *Store) giveUpDay(ctx context.Context, suffix string, r Retention, now time.Time) error {
	deliveries, attempts := "deliveries_"+suffix, "attempts_"+suffix
	cuts := []any{db.At(now.Add(-r.DeadLetters)), db.At(now.Add(-r.Deliveries))}
	var n struct{ Staying, Going int64 }
	err := s.db.Read(ctx).Raw("SELECT count(*) FILTER (WHERE "+stays+") AS staying, count(*) FILTER (WHERE NOT "+stays+
		") AS going FROM "+deliveries,
		append(cuts, cuts...)...).Scan(&n).Error
	switch {
	case err != nil:
		return err
	case n.Staying == 0 && n.Going == 0:
		return errors.Join(s.dropPartition(ctx, "deliveries", deliveries), s.dropPartition(ctx, "attempts", attempts))
	case n.Going < rewriteFrom || n.Staying > rewriteKeep:
		return nil
	}
	return s.locked(ctx, func(tx *gorm.DB) error {
		for _, step := range []struct {
			sql  string
			args []any
		}{
			{"LOCK TABLE " + attempts + ", " + deliveries + " IN ACCESS EXCLUSIVE MODE", nil},
			{"CREATE TEMP TABLE kept_deliveries ON COMMIT DROP AS SELECT * FROM " + deliveries + " WHERE " + stays,
				cuts},
			{"CREATE TEMP TABLE kept_attempts ON COMMIT DROP AS SELECT * FROM " + attempts +
				" WHERE delivery_id IN (SELECT id FROM kept_deliveries)", nil},
			{"TRUNCATE " + attempts + ", " + deliveries, nil},
			{"INSERT INTO " + deliveries + " SELECT * FROM kept_deliveries", nil},
			{"INSERT INTO " + attempts + " SELECT * FROM kept_attempts", nil},
		} {
			if err := tx.Exec(step.sql, step.args...).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

// dropPartition drops a partition if it is empty still.
func (s *Store) dropPartition(ctx context.Context, parent, name string) error {
	return s.locked(ctx, func(tx *gorm.DB) error {
		if err := tx.Exec("ALTER TABLE " + parent + " DETACH PARTITION " + name).Error; err != nil {
			return err
		}
		var filled bool
		if err := tx.Raw("SELECT EXISTS (SELECT 1 FROM " + name + ")").Scan(&filled).Error; err != nil {
			return err
		}
		if filled && parent == "deliveries" {
			return errors.New("delivery: " + name + " was filled meanwhile")
		}
		return tx.Exec("DROP TABLE " + name).Error
	})
}

// locked is a transaction that would rather fail than wait, since others wait behind it.
func (s *Store) locked(ctx context.Context, fn func(tx *gorm.DB) error) error {
	return s.db.Tx(ctx, func(tx *gorm.DB) error {
		if err := tx.Exec("SET LOCAL lock_timeout = '" + lockTimeout + "'").Error; err != nil {
			return err
		}
		return fn(tx)
	})
}
