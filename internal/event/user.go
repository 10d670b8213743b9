package event

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
)

type members interface {
	// HasNumber reports whether a member of the tenant has a number.
	HasNumber(ctx context.Context, tenantID string, number int64) (bool, error)
}

// userID returns the number in the field user_id of an event's data, as it is written; empty when there is none.
func userID(data []byte) string {
	var fields map[string]json.RawMessage // and no struct, whose fields would match names in any case
	if json.Unmarshal(data, &fields) != nil {
		return ""
	}
	raw := string(fields["user_id"])
	if raw == "" || raw[0] != '-' && (raw[0] < '0' || raw[0] > '9') {
		return ""
	}
	return raw
}

// User is the number of the user whom an event concerns: the user_id that its publisher put into the data, else the
// number of the member; 0 for an event of no user.
func (e Event) User() int64 {
	if n, err := strconv.ParseInt(userID([]byte(e.Data)), 10, 64); err == nil {
		return n
	}
	return e.UserNumber
}

// memberOf returns the number of the member whom an event of the caller concerns, 0 for the tenant. Where rows belong
// to members, the data can name only the caller as their user, or any member when an owner, an admin or an operator
// publishes.
func (a *API) memberOf(ctx context.Context, n New) (int64, error) {
	p := principal.From(ctx)
	if p.Owner == (principal.Owner{}) {
		return 0, nil
	}
	wrong := func(message string) error {
		return problem.Invalid(problem.Detail{Field: "data.user_id", Message: message})
	}
	switch named := userID(n.Data); {
	case named == "" || named == strconv.FormatInt(p.Owns, 10):
		return p.Owns, nil
	case !p.OwnsRest:
		return 0, wrong("is not your number, which is " + strconv.FormatInt(p.Owns, 10) +
			"; only owners and admins can publish events of other users")
	default:
		number, err := strconv.ParseInt(named, 10, 64)
		known := false
		if err == nil {
			if known, err = a.members.HasNumber(ctx, p.TenantID, number); err != nil {
				return 0, err
			}
		}
		if !known {
			return 0, wrong("is the number of no member; GET /api/v1/members lists them")
		}
		return number, nil
	}
}
