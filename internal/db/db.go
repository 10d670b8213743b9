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
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
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
		config, err := pgx.ParseConfig(rawURL)
		if err != nil {
			return nil, fmt.Errorf("db: %w", err) // which leaves out the password
		}
		dialector = postgres.New(postgres.Config{Conn: stdlib.OpenDB(*config, stdlib.OptionAfterConnect(favourIndexes))})
	} else {
		d.writer = make(chan struct{}, 1)
		dialector = sqlite.Open("file:" + u.EscapedPath() + "?" + sqlitePragmas)
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

// favourIndexes has PostgreSQL count the page that an index leads to as hardly dearer than the next one, which is so of all
// but spinning disks. A statement that names one row it plans once, and keeps the plan: made while a table had a few pages,
// that must not be one that reads the whole table.
func favourIndexes(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, "SET random_page_cost = 1.1")
	return err
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

// Read returns a handle for reading. Inside a Unit it reads what the unit has written.
func (d *DB) Read(ctx context.Context) *gorm.DB {
	if u := unitOf(ctx); u != nil {
		return u.tx.WithContext(ctx)
	}
	return d.gorm.WithContext(ctx)
}

// Tx runs fn in one transaction and commits when it returns nil; inside a Unit it joins the unit's. Inside, only tx
// may be used: on SQLite there is one writer, and a second handle would wait for the first for ever.
func (d *DB) Tx(ctx context.Context, fn func(tx *gorm.DB) error) error {
	return d.Unit(ctx, func(ctx context.Context) error { return fn(unitOf(ctx).tx.WithContext(ctx)) })
}

type unitKey struct{}

// unit is a transaction that a context carries.
type unit struct {
	tx    *gorm.DB
	after []func()
}

func unitOf(ctx context.Context) *unit {
	u, _ := ctx.Value(unitKey{}).(*unit)
	return u
}

// Unit runs fn with a context that carries a transaction: every Tx, Read and Unit with that context is part of it.
// It commits when fn returns nil, and then does what AfterCommit was given. It is how effects of different rooms are
// committed together.
func (d *DB) Unit(ctx context.Context, fn func(ctx context.Context) error) error {
	if unitOf(ctx) != nil {
		return fn(ctx)
	}
	if d.writer != nil {
		select {
		case d.writer <- struct{}{}:
			defer func() { <-d.writer }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	u := &unit{}
	err := d.gorm.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		u.tx = tx
		return fn(context.WithValue(ctx, unitKey{}, u))
	})
	if err != nil {
		return err
	}
	for _, f := range u.after {
		f()
	}
	return nil
}

// AfterCommit does f once the transaction that the context carries is committed, and never when it is not; without a
// transaction it does f at once. f must not block.
func AfterCommit(ctx context.Context, f func()) {
	if u := unitOf(ctx); u != nil {
		u.after = append(u.after, f)
		return
	}
	f()
}

// InUnit says whether the context carries a transaction.
func InUnit(ctx context.Context) bool { return unitOf(ctx) != nil }

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
