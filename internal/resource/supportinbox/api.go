package supportinbox

import (
	"context"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/wire"
)

// API serves the operations on inboxes.
type API struct {
	store  *Store
	tenant func(ctx context.Context, tenantID string) error
	audit  *audit.Log
}

// NewAPI makes the API; tenant fails with a problem when there is no such tenant.
func NewAPI(store *Store, tenant func(ctx context.Context, tenantID string) error, log *audit.Log) *API {
	return &API{store: store, tenant: tenant, audit: log}
}

// ListInboxes implements the operation of the contract.
func (a *API) ListInboxes(ctx context.Context, r api.ListInboxesRequestObject) (api.ListInboxesResponseObject, error) {
	p := page.New(r.Params.Page, r.Params.PerPage)
	rows, total, err := a.store.List(ctx, principal.From(ctx).Scope, p)
	if err != nil {
		return nil, err
	}
	return api.ListInboxes200JSONResponse{Data: wire.Map(rows, toWire), Meta: wire.PageMeta(p, total)}, nil
}

// GetInbox implements the operation of the contract.
func (a *API) GetInbox(ctx context.Context, r api.GetInboxRequestObject) (api.GetInboxResponseObject, error) {
	i, err := a.store.Get(ctx, principal.From(ctx).Scope, id.Canonical(id.Inbox, r.InboxID))
	if err != nil {
		return nil, err
	}
	return api.GetInbox200JSONResponse(toWire(i)), nil
}

// CreateTenantInbox implements the operation of the contract.
func (a *API) CreateTenantInbox(ctx context.Context,
	r api.CreateTenantInboxRequestObject) (api.CreateTenantInboxResponseObject, error) {
	if err := a.tenant(ctx, r.TenantID); err != nil {
		return nil, err
	}
	scope := principal.Scope{TenantID: r.TenantID, Environment: principal.Environment(wire.Or(r.Body.Environment,
		api.Environment(principal.Live)))}
	var w api.Inbox
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		i, err := a.store.Create(ctx, scope, r.Body.Name, string(r.Body.Address))
		w = toWire(i)
		return audit.Change{TenantID: r.TenantID, Target: i.ID, After: w}, err
	})
	if err != nil {
		return nil, err
	}
	return api.CreateTenantInbox201JSONResponse(w), nil
}

// UpdateTenantInbox implements the operation of the contract.
func (a *API) UpdateTenantInbox(ctx context.Context,
	r api.UpdateTenantInboxRequestObject) (api.UpdateTenantInboxResponseObject, error) {
	if err := a.tenant(ctx, r.TenantID); err != nil {
		return nil, err
	}
	edit := Edit{Name: r.Body.Name, Error: wire.Pointer(r.Body.Error), SetError: r.Body.Error.IsSpecified()}
	var w api.Inbox
	err := a.audit.DoIf(ctx, func(ctx context.Context) (audit.Change, bool, error) {
		before, after, err := a.store.Update(ctx, r.TenantID, id.Canonical(id.Inbox, r.InboxID), edit)
		w = toWire(after)
		return audit.Change{TenantID: r.TenantID, Target: before.ID, Before: toWire(before), After: w},
			!same(before, after), err
	})
	if err != nil {
		return nil, err
	}
	return api.UpdateTenantInbox200JSONResponse(w), nil
}

func toWire(i Inbox) api.Inbox {
	return api.Inbox{
		ID: i.ID, Name: i.Name, Address: i.Address, Status: api.InboxStatus(i.Status()), Error: wire.Null(i.Error),
		FailedSince: wire.Null(i.FailedSince.Pointer()), CreatedAt: i.CreatedAt.Time, UpdatedAt: i.UpdatedAt.Time,
	}
}
