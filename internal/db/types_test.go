package db_test

import (
	"database/sql/driver"
	"math"
	"reflect"
	"testing"
	"time"

	"gorm.io/gorm"
	"pgregory.net/rapid"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/testkit/engine"
)

// open opens services of the test's own, migrated and empty.
func open(t *testing.T, e engine.Engine) *db.DB {
	t.Helper()
	return connect(t, engine.New(t, e).DatabaseURL)
}

func connect(t *testing.T, databaseURL string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func TestATimeScannedFromItsValueIsTheSameMicrosecond(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("east", 5*3600+1800)
	rapid.Check(t, func(t *rapid.T) {
		moment := time.Unix(rapid.Int64Range(-1e11, 1e11).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).
			Draw(t, "nanoseconds")).In(zone)
		kept := db.At(moment)
		if moment.Sub(kept.Time) < 0 || moment.Sub(kept.Time) >= time.Microsecond || kept.Location() != time.UTC {
			t.Fatalf("At(%s): got %s, want it in microseconds and UTC", moment, kept)
		}
		v, err := kept.Value()
		if err != nil || v != moment.UnixMicro() {
			t.Fatalf("Value: got %v, %v, want %d", v, err, moment.UnixMicro())
		}
		back := db.At(time.Now())
		if err := back.Scan(v); err != nil || back != kept || *back.Pointer() != kept.Time {
			t.Fatalf("Scan: got %v, %v, want %v", back, err, kept)
		}
	})
}

func TestTheZeroTimeIsNullAndBack(t *testing.T) {
	t.Parallel()
	for _, zero := range []db.Time{{}, db.At(time.Time{}), db.At(time.Time{}.Add(time.Nanosecond))} {
		if v, err := zero.Value(); v != nil || err != nil || zero.Pointer() != nil {
			t.Errorf("zero time: got %v, %v, %v, want NULL", v, err, zero.Pointer())
		}
	}
	back := db.At(time.Now())
	if err := back.Scan(nil); err != nil || !back.IsZero() {
		t.Errorf("Scan of NULL: got %v, %v, want the zero time", back, err)
	}
	if v, _ := db.At(time.Unix(0, 0)).Value(); v != int64(0) {
		t.Errorf("Value of 1970: got %v, want 0", v)
	}
}

func TestATimeIsReadFromNothingElseThanAnInteger(t *testing.T) {
	t.Parallel()
	for _, v := range []any{"2026-02-03T04:05:06Z", []byte("1"), 1.5, time.Now(), true} {
		var got db.Time
		if err := got.Scan(v); err == nil {
			t.Errorf("Scan of %T: got %v, want an error", v, got)
		}
	}
}

type inside struct {
	Name  string            `json:"name"`
	Tags  []string          `json:"tags"`
	Pairs map[string]string `json:"pairs"`
	Score *int              `json:"score"`
}

func TestJSONScannedFromItsValueIsTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := db.JSON[inside]{V: inside{
			Name: rapid.String().Draw(t, "name"), Tags: rapid.SliceOf(rapid.String()).Draw(t, "tags"),
			Pairs: rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "pairs"), Score: rapid.Ptr(rapid.Int(), true).
				Draw(t, "score"),
		}}
		v, err := want.Value()
		text, ok := v.(string) // as bytes, PostgreSQL would take it for bytea
		if err != nil || !ok {
			t.Fatalf("Value: got %T, %v, want text", v, err)
		}
		for _, from := range []driver.Value{text, []byte(text)} {
			var got db.JSON[inside]
			if err := got.Scan(from); err != nil || !reflect.DeepEqual(got, want) {
				t.Fatalf("Scan of %s: got %+v, %v, want %+v", text, got, err, want)
			}
		}
	})
}

func TestJSONThatIsNoneIsAnError(t *testing.T) {
	t.Parallel()
	for _, from := range []any{nil, 5, "", "{", []byte("nope"), `{"name":5}`} {
		var got db.JSON[inside]
		if err := got.Scan(from); err == nil {
			t.Errorf("Scan of %v: got %+v, want an error", from, got)
		}
	}
	if v, err := (db.JSON[func()]{}).Value(); err == nil {
		t.Errorf("Value of a function: got %v, want an error", v)
	}
}

