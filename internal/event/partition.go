package event

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
)

// A process whose clock is behind, or ahead, finds partitions too; and nothing stops when nobody makes any for days.
const partitionsBefore, partitionsAhead = 2, 7

// EnsurePartitions makes the partitions of the logs (events, deliveries, attempts) for the days around the present, by
// the clock that ids are made with. Several calls at once take turns. It does nothing on SQLite.
func EnsurePartitions(ctx context.Context, d *db.DB) error {
	if !d.Postgres() {
		return nil
	}
	today := time.Now().UTC()
	day := func(n int) string { return today.AddDate(0, 0, n).Format(time.DateOnly) }
	err := d.Tx(ctx, func(tx *gorm.DB) error {
		return tx.Exec("SELECT make_partitions(?, ?)", day(-partitionsBefore), day(partitionsAhead)).Error
	})
	if err != nil {
		return fmt.Errorf("event: partitions: %w", err)
	}
	return nil
}

// Partitioned runs fn, which adds to a log in a transaction of its own. When PostgreSQL has no partition for a row,
// which it reports as a violated check constraint, it makes the partitions and runs fn once more.
func Partitioned(ctx context.Context, d *db.DB, fn func() error) error {
	err := fn()
	if !errors.Is(err, gorm.ErrCheckConstraintViolated) || db.InUnit(ctx) {
		return err
	}
	if err := EnsurePartitions(ctx, d); err != nil {
		return err
	}
	return fn()
}

// PartitionedTx is Partitioned for a transaction.
func PartitionedTx(ctx context.Context, d *db.DB, fn func(tx *gorm.DB) error) error {
	return Partitioned(ctx, d, func() error { return d.Tx(ctx, fn) })
}

// Table is where rows of a log with the ids lie: in the partition of the present day when all were made then, else in
// the whole. PostgreSQL plans a statement that names a partition once; one that leaves it to find the partition it
// plans again each time, which costs more than to run it.
func (s *Store) Table(log string, ids []id.UUID) string {
	if !s.db.Postgres() || len(ids) == 0 {
		return log
	}
	today := time.Now().UTC().Truncate(24 * time.Hour)
	for _, u := range ids {
		if at := u.Time(); at.Before(today) || !at.Before(today.AddDate(0, 0, 1)) {
			return log
		}
	}
	return log + today.Format("_20060102")
}
