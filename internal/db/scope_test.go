package db_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/testkit"
)

// owned is a row of a tenant in one environment.
type owned struct {
	ID          string
	TenantID    string
	Environment principal.Environment
	Name        string
}

// TableName implements GORM's Tabler.
func (owned) TableName() string { return "owned" }

// shared is a row of a table that has rows of operators, too.
type shared struct {
	ID       string
	TenantID string `tenant:"optional"`
}

// TableName implements GORM's Tabler.
func (shared) TableName() string { return "shared" }

// tenants makes tables with rows of two tenants in both environments. The ids of owned are tenant/environment.
func tenants(t *testing.T, d *db.DB) {
	t.Helper()
	err := d.Tx(t.Context(), func(tx *gorm.DB) error {
		for _, sql := range []string{
			"CREATE TABLE owned (id text PRIMARY KEY, tenant_id text NOT NULL, environment text NOT NULL, name " +
				"text NOT NULL)",
			"CREATE TABLE shared (id text PRIMARY KEY, tenant_id text NOT NULL)",
			// Rows without a tenant, as operators have them in some tables, must not be what an empty scope finds.
			"INSERT INTO owned (id, tenant_id, environment, name) VALUES ('nobody', '', '', 'x')",
		} {
			if err := tx.Exec(sql).Error; err != nil {
				return err
			}
		}
		for _, tenantID := range []string{"a", "b"} {
			for _, e := range []principal.Environment{principal.Live, principal.Test} {
				if err := tx.Create(&owned{ID: tenantID + "/" + string(e), TenantID: tenantID, Environment: e,
					Name: "x"}).Error; err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// everything returns all rows of owned as text, by id.
func everything(t *testing.T, d *db.DB) []string {
	t.Helper()
	var all []string
	if err := d.Read(t.Context()).Table("owned").Order("id").Pluck("id || ' ' || name", &all).Error; err != nil {
		t.Fatal(err)
	}
	return all
}

func TestScopeAndTenantNarrowAQueryToTheirRows(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		d := open(t, e)
		tenants(t, d)
		a := principal.Scope{TenantID: "a", Environment: principal.Test}
		q := d.Read(t.Context())
		for name, c := range map[string]struct {
			q    *gorm.DB
			want []string
		}{
			"scope":    {db.Scope(q.Model(&owned{}), a), []string{"a/test"}},
			"tenant":   {db.Tenant(q.Model(&owned{}), "a"), []string{"a/live", "a/test"}},
			"locked":   {db.Scope(d.ForUpdate(q.Model(&owned{})), a), []string{"a/test"}},
			"model":    {db.Scope(q, a).Model(&owned{}), []string{"a/test"}},
			"narrowed": {db.Scope(q.Model(&owned{}), a).Where("name = ?", "y"), nil},
			"alias": {db.Scope(q.Table("owned o").
				Joins("JOIN owned other ON other.tenant_id <> o.tenant_id AND other.environment = o.environment"), a).
				Where("other.tenant_id = ?", "b").Select("o.id"), []string{"a/test"}},
			"subquery": {q.Model(&owned{}).Where("id IN (?)", db.Scope(q.Model(&owned{}), a).Select("id")),
				[]string{"a/test"}},
		} {
			var got []string
			column := "id"
			if name == "alias" {
				column = "o.id"
			}
			if err := c.q.Pluck(column, &got).Error; err != nil || !slices.Equal(slices.Sorted(slices.Values(got)),
				c.want) {
				t.Errorf("%s: got %q, %v; want %q", name, got, err, c.want)
			}
		}
	})
}

// finishers are all kinds of statements that a store ends a query with.
var finishers = map[string]func(q *gorm.DB) error{
	"Find":  func(q *gorm.DB) error { var rows []owned; return found(q.Find(&rows).Error, len(rows)) },
	"First": func(q *gorm.DB) error { var row owned; return found(q.First(&row).Error, len(row.ID)) },
	"Take":  func(q *gorm.DB) error { var row owned; return found(q.Take(&row).Error, len(row.ID)) },
	"Scan":  func(q *gorm.DB) error { var rows []owned; return found(q.Model(&owned{}).Scan(&rows).Error, len(rows)) },
	"Count": func(q *gorm.DB) error {
		var n int64
		return found(q.Model(&owned{}).Count(&n).Error, int(n))
	},
	"Pluck": func(q *gorm.DB) error {
		var ids []string
		return found(q.Model(&owned{}).Pluck("id", &ids).Error, len(ids))
	},
	"One":     func(q *gorm.DB) error { row, err := db.One[owned](q, "thing"); return found(err, len(row.ID)) },
	"Update":  func(q *gorm.DB) error { return q.Model(&owned{}).Update("name", "changed").Error },
	"Updates": func(q *gorm.DB) error { return q.Model(&owned{}).Updates(map[string]any{"name": "changed"}).Error },
	"Delete":  func(q *gorm.DB) error { return q.Delete(&owned{}).Error },
}

// found is an error that none of the tests expects when a statement that must find nothing finds something.
func found(err error, n int) error {
	if n != 0 {
		return errors.New("it found a row")
	}
	return err
}

// steps are what stores do with a query between narrowing it and ending it.
var steps = map[string]func(q *gorm.DB) *gorm.DB{
	"as it is":    func(q *gorm.DB) *gorm.DB { return q },
	"Where":       func(q *gorm.DB) *gorm.DB { return q.Where("name = ?", "x").Where("id <> ?", "") },
	"Session":     func(q *gorm.DB) *gorm.DB { return q.Session(&gorm.Session{}) },
	"Session too": func(q *gorm.DB) *gorm.DB { return q.Session(&gorm.Session{}).Where("name = ?", "x").Limit(10) },
	"WithContext": func(q *gorm.DB) *gorm.DB { return q.WithContext(q.Statement.Context) },
	"Joins":       func(q *gorm.DB) *gorm.DB { return q.Joins("LEFT JOIN shared s ON s.id = owned.id") },
}

func TestWithoutAScopeEveryStatementFailsAndTouchesNothing(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		d := open(t, e)
		tenants(t, d)
		want := everything(t, d)
		narrow := map[string]func(q *gorm.DB) *gorm.DB{"no tenant id": func(q *gorm.DB) *gorm.DB {
			return db.Tenant(q, "")
		}}
		for _, s := range []principal.Scope{{}, {TenantID: "a"}, {Environment: principal.Live},
			{TenantID: "a", Environment: "prod"}} {
			narrow[s.TenantID+"/"+string(s.Environment)] = func(q *gorm.DB) *gorm.DB { return db.Scope(q, s) }
		}
		for scope, narrow := range narrow {
			for step, then := range steps {
				for name, finish := range finishers {
					err := d.Tx(t.Context(), func(tx *gorm.DB) error {
						if err := finish(then(narrow(tx))); !errors.Is(err, principal.ErrNoScope) {
							t.Errorf("scope %q, %s, %s: got %v, want ErrNoScope", scope, step, name, err)
						}
						return tx.Exec("UPDATE shared SET id = id").Error // the transaction itself has not failed
					})
					if err != nil {
						t.Errorf("scope %q, %s, %s: got %v, want the transaction to commit", scope, step, name, err)
					}
				}
			}
		}
		if got := everything(t, d); !slices.Equal(got, want) {
			t.Errorf("got the rows %q, want %q", got, want)
		}
	})
}

func TestAConditionWithoutAScopeFindsNothing(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		d := open(t, e)
		tenants(t, d)
		want := everything(t, d)
		for name, condition := range map[string]func(tx, q *gorm.DB) *gorm.DB{
			"group":    func(tx, q *gorm.DB) *gorm.DB { return tx.Where(q) },
			"subquery": func(tx, q *gorm.DB) *gorm.DB { return tx.Where("id IN (?)", q.Model(&owned{}).Select("id")) },
		} {
			// GORM renders a subquery that has failed as nothing, which PostgreSQL refuses and SQLite finds nothing by.
			_ = d.Tx(t.Context(), func(tx *gorm.DB) error {
				return condition(tx, db.Scope(tx, principal.Scope{})).Delete(&owned{}).Error
			})
			if got := everything(t, d); !slices.Equal(got, want) {
				t.Errorf("%s: got the rows %q, want %q", name, got, want)
			}
		}
	})
}

