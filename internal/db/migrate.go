package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/hookline/hookline/internal/background"
	"github.com/hookline/hookline/migrations"
)

// Migration is one migration file. AppliedAt is zero while it is pending.
type Migration struct {
	Name      string
	AppliedAt time.Time
}

const (
	// lockTimeout is how long a statement of a migration waits for a lock. Requests queue behind a statement that
	// waits, so it gives up soon and is tried again.
	lockTimeout = 2 * time.Second
	// migrateFor is how long a migration is tried again.
	migrateFor = 2 * time.Minute
	// retryMost is the longest pause between two tries, in which requests go on.
	retryMost = 15 * time.Second
	// lockNotAvailable is what PostgreSQL says when lockTimeout has passed (SQLSTATE).
	lockNotAvailable = "55P03"
)

// migrator applies the migrations of one engine, in order.
type migrator struct {
	db    *DB
	files fs.FS
	keep  time.Duration // how long a migration that gets no lock is tried again
}

func (d *DB) migrator() (*migrator, error) {
	dir := "sqlite"
	if d.postgres {
		dir = "postgres"
	}
	files, err := fs.Sub(migrations.FS, dir)
	return &migrator{db: d, files: files, keep: migrateFor}, err
}

// provider makes goose's on connections; nil is those of the database.
func (m *migrator) provider(on *sql.DB) (*goose.Provider, error) {
	if on == nil {
		pool, err := m.db.Pool()
		if err != nil {
			return nil, err
		}
		on = pool
	}
	if !m.db.postgres {
		return goose.NewProvider(goose.DialectSQLite3, on, m.files)
	}
	locker, err := m.db.locker()
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, on, m.files, locker)
}

// locker serializes processes that migrate at the same time. A pooler does not keep the session that holds a lock.
func (d *DB) locker() (goose.ProviderOption, error) {
	if d.pooled {
		locker, err := lock.NewPostgresTableLocker()
		return goose.WithLocker(locker), err
	}
	locker, err := lock.NewPostgresSessionLocker()
	return goose.WithSessionLocker(locker), err
}

// MigrateUp applies all pending migrations and returns the names of those that it applied. A migration that was
// interrupted is completed. The error is a *BlockedError when another transaction kept the lock that one needs.
func (d *DB) MigrateUp(ctx context.Context) ([]string, error) {
	m, err := d.migrator()
	if err != nil {
		return nil, err
	}
	return m.up(ctx)
}

func (m *migrator) up(ctx context.Context) ([]string, error) {
	var names []string
	for {
		next, err := m.next(ctx)
		if err != nil || next == nil {
			return names, err
		}
		applied, err := m.insist(ctx, *next)
		if applied {
			names = append(names, next.Path)
		}
		if err != nil {
			return names, err
		}
	}
}

// next is the first pending migration; nil when none is.
func (m *migrator) next(ctx context.Context) (*goose.Source, error) {
	p, err := m.provider(nil)
	if err != nil {
		return nil, err
	}
	status, err := p.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("db: %w", err)
	}
	for _, s := range status {
		if s.State == goose.StatePending {
			return s.Source, nil
		}
	}
	return nil, nil
}

// insist tries a migration until it gets its locks. applied is false when another process applied it.
func (m *migrator) insist(ctx context.Context, s goose.Source) (applied bool, err error) {
	end := time.Now().Add(m.keep)
	for pause := time.Second; ; pause = min(2*pause, retryMost) {
		applied, by, err := m.apply(ctx, s)
		if !isLockTimeout(err) {
			return applied, err
		}
		blocked := &BlockedError{Migration: s.Path, By: by}
		if time.Now().Add(pause).After(end) {
			return false, blocked
		}
		slog.Warn("a migration waits for a lock; it is tried again", "migration", s.Path, "blocked_by", by.String(),
			"after", pause.String())
		if !background.Pause(ctx, pause) {
			return false, errors.Join(blocked, ctx.Err())
		}
	}
}

