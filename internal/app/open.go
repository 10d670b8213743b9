package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/rotation"
	"github.com/hookline/hookline/internal/secret"
)

const bootTimeout = 10 * time.Second

// open connects to the database and Redis, and checks them.
func (a *App) open(ctx context.Context) error {
	var err error
	if a.db, err = openMigrated(ctx, a.config.DatabaseURL); err != nil {
		return err
	}
	a.lifecycle.opened("database", a.db.Close)
	if a.config.DatabaseReadURL != "" && a.options.API {
		if a.replica, err = a.db.AttachReplica(a.config.DatabaseReadURL, a.config.DatabaseReadLag); err != nil {
			return &config.Error{Text: fmt.Sprintf("HOOKLINE_DATABASE_READ_URL is not usable: %v.", err)}
		}
		a.lifecycle.opened("read replica", a.replica.Close)
		if err := a.replica.Refused(ctx); errors.Is(err, db.ErrPooled) {
			return transactionMode("HOOKLINE_DATABASE_READ_URL", tookSession)
		} else if err != nil {
			return &config.Error{Text: fmt.Sprintf("The read replica at %s refuses the connection: %s. Correct the user, the "+
				"password and the database in HOOKLINE_DATABASE_READ_URL, or leave it out.", host(a.config.DatabaseReadURL),
				db.Refusal(err))}
		}
	}
	if a.redis, err = queue.Open(a.config.RedisURL); err != nil {
		return &config.Error{Text: fmt.Sprintf("HOOKLINE_REDIS_URL is not usable: %s.", redisReason(err))}
	}
	a.lifecycle.opened("Redis", a.redis.Close)
	ctx, cancel := context.WithTimeout(ctx, bootTimeout)
	defer cancel()
	if err := a.redis.Reach(ctx); err != nil {
		return &config.Error{Text: fmt.Sprintf("%v. Check HOOKLINE_REDIS_URL, and that these servers run and can be "+
			"reached from here.", err)}
	}
	if err := a.redis.CheckServer(ctx); err != nil {
		return &config.Error{Text: fmt.Sprintf("Redis at %s can't be used: %v.", host(a.config.RedisURL), err)}
	}
	return nil
}

// redisReason is an error of Redis as a part of a sentence: some end with a full stop of their own.
func redisReason(err error) string {
	return strings.TrimSuffix(strings.TrimPrefix(err.Error(), "queue: "), ".")
}

// OpenDatabase connects. Its errors are for people, and never show the password.
func OpenDatabase(ctx context.Context, databaseURL string) (*db.DB, error) {
	limited, cancel := context.WithTimeout(ctx, bootTimeout)
	defer cancel()
	d, err := db.Open(limited, databaseURL)
	switch {
	case err == nil:
		return d, nil
	case ctx.Err() != nil:
		return nil, &config.Error{Text: "Stopped by a signal before the database answered. Nothing was changed; run " +
			"the command again."}
	case strings.HasPrefix(databaseURL, "sqlite:"):
		return nil, &config.Error{Text: fmt.Sprintf("The database file %s can't be opened: %v. Check that it may be "+
			"read and written.", host(databaseURL), err)}
	case errors.Is(err, db.ErrPooled):
		return nil, transactionMode("HOOKLINE_DATABASE_URL", tookSession)
	}
	reason := "no connection could be made"
	var fromServer *pgconn.PgError
	var network *net.OpError
	switch {
	case errors.As(err, &fromServer):
		reason = fromServer.Message
	case errors.As(err, &network):
		reason = network.Err.Error()
	case errors.Is(err, context.DeadlineExceeded):
		reason = "it took longer than " + bootTimeout.String()
	}
	return nil,
		&config.Error{Text: fmt.Sprintf("The database at %s does not respond: %s. Check HOOKLINE_DATABASE_URL, and "+
			"that the server runs.", host(databaseURL), reason)}
}

