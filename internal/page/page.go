// Package page implements the two ways of paging lists: resources by number, logs by an opaque cursor.
package page

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// DefaultSize is how many items a page has when the caller does not say.
const DefaultSize = 25

// Page is one page of a resource: Number from 1, Size from 1 to 100.
type Page struct{ Number, Size int }

// New fills in the defaults.
func New(number, size *int) Page {
	return Page{Number: or(number, 1), Size: or(size, DefaultSize)}
}

// Offset is how many items come before the page.
func (p Page) Offset() int { return (p.Number - 1) * p.Size }

// Cursor is a position in a log that is read newest first: after the item that was created At and has ID.
type Cursor struct {
	At time.Time
	ID string
}

// ErrCursor means that a cursor was not made by Cursor.String.
var ErrCursor = errors.New("is not a cursor that this API gave out; start again without it")

// String is the opaque form.
func (c Cursor) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(c.At.UnixMicro(), 36) + "." + c.ID))
}

// ParseCursor reads the opaque form; it fails with ErrCursor.
func ParseCursor(s string) (Cursor, error) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return Cursor{}, ErrCursor
	}
	at, id, ok := strings.Cut(string(raw), ".")
	if !ok || id == "" || len(id) > 100 || !utf8.ValidString(id) || strings.ContainsRune(id, 0) {
		return Cursor{}, ErrCursor
	}
	micros, err := strconv.ParseInt(at, 36, 64)
	if err != nil {
		return Cursor{}, ErrCursor
	}
	c := Cursor{At: time.UnixMicro(micros).UTC(), ID: id}
	if c.String() != s {
		return Cursor{}, ErrCursor
	}
	return c, nil
}

// Log is one page of a log: at most Limit items after After, or the newest when After is nil.
type Log struct {
	After *Cursor
	Limit int
}

// NewLog fills in the defaults; it fails with ErrCursor.
func NewLog(cursor *string, limit *int) (Log, error) {
	l := Log{Limit: or(limit, DefaultSize)}
	if cursor == nil {
		return l, nil
	}
	c, err := ParseCursor(*cursor)
	if err != nil {
		return Log{}, err
	}
	l.After = &c
	return l, nil
}

// Cut takes rows that were read with a limit of Limit+1 and returns the page and the cursor of the next page, nil on
// the last.
func Cut[T any](l Log, rows []T, at func(T) Cursor) ([]T, *string) {
	if len(rows) <= l.Limit {
		return rows, nil
	}
	rows = rows[:l.Limit]
	next := at(rows[len(rows)-1]).String()
	return rows, &next
}

func or(p *int, otherwise int) int {
	if p == nil {
		return otherwise
	}
	return *p
}
