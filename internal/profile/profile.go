// Package profile is the conventions that consumers of a product's webhooks rely on: what the body looks like, how it
// is signed, how often it is tried. A profile is data and one small file; all share one engine.
package profile

import (
	"crypto/ed25519"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/ratelimit"
)

// Profile is one bundle of conventions.
type Profile struct {
	Name  string
	Keys  Keys
	Calls Calls
	// Policy is what endpoints get that don't say otherwise.
	Policy Policy
	// Names are the profile's own names for event types, by ours. A type without one keeps its name.
	Names map[string]string
	// NamedOnly keeps all types that are not in Names from endpoints.
	NamedOnly bool
	// Envelope writes the body for an event, once: the same bytes are signed, stored and sent on every attempt.
	Envelope func(e event.Event) (body []byte, contentType string, err error)
	// CloudEvents says whether endpoints may choose CloudEvents instead of Envelope.
	CloudEvents bool
	// Signing is how endpoints may sign; the first is what they get that don't say otherwise.
	Signing []Signing
	// Headers are the names of the headers that Sign sets, besides those that start with webhook-.
	Headers []string
	// Sign returns the headers of one attempt. messageID is the same on all attempts of a delivery.
	Sign func(s Secrets, messageID string, at time.Time, body []byte) (http.Header, error)
}

// Keys is what a profile's API keys look like.
type Keys struct {
	Live, Test string // what keys start with; equal where the text does not tell the environment
	Shown      int    // how many characters, the prefix included, lists show
	OfUsers    bool   // each belongs to a user, whose credits its calls are paid with
}

// Calls says who shares a rate limit.
type Calls struct {
	Subject ratelimit.Kind
	Limit   ratelimit.Limit // the zero Limit means the plan's
}

// Secrets is what an endpoint signs with, each in the form that its owner knows. See Signing.Use.
type Secrets struct {
	Current  string             // empty when the endpoint signs with ed25519 alone, or not at all
	Previous []string           // still valid, newest first, while a rotation overlaps
	Ed25519  ed25519.PrivateKey // nil when the endpoint does not sign with it
	// PreviousEd25519 are the keys that it replaced and that are still valid, newest first.
	PreviousEd25519 []ed25519.PrivateKey
}

// Default is the profile of tenants for which none was chosen.
const Default = "hookline"

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
