package db_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/testkit/engine"
)

// noPartition leaves out what PostgreSQL alone has: the parts of a table, which look like the whole.
func noPartition(column string) string {
	return column + " NOT IN (SELECT relname FROM pg_class WHERE relispartition)"
}

// noSearch leaves out what SQLite alone has: the tables of its full-text indexes, and the row numbers they refer to.
const noSearch = ` AND m.name NOT LIKE '%\_search%' ESCAPE '\' AND c.name <> 'rowid'`

// schema lists every column as "table.column", sorted; goose's own table is not ours.
func schema(t *testing.T, d *db.DB) []string {
	t.Helper()
	query := `SELECT m.name || '.' || c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'goose%' AND m.name NOT LIKE 'sqlite%'` + noSearch
	if d.Postgres() {
		query = `SELECT table_name || '.' || column_name FROM information_schema.columns
			WHERE table_schema = 'public' AND table_name NOT LIKE 'goose%' AND ` + noPartition("table_name")
	}
	return texts(t, d, query)
}

// byPosition is an index that SQLite has no need of: the position is the primary key there.
const byPosition = "index events_by_position on events"

// details lists what can differ although the names are the same: what may be NULL, and what is indexed.
func details(t *testing.T, d *db.DB) []string {
	t.Helper()
	nullable := `SELECT m.name || '.' || c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'goose%' AND m.name NOT LIKE 'sqlite%' AND c."notnull" = 0 AND c.pk = 0` + noSearch
	indexes := `SELECT 'index ' || name || ' on ' || tbl_name FROM sqlite_master WHERE type = 'index' AND name NOT LIKE 'sqlite%'`
	if d.Postgres() {
		nullable = `SELECT table_name || '.' || column_name FROM information_schema.columns
			WHERE table_schema = 'public' AND table_name NOT LIKE 'goose%' AND is_nullable = 'YES' AND ` + noPartition("table_name")
		indexes = `SELECT 'index ' || indexname || ' on ' || tablename FROM pg_indexes
			WHERE schemaname = 'public' AND indexname NOT LIKE '%_pkey' AND indexname NOT LIKE '%_key' AND indexname NOT LIKE '%_search' AND tablename NOT LIKE 'goose%' AND ` + noPartition("tablename")
	}
	names := slices.DeleteFunc(texts(t, d, indexes), func(name string) bool { return name == byPosition })
	return append(texts(t, d, nullable), names...)
}

func texts(t *testing.T, d *db.DB, query string) []string {
	t.Helper()
	var out []string
	if err := d.Read(t.Context()).Raw(query).Scan(&out).Error; err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

// difference names what one side has and the other has not.
func difference(a, b []string) string {
	var out []string
	for _, s := range a {
		if !slices.Contains(b, s) {
			out = append(out, s)
		}
	}
	return strings.Join(out, ", ")
}

func TestMigrationsGoUpAndDownAndUpAgain(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		d := open(t, e)
		before := append(schema(t, d), details(t, d)...)
		all, err := d.Migrations(t.Context())
		if err != nil || len(all) == 0 {
			t.Fatalf("migrations: got %v, %v, want at least one", all, err)
		}
		if again, err := d.MigrateUp(t.Context()); err != nil || len(again) != 0 {
			t.Errorf("MigrateUp again: got %v, %v, want none applied", again, err)
		}
		for i := len(all) - 1; i >= 0; i-- {
			if name, err := d.MigrateDown(t.Context()); err != nil || name != all[i].Name {
				t.Fatalf("MigrateDown: got %q, %v, want %q", name, err, all[i].Name)
			}
			if n, err := d.Pending(t.Context()); err != nil || n != len(all)-i {
				t.Errorf("pending migrations: got %d, %v, want %d", n, err, len(all)-i)
			}
		}
		if left := schema(t, d); len(left) != 0 {
			t.Errorf("schema after all migrations down: got %v, want none", left)
		}
		if name, err := d.MigrateDown(t.Context()); err != nil || name != "" {
			t.Errorf("MigrateDown below the first: got %q, %v, want nothing", name, err)
		}
		names, err := d.MigrateUp(t.Context())
		if err != nil || len(names) != len(all) {
			t.Fatalf("MigrateUp: got %v, %v, want all %d", names, err, len(all))
		}
		if after := append(schema(t, d), details(t, d)...); !slices.Equal(before, after) {
			t.Errorf("schema after down and up: got %s missing and %s more, want the same",
				difference(before, after), difference(after, before))
		}
		if n, err := d.Pending(t.Context()); err != nil || n != 0 {
			t.Errorf("pending migrations: got %d, %v, want 0", n, err)
		}
	})
}

