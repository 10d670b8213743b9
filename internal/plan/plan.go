// Package plan defines what each plan includes.
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

// Overrides are a tenant's deviations from its plan: an entitlement that is true is added, one that is false removed;
// a quota replaces the plan's.
type Overrides struct {
	Entitlements map[string]bool     `json:"entitlements,omitempty"`
	Quotas       map[QuotaName]int64 `json:"quotas,omitempty"`
}

// The monthly credits of each plan. The contract documents the same numbers.
var monthlyCredits = map[string]int64{Free: 100, Pro: 1_000, Business: 10_000, Enterprise: 100_000}

// MonthlyCredits returns the credits that a plan grants each calendar month; 0 for an unknown plan.
func MonthlyCredits(plan string) int64 { return monthlyCredits[plan] }

// Entitlements lists what a tenant has, sorted. An unknown plan includes nothing.
func Entitlements(plan string, o Overrides) []string {
	out := []string{}
	for _, e := range []string{PublicAPI, Webhooks} {
		has, overridden := o.Entitlements[e]
		if has || (!overridden && slices.Contains(included[plan], e)) {
			out = append(out, e)
		}
	}
	return out
}

// Includes reports whether a tenant has an entitlement.
func Includes(plan string, o Overrides, entitlement string) bool {
	return slices.Contains(Entitlements(plan, o), entitlement)
}

var limits = map[string]ratelimit.Limit{
	Free:       ratelimit.PerMinute(60),
	Pro:        ratelimit.PerMinute(100),
	Business:   ratelimit.PerMinute(1000),
	Enterprise: ratelimit.PerMinute(6000),
}

// Limit returns the rate limit of each API key on a plan; an unknown plan has the free plan's.
func Limit(plan string) ratelimit.Limit { return of(limits, plan) }

func of(limits map[string]ratelimit.Limit, plan string) ratelimit.Limit {
	if l, ok := limits[plan]; ok {
		return l
	}
	return limits[Free]
}

// The highest limit that a tenant may give a key in a profile whose keys have the profile's limit, and not the plan's,
// unless they are given another one. The contract documents the same numbers.
var tiers = map[string]ratelimit.Limit{
	Free:       ratelimit.PerHour(1_000),
	Pro:        ratelimit.PerHour(5_000),
	Business:   ratelimit.PerHour(20_000),
	Enterprise: ratelimit.PerHour(100_000),
}

// Tier returns the highest tier of an API key on a plan; an unknown plan has the free plan's.
func Tier(plan string) ratelimit.Limit { return of(tiers, plan) }
