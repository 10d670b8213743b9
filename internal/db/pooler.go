package db

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// ErrPooled says that the database is behind a connection pooler in transaction mode, which the URL does not say: a
// setting, a named statement or a lock of a session would be another client's next.
var ErrPooled = errors.New("the connection pooler is in transaction mode, and the URL lacks pool_mode=transaction")

const (
	// poolerRounds is how often the probe asks: a pooler that takes its sessions by turns can give the same twice.
	poolerRounds = 3
	// poolerWait bounds a round: a pooler in session mode that has no session left lets the second client wait.
	poolerWait = time.Second
)

// refusePooler fails with ErrPooled when the sessions of a connection change between its transactions. It changes no
// session. A pooler introduces itself with a process id of its own; without one, that costs one statement.
func refusePooler(ctx context.Context, pool *sql.DB, config *pgx.ConnConfig) error {
	direct, err := isDirect(ctx, pool)
	if err != nil || direct {
		return err
	}
	plain := config.Copy()
	plain.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	first, err := pgx.ConnectConfig(ctx, plain)
	if err != nil {
		return err
	}
	defer func() { _ = first.Close(ctx) }()
	session, err := backend(ctx, first)
	if err != nil {
		return err
	}
	for range poolerRounds {
		changed, err := changes(ctx, plain, first, session)
		if changed {
			return ErrPooled
		}
		if err != nil { // no session was free, or the connection broke: what comes next says it better
			return nil
		}
	}
	return nil
}

// isDirect reports whether a connection of the pool leads to the session that introduced itself.
func isDirect(ctx context.Context, pool *sql.DB) (direct bool, err error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return false, err
	}
	defer func() { _ = conn.Close() }()
	err = conn.Raw(func(driver any) error {
		c := driver.(*stdlib.Conn).Conn() //nolint:errcheck // the pool has no others
		session, err := backend(ctx, c)
		direct = session == c.PgConn().PID()
		return err
	})
	return direct, err
}

// changes reports whether the pooler gives the first connection another session than it had, or its session to a
// second connection: both are impossible while a session belongs to one client.
func changes(ctx context.Context, config *pgx.ConnConfig, first *pgx.Conn, had uint32) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, poolerWait)
	defer cancel()
	if now, err := backend(ctx, first); err != nil || now != had {
		return err == nil, err
	}
	second, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return false, err
	}
	defer func() { _ = second.Close(context.WithoutCancel(ctx)) }()
	tx, err := second.Begin(ctx)
	if err != nil {
		return false, err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if taken, err := backend(ctx, second); err != nil || taken == had {
		return err == nil, err
	}
	now, err := backend(ctx, first)
	return err == nil && now != had, err
}

// backend is the process id of the session that executes the connection's statement.
func backend(ctx context.Context, c *pgx.Conn) (id uint32, err error) {
	err = c.QueryRow(ctx, "SELECT pg_backend_pid()", pgx.QueryExecModeSimpleProtocol).Scan(&id)
	return id, err
}
