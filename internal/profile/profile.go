// Package profile is the conventions that consumers of a product's webhooks rely on: what the body looks like, how it
// is signed, how often it is tried. A profile is data and one small file; all share one engine.
package profile

import (
	"net/http"
	"time"

	"github.com/hookline/hookline/internal/event"
)

// Profile is one bundle of conventions.
type Profile struct {
	Name string
	// Policy is what endpoints get that don't say otherwise.
	Policy Policy
	// Envelope writes the body for an event, once: the same bytes are signed, stored and sent on every attempt.
	Envelope func(e event.Event) (body []byte, contentType string, err error)
	// Sign returns the headers of one attempt. messageID is the same on all attempts of a delivery; key is the
	// endpoint's secret as it is shown to its owner.
	Sign func(secret, messageID string, at time.Time, body []byte) (http.Header, error)
}

// Default is the profile of tenants for which none was chosen.
const Default = "hookline"

var profiles = map[string]Profile{
	hookline.Name: hookline,
}

// Find returns a profile.
func Find(name string) (Profile, bool) {
	p, ok := profiles[name]
	return p, ok
}
