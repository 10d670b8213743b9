package profile

import (
	"maps"
	"slices"

	"github.com/hookline/hookline/internal/plan"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/role"
)

// Of returns a tenant's profile; the default one when the name is unknown.
func Of(name string) Profile {
	if p, ok := profiles[name]; ok {
		return p
	}
	return profiles[Default]
}

// Owner returns whose rows the keys and sessions of the member with a number and a role may access: the member's own,
// and for owners and admins also those that no member has; all, where keys don't belong to users.
func (k Keys) Owner(member int64, as role.Role) principal.Owner {
	if !k.OfUsers || member == 0 {
		return principal.Owner{}
	}
	return principal.Owner{Owns: member, OwnsRest: as == role.Owner || as == role.Admin}
}

// ShowsSecretOnce reports whether an endpoint's signing secret is shown only when it is made, and the profile that
// says so: the tenant's or the endpoint's. Otherwise another profile for the endpoint would reveal what the tenant's
// hides.
func ShowsSecretOnce(tenantProfile, endpointProfile string) (name string, once bool) {
	for _, name := range []string{tenantProfile, endpointProfile} {
		if Of(name).SecretOnce {
			return name, true
		}
	}
	return "", false
}

// Prefix returns the prefix of an environment's keys.
func (k Keys) Prefix(e principal.Environment) string {
	if e == principal.Live {
		return k.Live
	}
	return k.Test
}

// KeyPrefixes lists the distinct key prefixes of all profiles, sorted. None is a prefix of another.
func KeyPrefixes() []string {
	all := map[string]bool{}
	for _, p := range profiles {
		all[p.Keys.Live], all[p.Keys.Test] = true, true
	}
	return slices.Sorted(maps.Keys(all))
}

// KeysHaveLimits reports whether a key can have its own rate limit: only where keys don't share one.
func (c Calls) KeysHaveLimits() bool { return c.Subject == ratelimit.Key }

// LimitOf returns the rate limit of a subject: its own where the profile allows one, else the profile's, else the
// plan's. The zero Limit means none of its own.
func (c Calls) LimitOf(own ratelimit.Limit, planName string) ratelimit.Limit {
	switch {
	case own.Requests > 0 && c.KeysHaveLimits():
		return own
	case c.Limit.Requests > 0:
		return c.Limit
	}
	return plan.Limit(planName)
}

// HighestLimit returns the highest rate limit that a tenant may give one of its keys: where the profile has a limit of
// its own, the plan's tier, else the plan's limit.
func (c Calls) HighestLimit(planName string) ratelimit.Limit {
	if c.Limit.Requests > 0 {
		return plan.Tier(planName)
	}
	return plan.Limit(planName)
}

// TenantLimitOf returns the rate limit of all keys of a tenant together: its override, else the plan's, and then at
// least as many requests as one subject has, which the profile or an operator promised. It is the zero Limit where the
// profile's own limit is the tenant's.
func (c Calls) TenantLimitOf(one ratelimit.Limit, planName string, o plan.Overrides) ratelimit.Limit {
	if c.Subject == ratelimit.Tenant {
		return ratelimit.Limit{}
	}
	l := plan.TenantLimit(planName, o)
	if _, overridden := o.Quotas[plan.Requests]; !overridden {
		l.Requests = max(l.Requests, one.Requests)
	}
	return l
}
