package admin

import (
	"errors"
	"iter"
	"net/http"
	"slices"

	"github.com/hookline/hookline/gen/operators"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
)

// state is a word about how something is, with a colour that repeats it and, maybe, why.
type state struct{ Word, Kind, Why string }

// mostRows is how many rows the API gives at once.
const mostRows = 100

// find pages through a list until an item matches; it fails with inhouse.ErrMissing.
func find[T any](page func(number int) ([]T, operators.PageMeta, error), wanted func(T) bool) (T, error) {
	var nothing T
	for number := 1; ; number++ {
		rows, meta, err := page(number)
		if err != nil {
			return nothing, err
		}
		if at := slices.IndexFunc(rows, wanted); at >= 0 {
			return rows[at], nil
		}
		if len(rows) == 0 || number*meta.PerPage >= meta.Total {
			return nothing, inhouse.ErrMissing
		}
	}
}

// environmentOf reads which environment a page is about.
func environmentOf(text string) operators.Environment {
	if text == string(operators.EnvironmentTest) {
		return operators.EnvironmentTest
	}
	return operators.EnvironmentLive
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
		t, err := inhouse.Read[operators.Tenant](v.Operators.GetTenant(v.Ctx, id))
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
