package apikey

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/oapi-codegen/nullable"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/cidr"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/role"
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
}

// NewAPI makes the API.
func NewAPI(store *Store, tenants tenants, log *audit.Log) *API {
	return &API{store: store, tenants: tenants, audit: log}
}

// GetMe implements the operation of the contract.
func (a *API) GetMe(ctx context.Context, _ api.GetMeRequestObject) (api.GetMeResponseObject, error) {
	p := principal.From(ctx)
	var out api.GetMe200JSONResponse
	out.Label = fmt.Sprintf("%s (%s)", p.TenantName, p.Environment)
	out.Environment = api.Environment(p.Environment)
	out.Tenant.ID, out.Tenant.Name = p.TenantID, p.TenantName
	out.Tenant.Plan, out.Tenant.Profile, out.Tenant.Entitlements = api.Plan(p.Plan), api.Profile(p.Profile),
		p.Entitlements
	out.Tenant.DeliveriesPaused, out.Tenant.DeliveriesPausedSince = !p.PausedAt.IsZero(), wire.Null(db.At(p.PausedAt).
		Pointer())
	out.Tenant.DeliveriesPausedReason = wire.Null(wire.Text(p.PausedReason))
	out.Key.ID, out.Key.Name, out.Key.Permissions = p.KeyID, p.KeyName, p.Permissions
	if out.User.SetNull(); p.UserID != "" {
		user := *zero(out.User)
		user.Number = p.UserNumber
		user.ID, user.Name, user.Email, user.Role = p.UserID, p.UserName, p.UserEmail, api.MemberRole(p.UserRole)
		out.User.Set(user)
	}
	return out, nil
}

// zero returns a nullable value for types that have no name.
func zero[T any](nullable.Nullable[T]) *T { return new(T) }

// ListKeys implements the operation of the contract.
func (a *API) ListKeys(ctx context.Context, r api.ListKeysRequestObject) (api.ListKeysResponseObject, error) {
	p := page.New(r.Params.Page, r.Params.PerPage)
	rows, total, err := a.store.List(ctx, principal.From(ctx).Scope, p, wire.Or(r.Params.UserID, ""))
	if err != nil {
		return nil, err
	}
	return api.ListKeys200JSONResponse{Data: wire.Map(rows, a.view(ctx)), Meta: wire.PageMeta(p, total)}, nil
}

// GetKey implements the operation of the contract.
func (a *API) GetKey(ctx context.Context, r api.GetKeyRequestObject) (api.GetKeyResponseObject, error) {
	k, err := a.store.Get(ctx, principal.From(ctx).Scope, r.KeyID)
	if err != nil {
		return nil, err
	}
	return api.GetKey200JSONResponse(a.view(ctx)(k)), nil
}

// CreateKey implements the operation of the contract.
func (a *API) CreateKey(ctx context.Context, r api.CreateKeyRequestObject) (api.CreateKeyResponseObject, error) {
	p := principal.From(ctx)
	spec := specOf(r.Body.Name, r.Body.Permissions, r.Body.Role, r.Body.ExpiresAt, r.Body.AllowedCidrs,
		r.Body.RateLimit)
	spec.UserID = wire.Or(r.Body.UserID, userOf(p))
	if err := handsOut(p, spec.UserID); err != nil {
		return nil, err
	}
	w, err := a.create(ctx, p.Scope, spec, grantor(p))
	return api.CreateKey201JSONResponse(w), err
}

// CreateTenantKey implements the operation of the contract.
func (a *API) CreateTenantKey(ctx context.Context,
	r api.CreateTenantKeyRequestObject) (api.CreateTenantKeyResponseObject, error) {
	t, err := a.tenants.Get(ctx, r.TenantID)
	if err != nil {
		return nil, err
	}
	scope := principal.Scope{TenantID: t.ID, Environment: principal.Environment(r.Body.Environment)}
	spec := specOf(r.Body.Name, r.Body.Permissions, r.Body.Role, r.Body.ExpiresAt, r.Body.AllowedCidrs,
		r.Body.RateLimit)
	spec.UserID = wire.Or(r.Body.UserID, "")
	w, err := a.create(ctx, scope, spec, giver{may: anything, rules: profile.Of(t.Profile)})
	return api.CreateTenantKey201JSONResponse(w), err
}

