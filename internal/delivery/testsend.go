package delivery

import (
	"cmp"
	"context"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/eventtype"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/sender"
	"github.com/hookline/hookline/internal/wire"
)

// TestAPI serves the operation that sends a sample to an endpoint.
type TestAPI struct {
	endpoints *endpoint.Store
	types     *eventtype.Types
	sender    requester
	now       clock.Clock
}

// NewTestAPI makes the API.
func NewTestAPI(e *endpoint.Store, types *eventtype.Types, s requester, now clock.Clock) *TestAPI {
	return &TestAPI{endpoints: e, types: types, sender: s, now: now}
}

// TestWebhook implements the operation of the contract.
func (a *TestAPI) TestWebhook(ctx context.Context, r api.TestWebhookRequestObject) (api.TestWebhookResponseObject,
	error) {
	scope := principal.From(ctx).Scope
	e, err := a.endpoints.Get(ctx, scope, r.WebhookID)
	if err != nil {
		return nil, err
	}
	sample, err := a.sample(ctx, scope, e, r.Body)
	if err != nil {
		return nil, err
	}
	body, contentType, err := Render(FormOf(e), sample)
	if err != nil {
		return nil, err
	}
	return a.try(ctx, e, sample, sender.Message{ID: sample.ID, At: a.now(), Body: body,
		ContentType: contentType})
}

// sample is the event that is sent. Its id tells consumers that it is none.
func (a *TestAPI) sample(ctx context.Context, scope principal.Scope, e endpoint.Endpoint,
	w *api.WebhookTest) (event.Event, error) {
	t, err := a.types.Sample(ctx, scope, "event_type", wire.Or(w.EventType, ""),
		func(t eventtype.Type) bool { return e.Subscribes(t.Name) })
	if err != nil {
		return event.Event{}, err
	}
	data := t.Sample
	if w.Data != nil {
		data = *w.Data
		if err := t.Validate(data); err != nil {
			return event.Event{}, err
		}
	}
	now := db.At(a.now())
	return event.Event{
		TenantID: scope.TenantID, Environment: scope.Environment, ID: id.New(id.TestEvent), Type: t.Name,
		Data:       string(data),
		OccurredAt: now, CreatedAt: now, UserNumber: cmp.Or(e.UserNumber, principal.From(ctx).Owns),
	}, nil
}

func (a *TestAPI) try(ctx context.Context, e endpoint.Endpoint, sample event.Event,
	m sender.Message) (api.TestWebhookResponseObject, error) {
	start := time.Now()
	r := a.sender.Send(ctx, e, m)
	took := time.Since(start)
	if r.Internal() {
		return nil, r.Err
	}
	now := a.now()
	o := complete(job{delivery: Delivery{EventType: sample.Type}, endpoint: e}, r, "", now, now, 0)
	out := api.TestWebhook200JSONResponse{
		Succeeded: o.succeeded(), EventID: sample.ID, EventType: sample.Type,
		ErrorCode: wire.Null(wire.Text(o.attempt.ErrorCode)), Error: wire.Null(wire.Text(o.attempt.Error)),
		DurationMs: float64(took) / float64(time.Millisecond),
	}
	out.Request.Method, out.Request.URL, out.Request.Body = r.Method, r.URL, string(r.Body)
	out.Request.Headers = r.RequestHeaders
	if r.Response != nil {
		out.Response = &api.WebhookTestResponse{
			Status: r.Response.Status, Headers: o.attempt.ResponseHeaders.V, Body: string(o.attempt.ResponseBody),
			Truncated: r.Response.Truncated,
		}
	}
	return out, nil
}
