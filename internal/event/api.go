package event

import (
	"context"
	"encoding/json"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/wire"
)

// API serves the operations on events.
type API struct {
	store     *Store
	outbox    *Outbox
	catalogue *Catalogue
	names     func(eventType string) map[string]string
}

// NewAPI makes the API; names is what profiles call an event type, by profile.
func NewAPI(store *Store, outbox *Outbox, catalogue *Catalogue, names func(eventType string) map[string]string) *API {
	return &API{store: store, outbox: outbox, catalogue: catalogue, names: names}
}

// PublishEvent implements the operation of the contract.
func (a *API) PublishEvent(ctx context.Context, r api.PublishEventRequestObject) (api.PublishEventResponseObject, error) {
	n := New{ID: wire.Or(r.Body.ID, ""), Type: r.Body.Type, Data: r.Body.Data}
	if r.Body.OccurredAt != nil {
		n.OccurredAt = r.Body.OccurredAt.UTC()
		if y := n.OccurredAt.Year(); y < 1970 || y > 9999 {
			return nil, problem.Invalid(problem.Detail{Field: "occurred_at", Message: "must be between 1970 and 9999, in UTC"})
		}
	}
	if err := a.catalogue.Check(n); err != nil {
		return nil, err
	}
	e, err := a.outbox.Publish(ctx, principal.From(ctx).Scope, n)
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
	return api.ListEvents200JSONResponse{Data: wire.Map(rows, toWire), Meta: api.CursorMeta{NextCursor: wire.Null(next)}}, nil
}

// GetEvent implements the operation of the contract.
func (a *API) GetEvent(ctx context.Context, r api.GetEventRequestObject) (api.GetEventResponseObject, error) {
	e, err := a.store.Get(ctx, principal.From(ctx).Scope, r.EventID)
	if err != nil {
		return nil, err
	}
	return api.GetEvent200JSONResponse(toWire(e)), nil
}

// ListEventTypes implements the operation of the contract.
func (a *API) ListEventTypes(context.Context, api.ListEventTypesRequestObject) (api.ListEventTypesResponseObject, error) {
	var out api.ListEventTypes200JSONResponse
	out.Data = wire.Map(a.catalogue.All(), a.typeToWire)
	out.Meta.Total = len(out.Data)
	return out, nil
}

// GetEventType implements the operation of the contract.
func (a *API) GetEventType(_ context.Context, r api.GetEventTypeRequestObject) (api.GetEventTypeResponseObject, error) {
	t, ok := a.catalogue.Find(r.Type)
	if !ok {
		return nil, problem.Missing("event type")
	}
	return api.GetEventType200JSONResponse(a.typeToWire(t)), nil
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

func (a *API) typeToWire(t contract.EventType) api.EventType {
	return api.EventType{Type: t.Name, Names: a.names(t.Name), Group: t.Group, Description: t.Description, Schema: t.Schema, Sample: t.Sample}
}
