package db_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
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
			ID: fmt.Sprintf("%04d", i), Kind: "it's {\"}, \\", On: i%2 == 0, Number: -i, Raw: []byte{0, byte(i), '\'', '\\'},
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
				t.Fatalf("%s: %v", name, err)
			}
		}
		if err := d.Tx(t.Context(), func(tx *gorm.DB) error { return db.InsertAll(tx, want[:2]) }); err == nil {
			t.Fatal("rows that exist were inserted")
		}
		fresh := item{ID: "fresh", Given: 7, Raw: []byte("x"), Tags: db.JSON[[]string]{V: []string{}}, At: db.At(time.UnixMicro(1))}
		err := d.Tx(t.Context(), func(tx *gorm.DB) error {
			n, err := db.InsertNew(tx, []item{want[0], fresh})
			if n != 1 {
				t.Errorf("%d of two rows are new", n)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		var got []item
		if err := d.Read(t.Context()).Order("id").Find(&got).Error; err != nil || !reflect.DeepEqual(got, append(want, fresh)) {
			t.Errorf("%d rows, %v: %+v", len(got), err, got[len(got)-1])
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
			t.Errorf("%v: %+v", err, got[len(got)-1])
		}
	})
}

func TestRowsAreKeptAndOneStatementRunsForEachOfManyOthers(t *testing.T) {
	t.Parallel()
	type change struct {
		ID    string
		Maybe *int
		Never db.Time
	}
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		d := open(t, e)
		want := items(t, d, several)
		before, changes := slices.Clone(want), []change{{ID: "unknown"}}
		for i := range want {
			c := change{ID: want[i].ID}
			if i%2 == 0 {
				c.Maybe, c.Never = &i, db.At(time.UnixMicro(int64(i)))
			}
			want[i].Maybe, want[i].Never = c.Maybe, c.Never
			changes = append(changes, c)
		}
		added := item{ID: "new", Number: 3, Raw: []byte{1}, Tags: db.JSON[[]string]{V: []string{}}, Given: 7}
		key, update := []string{"id"}, []string{"number"}
		var named []string
		err := d.Tx(t.Context(), func(tx *gorm.DB) (err error) {
			if err := db.InsertAll(tx, before); err != nil {
				return err
			}
			if none, err := db.UpsertEach(tx, []item{added}, key, update, []change{}, "this is no SQL"); err != nil || none != nil {
				t.Errorf("%v, %v", none, err)
			}
			added.Number = 4
			named, err = db.UpsertEach(tx, []item{added}, key, update, changes,
				"UPDATE items SET maybe = v.maybe, never = v.never FROM v WHERE items.id = v.id RETURNING items.id")
			return err
		})
		want = append(want, added)
		if err != nil {
			t.Fatal(err)
		}
		var got []item
		if err := d.Read(t.Context()).Order("id").Find(&got).Error; err != nil || !reflect.DeepEqual(got, want) || len(named) != several {
			t.Errorf("%d rows named, %v: %+v", len(named), err, got[len(got)-1])
		}
	})
}

func TestAmongFindsExactlyTheValues(t *testing.T) {
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
		for _, among := range [][]string{nil, {"none"}, {`"`}, {`\`, "{a,b}"}, {"", "NULL", "none"}, {`"`, `\`, `{a,b}`, "", "NULL"}} {
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
