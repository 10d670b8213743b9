// Package profile defines the conventions that consumers of a product's webhooks rely on: the body, the signature, the
// retry policy. A profile is data and one small file; all share one engine.
package profile

import (
	"crypto/ed25519"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/role"
)

// Profile is one set of conventions.
type Profile struct {
	Name  string
	Keys  Keys
	Calls Calls
	// Policy is the default retry policy of endpoints.
	Policy Policy
	// Names are the profile's own names for event types, by ours. A type without one keeps its name.
	Names map[string]string
	// FirstEvent is the event type, by our name, that examples and first steps are about.
	FirstEvent string
	// Resources are those of the contract that the product has, with their operations, permissions and event types,
	// beside what all products have; nil for all of them.
	Resources []string
	// NamedOnly restricts endpoints to the types in Names.
	NamedOnly bool
	// Forms are the product's forms of the data of event types, by our name; a type without one has data as ours.
	Forms map[string]Form
	// WholeSeconds writes times in data without fractions, for products whose documents show whole seconds.
	WholeSeconds bool
	// Envelope writes the body for an event, whose type and data are in the product's words, once: the same bytes are
	// signed, stored and sent on every attempt.
	Envelope func(e event.Event) (body []byte, contentType string, err error)
	// CloudEvents allows endpoints to choose CloudEvents instead of Envelope.
	CloudEvents bool
	// Signing lists the ways in which endpoints may sign; the first is the default.
	Signing []Signing
	// UniqueNames refuses an endpoint without a name, or with that of another one of the tenant's.
	UniqueNames bool
	// NeedsBody refuses endpoints with the method GET, whose consumers get no body.
	NeedsBody bool
	// SecretOnce means that a signing secret is shown when it is made and never again.
	SecretOnce bool
	// Headers are the names of the headers that Sign sets, besides those that start with webhook-.
	Headers []string
	// Sign returns the headers of one attempt. messageID is the same on all attempts of a delivery.
	Sign func(s Secrets, messageID string, at time.Time, body []byte) (http.Header, error)
}

// Keys is the form of a profile's API keys.
type Keys struct {
	Live, Test string // prefixes; equal where the text does not show the environment
	Shown      int    // how many characters, the prefix included, lists show
	OfUsers    bool   // each belongs to a user, whose credits its calls are paid with
	// Default is the role of a key that is made with a name alone. Who makes it gives at most what it may do itself.
	Default role.Role
}

// Calls defines the subject of the rate limit.
type Calls struct {
	Subject ratelimit.Kind
	Limit   ratelimit.Limit // the zero Limit means the plan's
}

// Secrets are the signing secrets of an endpoint, each in the form that its owner sees. See Signing.Use.
type Secrets struct {
	Current  string             // empty when the endpoint signs with ed25519 alone, or not at all
	Previous []string           // still valid, newest first, while a rotation overlaps
	Ed25519  ed25519.PrivateKey // nil when the endpoint does not sign with it
	// PreviousEd25519 are its predecessors that are still valid, newest first.
	PreviousEd25519 []ed25519.PrivateKey
}

// Default is the profile of tenants that chose none.
const Default = "hookline"

// leadCreated is our name of the first event of lead managers.
const leadCreated = "lead.created"

// leads is the resource of the contract that lead managers sell.
const leads = "leads"

// Billing is the resource of the contract with the events about invoices and plans.
const Billing = "billing"

var profiles = map[string]Profile{
	hookline.Name:    hookline,
	leadmetrics.Name: leadmetrics,
	inboxops.Name:    inboxops,
	leadhooks.Name:   leadhooks,
	leadie.Name:      leadie,
	savelead.Name:    savelead,
}

// All returns the names of all profiles, sorted.
func All() []string { return slices.Sorted(maps.Keys(profiles)) }

// Find returns a profile.
func Find(name string) (Profile, bool) {
	p, ok := profiles[name]
	return p, ok
}
