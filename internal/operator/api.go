package operator

import (
	"context"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/wire"
)

// API serves the operations on operator keys.
type API struct{ store *Store }

// NewAPI makes the API.
func NewAPI(store *Store) *API { return &API{store: store} }

// ListOperatorKeys implements the operation of the contract.
func (a *API) ListOperatorKeys(ctx context.Context, r api.ListOperatorKeysRequestObject) (api.ListOperatorKeysResponseObject, error) {
	p := page.New(r.Params.Page, r.Params.PerPage)
	rows, total, err := a.store.List(ctx, p)
	if err != nil {
		return nil, err
	}
	return api.ListOperatorKeys200JSONResponse{Data: wire.Map(rows, toWire), Meta: wire.PageMeta(p, total)}, nil
}

// CreateOperatorKey implements the operation of the contract.
func (a *API) CreateOperatorKey(ctx context.Context, r api.CreateOperatorKeyRequestObject) (api.CreateOperatorKeyResponseObject, error) {
	k, text, err := a.store.Create(ctx, r.Body.Name)
	if err != nil {
		return nil, err
	}
	w := toWire(k)
	return api.CreateOperatorKey201JSONResponse{ID: w.ID, Name: w.Name, Hint: w.Hint, CreatedAt: w.CreatedAt, RevokedAt: w.RevokedAt, Key: text}, nil
}

// RevokeOperatorKey implements the operation of the contract.
func (a *API) RevokeOperatorKey(ctx context.Context, r api.RevokeOperatorKeyRequestObject) (api.RevokeOperatorKeyResponseObject, error) {
	if err := a.store.Revoke(ctx, r.OperatorKeyID); err != nil {
		return nil, err
	}
	return api.RevokeOperatorKey204Response{}, nil
}

func toWire(k Key) api.OperatorKey {
	return api.OperatorKey{ID: k.ID, Name: k.Name, Hint: k.Hint, CreatedAt: k.CreatedAt.Time, RevokedAt: wire.Null(k.RevokedAt.Pointer())}
}
