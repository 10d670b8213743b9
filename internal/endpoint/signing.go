package endpoint

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/wire"
	"github.com/hookline/hookline/pkg/webhook"
)

// ensureKeyPair gives an endpoint that signs with ed25519 its keys, once: consumers keep the public one, so it stays
// even when the endpoint signs otherwise for a while.
func (s *Store) ensureKeyPair(e *Endpoint) {
	if !e.Signing.Asymmetric() || e.Ed25519Key != nil {
		return
	}
	key := webhook.NewPrivateKey()
	e.Ed25519Key = s.box.Seal(key.Seed(), sealContext("ed25519", *e))
	e.PublicKey = webhook.FormatPublicKey(key.Public().(ed25519.PublicKey))
}

// signingKeys leaves of an endpoint's secrets those that it signs with, and adds its ed25519 key where it does with
// that.
func (s *Store) signingKeys(e Endpoint, secrets profile.Secrets) (profile.Secrets, error) {
	if e.Signing.Asymmetric() {
		seed, err := s.box.Open(e.Ed25519Key, sealContext("ed25519", e))
		if err != nil {
			return profile.Secrets{}, fmt.Errorf("endpoint %s: ed25519 key: %w", e.ID, err)
		}
		secrets.Ed25519 = ed25519.NewKeyFromSeed(seed)
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

// GetWebhookPublicKey implements the operation of the contract.
func (a *API) GetWebhookPublicKey(ctx context.Context, r api.GetWebhookPublicKeyRequestObject) (api.GetWebhookPublicKeyResponseObject, error) {
	e, err := a.store.Get(ctx, principal.From(ctx).Scope, r.WebhookID)
	if err != nil {
		return nil, err
	}
	key := e.VerifyingKey()
	if key == nil {
		return nil, problem.New(problem.NotFound, "This endpoint does not sign with a key pair. PATCH /api/v1/webhooks/%s with {\"signing\":\"both\"} makes one.", e.ID)
	}
	return api.GetWebhookPublicKey200JSONResponse{Algorithm: api.PublicKeyAlgorithmEd25519, PublicKey: *key}, nil
}

// under moves settings to another profile: what was the default of the old one becomes that of the new one.
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

// signWith takes over what was said about body and signature.
func (s *Settings) signWith(envelope *api.Envelope, signing *api.Signing) {
	s.Envelope = string(wire.Or(envelope, api.Envelope(s.Envelope)))
	s.Signing = profile.Signing(wire.Or(signing, api.Signing(s.Signing)))
}

// defaultSigning is how endpoints of a profile sign that don't say otherwise.
func defaultSigning(profileName string) profile.Signing {
	p, ok := profile.Find(profileName)
	if !ok {
		return profile.SignHMAC
	}
	return p.Signing[0]
}

// preview is when each attempt would be made, from the first.
func preview(p profile.Policy) []string {
	return wire.Map(p.Preview(), func(after time.Duration) string { return after.String() })
}

// checkPattern says what is wrong with a subscription; empty when nothing is.
func checkPattern(p profile.Profile, pattern string, known func(string) bool) string {
	switch {
	case p.Understands(pattern, known):
		return ""
	case p.NamedOnly:
		return "is none of the events of the profile " + p.Name + ": " + strings.Join(p.OwnTypes(), ", ")
	}
	return "is not a known event type, a group such as lead.*, or *; GET /api/v1/event-types lists the types"
}