func anything(string) bool { return true }

// giver is what the caller who creates or changes a key may grant it.
type giver struct {
	may   func(permission string) bool
	limit ratelimit.Limit // the highest rate limit that it may grant; the zero Limit means no bound
	rules profile.Profile // the tenant's
}

func grantor(p principal.Principal) giver {
	rules := profile.Of(p.Profile)
	return giver{may: p.Can, limit: rules.Calls.HighestLimit(p.Plan), rules: rules}
}

func specOf(name string, permissions *[]string, as *api.KeyRole, expires *time.Time, cidrs *[]string,
	limit *api.RateLimit) Spec {
	return Spec{
		Name: name, Permissions: wire.Or(permissions, nil), Role: role.Role(wire.Or(as, "")),
		ExpiresAt: wire.Or(expires, time.Time{}), AllowedCIDRs: wire.Or(cidrs, nil),
		Limit: limitFromWire(wire.Or(limit, api.RateLimit{})),
	}
}

func limitFromWire(w api.RateLimit) ratelimit.Limit {
	if w.Requests == nil {
		return ratelimit.Limit{}
	}
	l := ratelimit.Limit{Requests: *w.Requests, Window: time.Minute}
	if wire.Or(w.Per, api.RateLimitPerMinute) == api.RateLimitPerHour {
		l.Window = time.Hour
	}
	return l
}

func limitToWire(l ratelimit.Limit) api.RateLimit {
	if l.Requests == 0 {
		return api.RateLimit{}
	}
	per := api.RateLimitPerMinute
	if l.Window == time.Hour {
		per = api.RateLimitPerHour
	}
	return api.RateLimit{Requests: &l.Requests, Per: &per}
}

func (a *API) create(ctx context.Context, scope principal.Scope, spec Spec, g giver) (api.KeyCreated, error) {
	var w api.KeyCreated
	if g.rules.Keys.OfUsers && spec.UserID == "" {
		return w, problem.Invalid(problem.Detail{Field: "user_id", Message: "is missing: in the profile " +
			g.rules.Name + " every key belongs to a member; name one"})
	}
	if spec.Role == "" && spec.Permissions == nil {
		spec.Role, spec.Permissions = a.byName(g)
	}
	if err := a.check(&spec, g); err != nil {
		return w, err
	}
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		k, text, err := a.store.Create(ctx, scope, spec)
		w = a.toWireCreated(g.rules.Name, k, text)
		return audit.Change{TenantID: scope.TenantID, Target: k.ID, After: a.toWire(g.rules.Name, k)}, err
	})
	return w, err
}

// byName returns what a key that is made with a name alone may do: it has the default role of the profile, or those of
// the role's permissions that its maker has.
func (a *API) byName(g giver) (role.Role, []string) {
	as := g.rules.Keys.Default
	var held []string
	of := a.store.roles.Of(g.rules.Name).OfKey(as)
	for _, permission := range of {
		if g.may(permission) {
			held = append(held, permission)
		}
	}
	if len(held) == len(of) {
		return as, nil
	}
	return "", held
}

// UpdateKey implements the operation of the contract.
func (a *API) UpdateKey(ctx context.Context, r api.UpdateKeyRequestObject) (api.UpdateKeyResponseObject, error) {
	p := principal.From(ctx)
	var after Key
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		before, err := a.manageable(ctx, p, r.KeyID)
		if err == nil {
			err = checkUser(p, before.UserID)
		}
		if err != nil {
			return audit.Change{}, err
		}
		before, after, err = a.store.Update(ctx, p.Scope, r.KeyID, func(s *Spec) error {
			g := grantor(p)
			if r.Body.RateLimit == nil { // the key keeps the limit that an operator or an earlier profile gave it
				g.limit, g.rules.Calls.Subject = ratelimit.Limit{}, ratelimit.Key
			}
			if r.Body.Permissions == nil && r.Body.Role == nil { // what the key may do stays
				g.may = anything
			}
			s.merge(*r.Body)
			return a.check(s, g)
		})
		return audit.Change{Target: r.KeyID, Before: a.view(ctx)(before), After: a.view(ctx)(after)}, err
	})
	return api.UpdateKey200JSONResponse(a.view(ctx)(after)), err
}

