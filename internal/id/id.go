// Package id makes identifiers: TypeIDs, a prefix that names the noun and a UUIDv7, so that they sort by age.
package id

import "go.jetify.com/typeid"

// Prefixes of the nouns.
const (
	Tenant   = "tnt"
	Key      = "key"
	Operator = "opk"
	Lead     = "lead"
	Event    = "evt"
	// TestEvent is for samples that are sent as tests and stored nowhere.
	TestEvent = "evt_test"
	Endpoint  = "whe"
	Delivery  = "dlv"
	Attempt   = "att"
	Request   = "req"
	Audit     = "aud"
	Credit    = "crd"
	Member    = "usr"
	Session   = "ses"
)

// New returns a fresh identifier such as lead_01jd4x2m9qe4fv0w3n7q1x5z8k. The prefix must be one of the constants:
// an ill-formed one panics.
func New(prefix string) string {
	return typeid.Must(typeid.WithPrefix(prefix)).String()
}