// thing is a row of a table of the tests' own, so that they don't move with the schema.
type thing struct {
	ID                           string
	Hash                         []byte
	Words                        db.JSON[[]string]
	CreatedAt, UsedAt, DroppedAt db.Time
}

func openWithThings(t *testing.T, e engine.Engine, rows ...thing) *db.DB {
	t.Helper()
	d := open(t, e)
	blob := "blob"
	if d.Postgres() {
		blob = "bytea"
	}
	err := d.Tx(t.Context(), func(tx *gorm.DB) error {
		err := tx.Exec("CREATE TABLE things (id text PRIMARY KEY, hash " + blob +
			", words text, created_at bigint NOT NULL, used_at bigint, dropped_at bigint)").Error
		if err != nil {
			return err
		}
		return tx.Create(&rows).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTimesAndJSONComeBackFromBothEnginesAsTheyWere(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		want := thing{
			ID: `"';--` + "é😀", Hash: []byte{0, 255, 39}, Words: db.JSON[[]string]{V: []string{"read:leads", `"'<&>`}},
			CreatedAt: db.At(time.Date(1969, 12, 31, 23, 59, 59, 999_999_000, time.UTC)),
			UsedAt:    db.At(time.UnixMicro(math.MaxInt64)),
		}
		d := openWithThings(t, e, want)
		var got thing
		if err := d.Read(t.Context()).Where("id = ? AND dropped_at IS NULL", want.ID).Take(&got).Error; err != nil ||
			!reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v instead of %+v", got, err, want)
		}
	})
}

func TestALogIsReadNewestFirstAndByIDWithinAMicrosecond(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		var rows []thing
		for i, id := range []string{"a", "b", "c", "d", "e"} { // b, c and d are of one microsecond
			rows = append(rows, thing{ID: id, CreatedAt: db.At(time.UnixMicro(int64(100 + (i+2)/3*10)))})
		}
		d := openWithThings(t, e, rows...)
		var seen string
		limit := 2
		for cursor := new(""); cursor != nil; {
			if *cursor == "" {
				cursor = nil
			}
			l, err := page.NewLog(cursor, &limit)
			if err != nil {
				t.Fatal(err)
			}
			var rows []thing
			if err := db.Keyset(d.Read(t.Context()), l).Find(&rows).Error; err != nil {
				t.Fatal(err)
			}
			rows, cursor = page.Cut(l, rows, func(k thing) page.Cursor {
				return page.Cursor{At: k.CreatedAt.Time, ID: k.ID}
			})
			for _, k := range rows {
				seen += k.ID
			}
			seen += " "
		}
		if seen != "ed cb a " {
			t.Errorf("pages: got %q, want %q", seen, "ed cb a ")
		}
		rows, total, err := db.Paginate[thing](d.Read(t.Context()).Where("id <> ?", "e"), page.Page{Number: 2, Size: 3})
		if err != nil || total != 4 || len(rows) != 1 || rows[0].ID != "a" {
			t.Errorf("last page: got %+v of %d, %v, want a of 4", rows, total, err)
		}
	})
}

func TestTheTotalOfALongListSaysThatThereIsANextPage(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		const rows = 10_025
		d := openWithThings(t, e, thing{ID: "first", CreatedAt: db.At(time.UnixMicro(1))})
		err := d.Tx(t.Context(), func(tx *gorm.DB) error {
			return tx.Exec(`INSERT INTO things (id, created_at) WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1
				FROM n WHERE i < ?) SELECT CAST(i AS text), i FROM n`, rows).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		for number, want := range map[int]struct{ rows, total int }{
			1: {10, 10_000}, 999: {10, 10_000}, 1000: {10, 10_001}, 1001: {10, 10_011}, 1003: {5, 10_025},
			1004: {0, 10_000},
		} {
			got, total, err := db.Paginate[thing](d.Read(t.Context()), page.Page{Number: number, Size: 10})
			if err != nil || len(got) != want.rows || total != int64(want.total) {
				t.Errorf("page %d: got %d rows, total %d, %v; want %d, %d", number, len(got), total, err, want.rows,
					want.total)
			}
		}
		few, total, err := db.Paginate[thing](d.Read(t.Context()).Where("created_at <= ?", 9_999), page.Page{Number: 1,
			Size: 10})
		if err != nil || len(few) != 10 || total != 9_999 {
			t.Errorf("got %d rows, total %d, %v; want 10 and 9999", len(few), total, err)
		}
	})
}
