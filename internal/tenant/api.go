package tenant

import (
	"context"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/plan"
	"github.com/hookline/hookline/internal/wire"
)

// API serves the operators' operations on tenants.
type API struct {
	store *Store
	audit *audit.Log
}

// NewAPI makes the API.
func NewAPI(store *Store, log *audit.Log) *API { return &API{store: store, audit: log} }

// CreateTenant implements the operation of the contract.
func (a *API) CreateTenant(ctx context.Context, r api.CreateTenantRequestObject) (api.CreateTenantResponseObject,
	error) {
	var t Tenant
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		var err error
		t, err = a.store.Create(ctx, r.Body.Name, string(wire.Or(r.Body.Plan, plan.Free)),
			string(wire.Or(r.Body.Profile, api.ProfileHookline)))
		return audit.Change{TenantID: t.ID, Target: t.ID, After: toWire(t)}, err
	})
	if err != nil {
		return nil, err
	}
	return api.CreateTenant201JSONResponse(toWire(t)), nil
}

// ListTenants implements the operation of the contract.
func (a *API) ListTenants(ctx context.Context, r api.ListTenantsRequestObject) (api.ListTenantsResponseObject, error) {
	p := page.New(r.Params.Page, r.Params.PerPage)
	rows, total, err := a.store.List(ctx, Filter{
		Search: wire.Or(r.Params.Q, ""), Plan: string(wire.Or(r.Params.Plan, "")), Paused: r.Params.DeliveriesPaused,
	}, p)
	if err != nil {
		return nil, err
	}
	return api.ListTenants200JSONResponse{Data: wire.Map(rows, toWire), Meta: wire.PageMeta(p, total)}, nil
}

// GetTenant implements the operation of the contract.
func (a *API) GetTenant(ctx context.Context, r api.GetTenantRequestObject) (api.GetTenantResponseObject, error) {
	t, err := a.store.Get(ctx, r.TenantID)
	if err != nil {
		return nil, err
	}
	return api.GetTenant200JSONResponse(toWire(t)), nil
}

// UpdateTenant implements the operation of the contract.
func (a *API) UpdateTenant(ctx context.Context, r api.UpdateTenantRequestObject) (api.UpdateTenantResponseObject,
	error) {
	e := Edit{Name: r.Body.Name, Plan: (*string)(r.Body.Plan), Look: lookOf(r.Body.Branding)}
	e.Entitlements = r.Body.EntitlementOverrides
	if r.Body.QuotaOverrides != nil {
		e.Quotas = new(convert[plan.QuotaName](*r.Body.QuotaOverrides))
	}
	t, err := a.update(ctx, r.TenantID, e)
	return api.UpdateTenant200JSONResponse(t), err
}

// PauseTenant implements the operation of the contract.
func (a *API) PauseTenant(ctx context.Context, r api.PauseTenantRequestObject) (api.PauseTenantResponseObject, error) {
	t, err := a.update(ctx, r.TenantID, Edit{Paused: new(true), Reason: r.Body.Reason})
	return api.PauseTenant200JSONResponse(t), err
}

// UnpauseTenant implements the operation of the contract.
func (a *API) UnpauseTenant(ctx context.Context, r api.UnpauseTenantRequestObject) (api.UnpauseTenantResponseObject,
	error) {
	t, err := a.update(ctx, r.TenantID, Edit{Paused: new(false)})
	return api.UnpauseTenant200JSONResponse(t), err
}

func (a *API) update(ctx context.Context, tenantID string, e Edit) (api.Tenant, error) {
	var after Tenant
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		var before Tenant
		var err error
		before, after, err = a.store.Update(ctx, tenantID, e)
		return audit.Change{TenantID: after.ID, Target: after.ID, Before: toWire(before), After: toWire(after)}, err
	})
	return toWire(after), err
}

// convert copies quotas under names of another type.
func convert[To, From ~string](quotas map[From]int64) map[To]int64 {
	out := make(map[To]int64, len(quotas))
	for name, n := range quotas {
		out[To(name)] = n
	}
	return out
}

func toWire(t Tenant) api.Tenant {
	overrides := t.Overrides.V.Entitlements
	if overrides == nil {
		overrides = map[string]bool{}
	}
	return api.Tenant{
		ID: t.ID, Name: t.Name, Plan: api.Plan(t.Plan), Profile: api.Profile(t.Profile),
		Entitlements: t.Entitlements(), EntitlementOverrides: overrides,
		QuotaOverrides: convert[string](t.Overrides.V.Quotas), Branding: lookToWire(t.Branding.V),
		DeliveriesPaused: t.DeliveriesPaused, DeliveriesPausedSince: wire.Null(t.DeliveriesPausedAt.Pointer()),
		DeliveriesPausedReason: wire.Null(wire.Text(t.DeliveriesPausedReason)), CreatedAt: t.CreatedAt.Time,
		UpdatedAt: t.UpdatedAt.Time,
	}
}
