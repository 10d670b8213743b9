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

// What each plan brings every calendar month. The contract tells integrators; keep the two equal.
var monthlyCredits = map[string]int64{Free: 100, Pro: 1_000, Business: 10_000, Enterprise: 100_000}

// MonthlyCredits is how many credits a plan brings each calendar month; 0 for an unknown plan.
func MonthlyCredits(plan string) int64 { return monthlyCredits[plan] }

// Entitlements lists what a plan includes, sorted; nothing for an unknown plan.
func Entitlements(plan string) []string { return append([]string{}, included[plan]...) }

// Includes says whether a plan includes an entitlement.
func Includes(plan, entitlement string) bool { return slices.Contains(included[plan], entitlement) }
