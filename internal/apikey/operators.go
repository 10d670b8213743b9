package apikey

import (
	"context"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/wire"
)

// scopeOf returns the scope, with the environment, of a tenant's key.
func (s *Store) scopeOf(ctx context.Context, tenantID, keyID string) (principal.Scope, error) {
	q := db.Tenant(s.db.Read(ctx), tenantID).Select("tenant_id", "environment").Where("id = ?", keyID)
	k, err := db.One[Key](q, "key")
	return principal.Scope{TenantID: k.TenantID, Environment: k.Environment}, err
}

// ListTenantKeys implements the operation of the contract.
func (a *API) ListTenantKeys(ctx context.Context, r api.ListTenantKeysRequestObject) (api.ListTenantKeysResponseObject,
	error) {
	t, err := a.tenants.Get(ctx, r.TenantID)
	if err != nil {
		return nil, err
	}
	p := page.New(r.Params.Page, r.Params.PerPage)
	scope := principal.Scope{TenantID: t.ID, Environment: principal.Environment(wire.Or(r.Params.Environment,
		api.EnvironmentLive))}
	rows, total, err := a.store.List(ctx, scope, p, "")
	if err != nil {
		return nil, err
	}
	return api.ListTenantKeys200JSONResponse{Data: wire.Map(rows, a.view(ctx)), Meta: wire.PageMeta(p, total)}, nil
}

// RevokeTenantKey implements the operation of the contract.
func (a *API) RevokeTenantKey(ctx context.Context,
	r api.RevokeTenantKeyRequestObject) (api.RevokeTenantKeyResponseObject, error) {
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		scope, err := a.store.scopeOf(ctx, r.TenantID, r.KeyID)
		if err != nil {
			return audit.Change{}, err
		}
		before, after, err := a.store.Revoke(ctx, scope, r.KeyID)
		show := a.view(ctx)
		return audit.Change{TenantID: r.TenantID, Target: r.KeyID, Before: show(before), After: show(after)}, err
	})
	if err != nil {
		return nil, err
	}
	return api.RevokeTenantKey204Response{}, nil
}
