package operator

import (
	"context"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/wire"
)

// API serves the operations on operator keys.
type API struct {
	store *Store
	audit *audit.Log
}

// NewAPI makes the API.
func NewAPI(store *Store, log *audit.Log) *API { return &API{store: store, audit: log} }

// ListOperatorKeys implements the operation of the contract.
func (a *API) ListOperatorKeys(ctx context.Context,
	r api.ListOperatorKeysRequestObject) (api.ListOperatorKeysResponseObject, error) {
	p := page.New(r.Params.Page, r.Params.PerPage)
	rows, total, err := a.store.List(ctx, p)
	if err != nil {
		return nil, err
	}
	return api.ListOperatorKeys200JSONResponse{Data: wire.Map(rows, toWire), Meta: wire.PageMeta(p, total)}, nil
}

// CreateOperatorKey implements the operation of the contract.
func (a *API) CreateOperatorKey(ctx context.Context,
	r api.CreateOperatorKeyRequestObject) (api.CreateOperatorKeyResponseObject, error) {
	var k Key
	var text string
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		var err error
		k, text, err = a.store.Create(ctx, r.Body.Name)
		return audit.Change{Target: k.ID, After: toWire(k)}, err
	})
	if err != nil {
		return nil, err
	}
	w := toWire(k)
	return api.CreateOperatorKey201JSONResponse{ID: w.ID, Name: w.Name, Hint: w.Hint, CreatedAt: w.CreatedAt,
		RevokedAt: w.RevokedAt, Key: text}, nil
}

// RevokeOperatorKey implements the operation of the contract.
func (a *API) RevokeOperatorKey(ctx context.Context,
	r api.RevokeOperatorKeyRequestObject) (api.RevokeOperatorKeyResponseObject, error) {
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		before, after, err := a.store.Revoke(ctx, r.OperatorKeyID)
		return audit.Change{Target: before.ID, Before: toWire(before), After: toWire(after)}, err
	})
	if err != nil {
		return nil, err
	}
	return api.RevokeOperatorKey204Response{}, nil
}

func toWire(k Key) api.OperatorKey {
	return api.OperatorKey{ID: k.ID, Name: k.Name, Hint: k.Hint, CreatedAt: k.CreatedAt.Time,
		RevokedAt: wire.Null(k.RevokedAt.Pointer())}
}
