package db_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/testkit/engine"
)

type kindOfText string

// item has a column of every kind that tables of ours have.
type item struct {
	ID     string
	Kind   kindOfText
	On     bool
	Number int
	Maybe  *int
	Raw    []byte
	Tags   db.JSON[[]string]
	At     db.Time
	Never  db.Time
	Given  int `gorm:"->"` // by the database
}

// items makes the table of item and returns n rows for it.
func items(t *testing.T, d *db.DB, n int) []item {
	t.Helper()
	raw := "blob"
	if d.Postgres() {
		raw = "bytea"
	}
	err := d.Tx(t.Context(), func(tx *gorm.DB) error {
		return tx.Exec(`CREATE TABLE items (id text PRIMARY KEY, kind text, "on" boolean, number integer, maybe integer, raw ` + raw + `, tags text, at bigint, never bigint, given integer NOT NULL DEFAULT 7)`).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	var rows []item
	for i := range n {
		row := item{
			ID: fmt.Sprintf("%04d", i), Kind: "it's {\"}, \\", On: i%2 == 0, Number: -i, Raw: []byte{0, byte(i), '\'',
				'\\'},
			Given: 7, Tags: db.JSON[[]string]{V: []string{"<&>", "NULL"}}, At: db.At(time.UnixMicro(int64(i)*1e9 + 1)),
		}
		if i%3 == 0 {
			row.Maybe = &i
		}
		rows = append(rows, row)
	}
	return rows
}

const several = 1203 // rows that need more than one statement on SQLite

func TestInsertAllKeepsEveryKindOfValueAsItIs(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		d := open(t, e)
		want := items(t, d, several)
		for name, rows := range map[string][]item{"nothing": nil, "all": want} {
			if err := d.Tx(t.Context(), func(tx *gorm.DB) error { return db.InsertAll(tx, rows) }); err != nil {
				t.Fatalf("InsertAll of %s: got %v, want nil", name, err)
			}
		}
		if err := d.Tx(t.Context(), func(tx *gorm.DB) error { return db.InsertAll(tx, want[:2]) }); err == nil {
			t.Fatal("InsertAll of existing rows: got no error, want one")
		}
		fresh := item{ID: "fresh", Given: 7, Raw: []byte("x"), Tags: db.JSON[[]string]{V: []string{}},
			At: db.At(time.UnixMicro(1))}
		err := d.Tx(t.Context(), func(tx *gorm.DB) error {
			n, err := db.InsertNew(tx, []item{want[0], fresh})
			if n != 1 {
				t.Errorf("new rows: got %d, want 1 of two", n)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		var got []item
		if err := d.Read(t.Context()).Order("id").Find(&got).Error; err != nil || !reflect.DeepEqual(got,
			append(want, fresh)) {
			t.Errorf("rows: got %d, %v, the last %+v, want those inserted once", len(got), err, got[len(got)-1])
		}
	})
}

func TestUpsertWritesOnlyTheNamedColumnsOfRowsThatExist(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		d := open(t, e)
		want := items(t, d, several)
		before, changed := slices.Clone(want), slices.Clone(want)
		for i := range changed {
			changed[i].On, changed[i].Kind, changed[i].Number = !want[i].On, "other", 7
			want[i].On, want[i].Kind = changed[i].On, changed[i].Kind
		}
		want[several-1].Number = 7 // which is new
		err := d.Tx(t.Context(), func(tx *gorm.DB) error {
			if err := db.InsertAll(tx, before[:several-1]); err != nil {
				return err
			}
			return db.Upsert(tx, changed, []string{"id"}, []string{"on", "kind"})
		})
		if err != nil {
			t.Fatal(err)
		}
		var got []item
		if err := d.Read(t.Context()).Order("id").Find(&got).Error; err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("rows: got %v, the last %+v, want those inserted", err, got[len(got)-1])
		}
	})
}

// part is a row that comes with an item.
type part struct {
	ItemID string
	Number int
}

func TestInsertBothKeepsTwoKindsOfRowsAndNamesTheNewOnes(t *testing.T) {
	t.Parallel()
	d := open(t, engine.Servers) // it is for PostgreSQL
	want := items(t, d, several)
	err := d.Tx(t.Context(), func(tx *gorm.DB) error {
		return tx.Exec("CREATE TABLE parts (item_id text, number integer, PRIMARY KEY (item_id, number))").Error
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ from, to, fresh int }{{0, 1, 1}, {0, 1, 0}, {0, 3, 2}, {1, several, several - 3},
		{0, several, 0}} {
		rows, parts := want[step.from:step.to], []part{}
		for _, row := range rows {
			parts = append(parts, part{row.ID, 1}, part{row.ID, 2})
		}
		named, err := db.InsertBoth(d.Read(t.Context()), rows, parts)
		var fresh []string
		for _, row := range rows[len(rows)-step.fresh:] {
			fresh = append(fresh, row.ID)
		}
		if slices.Sort(named); err != nil || !slices.Equal(named, fresh) {
			t.Errorf("new ones of %d to %d: got %d, %v, want %d", step.from, step.to, len(named), err, len(fresh))
		}
	}
	var got []item
	var parts int64
	if err := d.Read(t.Context()).Order("id").Find(&got).Error; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("items: got %d, %v, want %d as they were", len(got), err, len(want))
	}
	if err := d.Read(t.Context()).Model(&part{}).Count(&parts).Error; err != nil || parts != 2*several {
		t.Errorf("parts: got %d, %v, want %d", parts, err, 2*several)
	}
}