// apply tries a migration once.
func (m *migrator) apply(ctx context.Context, s goose.Source) (applied bool, by Blocker, err error) {
	text, err := fs.ReadFile(m.files, s.Path)
	if err != nil {
		return false, by, err
	}
	session, err := m.db.session(strings.Contains(string(text), "+goose NO TRANSACTION"))
	if err != nil {
		return false, by, err
	}
	defer session.close()
	if err := m.db.dropUnfinished(ctx, session, string(text)); err != nil {
		return false, by, err
	}
	p, err := m.provider(session.db)
	if err != nil {
		return false, by, err
	}
	stop := session.watch(ctx, m.db)
	_, err = p.ApplyVersion(ctx, s.Version, true)
	by = stop()
	switch {
	case errors.Is(err, goose.ErrAlreadyApplied):
		return false, by, nil
	case err != nil:
		return false, by, fmt.Errorf("db: %w", err)
	}
	left, err := m.db.unfinished(ctx, string(text))
	if err == nil && len(left) > 0 {
		err = fmt.Errorf("db: %s left the index %s invalid", s.Path, left[0])
	}
	return true, by, err
}

func isLockTimeout(err error) bool {
	var fromServer *pgconn.PgError
	return errors.As(err, &fromServer) && fromServer.Code == lockNotAvailable
}

// MigrateDown reverts the newest applied migration and returns its name, empty when none is applied.
func (d *DB) MigrateDown(ctx context.Context) (string, error) {
	m, err := d.migrator()
	if err != nil {
		return "", err
	}
	p, err := m.provider(nil)
	if err != nil {
		return "", err
	}
	if v, err := p.GetDBVersion(ctx); err != nil || v == 0 {
		return "", err
	}
	result, err := p.Down(ctx)
	if err != nil {
		return "", fmt.Errorf("db: %w", err)
	}
	return result.Source.Path, nil
}

// Migrations lists all migrations in order.
func (d *DB) Migrations(ctx context.Context) ([]Migration, error) {
	m, err := d.migrator()
	if err != nil {
		return nil, err
	}
	p, err := m.provider(nil)
	if err != nil {
		return nil, err
	}
	status, err := p.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("db: %w", err)
	}
	out := make([]Migration, 0, len(status))
	for _, s := range status {
		out = append(out, Migration{Name: s.Source.Path, AppliedAt: s.AppliedAt})
	}
	return out, nil
}

// Pending returns how many migrations have not been applied.
func (d *DB) Pending(ctx context.Context) (int, error) {
	all, err := d.Migrations(ctx)
	n := 0
	for _, m := range all {
		if m.AppliedAt.IsZero() {
			n++
		}
	}
	return n, err
}

// Schema is what a database's schema is, beside what this version knows.
type Schema struct {
	Known   int64 // the newest migration that this version knows
	Applied int64 // the newest migration of the database
	// Needs is the migration that a version must know to run on the schema: the two-step rule of CONTRIBUTING.md.
	Needs      int64
	Pending    int      // migrations that this version knows and the database does not have
	Unfinished []string // indexes of pending migrations that were interrupted
}

// schemaNeeds is the setting that a migration writes when versions that don't know an earlier one can't use the schema
// any more.
const schemaNeeds = "schema_needs"

// Schema reads it.
func (d *DB) Schema(ctx context.Context) (Schema, error) {
	m, err := d.migrator()
	if err != nil {
		return Schema{}, err
	}
	return m.schema(ctx)
}

func (m *migrator) schema(ctx context.Context) (out Schema, err error) {
	p, err := m.provider(nil)
	if err != nil {
		return out, err
	}
	sources := p.ListSources()
	out.Known = sources[len(sources)-1].Version
	status, err := p.Status(ctx)
	if err != nil {
		return out, fmt.Errorf("db: %w", err)
	}
	if out.Applied, err = p.GetDBVersion(ctx); err != nil || out.Applied == 0 {
		out.Pending = len(status)
		return out, err
	}
	for _, s := range status {
		if s.State == goose.StatePending {
			text, err := fs.ReadFile(m.files, s.Source.Path)
			if err != nil {
				return out, err
			}
			left, err := m.db.unfinished(ctx, string(text))
			if err != nil {
				return out, err
			}
			out.Pending, out.Unfinished = out.Pending+1, append(out.Unfinished, left...)
		}
	}
	value, err := m.db.Setting(ctx, schemaNeeds)
	if err == nil && len(value) > 0 {
		_, err = fmt.Sscan(string(value), &out.Needs)
	}
	out.Unfinished = slices.Compact(out.Unfinished)
	return out, err
}
