// Package profile is the conventions that consumers of a product's webhooks rely on: what the body looks like, how it
// is signed, how often it is tried. A profile is data and one small file; all share one engine.
package profile

import (
	"crypto/ed25519"
	"net/http"
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
	// Envelope writes the body for an event, once: the same bytes are signed, stored and sent on every attempt.
	Envelope func(e event.Event) (body []byte, contentType string, err error)
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

// Secrets is what an endpoint signs with, each in the form that its owner knows.
type Secrets struct {
	Current  string
	Previous []string           // still valid, newest first, while a rotation overlaps
	Ed25519  ed25519.PrivateKey // nil when the endpoint has none
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

// Find returns a profile.
func Find(name string) (Profile, bool) {
	p, ok := profiles[name]
	return p, ok
}
