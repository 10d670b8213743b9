package apikey

import (
	"context"
	"fmt"
	"slices"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/tenant"
	"github.com/hookline/hookline/internal/wire"
)

type tenants interface {
	Get(ctx context.Context, tenantID string) (tenant.Tenant, error)
}

// API serves the operations on keys, and the account they belong to.
type API struct {
	store   *Store
	tenants tenants
	audit   *audit.Log
	known   []string
}

// NewAPI makes the API. known lists the permissions that exist.
func NewAPI(store *Store, tenants tenants, log *audit.Log, known []string) *API {
	return &API{store: store, tenants: tenants, audit: log, known: known}
}

// GetMe implements the operation of the contract.
func (a *API) GetMe(ctx context.Context, _ api.GetMeRequestObject) (api.GetMeResponseObject, error) {
	p := principal.From(ctx)
	var out api.GetMe200JSONResponse
	out.Label = fmt.Sprintf("%s (%s)", p.TenantName, p.Environment)
	out.Environment = api.Environment(p.Environment)
	out.Tenant.ID, out.Tenant.Name = p.TenantID, p.TenantName
	out.Tenant.Plan, out.Tenant.Profile, out.Tenant.Entitlements = api.Plan(p.Plan), api.Profile(p.Profile), p.Entitlements
	out.Key.ID, out.Key.Name, out.Key.Permissions = p.KeyID, p.KeyName, p.Permissions
	return out, nil
}

// ListKeys implements the operation of the contract.
func (a *API) ListKeys(ctx context.Context, r api.ListKeysRequestObject) (api.ListKeysResponseObject, error) {
	p := page.New(r.Params.Page, r.Params.PerPage)
	rows, total, err := a.store.List(ctx, principal.From(ctx).Scope, p)
	if err != nil {
		return nil, err
	}
	return api.ListKeys200JSONResponse{Data: wire.Map(rows, toWire), Meta: wire.PageMeta(p, total)}, nil
}

// GetKey implements the operation of the contract.
func (a *API) GetKey(ctx context.Context, r api.GetKeyRequestObject) (api.GetKeyResponseObject, error) {
	k, err := a.store.Get(ctx, principal.From(ctx).Scope, r.KeyID)
	if err != nil {
		return nil, err
	}
	return api.GetKey200JSONResponse(toWire(k)), nil
}

// CreateKey implements the operation of the contract.
func (a *API) CreateKey(ctx context.Context, r api.CreateKeyRequestObject) (api.CreateKeyResponseObject, error) {
	p := principal.From(ctx)
	if err := a.checkPermissions(r.Body.Permissions, p.Can); err != nil {
		return nil, err
	}
	w, err := a.create(ctx, p.Scope, r.Body.Name, r.Body.Permissions)
	return api.CreateKey201JSONResponse(w), err
}

// CreateTenantKey implements the operation of the contract.
func (a *API) CreateTenantKey(ctx context.Context, r api.CreateTenantKeyRequestObject) (api.CreateTenantKeyResponseObject, error) {
	t, err := a.tenants.Get(ctx, r.TenantID)
	if err != nil {
		return nil, err
	}
	if err := a.checkPermissions(r.Body.Permissions, func(string) bool { return true }); err != nil {
		return nil, err
	}
	scope := principal.Scope{TenantID: t.ID, Environment: principal.Environment(r.Body.Environment)}
	w, err := a.create(ctx, scope, r.Body.Name, r.Body.Permissions)
	return api.CreateTenantKey201JSONResponse(w), err
}

func (a *API) create(ctx context.Context, scope principal.Scope, name string, permissions []string) (api.KeyCreated, error) {
	var w api.KeyCreated
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		k, text, err := a.store.Create(ctx, scope, name, permissions)
		w = toWireCreated(k, text)
		return audit.Change{TenantID: scope.TenantID, Target: k.ID, After: toWire(k)}, err
	})
	return w, err
}

// RevokeKey implements the operation of the contract.
func (a *API) RevokeKey(ctx context.Context, r api.RevokeKeyRequestObject) (api.RevokeKeyResponseObject, error) {
	scope := principal.From(ctx).Scope
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		before, err := a.store.Get(ctx, scope, r.KeyID)
		if err != nil {
			return audit.Change{}, err
		}
		after, err := a.store.Revoke(ctx, scope, r.KeyID)
		return audit.Change{Target: r.KeyID, Before: toWire(before), After: toWire(after)}, err
	})
	if err != nil {
		return nil, err
	}
	return api.RevokeKey204Response{}, nil
}

// checkPermissions refuses permissions that don't exist and those that the creator doesn't hold.
func (a *API) checkPermissions(wanted []string, held func(string) bool) error {
	var details []problem.Detail
	for i, w := range wanted {
		field := fmt.Sprintf("permissions[%d]", i)
		switch {
		case w != principal.All && !slices.Contains(a.known, w):
			details = append(details, problem.Detail{Field: field, Message: "is not a permission; operations name theirs in x-permission of the contract"})
		case !held(w):
			details = append(details, problem.Detail{Field: field, Message: "is not held by the key in use, so it can't be given on"})
		case slices.Contains(wanted[:i], w):
			details = append(details, problem.Detail{Field: field, Message: "is listed twice"})
		}
	}
	if details != nil {
		return problem.Invalid(details...)
	}
	return nil
}

func toWire(k Key) api.Key {
	return api.Key{
		ID: k.ID, Name: k.Name, Environment: api.Environment(k.Environment), Prefix: k.Prefix, Hint: k.Hint,
		Permissions: k.Permissions.V, CreatedAt: k.CreatedAt.Time,
		LastUsedAt: wire.Null(k.LastUsedAt.Pointer()), RevokedAt: wire.Null(k.RevokedAt.Pointer()),
	}
}

func toWireCreated(k Key, text string) api.KeyCreated {
	w := toWire(k)
	return api.KeyCreated{
		ID: w.ID, Name: w.Name, Environment: w.Environment, Prefix: w.Prefix, Hint: w.Hint, Permissions: w.Permissions,
		CreatedAt: w.CreatedAt, LastUsedAt: w.LastUsedAt, RevokedAt: w.RevokedAt, Key: text,
	}
}
