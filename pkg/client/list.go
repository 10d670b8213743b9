package hookline

import (
	"iter"
	"net/url"
	"strconv"
	"time"
)

// byPage iterates over the entries of pages with numbers, from the given one.
func byPage[T any](first int64, page func(int64) ([]T, PageMeta, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for n := max(first, 1); ; n++ {
			entries, meta, err := page(n)
			if !all(entries, err, yield) || len(entries) == 0 || meta.Page*meta.PerPage >= meta.Total {
				return
			}
		}
	}
}

// byCursor iterates over the entries of pages with cursors, from the given one. An ordered pull has a cursor after its
// last entry, too: it is the same again.
func byCursor[T any](first string, page func(string) ([]T, CursorMeta, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for cursor := first; ; {
			entries, meta, err := page(cursor)
			if !all(entries, err, yield) || meta.NextCursor == nil || *meta.NextCursor == cursor {
				return
			}
			cursor = *meta.NextCursor
		}
	}
}

// all yields the entries of a page, or its error, and reports whether more are wanted.
func all[T any](entries []T, err error, yield func(T, error) bool) bool {
	if err != nil {
		var none T
		yield(none, err)
		return false
	}
	for _, entry := range entries {
		if !yield(entry, nil) {
			return false
		}
	}
	return true
}

// query is a query that is built.
type query url.Values

// set adds a parameter unless it has its zero value.
func (q query) set(name string, value any) {
	var text string
	switch v := value.(type) {
	case string:
		text = v
	case int64:
		if v != 0 {
			text = strconv.FormatInt(v, 10)
		}
	case time.Time:
		if !v.IsZero() {
			text = v.UTC().Format(time.RFC3339Nano)
		}
	case *int64:
		if v != nil {
			text = strconv.FormatInt(*v, 10)
		}
	case *bool:
		if v != nil {
			text = strconv.FormatBool(*v)
		}
	case *float64:
		if v != nil {
			text = strconv.FormatFloat(*v, 'f', -1, 64)
		}
	default:
		panic("hookline: a parameter of an unknown type: " + name)
	}
	if text != "" {
		url.Values(q).Set(name, text)
	}
}
