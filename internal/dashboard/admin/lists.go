package admin

import (
	"errors"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/oapi-codegen/nullable"

	"github.com/hookline/hookline/gen/client"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
)

// perPage is how many rows a list has.
const perPage = 30

func keysOf(m map[string]string) iter.Seq[string] { return maps.Keys(m) }

// or is what may be null, or nothing.
func or[T any](n nullable.Nullable[T]) T {
	v, err := n.Get()
	if err != nil {
		var nothing T
		return nothing
	}
	return v
}

// state is a word about how something is, with a colour that repeats it and, maybe, why.
type state struct{ Word, Kind, Why string }

// pager leads through a log. Both addresses are empty where there is nothing to go to.
type pager struct{ Newest, Older string }

func (v *visit) pager(cursor string, m client.CursorMeta) pager {
	var p pager
	if cursor != "" {
		p.Newest = v.with("cursor", "")
	}
	if next, err := m.NextCursor.Get(); err == nil {
		p.Older = v.with("cursor", next)
	}
	return p
}

// numbered leads through a list whose pages have numbers.
type numbered struct {
	Number     int
	Prev, Next string
}

func (v *visit) number() int {
	n, _ := strconv.Atoi(v.QueryParam("page"))
	return min(max(n, 1), 1_000_000)
}

func (v *visit) numbered(m client.PageMeta) numbered {
	p := numbered{Number: m.Page}
	if m.Page > 1 {
		p.Prev = v.with("page", strconv.Itoa(m.Page-1))
	}
	if m.Page*m.PerPage < m.Total {
		p.Next = v.with("page", strconv.Itoa(m.Page+1))
	}
	return p
}

// with is the address of this page with one parameter changed, or left out when the value is empty.
func (v *visit) with(name, value string) string {
	u, q := url.URL{Path: v.Request().URL.Path}, v.Request().URL.Query()
	q.Del(name)
	q.Del("done")
	if value != "" {
		q.Set(name, value)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// form is a form as it was filled in, and what is wrong with it.
type form struct {
	Values url.Values
	Fields map[string]string
	Fault  string
}

// Value is what a field holds.
func (f form) Value(name string) string { return f.Values.Get(name) }

// Holds says whether a field that may be there several times holds a value.
func (f form) Holds(name, value string) bool { return slices.Contains(f.Values[name], value) }

// Wrong is what is wrong with a field or something inside it.
func (f form) Wrong(name string) string {
	for _, field := range slices.Sorted(keysOf(f.Fields)) {
		if rest, ok := strings.CutPrefix(field, name); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return f.Fields[field]
		}
	}
	return ""
}

// filled is what was sent, with what the API says about it; ok is false for an error that is not about the form.
func (v *visit) filled(err error) (f form, status int, ok bool) {
	r, ok := inhouse.Invalid(err)
	if !ok {
		return f, 0, false
	}
	return form{Values: v.Request().PostForm, Fields: r.Fields, Fault: r.Message}, r.Status, true
}

// query reads a parameter of a list.
func (v *visit) query(name string) string { return strings.TrimSpace(v.QueryParam(name)) }

func (v *visit) field(name string) string { return strings.TrimSpace(v.FormValue(name)) }

// environmentOf reads which environment a page is about.
func environmentOf(text string) client.Environment {
	if text == string(client.EnvironmentTest) {
		return client.EnvironmentTest
	}
	return client.EnvironmentLive
}

// names are tenants' names by id, as far as they could be read.
type names map[string]string

// tenantNames looks up the tenants that a page of a list is about.
func (v *visit) tenantNames(ids iter.Seq[string]) (names, error) {
	out := names{}
	for id := range ids {
		if _, known := out[id]; known || id == "" {
			continue
		}
		t, err := inhouse.Read[client.Tenant](v.api.GetTenant(v.ctx, id))
		if _, gone := refusedAs(err, http.StatusNotFound); gone {
			out[id] = id
			continue
		}
		if err != nil {
			return nil, err
		}
		out[id] = t.Name
	}
	return out, nil
}

// refusedAs says whether the API refused something with a status.
func refusedAs(err error, status int) (*inhouse.Refusal, bool) {
	var r *inhouse.Refusal
	ok := errors.As(err, &r) && r.Status == status
	return r, ok
}