func TestBothEnginesEndWithTheSameTablesAndColumns(t *testing.T) {
	t.Parallel()
	sqlite, postgres := open(t, engine.Embedded), open(t, engine.Servers)
	for _, list := range []func(*testing.T, *db.DB) []string{schema, details} {
		a, b := list(t, sqlite), list(t, postgres)
		if len(a) == 0 || !slices.Equal(a, b) {
			t.Errorf("schemas: got %q in SQLite only and %q in PostgreSQL only, want the same", difference(a, b),
				difference(b, a))
		}
	}
	a, err := sqlite.Migrations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b, err := postgres.Migrations(t.Context())
	if err != nil || len(a) != len(b) {
		t.Fatalf("migrations: got %v and %v, %v, want as many for both engines", a, b, err)
	}
	for i := range a {
		if a[i].Name != b[i].Name {
			t.Errorf("migration: got %s and %s, want one name on both engines", a[i].Name, b[i].Name)
		}
	}
}

// ofOthers are the ids in tables of UUIDs that are not TypeIDs: those that publishers, tenants and platforms gave.
var ofOthers = []string{"deliveries.publisher_id", "direct_messages.device_id", "events.publisher_id",
	"invoices.external_id", "leads.external_id", "publisher_ids.publisher_id", "tracked_accounts.account_id",
	"tracking_followers.user_id"}

func TestATableThatNamesItsTenantByAUUIDHasUUIDsInPlaceOfAllTypeIDs(t *testing.T) {
	t.Parallel()
	d := open(t, engine.Servers)
	const columns = " FROM information_schema.columns WHERE table_schema = 'public' AND "
	tables := "SELECT table_name::text" + columns + "column_name = 'tenant_id' AND data_type = 'uuid' AND " +
		noPartition("table_name")
	rest := texts(t, d, "SELECT table_name || '.' || column_name"+columns+"table_name IN ("+tables+
		`) AND column_name ~ '(^|_)id$' AND data_type <> 'uuid'`)
	if !slices.Equal(rest, ofOthers) {
		t.Errorf("ids that are no UUIDs: got %q, want %q", rest, ofOthers)
	}
	for _, table := range append(texts(t, d, tables), "credit_entries", "endpoints") {
		var rows []map[string]any
		if err := db.Tenant(d.Read(t.Context()).Table(table), id.New(id.Tenant)).Find(&rows).Error; err != nil {
			t.Errorf("rows of a tenant in %s, without a model: got %v, want none and no error", table, err)
		}
	}
}

func TestResourcesAreFoundByTheirIDBeforeTheFirstAnalyze(t *testing.T) {
	t.Parallel()
	d := open(t, engine.Servers)
	for _, table := range []string{"leads", "tickets", "ticket_messages", "support_inboxes", "tags", "posts",
		"tracked_accounts", "tracking_snapshots", "direct_messages", "tracker_jobs"} {
		plan := strings.Join(texts(t, d, "EXPLAIN SELECT * FROM "+table+
			" WHERE tenant_id = '"+id.NewUUID().String()+"' AND environment = 'live' AND id = '"+id.NewUUID().String()+
			"'"), "\n")
		if !strings.Contains(plan, table+"_pkey") {
			t.Errorf("%s: want its primary key read, got\n%s", table, plan)
		}
	}
}

func TestProcessesThatMigrateAtOnceTakeTurns(t *testing.T) {
	t.Parallel()
	s := engine.New(t, engine.Servers)
	if name, err := connect(t, s.DatabaseURL).MigrateDown(t.Context()); err != nil || name == "" {
		t.Fatalf("MigrateDown: got %q, %v, want a migration", name, err)
	}
	var all sync.WaitGroup
	for range 3 {
		d := connect(t, s.DatabaseURL)
		all.Go(func() {
			if _, err := d.MigrateUp(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n, err := connect(t, s.DatabaseURL).Pending(t.Context()); err != nil || n != 0 {
		t.Errorf("pending migrations: got %d, %v, want 0", n, err)
	}
}

func TestAnUnavailableDatabaseIsAnErrorWithoutThePassword(t *testing.T) {
	t.Parallel()
	for _, databaseURL := range []string{
		"postgres://u:hunter2@127.0.0.1:1/x?connect_timeout=2", "postgres://u:hunter2@%zz",
		"sqlite:///nowhere/at/all/hunter.db",
	} {
		d, err := db.Open(t.Context(), databaseURL)
		if err == nil {
			_ = d.Close()
			t.Errorf("Open(%q): got no error, want one", databaseURL)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("Open: got %v, want an error without the password", err)
		}
	}
}
