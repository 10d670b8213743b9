// Package db opens PostgreSQL or SQLite behind one GORM handle and holds the rules of using it: stores begin every
// query on tenant data with Scope, write in Tx or Unit only, keep times as microseconds and set ids themselves. Only
// the migration commands change the schema.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strconv"
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
	config   *pgx.ConnConfig // PostgreSQL: for sessions outside of the pool
	pooled   bool            // behind a connection pooler that gives each transaction another session
	// SQLite: held by the one write transaction; waiting here is fair and fails no statement with "database is locked"
	writer chan struct{}
	// replica, where there is one, is read where AllowStale says so
	replica *Replica
}

// poolMode is the parameter of a postgres:// URL that says that it leads to a connection pooler: with the value
// transaction, sessions keep nothing from one transaction to the next.
const poolMode = "pool_mode"

// poolLimit is the parameter of a postgres:// URL with the number of connections that may be open, instead of
// Connections. The configuration refuses values that are no number or too small for a process.
const poolLimit = "pool_max_conns"

// Connections is how many connections a DB has by default.
const Connections = 32

// Open connects to postgres://… or sqlite:///path/to/file. It does not migrate. The error is ErrPooled when the URL
// leads to a connection pooler in transaction mode and does not say so.
func Open(ctx context.Context, rawURL string) (*DB, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, errors.New("db: the database URL can't be parsed")
	}
	d := &DB{postgres: u.Scheme != "sqlite"}
	var dialector gorm.Dialector
	if d.postgres {
		pool, config, pooled, err := dialPostgres(u)
		if err != nil {
			return nil, fmt.Errorf("db: %w", err) // pgx leaves the password out of the error
		}
		if !pooled {
			if err := refusePooler(ctx, pool, config); err != nil {
				return nil, errors.Join(fmt.Errorf("db: %w", err), pool.Close())
			}
		}
		d.config, d.pooled, dialector = config, pooled, postgresOn(pool)
	} else {
		d.writer = make(chan struct{}, 1)
		dialector = strictSQLite{&sqlite.Dialector{DSN: "file:" + u.EscapedPath() + "?" + sqlitePragmas}}
	}
	if d.gorm, err = openGORM(dialector); err != nil {
		return nil, fmt.Errorf("db: %w", err)
	}
	pool, err := d.Pool()
	if err != nil {
		return nil, fmt.Errorf("db: %w", err)
	}
	if !d.postgres {
		limitPool(pool, Connections)
	}
	if err := pool.PingContext(ctx); err != nil {
		_ = pool.Close()
		return nil, fmt.Errorf("db: %w", err)
	}
	return d, nil
}

func openGORM(dialector gorm.Dialector) (*gorm.DB, error) {
	g, err := gorm.Open(dialector, &gorm.Config{
		SkipDefaultTransaction: true,
		QueryFields:            true,
		DisableAutomaticPing:   true,
		Logger:                 logger.Discard, // GORM would log parameters, and those include secrets
		TranslateError:         true,
	})
	if err != nil {
		return nil, err
	}
	return g, guardInserts(g)
}

func limitPool(pool *sql.DB, connections int) {
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections) // fewer would open and close connections all through a burst
	pool.SetConnMaxIdleTime(5 * time.Minute)
}

func postgresOn(pool gorm.ConnPool) gorm.Dialector { return postgres.New(postgres.Config{Conn: pool}) }

// dialPostgres makes a pool of connections without connecting. pooled says that the URL leads to a connection pooler in
// transaction mode.
func dialPostgres(u *url.URL) (pool *sql.DB, config *pgx.ConnConfig, pooled bool, err error) {
	parameters, connections := u.Query(), Connections
	if limit, err := strconv.Atoi(parameters.Get(poolLimit)); err == nil {
		connections = limit
	}
	switch mode := parameters.Get(poolMode); mode {
	case "", "session":
	case "transaction":
		pooled = true
	default:
		return nil, nil, false, fmt.Errorf("%s is session or transaction, not %q", poolMode, mode)
	}
	parameters.Del(poolMode)
	parameters.Del(poolLimit)
	own := *u
	own.RawQuery = parameters.Encode()
	if config, err = pgx.ParseConfig(own.String()); err != nil {
		return nil, nil, false, err
	}
	if pooled {
		// No statement has a name, and each is planned for its values, so no plan is kept that must favour indexes.
		config.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
		pool = stdlib.OpenDB(*config)
	} else {
		pool = stdlib.OpenDB(*config, stdlib.OptionAfterConnect(favourIndexes))
	}
	limitPool(pool, connections)
	return pool, config, pooled, nil
}