func (s *Spec) merge(w api.KeyUpdate) {
	s.Name = wire.Or(w.Name, s.Name)
	s.AllowedCIDRs = wire.Or(w.AllowedCidrs, s.AllowedCIDRs)
	if w.ExpiresAt.IsSpecified() {
		s.ExpiresAt = wire.Or(wire.Pointer(w.ExpiresAt), time.Time{})
	}
	if w.RateLimit != nil {
		s.Limit = limitFromWire(*w.RateLimit)
	}
	if w.Permissions != nil || w.Role != nil {
		s.Permissions, s.Role = wire.Or(w.Permissions, nil), role.Role(wire.Or(w.Role, ""))
	}
}

const (
	defaultGrace = 24 * time.Hour
	maxGrace     = 7 * 24 * time.Hour
)

// RotateKey implements the operation of the contract.
func (a *API) RotateKey(ctx context.Context, r api.RotateKeyRequestObject) (api.RotateKeyResponseObject, error) {
	p := principal.From(ctx)
	grace := defaultGrace
	if r.Body.Grace != nil {
		d, err := profile.ParseDuration(*r.Body.Grace)
		if err != nil || d.Duration > maxGrace {
			return nil, problem.Invalid(problem.Detail{Field: "grace", Message: "must be a duration from 0s to 7d"})
		}
		grace = d.Duration
	}
	var w api.KeyCreated
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		before, err := a.manageable(ctx, p, r.KeyID)
		if err != nil {
			return audit.Change{}, err
		}
		if err := checkHeld(a.store.roles.Of(p.Profile), before.spec(), p.Can); err != nil {
			return audit.Change{}, err
		}
		if err := handsOut(p, before.UserID); err != nil {
			return audit.Change{}, err
		}
		old, fresh, text, err := a.store.Rotate(ctx, p.Scope, r.KeyID, grace)
		w = a.toWireCreated(p.Profile, fresh, text)
		return audit.Change{Target: r.KeyID, Before: a.view(ctx)(before), After: a.view(ctx)(old)}, err
	})
	return api.RotateKey201JSONResponse(w), err
}

// RevokeKey implements the operation of the contract.
func (a *API) RevokeKey(ctx context.Context, r api.RevokeKeyRequestObject) (api.RevokeKeyResponseObject, error) {
	p := principal.From(ctx)
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		if _, err := a.manageable(ctx, p, r.KeyID); err != nil {
			return audit.Change{}, err
		}
		before, after, err := a.store.Revoke(ctx, p.Scope, r.KeyID)
		return audit.Change{Target: r.KeyID, Before: a.view(ctx)(before), After: a.view(ctx)(after)}, err
	})
	if err != nil {
		return nil, err
	}
	return api.RevokeKey204Response{}, nil
}

// manageable returns a key that the caller may change, rotate or revoke: one that can't do more than the caller. A key
// may do that to itself, and a member to its own keys, whatever is left of their permissions.
func (a *API) manageable(ctx context.Context, p principal.Principal, keyID string) (Key, error) {
	k, err := a.store.Get(ctx, p.Scope, keyID)
	if err != nil || k.ID == p.KeyID || p.MemberID != "" && k.UserID == p.MemberID {
		return k, err
	}
	roles := a.store.roles.Of(p.Profile)
	needed := permissions(roles, k.Role, k.Permissions.V)
	if slices.Contains(needed, principal.All) {
		needed = roles.Known()
	}
	for _, permission := range needed {
		if !p.Can(permission) {
			return k, problem.New(problem.Forbidden, "This key can do more than you: it has the permission %q. Only who has "+
				"it too can change, rotate or revoke the key.", permission)
		}
	}
	return k, nil
}

