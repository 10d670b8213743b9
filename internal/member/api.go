package member

import (
	"context"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/role"
	"github.com/hookline/hookline/internal/tenant"
	"github.com/hookline/hookline/internal/wire"
)

type tenants interface {
	Get(ctx context.Context, tenantID string) (tenant.Tenant, error)
}

// keys manages the keys of members.
type keys interface {
	// RevokeOf revokes all keys of a member, in the transaction of ctx.
	RevokeOf(ctx context.Context, tenantID, memberID string) error
	// Reread applies a changed role to the member's keys once the transaction of ctx is committed.
	Reread(ctx context.Context)
}

// channels manages where alerts go.
type channels interface {
	// DisableChannelsOf turns off the alert channels of a removed member, in the transaction of ctx.
	DisableChannelsOf(ctx context.Context, tenantID, email string, number int64) error
}

// API serves the operations on members.
type API struct {
	store    *Store
	roles    role.Roles
	tenants  tenants
	keys     keys
	channels channels
	audit    *audit.Log
}

// NewAPI makes the API.
func NewAPI(store *Store, roles role.Roles, tenants tenants, keys keys, channels channels, log *audit.Log) *API {
	return &API{store: store, roles: roles, tenants: tenants, keys: keys, channels: channels, audit: log}
}

// caller returns the caller of an operation on its tenant's members; it refuses a test key.
func caller(ctx context.Context) (principal.Principal, error) {
	p := principal.From(ctx)
	if p.Environment != principal.Live {
		return p, problem.New(problem.Forbidden, "Members belong to the live environment. Call this with a live key.")
	}
	return p, nil
}

// callerOf is caller for operations on one member: for a test key no member exists.
func callerOf(ctx context.Context) (principal.Principal, error) {
	p, err := caller(ctx)
	if err != nil {
		return p, problem.Missing("member")
	}
	return p, nil
}

// within refuses a role with permissions that the caller lacks.
func (a *API) within(p principal.Principal, as role.Role) error {
	if p.Operator || a.roles.Of(p.Profile).Within(as, p.Can) {
		return nil
	}
	return problem.New(problem.Forbidden,
		"The role %q has more permissions than this key. Call this with a key that has all of them.", as)
}

// ListMembers implements the operation of the contract.
func (a *API) ListMembers(ctx context.Context, r api.ListMembersRequestObject) (api.ListMembersResponseObject, error) {
	caller, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	w, err := a.list(ctx, caller.TenantID, page.New(r.Params.Page, r.Params.PerPage))
	if err != nil {
		return nil, err
	}
	return api.ListMembers200JSONResponse(w), nil
}

// ListTenantMembers implements the operation of the contract.
func (a *API) ListTenantMembers(ctx context.Context,
	r api.ListTenantMembersRequestObject) (api.ListTenantMembersResponseObject, error) {
	t, err := a.tenants.Get(ctx, r.TenantID)
	if err != nil {
		return nil, err
	}
	w, err := a.list(ctx, t.ID, page.New(r.Params.Page, r.Params.PerPage))
	if err != nil {
		return nil, err
	}
	return api.ListTenantMembers200JSONResponse(w), nil
}

func (a *API) list(ctx context.Context, tenantID string, p page.Page) (api.MemberList, error) {
	rows, total, err := a.store.List(ctx, tenantID, p)
	return api.MemberList{Data: wire.Map(rows, toWire), Meta: wire.PageMeta(p, total)}, err
}

// GetMember implements the operation of the contract.
func (a *API) GetMember(ctx context.Context, r api.GetMemberRequestObject) (api.GetMemberResponseObject, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	m, err := a.store.Get(ctx, caller.TenantID, r.MemberID)
	if err != nil {
		return nil, err
	}
	return api.GetMember200JSONResponse(toWire(m)), nil
}

// CreateMember implements the operation of the contract.
func (a *API) CreateMember(ctx context.Context, r api.CreateMemberRequestObject) (api.CreateMemberResponseObject,
	error) {
	caller, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.within(caller, role.Role(r.Body.Role)); err != nil {
		return nil, err
	}
	w, err := a.create(ctx, caller.TenantID, *r.Body)
	if err != nil {
		return nil, err
	}
	return api.CreateMember201JSONResponse(w), nil
}

// CreateTenantMember implements the operation of the contract.
func (a *API) CreateTenantMember(ctx context.Context,
	r api.CreateTenantMemberRequestObject) (api.CreateTenantMemberResponseObject, error) {
	t, err := a.tenants.Get(ctx, r.TenantID)
	if err != nil {
		return nil, err
	}
	w, err := a.create(ctx, t.ID, *r.Body)
	if err != nil {
		return nil, err
	}
	return api.CreateTenantMember201JSONResponse(w), nil
}

func (a *API) create(ctx context.Context, tenantID string, b api.MemberCreate) (api.Member, error) {
	var w api.Member
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		m, err := a.store.Create(ctx, tenantID, string(b.Email), b.Name, role.Role(b.Role))
		w = toWire(m)
		return audit.Change{TenantID: tenantID, Target: m.ID, After: w}, err
	})
	return w, err
}

// UpdateMember implements the operation of the contract.
func (a *API) UpdateMember(ctx context.Context, r api.UpdateMemberRequestObject) (api.UpdateMemberResponseObject,
	error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	var after Member
	err = a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		var before Member
		var err error
		before, after, err = a.store.Update(ctx, caller.TenantID, r.MemberID, r.Body.Name, (*role.Role)(r.Body.Role),
			func(m Member) error {
				if r.Body.Role != nil {
					if err := a.within(caller, role.Role(*r.Body.Role)); err != nil {
						return err
					}
				}
				return a.within(caller, m.Role)
			})
		a.keys.Reread(ctx)
		return audit.Change{Target: r.MemberID, Before: toWire(before), After: toWire(after)}, err
	})
	if err != nil {
		return nil, err
	}
	return api.UpdateMember200JSONResponse(toWire(after)), nil
}

// DeleteMember implements the operation of the contract.
func (a *API) DeleteMember(ctx context.Context, r api.DeleteMemberRequestObject) (api.DeleteMemberResponseObject,
	error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	err = a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		before, err := a.store.Delete(ctx, caller.TenantID, r.MemberID, func(m Member) error {
			return a.within(caller, m.Role)
		})
		if err != nil {
			return audit.Change{}, err
		}
		err = a.channels.DisableChannelsOf(ctx, caller.TenantID, before.Email, before.Number)
		if err != nil {
			return audit.Change{}, err
		}
		return audit.Change{Target: r.MemberID, Before: toWire(before)}, a.keys.RevokeOf(ctx, caller.TenantID,
			r.MemberID)
	})
	if err != nil {
		return nil, err
	}
	return api.DeleteMember204Response{}, nil
}

func toWire(m Member) api.Member {
	return api.Member{
		ID: m.ID, Number: m.Number, Email: m.Email, Name: m.Name, Role: api.MemberRole(m.Role),
		CreatedAt: m.CreatedAt.Time, UpdatedAt: m.UpdatedAt.Time, LastSignInAt: wire.Null(m.LastSignInAt.Pointer()),
	}
}
