package endpoint

import (
	"crypto/ed25519"
	"reflect"
	"strings"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/secret"
	"github.com/hookline/hookline/internal/wire"
	"github.com/hookline/hookline/pkg/webhook"
)

// ensureKeyPair creates the key pair of an endpoint that signs with ed25519, once: consumers store the public key, so
// it stays until it is rotated, even while the endpoint uses another signature.
func (s *Store) ensureKeyPair(e *Endpoint) {
	if !e.Signing.Asymmetric() || e.Ed25519Key != nil {
		return
	}
	key := webhook.NewPrivateKey()
	e.Ed25519Key = s.sealFor(*e, secret.EndpointKeyPair, key.Seed())
	e.PublicKey = webhook.FormatPublicKey(key.Public().(ed25519.PublicKey))
}

// signingKeys selects the secrets that an endpoint signs with, and adds its ed25519 keys if it uses them.
func (s *Store) signingKeys(e Endpoint, secrets profile.Secrets, at time.Time) (profile.Secrets, error) {
	if e.Signing.Asymmetric() {
		keys, err := s.openKeyPairs(e)
		if err != nil {
			return profile.Secrets{}, err
		}
		secrets.Ed25519 = ed25519.NewKeyFromSeed(keys.current)
		for _, k := range keys.validAt(at) {
			secrets.PreviousEd25519 = append(secrets.PreviousEd25519, ed25519.NewKeyFromSeed(k.Seed))
		}
	}
	return e.Signing.Use(secrets), nil
}

// VerifyingKey is the public key in the form of pkg/webhook; nil when the endpoint does not sign with one.
func (e Endpoint) VerifyingKey() *string {
	if !e.Signing.Asymmetric() {
		return nil
	}
	return &e.PublicKey
}

// under moves settings to another profile: defaults of the old one become those of the new one.
func (s Settings) under(name string) Settings {
	before, _ := profile.Find(s.Profile)
	after, ok := profile.Find(name)
	s.Profile = name
	if !ok {
		return s // which check refuses
	}
	if reflect.DeepEqual(s.Policy, before.Policy) {
		s.Policy = after.Policy
	}
	if len(before.Signing) > 0 && s.Signing == before.Signing[0] {
		s.Signing = after.Signing[0]
	}
	return s
}

// signWith applies the requested envelope and signature.
func (s *Settings) signWith(envelope *api.Envelope, signing *api.Signing) {
	s.Envelope = string(wire.Or(envelope, api.Envelope(s.Envelope)))
	s.Signing = profile.Signing(wire.Or(signing, api.Signing(s.Signing)))
}

// defaultSigning is the default signature of endpoints of a profile.
func defaultSigning(profileName string) profile.Signing {
	p, ok := profile.Find(profileName)
	if !ok {
		return profile.SignHMAC
	}
	return p.Signing[0]
}

// preview is when each attempt would be made, counted from the first.
func preview(p profile.Policy) []string {
	return wire.Map(p.Preview(), func(after time.Duration) string { return after.String() })
}

// checkPattern says what is wrong with a subscription; empty when it is valid.
func checkPattern(p profile.Profile, pattern string, r rules) string {
	near, _ := r.typeAt(p, pattern)
	switch {
	case p.Understands(pattern, r.checkPattern):
		return ""
	case p.NamedOnly:
		return "is none of the events of the profile " + p.Name + ": " + strings.Join(p.OwnTypes(), ", ")
	}
	if near != "" {
		return "is not a known event type, a group such as lead.*, or *; did you mean " + near + "?"
	}
	return "is not a known event type, a group such as lead.*, or *; GET /api/v1/event-types lists the types"
}
