package db

import (
	"context"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/hookline/hookline/migrations"
)

// Migration is one migration file. AppliedAt is zero while it is pending.
type Migration struct {
	Name      string
	AppliedAt time.Time
}

func (d *DB) provider() (*goose.Provider, error) {
	sqlDB, err := d.gorm.DB()
	if err != nil {
		return nil, err
	}
	dialect, dir := goose.DialectSQLite3, "sqlite"
	var options []goose.ProviderOption
	if d.postgres {
		dialect, dir = goose.DialectPostgres, "postgres"
		locker, err := d.locker()
		if err != nil {
			return nil, err
		}
		options = append(options, locker)
	}
	files, err := fs.Sub(migrations.FS, dir)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, sqlDB, files, options...)
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

// MigrateUp applies all pending migrations and returns their names.
func (d *DB) MigrateUp(ctx context.Context) ([]string, error) {
	p, err := d.provider()
	if err != nil {
		return nil, err
	}
	results, err := p.Up(ctx)
	if err != nil {
		return nil, fmt.Errorf("db: %w", err)
	}
	names := make([]string, 0, len(results))
	for _, r := range results {
		names = append(names, r.Source.Path)
	}
	return names, nil
}

// MigrateDown reverts the newest applied migration and returns its name, empty when none is applied.
func (d *DB) MigrateDown(ctx context.Context) (string, error) {
	p, err := d.provider()
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
	p, err := d.provider()
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