func TestOneReturnsTheSameErrorForAMissingAndAForeignRow(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		d := open(t, e)
		tenants(t, d)
		a := principal.Scope{TenantID: "a", Environment: principal.Live}
		get := func(id string) (owned, error) {
			return db.One[owned](db.Scope(d.Read(t.Context()), a).Where("id = ?", id), "thing")
		}
		if got, err := get("a/live"); err != nil || got.ID != "a/live" || got.Name != "x" {
			t.Errorf("got %+v, %v; want a/live", got, err)
		}
		for _, id := range []string{"missing", "b/live", "a/test"} {
			var p *problem.Error
			if got, err := get(id); !errors.As(err, &p) || p.Code != problem.NotFound ||
				p.Message != "There is no such thing." || got.ID != "" {
				t.Errorf("%s: got %+v, %v; want a problem not_found", id, got, err)
			}
		}
		if _, err := db.One[owned](d.Read(t.Context()).Where("no_such_column = 1"), "thing"); err == nil ||
			errors.As(err, new(*problem.Error)) {
			t.Errorf("got %v for a broken statement, want the database's error", err)
		}
	})
}

func TestARowWithoutATenantIsNotInserted(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		d := open(t, e)
		tenants(t, d)
		want := everything(t, d)
		good := owned{ID: "new", TenantID: "a", Environment: principal.Live}
		if d.Postgres() { // which InsertBoth is for
			_, err := db.InsertBoth(d.Read(t.Context()), []owned{good, {ID: "1"}}, []shared{{ID: "x"}})
			if !errors.Is(err, principal.ErrNoScope) {
				t.Errorf("InsertBoth: got %v, want ErrNoScope", err)
			}
		}
		for _, bad := range []owned{{ID: "1"}, {ID: "2", TenantID: "a"}, {ID: "3", Environment: principal.Live}} {
			for name, insert := range map[string]func(tx *gorm.DB) error{
				"Create":         func(tx *gorm.DB) error { return tx.Create(&bad).Error },
				"Create of many": func(tx *gorm.DB) error { return tx.Create(&[]owned{good, bad}).Error },
				"Create of pointers": func(tx *gorm.DB) error {
					return tx.Create([]*owned{&good, &bad}).Error
				},
				"InsertAll of one": func(tx *gorm.DB) error { return db.InsertAll(tx, []owned{bad}) },
				"InsertAll":        func(tx *gorm.DB) error { return db.InsertAll(tx, []owned{good, bad}) },
				"InsertNew": func(tx *gorm.DB) error {
					_, err := db.InsertNew(tx, []owned{good, bad})
					return err
				},
				"Upsert": func(tx *gorm.DB) error {
					return db.Upsert(tx, []owned{good, bad}, []string{"id"},
						[]string{"name"})
				},
			} {
				if err := d.Tx(t.Context(), insert); !errors.Is(err, principal.ErrNoScope) {
					t.Errorf("%s of %+v: got %v, want ErrNoScope", name, bad, err)
				}
			}
		}
		if got := everything(t, d); !slices.Equal(got, want) {
			t.Errorf("got the rows %q, want %q", got, want)
		}
		err := d.Tx(t.Context(), func(tx *gorm.DB) error {
			return errors.Join(tx.Create(&shared{ID: "1"}).Error, db.InsertAll(tx, []shared{{ID: "2"},
				{ID: "3", TenantID: "a"}}))
		})
		if err != nil {
			t.Errorf("got %v where rows may be without a tenant, want none", err)
		}
	})
}

