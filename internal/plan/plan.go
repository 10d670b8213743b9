// Package plan says what each plan includes.
package plan

import (
	"slices"

	"github.com/hookline/hookline/internal/ratelimit"
)

// The entitlements that operations ask for in x-entitlement.
const (
	PublicAPI = "public_api"
	Webhooks  = "webhooks"
)

// The plans.
const (
	Free       = "free"
	Pro        = "pro"
	Business   = "business"
	Enterprise = "enterprise"
)

var included = map[string][]string{
	Business:   {PublicAPI, Webhooks},
	Enterprise: {PublicAPI, Webhooks},
}

// Entitlements lists what a plan includes, sorted; nothing for an unknown plan.
func Entitlements(plan string) []string { return append([]string{}, included[plan]...) }

// Includes says whether a plan includes an entitlement.
func Includes(plan, entitlement string) bool { return slices.Contains(included[plan], entitlement) }

var limits = map[string]ratelimit.Limit{
	Free:       ratelimit.PerMinute(60),
	Pro:        ratelimit.PerMinute(100),
	Business:   ratelimit.PerMinute(1000),
	Enterprise: ratelimit.PerMinute(6000),
}

// Limit is how many requests each API key of a plan may make; the free plan's for an unknown plan.
func Limit(plan string) ratelimit.Limit {
	if l, ok := limits[plan]; ok {
		return l
	}
	return limits[Free]
}