// check returns every violation of a key's settings, and writes its networks in canonical form.
func (a *API) check(s *Spec, g giver) error {
	var details []problem.Detail
	if (len(s.Permissions) > 0) == (s.Role != "") {
		details = append(details, problem.Detail{Field: "permissions", Message: "give either permissions or a role"})
	}
	for i, w := range s.Permissions {
		field := fmt.Sprintf("permissions[%d]", i)
		switch {
		case w != principal.All && !a.store.roles.Of(g.rules.Name).Exists(w):
			details = append(details, problem.Detail{Field: field,
				Message: "is not a permission; operations name theirs in x-permission of the contract"})
		case !g.may(w):
			details = append(details, problem.Detail{Field: field, Message: notHeld})
		case slices.Contains(s.Permissions[:i], w):
			details = append(details, problem.Detail{Field: field, Message: "is listed twice"})
		}
	}
	if !s.ExpiresAt.IsZero() && !s.ExpiresAt.After(a.store.now()) {
		details = append(details, problem.Detail{Field: "expires_at", Message: "is in the past"})
	}
	if s.ExpiresAt.UTC().Year() > 9999 {
		details = append(details, problem.Detail{Field: "expires_at",
			Message: "is beyond the year 9999; leave it out for never"})
	}
	if s.Limit.Requests > 0 && !g.rules.Calls.KeysHaveLimits() {
		details = append(details, problem.Detail{Field: "rate_limit", Message: "can't be set: in the profile " +
			g.rules.Name + " a limit is shared by all keys of a " + string(g.rules.Calls.Subject)})
	}
	if g.limit.Requests > 0 && s.Limit.Exceeds(g.limit) {
		details = append(details, problem.Detail{Field: "rate_limit.requests",
			Message: "is a higher rate than the plan allows for a key: " + g.limit.String()})
	}
	networks, wrong := cidr.Canonical("allowed_cidrs", s.AllowedCIDRs)
	s.AllowedCIDRs, details = networks, append(details, wrong...)
	if details != nil {
		return problem.Invalid(details...)
	}
	return checkHeld(a.store.roles.Of(g.rules.Name), *s, g.may)
}

const notHeld = "is not held by the key in use, so it can't be given on"

// checkHeld refuses a role, or a key, with permissions that the caller does not have.
func checkHeld(roles role.Roles, s Spec, held func(string) bool) error {
	for _, permission := range permissions(roles, s.Role, s.Permissions) {
		if !held(permission) {
			return problem.New(problem.Forbidden, "The permission %q %s.", permission, notHeld)
		}
	}
	return nil
}

// view shows keys to the caller.
func (a *API) view(ctx context.Context) func(Key) api.Key {
	of := principal.From(ctx).Profile
	return func(k Key) api.Key { return a.toWire(of, k) }
}

// toWire is a key of a tenant of a profile, whose permissions alone it lists.
func (a *API) toWire(profileName string, k Key) api.Key {
	return api.Key{
		ID: k.ID, Name: k.Name, Environment: api.Environment(k.Environment), Prefix: k.Prefix, Hint: k.Hint,
		KeyPrefix:   k.Hint,
		Permissions: permissions(a.store.roles.Of(profileName), k.Role, k.Permissions.V), CreatedAt: k.CreatedAt.Time,
		LastUsedAt: wire.Null(k.LastUsedAt.Pointer()), RevokedAt: wire.Null(k.RevokedAt.Pointer()),
		ExpiresAt: wire.Null(k.ExpiresAt.Pointer()), Role: wire.Null(wire.Text(string(k.Role))),
		AllowedCidrs: k.AllowedCIDRs.V,
		RateLimit:    limitToWire(k.ownLimit()), UserID: wire.Null(wire.Text(k.UserID)),
	}
}

func (a *API) toWireCreated(profileName string, k Key, text string) api.KeyCreated {
	w := a.toWire(profileName, k)
	return api.KeyCreated{
		ID: w.ID, Name: w.Name, Environment: w.Environment, Prefix: w.Prefix, Hint: w.Hint, KeyPrefix: w.KeyPrefix,
		Permissions: w.Permissions,
		CreatedAt:   w.CreatedAt, LastUsedAt: w.LastUsedAt, RevokedAt: w.RevokedAt,
		ExpiresAt: w.ExpiresAt, Role: w.Role, AllowedCidrs: w.AllowedCidrs, RateLimit: w.RateLimit, UserID: w.UserID,
		Key: text,
	}
}
