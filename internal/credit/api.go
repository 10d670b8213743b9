package credit

import (
	"context"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/wire"
)

// API serves the operations on credits.
type API struct {
	store *Store
	audit *audit.Log
}

// NewAPI makes the API.
func NewAPI(store *Store, log *audit.Log) *API { return &API{store: store, audit: log} }

// GetCredits implements the operation of the contract.
func (a *API) GetCredits(ctx context.Context, r api.GetCreditsRequestObject) (api.GetCreditsResponseObject, error) {
	c, err := a.read(ctx, AccountOf(principal.From(ctx)), r.Params.Cursor, r.Params.Limit)
	if err != nil {
		return nil, err
	}
	return api.GetCredits200JSONResponse(c), nil
}

// GetTenantCredits implements the operation of the contract.
func (a *API) GetTenantCredits(ctx context.Context,
	r api.GetTenantCreditsRequestObject) (api.GetTenantCreditsResponseObject, error) {
	c, err := a.read(ctx, Account{TenantID: r.TenantID, UserID: wire.Or(r.Params.UserID, "")}, r.Params.Cursor,
		r.Params.Limit)
	if err != nil {
		return nil, err
	}
	return api.GetTenantCredits200JSONResponse(c), nil
}

// GrantTenantCredits implements the operation of the contract.
func (a *API) GrantTenantCredits(ctx context.Context,
	r api.GrantTenantCreditsRequestObject) (api.GrantTenantCreditsResponseObject, error) {
	account := Account{TenantID: r.TenantID, UserID: wire.Or(r.Body.UserID, "")}
	if err := a.store.mayGrant(ctx, account); err != nil {
		return nil, err
	}
	var e Entry
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		var err error
		e, err = a.store.Grant(ctx, account, r.Body.Amount, r.Body.Reason, principal.From(ctx).RequestID)
		return audit.Change{TenantID: e.TenantID, Target: e.ID, After: toWire(e)}, err
	})
	if err != nil {
		return nil, err
	}
	return api.GrantTenantCredits201JSONResponse(toWire(e)), nil
}

func (a *API) read(ctx context.Context, account Account, cursor *string, limit *int) (api.Credits, error) {
	l, err := wire.Log(cursor, limit)
	if err != nil {
		return api.Credits{}, err
	}
	b, err := a.store.Balance(ctx, account) // first: it may add this month's grant to the ledger
	if err != nil {
		return api.Credits{}, err
	}
	rows, next, err := a.store.Ledger(ctx, account, l)
	return api.Credits{
		Balance: b.Balance, MonthlyGrant: b.Granted, Data: wire.Map(rows, toWire),
		Meta: api.CursorMeta{NextCursor: wire.Null(next)},
	}, err
}

func toWire(e Entry) api.CreditEntry {
	return api.CreditEntry{
		ID: e.ID, Kind: api.CreditEntryKind(e.Kind), Amount: e.Amount, Balance: e.Balance,
		UserID: wire.Null(wire.Text(e.UserID)),
		Reason: e.Reason, Reference: e.Reference, CreatedAt: e.CreatedAt.Time,
	}
}
