package dashboard

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/session"
)

// inside makes the calls of a visit.
type inside struct{ visit *visit }

func (i *inside) caller() inhouse.Caller {
	return inhouse.Caller{API: i.visit.dashboard.options.API, Visit: i.visit, Once: i.visit.once}
}

// Do implements the generated client's HttpRequestDoer.
func (i *inside) Do(r *http.Request) (*http.Response, error) { return i.caller().Do(r) }

func (i *inside) dress(r *http.Request) { i.caller().Dress(r) }

// refusal is an answer of the API that is not the wanted one, for people.
type refusal inhouse.Refusal

// Error implements error.
func (r *refusal) Error() string {
	return fmt.Sprintf("the API answered %d %s: %s", r.Status, r.Code, r.Message)
}

// details are the faults of fields as sentences, for where there is no form to show them in.
func (r *refusal) details() string {
	var b strings.Builder
	for field, message := range r.Fields {
		b.WriteString(" " + field + " " + message + ".")
	}
	return b.String()
}

var (
	errForbidden = &refusal{Status: http.StatusForbidden, Message: "Your session does not allow this. Ask an owner or admin of your organisation."}
	errMissing   = &refusal{Status: http.StatusNotFound}
)

// read takes an answer of the API as a T, or as the *refusal it is.
func read[T any](r *http.Response, err error) (T, error) {
	v, err := inhouse.Read[T](r, err)
	return v, ours(err)
}

// ours gives what the API refuses the type that these pages know.
func ours(err error) error {
	var r *inhouse.Refusal
	if errors.As(err, &r) {
		return (*refusal)(r)
	}
	return err
}

// invalid says whether an error is about what a form holds, which is then shown in it.
func invalid(err error) (*refusal, bool) {
	var r *refusal
	if !errors.As(err, &r) {
		return nil, false
	}
	_, ok := inhouse.Invalid((*inhouse.Refusal)(r))
	return r, ok
}

// again finds out who a session is now, for answers that stay open.
func (d *Dashboard) again(token string) principal.Again {
	return func(ctx context.Context) (principal.Principal, error) {
		s, err := d.options.Doors.Find(ctx, token)
		if errors.Is(err, session.ErrNone) {
			return principal.Principal{}, problem.New(problem.Unauthorized, "The session has ended.")
		}
		return s.Principal(), err
	}
}

// opt is a parameter that is left out when it is empty.
func opt[T ~string](s string) *T { return inhouse.Opt[T](s) }
