package db_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/testkit/engine"
)

// files are migrations of a test, by name; each text is the part after "Up".
func files(texts map[string]string) fstest.MapFS {
	out := fstest.MapFS{}
	for name, text := range texts {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

const column = "-- +goose Up\nALTER TABLE leads ADD COLUMN nickname text;\n"

const index = "-- +goose NO TRANSACTION\n-- +goose Up\n" +
	"CREATE INDEX CONCURRENTLY IF NOT EXISTS leads_by_name ON leads (tenant_id, name);\n"

// hold opens a transaction that has run a statement, on a connection of its own; end commits it.
func hold(t *testing.T, databaseURL, statement string) (end func()) {
	t.Helper()
	begun, over, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	d := connect(t, databaseURL)
	go func() {
		ended <- d.Tx(t.Context(), func(tx *gorm.DB) error {
			err := tx.Exec(statement).Error
			close(begun)
			<-over
			return err
		})
	}()
	<-begun
	return func() {
		close(over)
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func TestAMigrationThatGetsNoLockLetsRequestsGoOnAndNamesWhoHoldsIt(t *testing.T) {
	t.Parallel()
	s := engine.New(t, engine.Servers)
	d, requests := connect(t, s.DatabaseURL), connect(t, s.DatabaseURL)
	end := hold(t, s.DatabaseURL, "LOCK TABLE leads IN ACCESS SHARE MODE")
	done := make(chan error, 1)
	go func() {
		_, err := d.MigrateFiles(t.Context(), files(map[string]string{"00002_column.sql": column}), 4*time.Second)
		done <- err
	}()
	var slowest time.Duration
	var err error
	for waiting := true; waiting; {
		select {
		case err = <-done:
			waiting = false
		default:
			begun := time.Now()
			var n int64
			if err := requests.Read(t.Context()).Raw("SELECT count(*) FROM leads").Scan(&n).Error; err != nil {
				t.Fatal(err)
			}
			slowest = max(slowest, time.Since(begun))
		}
	}
	var blocked *db.BlockedError
	if !errors.As(err, &blocked) || blocked.By.PID == 0 || !strings.Contains(err.Error(), "LOCK TABLE leads") ||
		!strings.Contains(err.Error(), "00002_column.sql") || strings.Count(err.Error(), "\n") != 0 {
		t.Errorf("MigrateUp: got %v, want a sentence with the migration, the process and its statement", err)
	}
	if slowest > 4*time.Second {
		t.Errorf("the slowest request took %s, want none to wait longer than the migration does for its lock", slowest)
	}
	end()
	names, err := d.MigrateFiles(t.Context(), files(map[string]string{"00002_column.sql": column}), time.Minute)
	if err != nil || len(names) != 1 {
		t.Errorf("MigrateUp after the lock was free: got %v, %v, want the migration applied", names, err)
	}
}

func TestAMigrationThatWasInterruptedIsCompletedByTheNextRun(t *testing.T) {
	t.Parallel()
	s := engine.New(t, engine.Servers)
	d := connect(t, s.DatabaseURL)
	all := files(map[string]string{"00002_column.sql": column, "00003_index.sql": index})
	first := files(map[string]string{"00002_column.sql": column})
	if _, err := d.MigrateFiles(t.Context(), first, time.Minute); err != nil {
		t.Fatal(err)
	}
	end := hold(t, s.DatabaseURL, "LOCK TABLE leads IN ROW EXCLUSIVE MODE")
	done := make(chan error, 1)
	go func() {
		_, err := d.MigrateFiles(t.Context(), all, time.Minute)
		done <- err
	}()
	// As kill -9 of the command does, once the index exists and waits for the older transaction.
	killed := 0
	engine.Await(t, "the end of the session that builds the index", func() bool {
		err := d.Read(t.Context()).Raw(`SELECT count(pg_terminate_backend(a.pid)) FROM pg_stat_activity a
			JOIN pg_stat_progress_create_index p ON p.pid = a.pid
			WHERE p.index_relid <> 0 AND a.datname = current_database()`).Scan(&killed).Error
		if killed == 0 && len(done) > 0 {
			t.Fatalf("MigrateUp: got its end, %v, want it to wait for the older transaction", <-done)
		}
		return err == nil && killed > 0
	})
	if err := <-done; err == nil {
		t.Fatal("MigrateUp whose session was ended: got no error, want one")
	}
	schema := func() db.Schema {
		t.Helper()
		got, err := d.SchemaOf(t.Context(), all)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := schema(); got.Pending != 1 || len(got.Unfinished) != 1 || got.Unfinished[0] != "leads_by_name" {
		t.Errorf("schema after the interruption: got %+v, want one pending migration and its unfinished index", got)
	}
	end()
	names, err := d.MigrateFiles(t.Context(), all, time.Minute)
	if err != nil || len(names) != 1 || names[0] != "00003_index.sql" {
		t.Errorf("MigrateUp again: got %v, %v, want the interrupted migration applied", names, err)
	}
	valid := texts(t, d, "SELECT indisvalid::text FROM pg_index WHERE indexrelid = 'leads_by_name'::regclass")
	if got := schema(); got.Pending != 0 || len(got.Unfinished) != 0 || len(valid) != 1 || valid[0] != "true" {
		t.Errorf("schema after the second run: got %+v and the index valid: %v, want it complete", got, valid)
	}
}

func TestANewerSchemaSaysWhichVersionsCanUseIt(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		d := open(t, e)
		const nothing = "-- +goose Up\nSELECT 1;\n"
		const needs = "-- +goose Up\nINSERT INTO settings (name, value) VALUES ('schema_needs', '3') " +
			"ON CONFLICT (name) DO UPDATE SET value = excluded.value;\n"
		older := files(map[string]string{"00002_expand.sql": nothing})
		newer := files(map[string]string{"00002_expand.sql": nothing, "00003_expand.sql": nothing})
		newest := files(map[string]string{"00002_expand.sql": nothing, "00003_expand.sql": nothing,
			"00004_contract.sql": needs})
		want := func(seen, applied fstest.MapFS, want db.Schema) {
			t.Helper()
			if _, err := d.MigrateFiles(t.Context(), applied, time.Minute); err != nil {
				t.Fatal(err)
			}
			got, err := d.SchemaOf(t.Context(), seen)
			if err != nil || got.Known != want.Known || got.Applied != want.Applied || got.Needs != want.Needs ||
				got.Pending != want.Pending {
				t.Errorf("schema: got %+v, %v, want %+v", got, err, want)
			}
		}
		want(newer, older, db.Schema{Known: 3, Applied: 2, Pending: 1})
		want(older, newer, db.Schema{Known: 2, Applied: 3})
		want(older, newest, db.Schema{Known: 2, Applied: 4, Needs: 3})
		want(newer, newest, db.Schema{Known: 3, Applied: 4, Needs: 3})
	})
}
