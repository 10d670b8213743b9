package delivery

import (
	"context"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/eventtype"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/sender"
	"github.com/hookline/hookline/internal/wire"
)

// API serves the operations on deliveries.
type API struct {
	store  *Store
	types  *eventtype.Types
	sender *sender.Sender
}

// NewAPI makes the API.
func NewAPI(store *Store, types *eventtype.Types, s *sender.Sender) *API {
	return &API{store: store, types: types, sender: s}
}

// ListDeliveries implements the operation of the contract.
func (a *API) ListDeliveries(ctx context.Context, r api.ListDeliveriesRequestObject) (api.ListDeliveriesResponseObject,
	error) {
	f := Filter{
		Status: string(wire.Or(r.Params.Status, "")), EndpointID: wire.Or(r.Params.WebhookID, ""),
		EventID: wire.Or(r.Params.EventID, ""), EventType: wire.Or(r.Params.EventType, ""),
		HTTPClass: string(wire.Or(r.Params.HTTPClass, "")), HTTPStatus: wire.Or(r.Params.HTTPStatus, 0),
		Reason: wire.Or(r.Params.Reason, ""), From: wire.Or(r.Params.From, time.Time{}), To: wire.Or(r.Params.To,
			time.Time{}),
	}
	list, err := Page(ctx, a.store, f, r.Params.Cursor, r.Params.Limit)
	return api.ListDeliveries200JSONResponse(list), err
}

// Page reads one page of the caller's deliveries in the contract's form.
func Page(ctx context.Context, store *Store, f Filter, cursor *string, limit *int) (api.DeliveryList, error) {
	l, err := wire.Log(cursor, limit)
	if err != nil {
		return api.DeliveryList{}, err
	}
	rows, next, err := store.List(ctx, principal.From(ctx).Scope, l, f)
	return api.DeliveryList{Data: wire.Map(rows, ToWire), Meta: api.CursorMeta{NextCursor: wire.Null(next)}}, err
}

// GetDelivery implements the operation of the contract.
func (a *API) GetDelivery(ctx context.Context, r api.GetDeliveryRequestObject) (api.GetDeliveryResponseObject, error) {
	d, attempts, err := a.store.Get(ctx, principal.From(ctx).Scope, r.DeliveryID)
	if err != nil {
		return nil, err
	}
	return api.GetDelivery200JSONResponse(DetailToWire(d, attempts)), nil
}

// DetailToWire is a delivery with its body and its attempts in the contract's form.
func DetailToWire(d Delivery, attempts []Attempt) api.DeliveryDetail {
	w := ToWire(d)
	return api.DeliveryDetail{
		ID: w.ID, EventID: w.EventID, EventType: w.EventType, WebhookID: w.WebhookID, Environment: w.Environment,
		Status: w.Status, Reason: w.Reason, AttemptCount: w.AttemptCount, MaxAttempts: w.MaxAttempts,
		NextAttemptAt: w.NextAttemptAt, ResponseStatus: w.ResponseStatus, Error: w.Error,
		CreatedAt: w.CreatedAt, FinishedAt: w.FinishedAt,
		ContentType: d.ContentType, Body: string(d.Body), Attempts: wire.Map(attempts, attemptToWire),
	}
}

// ToWire is a delivery in the contract's form.
func ToWire(d Delivery) api.Delivery {
	return api.Delivery{
		ID: d.ID, EventID: d.EventID, EventType: d.EventType, WebhookID: d.EndpointID,
		Environment: api.Environment(d.Environment), Status: api.DeliveryStatus(d.Status),
		Reason: wire.Null(wire.Text(d.Reason)), AttemptCount: d.AttemptCount, MaxAttempts: d.MaxAttempts,
		NextAttemptAt: wire.Null(d.NextAttemptAt.Pointer()), ResponseStatus: wire.Null(d.ResponseStatus),
		Error: wire.Null(wire.Text(d.Error)), CreatedAt: d.CreatedAt.Time,
		FinishedAt: wire.Null(d.FinishedAt.Pointer()),
	}
}

func attemptToWire(a Attempt) api.Attempt {
	w := api.Attempt{
		ID: a.ID, Number: a.Number, Status: api.AttemptStatus(a.Status), Method: a.Method, URL: a.URL,
		RequestHeaders: a.RequestHeaders.V, ResponseStatus: wire.Null(a.ResponseStatus),
		ResponseHeaders: a.ResponseHeaders.V,
		ResponseBody:    string(a.ResponseBody), ResponseTruncated: a.ResponseTruncated,
		ErrorCode: wire.Null(wire.Text(a.ErrorCode)), Error: wire.Null(wire.Text(a.Error)), StartedAt: a.StartedAt.Time,
		Timings: timingsToWire(a.Timings.V),
	}
	var took *float64
	if !a.FinishedAt.IsZero() {
		ms := float64(a.FinishedAt.Sub(a.StartedAt.Time)) / float64(time.Millisecond)
		took = &ms
	}
	w.DurationMs = wire.Null(took)
	return w
}

// ToWire is a change in the contract's form.
func (c Change) ToWire() api.DeliveryChange {
	w := api.DeliveryChange{Delivery: ToWire(c.Delivery)}
	if a := c.Attempt; a != nil {
		full := attemptToWire(*a)
		w.Attempt = &api.AttemptSummary{
			ID: full.ID, Number: full.Number, Status: api.AttemptSummaryStatus(full.Status),
			ResponseStatus: full.ResponseStatus,
			ErrorCode:      full.ErrorCode, Error: full.Error, StartedAt: full.StartedAt, DurationMs: full.DurationMs,
		}
	}
	return w
}
