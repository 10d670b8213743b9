package endpoint

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/hookline/hookline/internal/problem"
)

// Mask is shown instead of a stored credential; sent back, it means the stored value. That stays with the origin that
// it was given for: whoever may change a URL need not be allowed to read the credential, and could have it sent to
// themselves.
const Mask = "********"

var defaultPorts = map[string]string{"http": "80", "https": "443"}

// origin is the scheme, host and port of a URL.
func origin(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	scheme := strings.ToLower(u.Scheme)
	return scheme + "://" + strings.ToLower(u.Hostname()) + ":" + cmp.Or(u.Port(), defaultPorts[scheme])
}

// masked is a copy of headers as they are shown.
func masked(headers map[string]string) map[string]string {
	out := make(map[string]string, len(headers))
	for name := range headers {
		out[name] = Mask
	}
	return out
}

// masked is Auth as it is shown.
func (a Auth) masked() Auth {
	for _, value := range a.secrets() {
		if *value != "" {
			*value = Mask
		}
	}
	return a
}

// keepStored replaces what is masked by its stored value. It returns an error for each value that is not stored, or
// that would be sent to another origin.
func (s *Settings) keepStored(stored Settings) []problem.Detail {
	var details []problem.Detail
	moved := ""
	if stored.URL != "" && origin(s.URL) != origin(stored.URL) {
		moved = stored.URL
	}
	keep := func(field string, value *string, kept string, found bool, moved string) {
		switch {
		case *value != Mask:
		case !found:
			details = append(details, problem.Detail{Field: field,
				Message: "is masked, but no value is stored for it; send the value"})
		case moved != "":
			details = append(details, problem.Detail{Field: field, Message: "is stored for " + origin(moved) +
				" and is not sent to another origin; send its value again, or remove it"})
		default:
			*value = kept
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Headers)) {
		value := s.Headers[name]
		kept, found := find(stored.Headers, name)
		keep("headers."+name, &value, kept, found, moved)
		s.Headers[name] = value
	}
	kept := stored.Auth.secrets()
	for _, f := range s.Auth.fields() {
		from := moved
		if f.types == AuthOAuth2 && from == "" && origin(s.Auth.TokenURL) != origin(stored.Auth.TokenURL) {
			from = stored.Auth.TokenURL // which gets the client's secret
		}
		if value := s.Auth.secrets()[f.name]; value != nil {
			keep("auth."+f.name, value, *kept[f.name], *kept[f.name] != "", from)
		}
	}
	return details
}
