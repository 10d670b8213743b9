package page

import (
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// ids are ids of items of logs: TypeIDs, and ids that publishers chose for their events.
func ids() *rapid.Generator[string] { return rapid.StringMatching(`[A-Za-z0-9_.:-]{1,100}`) }

func cursors() *rapid.Generator[Cursor] {
	return rapid.Custom(func(t *rapid.T) Cursor {
		return Cursor{At: time.UnixMicro(rapid.Int64().Draw(t, "micros")).UTC(), ID: ids().Draw(t, "id")}
	})
}

func TestACursorReadBackIsTheSamePlace(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := cursors().Draw(t, "cursor")
		got, err := ParseCursor(c.String())
		if err != nil || got != c {
			t.Fatalf("cursor %v: got %v, %v, want it back", c, got, err)
		}
	})
}

func TestAnythingFinerThanAMicrosecondIsNotPartOfAPlace(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 2, 3, 4, 5, 6, 123_456_789, time.FixedZone("east", 3600))
	got, err := ParseCursor(Cursor{At: at, ID: "evt_1"}.String())
	if want := at.UTC().Truncate(time.Microsecond); err != nil || got.At != want {
		t.Errorf("%v, %v instead of %v", got.At, err, want)
	}
}

// unchanged fails unless a text is refused, or is exactly what the cursor that it is read as is written as: no two
// texts name one place, so nothing that a caller changes goes unnoticed and still works as before.
func unchanged(t interface {
	Helper()
	Errorf(format string, args ...any)
}, text string) {
	t.Helper()
	c, err := ParseCursor(text)
	switch {
	case err != nil && !errors.Is(err, ErrCursor):
		t.Errorf("%q: got %v, want %v", text, err, ErrCursor)
	case err != nil && c != (Cursor{}):
		t.Errorf("%q: got %v beside the error, want no cursor", text, c)
	case err == nil && c.String() != text:
		t.Errorf("%q: got %q, want the same text", text, c.String())
	case err == nil && (c.ID == "" || len(c.ID) > 100):
		t.Errorf("%q: got the id %q, want 1 to 100 bytes", text, c.ID)
	}
}

func TestAChangedCursorIsRefusedOrNamesAnotherPlace(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := cursors().Draw(t, "cursor")
		text := c.String()
		at := rapid.IntRange(0, len(text)-1).Draw(t, "position")
		changed := text[:at] + string(rapid.Byte().Draw(t, "byte")) + text[at+1:]
		unchanged(t, changed)
		if got, err := ParseCursor(changed); err == nil && changed != text && got == c {
			t.Errorf("%q: got the place of %q, want another or an error", changed, text)
		}
		unchanged(t, text[:at])
		unchanged(t, text[at:])
		unchanged(t, text+text[at:])
	})
}

func TestAnInvalidCursorIsRefused(t *testing.T) {
	t.Parallel()
	raw := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	good := Cursor{At: time.UnixMicro(36).UTC(), ID: "evt_1"}.String()
	if good != raw("10.evt_1") {
		t.Fatalf("cursor: got %q, want %q, which the other cases change", good, raw("10.evt_1"))
	}
	for name, text := range map[string]string{
		"empty":                "",
		"not base64":           "?????",
		"padded":               base64.URLEncoding.EncodeToString([]byte("10.evt_1")),
		"line break":           good[:4] + "\n" + good[4:],
		"no id":                raw("10."),
		"no dot":               raw("10"),
		"no time":              raw(".evt_1"),
		"time is no number":    raw("1!.evt_1"),
		"time out of range":    raw("zzzzzzzzzzzzzzzz.evt_1"),
		"time with plus":       raw("+10.evt_1"),
		"time with zero":       raw("010.evt_1"),
		"time in capitals":     raw("1A.evt_1"),
		"negative zero":        raw("-0.evt_1"),
		"id too long":          raw("10." + strings.Repeat("x", 101)),
		"dangling bits":        "MTAuZXZ0Xzd",
		"standard, not URL":    base64.RawStdEncoding.EncodeToString([]byte("10.\xfb\xff\xbe")),
		"a number of a page":   "2",
		"an id by itself":      "evt_01jd4x2m9qe4fv0w3n7q1x5z8k",
		"the time, not base64": "10.evt_1",
	} {
		if c, err := ParseCursor(text); !errors.Is(err, ErrCursor) {
			t.Errorf("%s, %q: got %v, %v, want %v", name, text, c, err, ErrCursor)
		}
	}
}

