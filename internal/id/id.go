// Package id makes identifiers: TypeIDs, which are a prefix for the noun and a UUIDv7, so that they sort by age.
package id

import "go.jetify.com/typeid"

// Prefixes of the nouns.
const (
	Tenant   = "tnt"
	Key      = "key"
	Operator = "opk"
	Lead     = "lead"
	Event    = "evt"
	// TestEvent is for samples that are sent as tests and not stored.
	TestEvent = "evt_test"
	Endpoint  = "whe"
	Delivery  = "dlv"
	Attempt   = "att"
	Request   = "req"
	Audit     = "aud"
	Credit    = "crd"
	Member    = "usr"
	Session   = "ses"
	Job       = "job"

	Inbox   = "ibx"
	Ticket  = "tkt"
	Message = "msg"
	Tag     = "tag"

	Alert             = "alr"
	AlertChannel      = "ach"
	AlertNotification = "aln"

	TrackedAccount = "tac"
	Snapshot       = "snp"
	DirectMessage  = "dms"
	TrackerJob     = "tjb"
	Invoice        = "inv"
	BlogPost       = "blog"
	SocialPost     = "social"
	AgentRun       = "run"
)

// New returns a fresh identifier such as lead_01jd4x2m9qe4fv0w3n7q1x5z8k. The prefix must be one of the constants:
// an ill-formed one panics.
func New(prefix string) string {
	return typeid.Must(typeid.WithPrefix(prefix)).String()
}

// alphabet is the base-32 alphabet of TypeIDs.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
