package deliverylog

import (
	"context"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/wire"
)

// API serves the operations that read deliveries.
type API struct {
	store *Store
	hub   *Hub
}

// NewAPI makes the API.
func NewAPI(store *Store, hub *Hub) *API { return &API{store: store, hub: hub} }

// ListDeliveries implements the operation of the contract.
func (a *API) ListDeliveries(ctx context.Context, r api.ListDeliveriesRequestObject) (api.ListDeliveriesResponseObject,
	error) {
	p := r.Params
	l, err := wire.Log(p.Cursor, p.Limit)
	if err != nil {
		return nil, err
	}
	f := Filter{
		Status: string(wire.Or(p.Status, "")), EndpointID: wire.Or(p.WebhookID, ""), EventID: wire.Or(p.EventID, ""),
		EventType: wire.Or(p.EventType, ""), HTTPClass: string(wire.Or(p.HTTPClass, "")),
		HTTPStatus: wire.Or(p.HTTPStatus, 0), Reason: wire.Or(p.Reason, ""), Text: wire.Or(p.Text, ""),
		From: wire.Or(p.From, time.Time{}), To: wire.Or(p.To, time.Time{}),
		OldestFirst: wire.Or(p.Order, "") == api.ListDeliveriesParamsOrderAsc,
	}
	rows, next, err := a.store.List(ctx, principal.From(ctx).Scope, l, f)
	if err != nil {
		return nil, err
	}
	data, err := a.store.Lines(ctx, rows)
	return api.ListDeliveries200JSONResponse{Data: data, Meta: api.CursorMeta{NextCursor: wire.Null(next)}}, err
}

// GetDelivery implements the operation of the contract.
func (a *API) GetDelivery(ctx context.Context, r api.GetDeliveryRequestObject) (api.GetDeliveryResponseObject, error) {
	d, err := a.store.Get(ctx, principal.From(ctx).Scope, r.DeliveryID)
	if err != nil {
		return nil, err
	}
	return api.GetDelivery200JSONResponse(DetailToWire(d)), nil
}

// GetDeliveryStats implements the operation of the contract.
func (a *API) GetDeliveryStats(ctx context.Context,
	r api.GetDeliveryStatsRequestObject) (api.GetDeliveryStatsResponseObject, error) {
	period := string(wire.Or(r.Params.Period, "24h"))
	of, err := wire.IDs("webhook_id", r.Params.WebhookID, statsEndpoints)
	if err != nil {
		return nil, err
	}
	stats, err := a.store.Stats(ctx, principal.From(ctx).Scope, Periods[period], of...)
	if err != nil {
		return nil, err
	}
	return api.GetDeliveryStats200JSONResponse(stats.toWire(period, profile.Of(principal.From(ctx).Profile))), nil
}
