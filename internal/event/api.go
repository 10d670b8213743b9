package event

import (
	"context"
	"encoding/json"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/wire"
)

type types interface {
	// Check fails with a problem when an event can't be published: its type is unknown, or its data doesn't fit.
	Check(ctx context.Context, scope principal.Scope, n New) error
}

// API serves the operations on events.
type API struct {
	store  *Store
	outbox *Outbox
	types  types
}

// NewAPI makes the API.
func NewAPI(store *Store, outbox *Outbox, t types) *API {
	return &API{store: store, outbox: outbox, types: t}
}

// PublishEvent implements the operation of the contract.
func (a *API) PublishEvent(ctx context.Context, r api.PublishEventRequestObject) (api.PublishEventResponseObject,
	error) {
	n := New{ID: wire.Or(r.Body.ID, ""), Type: r.Body.Type, Data: r.Body.Data}
	if r.Body.OccurredAt != nil {
		n.OccurredAt = r.Body.OccurredAt.UTC()
		if y := n.OccurredAt.Year(); y < 1970 || y > 9999 {
			return nil, problem.Invalid(problem.Detail{Field: "occurred_at",
				Message: "must be between 1970 and 9999, in UTC"})
		}
	}
	scope := principal.From(ctx).Scope
	if err := a.types.Check(ctx, scope, n); err != nil {
		return nil, err
	}
	e, err := a.outbox.Publish(ctx, scope, n)
	if err != nil {
		return nil, err
	}
	return api.PublishEvent202JSONResponse(toWire(e)), nil
}

// ListEvents implements the operation of the contract.
func (a *API) ListEvents(ctx context.Context, r api.ListEventsRequestObject) (api.ListEventsResponseObject, error) {
	l, err := wire.Log(r.Params.Cursor, r.Params.Limit)
	if err != nil {
		return nil, err
	}
	rows, next, err := a.store.List(ctx, principal.From(ctx).Scope, l, wire.Or(r.Params.Type, ""))
	if err != nil {
		return nil, err
	}
	return api.ListEvents200JSONResponse{Data: wire.Map(rows, toWire),
		Meta: api.CursorMeta{NextCursor: wire.Null(next)}}, nil
}

// GetEvent implements the operation of the contract.
func (a *API) GetEvent(ctx context.Context, r api.GetEventRequestObject) (api.GetEventResponseObject, error) {
	e, err := a.store.Get(ctx, principal.From(ctx).Scope, r.EventID)
	if err != nil {
		return nil, err
	}
	return api.GetEvent200JSONResponse(toWire(e)), nil
}

func toWire(e Event) api.Event {
	status := api.EventStatusAccepted
	if !e.DispatchedAt.IsZero() {
		status = api.EventStatusDispatched
	}
	return api.Event{
		ID: e.ID, Type: e.Type, Data: json.RawMessage(e.Data), Environment: api.Environment(e.Environment),
		OccurredAt: e.OccurredAt.Time, CreatedAt: e.CreatedAt.Time, Status: status,
		Deliveries: e.DeliveryCount, Reason: wire.Null(wire.Text(e.Reason)),
	}
}
