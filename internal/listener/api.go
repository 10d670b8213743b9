package listener

import (
	"context"
	"encoding/base64"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/wire"
)

const (
	// maxBody and maxHeader are how many bytes of a response are kept, as of those of other endpoints.
	maxBody   = 16 << 10
	maxHeader = 64 << 10
	// answerLimit is how long storing an answer may take.
	answerLimit = 5 * time.Second
)

// API serves the stream of listeners and takes their answers.
type API struct {
	store *endpoint.Store
	relay *Relay
	grace time.Duration
}

// NewAPI makes the API. grace is how long a listener exists without a connection.
func NewAPI(store *endpoint.Store, relay *Relay, grace time.Duration) *API {
	return &API{store: store, relay: relay, grace: grace}
}

// RespondToListener implements the operation of the contract.
func (a *API) RespondToListener(ctx context.Context,
	r api.RespondToListenerRequestObject) (api.RespondToListenerResponseObject, error) {
	e, err := a.store.GetListener(ctx, principal.From(ctx).Scope, r.WebhookID)
	if err != nil {
		return nil, err
	}
	answer, details := fromWire(*r.Body)
	if len(details) > 0 {
		return nil, problem.Invalid(details...)
	}
	if err := db.EndTrial(ctx); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	open, err := a.relay.Answer(ctx, e, r.Body.RequestID, answer)
	switch {
	case err != nil:
		return nil, unavailable()
	case !open:
		return nil, problem.New(problem.Conflict,
			"This request is not open: it was answered, or its deadline has passed. Its attempt has an outcome already.")
	}
	return api.RespondToListener204Response{}, nil
}

// unavailable is the error of a Redis that is away.
func unavailable() error {
	return problem.New(problem.Unavailable, "Listeners don't work at the moment. Try again in a few seconds.")
}

// fromWire reads an answer, and returns what is wrong with it.
func fromWire(w api.ListenerResponse) (Answer, []problem.Detail) {
	var details []problem.Detail
	wrong := func(field, message string) {
		details = append(details, problem.Detail{Field: field, Message: message})
	}
	if (w.Status == nil) == (w.Error == nil) {
		wrong("status", "must be given, or else error, and not both")
	}
	out := Answer{Status: wire.Or(w.Status, 0), Error: string(wire.Or(w.Error, "")),
		Truncated: wire.Or(w.Truncated, false), Headers: wire.Or(w.Headers, nil),
		Duration: time.Duration(wire.Or(w.DurationMs, 0) * float64(time.Millisecond))}
	size := 0
	for name, value := range out.Headers {
		size += len(name) + len(value)
		if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
			wrong("headers", "must be names and values of HTTP headers")
			break
		}
	}
	if size > maxHeader {
		wrong("headers", "must not be longer than 64 KiB together")
	}
	var err error
	if out.Body, err = base64.StdEncoding.DecodeString(wire.Or(w.Body, "")); err != nil {
		wrong("body", "must be base64")
	} else if len(out.Body) > maxBody {
		wrong("body", "must not be longer than 16 KiB; cut it and set truncated")
	}
	return out, details
}
