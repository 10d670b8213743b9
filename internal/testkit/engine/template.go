package engine

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hookline/hookline/migrations"
)

// Databases of tests are copies of one that was migrated: migrating each would cost more than most tests.

// migratedFile is an SQLite database that was migrated.
var migratedFile = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "hookline-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "hookline.db")
	if err := Migrate(context.Background(), sqliteURL(path)); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func sqliteURL(path string) string { return "sqlite://" + filepath.ToSlash(path) }

// newFile makes an SQLite database and returns its URL.
func newFile(t testing.TB) string {
	t.Helper()
	content, err := migratedFile()
	path := filepath.Join(t.TempDir(), "hookline.db")
	if err == nil {
		err = os.WriteFile(path, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return sqliteURL(path)
}

// newDatabase makes a database on the test PostgreSQL, drops it when the test ends, and returns its URL.
func newDatabase(t testing.TB) string {
	t.Helper()
	admin := required(t, "HOOKLINE_TEST_DATABASE_URL")
	template, err := migratedDatabase()
	if err != nil {
		t.Fatalf("test database: got %v, want it", err)
	}
	name := "hookline_test_" + randomName()
	run := func(sql string) {
		if err := onServer(admin, func(ctx context.Context, c *pgx.Conn) error {
			return execute(ctx, c, sql)
		}); err != nil {
			t.Fatalf("test database: got %v, want it", err)
		}
	}
	run("CREATE DATABASE " + name + " TEMPLATE " + template)
	t.Cleanup(func() { run("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)") })
	return databaseURL(admin, name)
}

// migratedDatabase is the name of a database on the test PostgreSQL that was migrated. Processes share it, so a server
// that goes on after the tests keeps one for each state of the migrations.
var migratedDatabase = sync.OnceValues(func() (string, error) {
	admin := os.Getenv("HOOKLINE_TEST_DATABASE_URL")
	sum := sha256.New()
	err := fs.WalkDir(migrations.FS, "postgres", func(path string, _ fs.DirEntry, _ error) error {
		content, _ := migrations.FS.ReadFile(path) // fails for the folder, which has none
		_, err := fmt.Fprintf(sum, "%s %d %s", path, len(content), content)
		return err
	})
	if err != nil {
		return "", err
	}
	name := fmt.Sprintf("hookline_test_template_%x", sum.Sum(nil)[:8])
	return name, onServer(admin, func(ctx context.Context, c *pgx.Conn) error {
		return makeTemplate(ctx, c, admin, name)
	})
})

// makeTemplate makes a migrated database unless it is there. One that is not marked as a template was left unfinished.
func makeTemplate(ctx context.Context, c *pgx.Conn, admin, name string) error {
	if err := execute(ctx, c, "SELECT pg_advisory_lock(hashtext('"+name+"'))"); err != nil {
		return err
	}
	var finished bool
	err := c.QueryRow(ctx, "SELECT datistemplate FROM pg_database WHERE datname = $1", name).Scan(&finished)
	if finished || (err != nil && !errors.Is(err, pgx.ErrNoRows)) {
		return err
	}
	for _, sql := range []string{"DROP DATABASE IF EXISTS " + name + " WITH (FORCE)", "CREATE DATABASE " + name} {
		if err := execute(ctx, c, sql); err != nil {
			return err
		}
	}
	if err := Migrate(ctx, databaseURL(admin, name)); err != nil {
		return err
	}
	return execute(ctx, c, "ALTER DATABASE "+name+" IS_TEMPLATE true")
}

// FewConnections is the URL of a database for a process that opens fewer connections than by default: opening one costs
// PostgreSQL more than most tests do, and work that waits for a second one while it has one shows sooner.
func FewConnections(databaseURL string) string { return Connections(databaseURL, few) }

// few is how many connections a program under test opens.
const few = 8

// Connections is the URL of a database for a process that opens up to n connections.
func Connections(databaseURL string, n int) string {
	u, err := url.Parse(databaseURL)
	if err != nil || u.Scheme == "sqlite" {
		return databaseURL
	}
	parameters := u.Query()
	parameters.Set("pool_max_conns", strconv.Itoa(n))
	u.RawQuery = parameters.Encode()
	return u.String()
}

// databaseURL is the URL of another database on a server.
func databaseURL(admin, name string) string {
	u, err := url.Parse(admin)
	if err != nil {
		return admin // which did work to get here
	}
	u.Path = "/" + name
	return u.String()
}

// onServer does something on a connection of its own.
func onServer(databaseURL string, do func(context.Context, *pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return fmt.Errorf("it does not respond: %w", err)
	}
	defer func() { _ = c.Close(ctx) }()
	return do(ctx, c)
}

func execute(ctx context.Context, c *pgx.Conn, sql string) error {
	if _, err := c.Exec(ctx, sql); err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	return nil
}
