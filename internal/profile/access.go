package profile

import (
	"maps"
	"slices"

	"github.com/hookline/hookline/internal/plan"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/ratelimit"
)

// Of returns a tenant's profile; the default one when the name is unknown.
func Of(name string) Profile {
	if p, ok := profiles[name]; ok {
		return p
	}
	return profiles[Default]
}

// Prefix is what keys of an environment start with.
func (k Keys) Prefix(e principal.Environment) string {
	if e == principal.Live {
		return k.Live
	}
	return k.Test
}

// KeyPrefixes lists what keys of all profiles start with, each once, sorted. None of them begins another.
func KeyPrefixes() []string {
	all := map[string]bool{}
	for _, p := range profiles {
		all[p.Keys.Live], all[p.Keys.Test] = true, true
	}
	return slices.Sorted(maps.Keys(all))
}

// KeysHaveLimits says whether a key can have a limit of its own: only where nobody shares it.
func (c Calls) KeysHaveLimits() bool { return c.Subject == ratelimit.Key }

// LimitOf is how many requests a subject may make: its own limit where it may have one, else the profile's, else the
// plan's. The zero Limit stands for none of its own.
func (c Calls) LimitOf(own ratelimit.Limit, planName string) ratelimit.Limit {
	switch {
	case own.Requests > 0 && c.KeysHaveLimits():
		return own
	case c.Limit.Requests > 0:
		return c.Limit
	}
	return plan.Limit(planName)
}
