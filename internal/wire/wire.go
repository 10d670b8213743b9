// Package wire converts between nouns and the generated wire types.
package wire

import (
	"fmt"
	"strings"
	"time"

	"github.com/oapi-codegen/nullable"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/problem"
)

// Null turns a pointer into a value that is written as null when the pointer is nil.
func Null[T any](p *T) nullable.Nullable[T] {
	if p == nil {
		return nullable.NewNullNullable[T]()
	}
	return nullable.NewNullableWithValue(*p)
}

// Pointer is the reverse of Null: nil for null and for absent.
func Pointer[T any](n nullable.Nullable[T]) *T {
	v, err := n.Get()
	if err != nil {
		return nil
	}
	return &v
}

// Text is nil for the empty string.
func Text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// Or returns the value, or a default when there is none.
func Or[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}

// Map converts a slice; it never returns nil, since lists are written as [] and not as null.
func Map[A, B any](in []A, f func(A) B) []B {
	out := make([]B, 0, len(in))
	for _, a := range in {
		out = append(out, f(a))
	}
	return out
}

// Log parses the parameters of a log's page; it fails with a problem on an invalid cursor.
func Log(cursor *string, limit *int) (page.Log, error) {
	l, err := page.NewLog(cursor, limit)
	if err != nil {
		return l, problem.Invalid(problem.Detail{Field: "cursor", Message: err.Error()})
	}
	return l, nil
}

// Span parses a span of time, whose ends are optional; a span that ends before it starts is an error of its end, the
// parameter to.
func Span(to string, start, end *time.Time) (from, until time.Time, wrong []problem.Detail) {
	from, until = Or(start, from), Or(end, until)
	if start != nil && end != nil && end.Before(*start) {
		wrong = []problem.Detail{{Field: to, Message: "must not be before the start time"}}
	}
	return from, until, wrong
}

// IDs reads a parameter of ids that are separated by commas; none when it is not there. More than most are a problem.
func IDs(name string, text *string, most int) ([]string, error) {
	if text == nil {
		return nil, nil
	}
	ids := strings.Split(*text, ",")
	if len(ids) > most {
		return nil, problem.Invalid(problem.Detail{Field: name, Message: fmt.Sprintf("must have at most %d ids", most)})
	}
	return ids, nil
}

// PageMeta describes one page of a resource with total items.
func PageMeta(p page.Page, total int64) api.PageMeta {
	return api.PageMeta{Page: p.Number, PerPage: p.Size, Total: int(total)}
}
