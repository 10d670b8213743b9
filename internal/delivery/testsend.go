package delivery

import (
	"cmp"
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/eventtype"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/sender"
	"github.com/hookline/hookline/internal/wire"
)

// TestAPI serves the operation that sends a sample to an endpoint. A test is a delivery of one attempt whose body is
// stored (test_body): its event does not exist, so it is neither pulled, replayed nor counted. One that failed is
// cancelled; a dead letter would raise alerts and be replayed in bulk.
type TestAPI struct {
	store     *Store
	endpoints *endpoint.Store
	types     *eventtype.Types
	sender    requester
	now       clock.Clock
}

// NewTestAPI makes the API.
func NewTestAPI(store *Store, e *endpoint.Store, types *eventtype.Types, s requester, now clock.Clock) *TestAPI {
	return &TestAPI{store: store, endpoints: e, types: types, sender: s, now: now}
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
	if err := db.EndTrial(ctx); err != nil {
		return nil, err
	}
	return a.try(ctx, e, sample, sender.Message{ID: sample.ID, At: a.now(), Body: body,
		ContentType: contentType, Delivery: Planned(sample, e).ID, EventType: sample.Type, Attempt: 1})
}

// sample is the event that is sent. Its id tells consumers that it is none.
func (a *TestAPI) sample(ctx context.Context, scope principal.Scope, e endpoint.Endpoint,
	w *api.WebhookTest) (event.Event, error) {
	var wanted []func(eventtype.Type) bool // in the order of the subscriptions
	for _, pattern := range e.Events.V {
		wanted = append(wanted, func(t eventtype.Type) bool { return profile.Of(e.Profile).Wants(pattern, t.Name) })
	}
	t, err := a.types.Sample(ctx, scope, "event_type", wire.Or(w.EventType, ""), wanted...)
	if err != nil {
		return event.Event{}, err
	}
	data, now := t.Sample, db.At(a.now())
	if w.Data != nil {
		if data, err = eventtype.Read(ctx, t, *w.Data, now.Time); err != nil {
			return event.Event{}, err
		}
	}
	return event.Event{
		TenantID: scope.TenantID, Environment: scope.Environment, ID: id.New(id.TestEvent), Type: t.Name,
		Data:       string(data),
		OccurredAt: now, CreatedAt: now, UserNumber: cmp.Or(e.UserNumber, principal.From(ctx).Owns),
	}, nil
}

func (a *TestAPI) try(ctx context.Context, e endpoint.Endpoint, sample event.Event,
	m sender.Message) (api.TestWebhookResponseObject, error) {
	begun, start := a.now(), time.Now()
	r := a.sender.Send(ctx, e, m)
	took := time.Since(start)
	if r.Internal() {
		return nil, r.Err
	}
	d := Planned(sample, e)
	d.EventID, d.PublisherID, d.AttemptCount = sample.UUID().TypeID(id.Event), sample.ID, 1
	o := complete(job{delivery: d, endpoint: e}, r, FormOf(e), begun, begun.Add(took), 0)
	if err := a.store.recordTest(context.WithoutCancel(ctx), o, m.Body); err != nil {
		return nil, err
	}
	out := api.TestWebhook200JSONResponse{
		Succeeded: o.succeeded(), DeliveryID: d.ID, EventID: sample.ID, EventType: sample.Type,
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

// recordTest stores a test that was sent, as a delivery that is over. One that failed is cancelled and not dead:
// nothing was lost that anybody could replay.
func (s *Store) recordTest(ctx context.Context, o outcome, body []byte) error {
	d := o.delivery
	if !o.succeeded() {
		d = d.ended(Cancelled, o.attempt.ErrorCode, o.attempt.Error, o.attempt.FinishedAt.Time)
	}
	d.MaxAttempts = 1
	return event.PartitionedTx(ctx, s.db, func(tx *gorm.DB) error {
		if err := db.InsertAll(tx, []Delivery{d}); err != nil {
			return err
		}
		if err := db.InsertAll(tx, []Attempt{o.attempt}); err != nil {
			return err
		}
		return tx.Exec("UPDATE deliveries SET test_body = ? WHERE id = ?", string(body), mustUUID(d.ID)).Error
	})
}