func FuzzParseCursor(f *testing.F) {
	f.Add(Cursor{At: time.UnixMicro(1_790_000_000_000_000), ID: "evt_01jd4x2m9qe4fv0w3n7q1x5z8k"}.String())
	f.Add(Cursor{At: time.UnixMicro(-1), ID: "."}.String())
	f.Add("MTAuZXZ0Xzd")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) { unchanged(t, text) })
}

func TestALogWithoutACursorStartsAtTheNewest(t *testing.T) {
	t.Parallel()
	l, err := NewLog(nil, nil)
	if err != nil || l.After != nil || l.Limit != DefaultSize {
		t.Errorf("NewLog without parameters: got %+v, %v, want the default", l, err)
	}
	limit, nonsense, good := 7, "nonsense", Cursor{At: time.UnixMicro(5).UTC(), ID: "evt_1"}
	text := good.String()
	if l, err = NewLog(&text, &limit); err != nil || *l.After != good || l.Limit != 7 {
		t.Errorf("NewLog: got %+v, %v, want the cursor and 7", l, err)
	}
	if l, err = NewLog(&nonsense, &limit); !errors.Is(err, ErrCursor) || l != (Log{}) {
		t.Errorf("NewLog of no cursor: got %+v, %v, want %v", l, err, ErrCursor)
	}
}

func TestAPageIsCountedFromOne(t *testing.T) {
	t.Parallel()
	three, ten := 3, 10
	for _, c := range []struct {
		number, size *int
		want         Page
		offset       int
	}{
		{nil, nil, Page{1, 25}, 0},
		{&three, nil, Page{3, 25}, 50},
		{nil, &ten, Page{1, 10}, 0},
		{&three, &ten, Page{3, 10}, 20},
	} {
		if got := New(c.number, c.size); got != c.want || got.Offset() != c.offset {
			t.Errorf("%+v, offset %d, instead of %+v, %d", got, got.Offset(), c.want, c.offset)
		}
	}
}

func place(n int) Cursor { return Cursor{At: time.UnixMicro(int64(n)).UTC(), ID: strconv.Itoa(n)} }

func TestOnlyAPageThatIsFollowedByAnotherHasACursor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rows, want []int
		next       bool
	}{
		{nil, nil, false},
		{[]int{9}, []int{9}, false},
		{[]int{9, 8, 7}, []int{9, 8, 7}, false}, // exactly a page: there is nothing after it
		{[]int{9, 8, 7, 6}, []int{9, 8, 7}, true},
	} {
		got, next := Cut(Log{Limit: 3}, c.rows, place)
		if !slices.Equal(got, c.want) || (next != nil) != c.next {
			t.Errorf("Cut of %v: got %v and the cursor %v, want %v and a cursor: %t", c.rows, got, next, c.want,
				c.next)
		}
		if next != nil && *next != place(7).String() {
			t.Errorf("cursor: got %s, want the last item shown, %s", *next, place(7).String())
		}
	}
}

// TestReadingPageByPageShowsEveryItemOnce reads a log as a store does, Limit+1 rows from the cursor on.
func TestReadingPageByPageShowsEveryItemOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		total, limit := rapid.IntRange(0, 40).Draw(t, "total"), rapid.IntRange(1, 10).Draw(t, "limit")
		var cursor *string
		seen, pages := 0, 0
		for {
			l, err := NewLog(cursor, &limit)
			if err != nil {
				t.Fatal(err)
			}
			newest := total
			if l.After != nil {
				newest = int(l.After.At.UnixMicro()) - 1
			}
			var rows []int
			for n := newest; n > 0 && len(rows) <= limit; n-- {
				rows = append(rows, n)
			}
			rows, cursor = Cut(l, rows, place)
			for _, n := range rows {
				if n != total-seen {
					t.Fatalf("item: got %d, want %d", n, total-seen)
				}
				seen++
			}
			pages++
			if cursor == nil {
				break
			}
		}
		if want := max(1, (total+limit-1)/limit); seen != total || pages != want {
			t.Fatalf("%d of %d items on %d pages instead of %d", seen, total, pages, want)
		}
	})
}
