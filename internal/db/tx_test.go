package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/testkit/engine"
)

func add(tx *gorm.DB, name string) error {
	return tx.Create(&db.Setting{Name: name, Value: []byte(name)}).Error
}

func stored(t *testing.T, d *db.DB) int64 {
	t.Helper()
	var n int64
	if err := d.Read(t.Context()).Model(&db.Setting{}).Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

func TestATransactionLeavesNothingWhenItFailsOrPanics(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		d := open(t, e)
		broken := errors.New("broken")
		err := d.Tx(t.Context(), func(tx *gorm.DB) error {
			if err := add(tx, "a"); err != nil {
				return err
			}
			return broken
		})
		if !errors.Is(err, broken) || stored(t, d) != 0 {
			t.Errorf("failed transaction: got %v and %d rows, want its error and 0", err, stored(t, d))
		}
		func() {
			defer func() {
				if p := recover(); p != "oops" {
					t.Errorf("panic: got %v, want oops", p)
				}
			}()
			_ = d.Tx(t.Context(), func(tx *gorm.DB) error {
				if err := add(tx, "b"); err != nil {
					t.Error(err)
				}
				panic("oops")
			})
		}()
		if n := stored(t, d); n != 0 {
			t.Errorf("rows after a panic: got %d, want 0", n)
		}
		if err := d.Tx(t.Context(), func(tx *gorm.DB) error { return add(tx, "c") }); err != nil || stored(t, d) != 1 {
			t.Errorf("transaction after a panic: got %v and %d rows, want nil and 1", err, stored(t, d))
		}
	})
}

func TestATransactionWhoseCallerHasGoneWritesNothing(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		d := open(t, e)
		ctx, cancel := context.WithCancel(t.Context())
		err := d.Tx(ctx, func(tx *gorm.DB) error {
			if err := add(tx, "a"); err != nil {
				return err
			}
			cancel()
			return nil
		})
		if err == nil || stored(t, d) != 0 {
			t.Errorf("transaction: got %v and %d rows, want an error and 0", err, stored(t, d))
		}
	})
}

func TestACancelledCallerDoesNotWaitForSQLitesWriter(t *testing.T) {
	t.Parallel()
	d := open(t, engine.Embedded)
	ctx, cancel := context.WithCancel(t.Context())
	err := d.Tx(t.Context(), func(*gorm.DB) error {
		cancel()
		return d.Tx(ctx, func(*gorm.DB) error { t.Error("writers at a time: got 2, want 1"); return nil })
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled writer: got %v, want %v", err, context.Canceled)
	}
}

// TestManyWritersNeverFindTheDatabaseLocked reads before it writes in each transaction, which is what fails half-way
// when a transaction is deferred, and reads outside of transactions meanwhile.
func TestManyWritersNeverFindTheDatabaseLocked(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		d := open(t, e)
		const writers, each = 50, 4
		var all sync.WaitGroup
		for w := range writers {
			all.Go(func() {
				for n := range each {
					err := d.Tx(t.Context(), func(tx *gorm.DB) error {
						var seen int64
						if err := tx.Model(&db.Setting{}).Count(&seen).Error; err != nil {
							return err
						}
						return add(tx, fmt.Sprintf("%d-%d", w, n))
					})
					if err == nil {
						_, err = d.Setting(t.Context(), "0-0")
					}
					if err != nil {
						t.Errorf("writer %d: got %v, want nil", w, err)
						return
					}
				}
			})
		}
		all.Wait()
		if n := stored(t, d); n != writers*each {
			t.Errorf("rows: got %d, want %d", n, writers*each)
		}
	})
}

// TestWritersOfAProcessQueueHereAndNotInSQLite takes SQLite's patience away, which the test above could live on: under
// a long load it ends after ten seconds, and it is not fair.
func TestWritersOfAProcessQueueHereAndNotInSQLite(t *testing.T) {
	t.Parallel()
	const connections = 8
	d := open(t, engine.Embedded)
	pool, err := d.Read(t.Context()).DB()
	if err != nil {
		t.Fatal(err)
	}
	pool.SetMaxOpenConns(connections)
	var taken []*sql.Conn
	for range connections {
		c, err := pool.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.ExecContext(t.Context(), "PRAGMA busy_timeout = 0"); err != nil {
			t.Fatal(err)
		}
		taken = append(taken, c)
	}
	for _, c := range taken {
		_ = c.Close()
	}
	var all sync.WaitGroup
	for w := range 50 {
		all.Go(func() {
			for n := range 5 {
				if err := d.Tx(t.Context(), func(tx *gorm.DB) error {
					return add(tx, fmt.Sprintf("%d-%d", w, n))
				}); err != nil {
					t.Errorf("writer %d: got %v, want nil", w, err)
					return
				}
			}
		})
	}
	all.Wait()
}

// TestTwoProcessesCanWriteToOneSQLiteFile because `hookline keys` runs beside `hookline dev`: there the queue of
// writers is no help, only the immediate transaction and the patience of SQLite are.
func TestTwoProcessesCanWriteToOneSQLiteFile(t *testing.T) {
	t.Parallel()
	s := engine.New(t, engine.Embedded)
	one, other := connect(t, s.DatabaseURL), connect(t, s.DatabaseURL)
	var all sync.WaitGroup
	for i, d := range []*db.DB{one, other} {
		all.Go(func() {
			for n := range 40 {
				err := d.Tx(t.Context(), func(tx *gorm.DB) error {
					var seen int64
					if err := tx.Model(&db.Setting{}).Count(&seen).Error; err != nil {
						return err
					}
					return add(tx, fmt.Sprintf("%d-%d", i, n))
				})
				if err != nil {
					t.Errorf("process %d: got %v, want nil", i, err)
					return
				}
			}
		})
	}
	all.Wait()
	if n := stored(t, other); n != 80 {
		t.Errorf("rows: got %d, want 80", n)
	}
}

func TestATransactionNeedsNoSecondConnection(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		d := open(t, e)
		pool, err := d.Read(t.Context()).DB()
		if err != nil {
			t.Fatal(err)
		}
		pool.SetMaxOpenConns(1)
		err = d.Tx(t.Context(), func(tx *gorm.DB) error {
			if err := add(tx, "a"); err != nil {
				return err
			}
			var s db.Setting
			if err := tx.Where("name = ?", "a").Take(&s).Error; err != nil {
				return err
			}
			return tx.CreateInBatches([]db.Setting{{Name: "b", Value: []byte{1}}, {Name: "c", Value: []byte{2}}},
				1).Error
		})
		if err != nil || stored(t, d) != 3 {
			t.Errorf("transaction: got %v and %d rows, want nil and 3", err, stored(t, d))
		}
	})
}

func TestConcurrentlyEnsuredSettingsHaveOneValue(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		d := open(t, e)
		if v, err := d.Setting(t.Context(), "marker"); v != nil || err != nil {
			t.Errorf("setting that was not made: got %q, %v, want none", v, err)
		}
		got := make([]string, 10)
		var all sync.WaitGroup
		for i := range got {
			all.Go(func() {
				v, err := d.EnsureSetting(t.Context(), "marker", []byte{byte('a' + i)})
				if err != nil {
					t.Error(err)
				}
				got[i] = string(v)
			})
		}
		all.Wait()
		for _, v := range got {
			if v == "" || v != got[0] {
				t.Errorf("setting: got %q, want one value for all", got)
			}
		}
	})
}
