package db_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/testkit"
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

func TestInsertAllKeepsEveryKindOfValueAsItIs(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		d := open(t, e)
		want, raw := []item{}, "blob"
		if d.Postgres() {
			raw = "bytea"
		}
		for i := range 1203 { // more than one statement on SQLite
			row := item{
				ID: fmt.Sprintf("%04d", i), Kind: "it's {\"}, \\", On: i%2 == 0, Number: -i, Raw: []byte{0, byte(i), '\'', '\\'},
				Given: 7, Tags: db.JSON[[]string]{V: []string{"<&>", "NULL"}}, At: db.At(time.UnixMicro(int64(i)*1e9 + 1)),
			}
			if i%3 == 0 {
				row.Maybe = &i
			}
			want = append(want, row)
		}
		err := d.Tx(t.Context(), func(tx *gorm.DB) error {
			return tx.Exec(`CREATE TABLE items (id text PRIMARY KEY, kind text, "on" boolean, number integer, maybe integer, raw ` + raw + `, tags text, at bigint, never bigint, given integer NOT NULL DEFAULT 7)`).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		for name, rows := range map[string][]item{"nothing": nil, "all": want} {
			if err := d.Tx(t.Context(), func(tx *gorm.DB) error { return db.InsertAll(tx, rows) }); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if err := d.Tx(t.Context(), func(tx *gorm.DB) error { return db.InsertAll(tx, want[:2]) }); err == nil {
			t.Fatal("rows that exist were inserted")
		}
		fresh := item{ID: "fresh", Given: 7, Raw: []byte("x"), Tags: db.JSON[[]string]{V: []string{}}, At: db.At(time.UnixMicro(1))}
		err = d.Tx(t.Context(), func(tx *gorm.DB) error {
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
