package admin

import (
	"errors"
	"iter"
	"net/http"

	"github.com/hookline/hookline/gen/client"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
)

// state is a word about how something is, with a colour that repeats it and, maybe, why.
type state struct{ Word, Kind, Why string }

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
		t, err := inhouse.Read[client.Tenant](v.API.GetTenant(v.Ctx, id))
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