// favourIndexes sets the cost that PostgreSQL assumes for reading a page through an index to little more than that of
// the next page, which is right for every disk that does not spin. PostgreSQL keeps the plan of a statement that names
// one row: made while the table had a few pages, that plan must not read the whole table.
func favourIndexes(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, "SET random_page_cost = 1.1")
	return err
}

// An immediate transaction takes the write lock when it begins; a deferred one takes it at its first write and can fail
// there.
var sqlitePragmas = strings.Join([]string{
	"_txlock=immediate",
	"_pragma=busy_timeout(10000)",
	"_pragma=journal_mode(WAL)",
	"_pragma=synchronous(FULL)",
	"_pragma=foreign_keys(1)",
}, "&")

// Postgres reports whether the engine is PostgreSQL; otherwise it is SQLite.
func (d *DB) Postgres() bool { return d.postgres }

// Read returns a handle for queries. With a context that carries a transaction it is that transaction; with one of
// AllowStale it may be the read replica.
func (d *DB) Read(ctx context.Context) *gorm.DB {
	if u := unitOf(ctx); u != nil {
		return u.tx.WithContext(ctx)
	}
	if s := stalenessOf(ctx); s != nil && d.replica != nil && d.replica.reads(s) {
		return d.replica.gorm.WithContext(ctx)
	}
	return d.gorm.WithContext(ctx)
}

// Tx runs fn in a transaction and commits when fn returns nil. With a context that carries a transaction it runs fn in
// that one. fn may use only tx: SQLite has one writer, and a second transaction would wait for the first forever.
func (d *DB) Tx(ctx context.Context, fn func(tx *gorm.DB) error) error {
	return d.Unit(ctx, func(ctx context.Context) error { return fn(unitOf(ctx).tx.WithContext(ctx)) })
}

// Affected runs one statement in a transaction, as Tx does, and returns how many rows it changed.
func (d *DB) Affected(ctx context.Context, statement func(tx *gorm.DB) *gorm.DB) (n int64, err error) {
	err = d.Tx(ctx, func(tx *gorm.DB) error {
		r := statement(tx)
		n = r.RowsAffected
		return r.Error
	})
	return n, err
}

type unitKey struct{}

// unit is the transaction that a context carries, and what to do after its commit.
type unit struct {
	tx    *gorm.DB
	after []func()
}

func unitOf(ctx context.Context) *unit {
	u, _ := ctx.Value(unitKey{}).(*unit)
	return u
}

// Unit runs fn as a unit of work: with a context that carries a transaction, which every Tx, Read and Unit with that
// context joins. It commits when fn returns nil and then runs the functions given to AfterCommit. It lets several
// stores commit together.
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

// AfterCommit runs f after the commit of the transaction that the context carries, and never when it is rolled back.
// Without a transaction it runs f at once. f must not block.
func AfterCommit(ctx context.Context, f func()) {
	if u := unitOf(ctx); u != nil {
		u.after = append(u.after, f)
		return
	}
	f()
}

// ErrTrial rolls a trial back.
var ErrTrial = errors.New("db: the request was only tried")

type trialKey struct{}

// Trial runs fn as a unit of work that is rolled back: it returns ErrTrial, or what fn fails with.
func (d *DB) Trial(ctx context.Context, fn func(ctx context.Context) error) error {
	return d.Unit(context.WithValue(ctx, trialKey{}, true), func(ctx context.Context) error {
		if err := fn(ctx); err != nil {
			return err
		}
		return ErrTrial
	})
}

// EndTrial returns ErrTrial in a trial, and else nil. What can't be rolled back comes after it.
func EndTrial(ctx context.Context) error {
	if ctx.Value(trialKey{}) != nil {
		return ErrTrial
	}
	return nil
}

// InUnit reports whether the context carries a transaction.
func InUnit(ctx context.Context) bool { return unitOf(ctx) != nil }

// Pool is the pool of connections, for its statistics.
func (d *DB) Pool() (*sql.DB, error) { return d.gorm.DB() }

// Ping fails when the database does not respond.
func (d *DB) Ping(ctx context.Context) error {
	pool, err := d.Pool()
	if err != nil {
		return err
	}
	return pool.PingContext(ctx)
}

// Close closes all connections.
func (d *DB) Close() error {
	pool, err := d.Pool()
	if err != nil {
		return err
	}
	return pool.Close()
}