// logged is a row whose ids are stored as UUIDs.
type logged struct {
	ID          string `gorm:"serializer:evt"`
	TenantID    string `gorm:"serializer:tnt"`
	Environment principal.Environment
	Name        string
}

// TableName implements GORM's Tabler.
func (logged) TableName() string { return "logged" }

// log makes the table of logged and returns n rows for it, of tenants of their own, in the order of their ids.
func log(t *testing.T, d *db.DB, n int) []logged {
	t.Helper()
	kind := "text"
	if d.Postgres() {
		kind = "uuid"
	}
	err := d.Tx(t.Context(), func(tx *gorm.DB) error {
		return tx.Exec("CREATE TABLE logged (id " + kind + " NOT NULL PRIMARY KEY, tenant_id " + kind +
			" NOT NULL, environment text NOT NULL, name text NOT NULL)").Error
	})
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]logged, n)
	for i := range rows {
		rows[i] = logged{id.New(id.Event), id.New(id.Tenant), principal.Live, fmt.Sprint("it's ", i)}
	}
	slices.SortFunc(rows, func(a, b logged) int { return strings.Compare(a.ID, b.ID) })
	return rows
}

func TestTypeIDsAreStoredAsUUIDsAndReadBackAsTheyWere(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		d := open(t, e)
		want := log(t, d, several)
		fresh := 0
		err := d.Tx(t.Context(), func(tx *gorm.DB) error {
			if err := db.InsertAll(tx, want[:1]); err != nil {
				return err
			}
			if err := db.InsertAll(tx, want[1:several-2]); err != nil {
				return err
			}
			for _, rows := range [][]logged{want[:1], want[several-2 : several-1], want[several-3:]} {
				n, err := db.InsertNew(tx, rows)
				if fresh += int(n); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || fresh != 2 {
			t.Fatalf("new rows: got %d, %v, want 2", fresh, err)
		}
		var got []logged
		if err := d.Read(t.Context()).Order("id").Find(&got).Error; err != nil || !slices.Equal(got, want) {
			t.Errorf("rows: got %d, %v, want %d as they were", len(got), err, len(want))
		}
		var raw []id.UUID
		if err := d.Read(t.Context()).Model(&logged{}).Order("id").Limit(1).Pluck("id", &raw).Error; err != nil ||
			len(raw) != 1 || raw[0].TypeID(id.Event) != want[0].ID {
			t.Errorf("UUIDs: got %v, %v, want that of %s", raw, err, want[0].ID)
		}
	})
}

func TestAnInvalidTypeIDIsNotStored(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		d := open(t, e)
		good := log(t, d, 3)
		for _, bad := range []string{"", "evt_1", id.New(id.Lead), id.NewUUID().String()} {
			row := good[2]
			row.ID = bad
			for name, rows := range map[string][]logged{"alone": {row}, "with others": {good[0], row, good[1]}} {
				err := d.Tx(t.Context(), func(tx *gorm.DB) error { return db.InsertAll(tx, rows) })
				if err == nil {
					t.Errorf("%q, %s: got no error, want one", bad, name)
				}
			}
		}
		var n int64
		if err := d.Read(t.Context()).Model(&logged{}).Count(&n).Error; err != nil || n != 0 {
			t.Errorf("rows: got %d, %v, want none", n, err)
		}
	})
}

func TestWhereUUIDsFindsExactlyTheRows(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		d := open(t, e)
		rows := log(t, d, 4)
		if err := d.Tx(t.Context(), func(tx *gorm.DB) error { return db.InsertAll(tx, rows) }); err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{0, 1, 3} {
			among := []id.UUID{id.NewUUID()}
			var want []string
			for _, row := range rows[:n] {
				want = append(want, row.ID)
			}
			more, err := id.In(want)
			if err != nil {
				t.Fatal(err)
			}
			for name, ids := range map[string][]id.UUID{"exactly": more, "among others": append(among, more...)} {
				var got []logged
				err := db.WhereUUIDs(d.Read(t.Context()), "id", ids).Order("id").Find(&got).Error
				if err != nil || !slices.Equal(got, rows[:n]) {
					t.Errorf("%d, %s: got %+v, %v, want %+v", n, name, got, err, rows[:n])
				}
			}
		}
		for typeID, want := range map[string]int{rows[0].ID: 1, id.New(id.Event): 0, "": 0, "evt_1": 0} {
			var got []logged
			if err := db.WhereID(d.Read(t.Context()), "id", typeID).Find(&got).Error; err != nil || len(got) != want {
				t.Errorf("rows with the id %q: got %+v, %v, want %d", typeID, got, err, want)
			}
		}
	})
}

func TestWhereInFindsExactlyTheValues(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		d := open(t, e)
		rows := items(t, d, 5)
		for i, odd := range []string{`"`, `\`, `{a,b}`, "", "NULL"} {
			rows[i].ID = odd
		}
		if err := d.Tx(t.Context(), func(tx *gorm.DB) error { return db.InsertAll(tx, rows) }); err != nil {
			t.Fatal(err)
		}
		for _, among := range [][]string{nil, {"none"}, {`"`}, {`\`, "{a,b}"}, {"", "NULL", "none"}, {`"`, `\`, `{a,b}`,
			"", "NULL"}} {
			var got []string
			err := db.WhereIn(d.Read(t.Context()).Model(&item{}), "id", among).Pluck("id", &got).Error
			want := slices.DeleteFunc(slices.Clone(among), func(id string) bool { return id == "none" })
			slices.Sort(want)
			if slices.Sort(got); err != nil || !slices.Equal(got, want) {
				t.Errorf("%q instead of %q, %v", got, want, err)
			}
		}
	})
}
