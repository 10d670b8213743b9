package db

import (
	"context"
	"io/fs"
	"time"
)

// MigrateFiles applies migrations of a test; keep is how long one that gets no lock is tried again.
func (d *DB) MigrateFiles(ctx context.Context, files fs.FS, keep time.Duration) ([]string, error) {
	return (&migrator{db: d, files: files, keep: keep}).up(ctx)
}

// SchemaOf is Schema, of a version that knows migrations of a test.
func (d *DB) SchemaOf(ctx context.Context, files fs.FS) (Schema, error) {
	return (&migrator{db: d, files: files}).schema(ctx)
}
