// Package deadletter is the deliveries that used up their attempts, as a product of its own: found, explained and
// replayed. The rows are those of package delivery; Asynq's archive is the operators' view of the same.
package deadletter

import (
	"context"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/wire"
)

type hurrier interface {
	// Hurry asks for a delivery to be run soon; it never blocks.
	Hurry(deliveryID string)
}

// API serves the operations on dead letters.
type API struct {
	store *delivery.Store
	queue hurrier
	audit *audit.Log
}

// NewAPI makes the API.
func NewAPI(store *delivery.Store, queue hurrier, log *audit.Log) *API {
	return &API{store: store, queue: queue, audit: log}
}

// ListDeadLetters implements the operation of the contract.
func (a *API) ListDeadLetters(ctx context.Context, r api.ListDeadLettersRequestObject) (api.ListDeadLettersResponseObject, error) {
	f := delivery.Filter{Status: string(delivery.Dead), EndpointID: wire.Or(r.Params.WebhookID, ""), EventType: wire.Or(r.Params.EventType, "")}
	list, err := delivery.Page(ctx, a.store, f, r.Params.Cursor, r.Params.Limit)
	return api.ListDeadLetters200JSONResponse(list), err
}

// ReplayDeadLetter implements the operation of the contract.
func (a *API) ReplayDeadLetter(ctx context.Context, r api.ReplayDeadLetterRequestObject) (api.ReplayDeadLetterResponseObject, error) {
	var d delivery.Delivery
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		var err error
		d, err = a.store.Replay(ctx, principal.From(ctx).Scope, r.DeliveryID)
		db.AfterCommit(ctx, func() { a.queue.Hurry(d.ID) })
		return audit.Change{Target: d.ID, After: delivery.ToWire(d)}, err
	})
	if err != nil {
		return nil, err
	}
	return api.ReplayDeadLetter202JSONResponse(delivery.ToWire(d)), nil
}
