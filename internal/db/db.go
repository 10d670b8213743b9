// Package db opens the two SQL engines behind one GORM handle and holds the rules of using them: every write goes
// through Tx, times are microseconds, ids are set by us, nothing is migrated behind anybody's back.
package db

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/glebarez/sqlite"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/hookline/hookline/internal/page"
)

// DB is an open database.
type DB struct {
	gorm     *gorm.DB
	postgres bool
	writer   chan struct{} // SQLite: the right to write; queueing here is fair and silent, "database is locked" is neither
}

// Open connects to postgres://… or sqlite:///path/to/file. It does not migrate.
func Open(ctx context.Context, rawURL string) (*DB, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, fmt.Errorf("db: the URL can't be read")
	}
	d := &DB{postgres: u.Scheme != "sqlite"}
	var dialector gorm.Dialector
	if d.postgres {
		dialector = postgres.New(postgres.Config{DSN: rawURL})
	} else {
		d.writer = make(chan struct{}, 1)
		dialector = sqlite.Open("file:" + u.Path + "?" + sqlitePragmas)
	}
	d.gorm, err = gorm.Open(dialector, &gorm.Config{
		SkipDefaultTransaction: true,
		QueryFields:            true,
		DisableAutomaticPing:   true,
		Logger:                 logger.Discard, // its lines would carry parameters, and those carry secrets
		TranslateError:         true,
	})
	if err != nil {
		return nil, fmt.Errorf("db: %w", err)
	}
	sqlDB, err := d.gorm.DB()
	if err != nil {
		return nil, fmt.Errorf("db: %w", err)
	}
	sqlDB.SetMaxOpenConns(32)
	sqlDB.SetMaxIdleConns(16)
	sqlDB.SetConnMaxIdleTime(5 * time.Minute)
	if err := sqlDB.PingContext(ctx); err != nil {
		_ = sqlDB.Close()
		return nil, fmt.Errorf("db: %w", err)
	}
	return d, nil
}

// An immediate transaction takes the write lock when it begins; a deferred one can fail half-way when it wants it.
var sqlitePragmas = strings.Join([]string{
	"_txlock=immediate",
	"_pragma=busy_timeout(10000)",
	"_pragma=journal_mode(WAL)",
	"_pragma=synchronous(FULL)",
	"_pragma=foreign_keys(1)",
}, "&")

// Postgres says which engine it is.
func (d *DB) Postgres() bool { return d.postgres }

// Read returns a handle for reading outside a transaction.
func (d *DB) Read(ctx context.Context) *gorm.DB { return d.gorm.WithContext(ctx) }

// Tx runs fn in one transaction and commits when it returns nil. Inside, only tx may be used: on SQLite there is one
// writer, and a second handle would wait for the first for ever.
func (d *DB) Tx(ctx context.Context, fn func(tx *gorm.DB) error) error {
	if d.writer != nil {
		select {
		case d.writer <- struct{}{}:
			defer func() { <-d.writer }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return d.gorm.WithContext(ctx).Transaction(fn)
}

// Ping says whether the database answers.
func (d *DB) Ping(ctx context.Context) error {
	sqlDB, err := d.gorm.DB()
	if err != nil {
		return err
	}
	return sqlDB.PingContext(ctx)
}

// Close closes all connections.
func (d *DB) Close() error {
	sqlDB, err := d.gorm.DB()
	if err != nil {
		return err
	}
	return sqlDB.Close()
}

// Newest orders a log by created_at and id, newest first, from the log's place on, and reads one row more than a page
// so that page.Cut can tell whether there is another.
func Newest(q *gorm.DB, l page.Log) *gorm.DB {
	if l.After != nil {
		q = q.Where("(created_at, id) < (?, ?)", At(l.After.At), l.After.ID)
	}
	return q.Order("created_at DESC, id DESC").Limit(l.Limit + 1)
}

// Numbered reads one page of a resource, newest first, and counts all its rows.
func Numbered[T any](q *gorm.DB, p page.Page) ([]T, int64, error) {
	var total int64
	var row T
	if err := q.Session(&gorm.Session{}).Model(&row).Count(&total).Error; err != nil {
		return nil, 0, err
	}
	var rows []T
	err := q.Order("created_at DESC, id DESC").Offset(p.Offset()).Limit(p.Size).Find(&rows).Error
	return rows, total, err
}
