// Package plan says what each plan includes.
package plan

import "slices"

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