// openMigrated is OpenDatabase for all that need the schema of this version.
func openMigrated(ctx context.Context, databaseURL string) (*db.DB, error) {
	d, err := OpenDatabase(ctx, databaseURL)
	if err != nil {
		return nil, err
	}
	schema, err := d.Schema(ctx)
	if err != nil {
		err = schemaError(err)
	} else {
		err = fitting(schema)
	}
	if err == nil {
		return d, nil
	}
	_ = d.Close()
	return nil, err
}

// fitting refuses a schema that this version can't run on. A newer one is fine while it keeps what this version uses,
// so that two versions run side by side.
func fitting(s db.Schema) error {
	switch {
	case s.Needs > s.Known:
		return &config.Error{Text: fmt.Sprintf("The database's schema (migration %d) is too new for this version of "+
			"Hookline, which knows migration %d and would have to know %d. Start the newer version.", s.Applied, s.Known,
			s.Needs)}
	case len(s.Unfinished) > 0:
		return &config.Error{Text: fmt.Sprintf("A migration of the database's schema was interrupted and left the index "+
			"%s unfinished. Complete it: hookline migrate up", s.Unfinished[0])}
	case s.Pending > 0:
		return &config.Error{Text: fmt.Sprintf("The database's schema is behind by %s. Bring it up to date: hookline "+
			"migrate up", plural(s.Pending, "migration"))}
	}
	return nil
}

// schemaError is an error of reading the schema, with what to do.
func schemaError(err error) error {
	var fromServer *pgconn.PgError
	if errors.As(err, &fromServer) && (fromServer.Code == unknownStatement || fromServer.Code == repeatedStatement) {
		return transactionMode("HOOKLINE_DATABASE_URL", fromServer.Message)
	}
	return &config.Error{Text: fmt.Sprintf("The database's schema can't be read: %v. Bring it up to date: hookline "+
		"migrate up", err)}
}

// tookSession is the evidence of db.ErrPooled.
const tookSession = "the pooler gave one client the session of another"

// transactionMode is the refusal of a connection pooler in transaction mode that the URL in a variable does not
// announce.
func transactionMode(variable, evidence string) error {
	return &config.Error{Text: fmt.Sprintf("%s leads to a connection pooler in transaction mode (%s), where named "+
		"statements, settings and locks of a session are lost or become another client's. Add pool_mode=transaction to "+
		"the URL's parameters.", variable, evidence)}
}

// writeError is an error of the first writes, with what to do where that is known.
func (a *App) writeError(err error) error {
	var fromServer *pgconn.PgError
	if errors.As(err, &fromServer) && fromServer.Code == readOnly {
		return &config.Error{Text: fmt.Sprintf("The database at %s takes no writes: it is a standby, or still in recovery. "+
			"Give the primary's address in HOOKLINE_DATABASE_URL, or start again when SELECT pg_is_in_recovery() is false.",
			host(a.config.DatabaseURL))}
	}
	return err
}

// What PostgreSQL says of a named statement that another session prepared, and of a write that it can't take
// (SQLSTATE).
const (
	unknownStatement  = "26000"
	repeatedStatement = "42P05"
	readOnly          = "25006"
)

func host(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "the given address"
	}
	if u.Host == "" {
		return u.Path
	}
	return u.Host
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// checkRing refuses keys that the database's secrets are not encrypted with.
func checkRing(ctx context.Context, d *db.DB, ring *secret.Ring) error {
	err := rotation.Check(ctx, d, ring)
	var unknown *secret.UnknownKeyError
	switch {
	case errors.As(err, &unknown):
		return &config.Error{Text: fmt.Sprintf("HOOKLINE_ENCRYPTION_KEYS does not contain the key %s, which this "+
			"database's secrets are encrypted with. Add it, after the first key if that is a new one; nothing was "+
			"changed.", unknown.ID)}
	case errors.Is(err, secret.ErrOpen):
		return &config.Error{Text: "The secrets of this database can't be decrypted with HOOKLINE_ENCRYPTION_KEYS: " +
			"they are damaged, or from another version of Hookline. Nothing was changed."}
	}
	return err
}