func TestScopeComparesTenantsOfTablesOfUUIDsByTheirUUIDs(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		d := open(t, e)
		rows := log(t, d, 3)
		rows[1].TenantID, rows[1].Environment = rows[0].TenantID, principal.Test
		now := db.At(time.Now())
		committed := event.Event{ID: rows[0].ID, TenantID: rows[0].TenantID, Environment: principal.Live,
			OccurredAt: now, CreatedAt: now}
		err := event.EnsurePartitions(t.Context(), d)
		if err == nil {
			err = d.Tx(t.Context(), func(tx *gorm.DB) error {
				return errors.Join(db.InsertAll(tx, rows), db.InsertAll(tx, []event.Event{committed}))
			})
		}
		if err != nil {
			t.Fatal(err)
		}
		q, own := d.Read(t.Context()), principal.Scope{TenantID: rows[0].TenantID, Environment: principal.Live}
		today := event.NewStore(d).Table("events", []id.UUID{committed.UUID()})
		for name, c := range map[string]struct {
			q    *gorm.DB
			want []string
		}{
			"model":            {db.Scope(q.Model(&logged{}), own), []string{rows[0].ID}},
			"model afterwards": {db.Scope(q, own).Model(&logged{}), []string{rows[0].ID}},
			"tenant":           {db.Tenant(q.Model(&logged{}), own.TenantID), []string{rows[0].ID, rows[1].ID}},
			"table":            {db.Scope(q.Table("events"), own), []string{committed.ID}},
			"alias":            {db.Scope(q.Table("events e"), own), []string{committed.ID}},
			"partition":        {db.Scope(q.Table(today), own), []string{committed.ID}},
			"another tenant": {db.Scope(q.Table("events"), principal.Scope{TenantID: rows[2].TenantID,
				Environment: principal.Live}), nil},
		} {
			var got []id.UUID
			err := c.q.Order("id").Pluck("id", &got).Error
			want, _ := id.In(c.want)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%s: got %v, %v, want %v", name, got, err, want)
			}
		}
		var found []logged
		if err := db.Scope(q, own).Find(&found).Error; err != nil || !slices.Equal(found, rows[:1]) {
			t.Errorf("found: got %+v, %v, want %+v", found, err, rows[:1])
		}
	})
}

func TestAnInvalidTenantIDIsAnErrorInATableOfUUIDs(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		d := open(t, e)
		log(t, d, 0)
		for _, tenantID := range []string{"a", "tnt_1", id.NewUUID().String(), "' OR 1=1"} {
			scope := principal.Scope{TenantID: tenantID, Environment: principal.Live}
			for name, q := range map[string]*gorm.DB{
				"model":  db.Scope(d.Read(t.Context()).Model(&logged{}), scope),
				"tenant": db.Tenant(d.Read(t.Context()).Model(&logged{}), tenantID),
				"table":  db.Scope(d.Read(t.Context()).Table("deliveries"), scope),
			} {
				var n int64
				if err := q.Count(&n).Error; !errors.Is(err, id.ErrForm) {
					t.Errorf("%s of tenant %q: got %d, %v, want ErrForm", name, tenantID, n, err)
				}
			}
			err := d.Tx(t.Context(), func(tx *gorm.DB) error { return db.Scope(tx, scope).Delete(&logged{}).Error })
			if !errors.Is(err, id.ErrForm) {
				t.Errorf("deleting of tenant %q: got %v, want ErrForm", tenantID, err)
			}
		}
	})
}
