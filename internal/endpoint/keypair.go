package endpoint

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/secret"
	"github.com/hookline/hookline/internal/wire"
	"github.com/hookline/hookline/pkg/webhook"
)

// keyPairs are the ed25519 keys of an endpoint: the seed of the current one, and those that it replaced.
type keyPairs struct {
	current  []byte
	public   string
	previous []replacedKey // newest first
}

// replacedKey is a replaced key pair that still signs until its end.
type replacedKey struct {
	Seed       []byte    `json:"seed"`
	PublicKey  string    `json:"public_key"`
	ValidUntil time.Time `json:"valid_until"`
}

func (k keyPairs) validAt(at time.Time) []replacedKey {
	return valid(k.previous, at, func(r replacedKey) time.Time { return r.ValidUntil })
}

// rotate replaces the current key by a new one; it stays valid for grace. Without grace only the new one is valid, as
// with secrets.
func (k keyPairs) rotate(grace time.Duration, now time.Time) (keyPairs, error) {
	next := webhook.NewPrivateKey()
	out := keyPairs{current: next.Seed(), public: webhook.FormatPublicKey(next.Public().(ed25519.PublicKey))}
	if grace == 0 {
		return out, nil
	}
	out.previous = append([]replacedKey{{k.current, k.public, now.Add(grace).UTC().Truncate(time.Microsecond)}},
		k.validAt(now)...)
	if len(out.previous) > maxPrevious {
		return k, errTooMany("keys")
	}
	return out, nil
}

func (s *Store) openKeyPairs(e Endpoint) (keyPairs, error) {
	seed, err := s.open(e, secret.EndpointKeyPair, e.Ed25519Key)
	if err != nil {
		return keyPairs{}, err
	}
	k := keyPairs{current: seed, public: e.PublicKey}
	if len(e.PreviousEd25519) == 0 {
		return k, nil
	}
	raw, err := s.open(e, secret.EndpointPreviousKeyPairs, e.PreviousEd25519)
	if err != nil {
		return keyPairs{}, err
	}
	return k, json.Unmarshal(raw, &k.previous)
}

func (s *Store) sealKeyPairs(e *Endpoint, k keyPairs) error {
	e.Ed25519Key, e.PublicKey, e.PreviousEd25519 = s.sealFor(*e, secret.EndpointKeyPair, k.current), k.public, nil
	if len(k.previous) == 0 {
		return nil
	}
	raw, err := json.Marshal(k.previous)
	if err != nil {
		return err
	}
	e.PreviousEd25519 = s.sealFor(*e, secret.EndpointPreviousKeyPairs, raw)
	return nil
}

// RotateKeyPair replaces the key pair of an endpoint; the old one stays valid for grace. It returns the new state.
func (s *Store) RotateKeyPair(ctx context.Context, scope principal.Scope, endpointID string,
	grace time.Duration) (Endpoint, error) {
	var e Endpoint
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		var err error
		if e, err = take(s.db.ForUpdate(s.own(tx, scope)), endpointID); err != nil {
			return err
		}
		if !e.Signing.Asymmetric() {
			return problem.New(problem.Conflict,
				"This endpoint does not sign with a key pair. PATCH /api/v1/webhooks/%s with "+
					"{\"signing\":\"both\"} makes one.", e.ID)
		}
		k, err := s.openKeyPairs(e)
		if err != nil {
			return err
		}
		if k, err = k.rotate(grace, s.now()); err != nil {
			return err
		}
		if err := s.sealKeyPairs(&e, k); err != nil {
			return err
		}
		e.UpdatedAt = db.At(s.now())
		return s.living(tx.Model(&Endpoint{}), scope).Where("id = ?", endpointID).
			Select("ed25519_key", "public_key", "previous_ed25519", "updated_at").Updates(&e).Error
	})
	return e, err
}

// PublicKey has the keys that verify an endpoint's signatures: the current one, and replaced ones that still sign.
type PublicKey struct {
	Current  string
	Previous []PreviousPublicKey
}

// PreviousPublicKey is a public key that is valid until its end.
type PreviousPublicKey struct {
	Key        string
	ValidUntil time.Time
}

// PublicKey returns an endpoint's public keys; nil when it does not sign with any.
func (s *Store) PublicKey(e Endpoint) (*PublicKey, error) {
	if !e.Signing.Asymmetric() {
		return nil, nil
	}
	k, err := s.openKeyPairs(e)
	out := &PublicKey{Current: k.public}
	for _, p := range k.validAt(s.now()) {
		out.Previous = append(out.Previous, PreviousPublicKey{p.PublicKey, p.ValidUntil})
	}
	return out, err
}

func (a *API) publicKey(e Endpoint) (api.PublicKey, error) {
	k, err := a.store.PublicKey(e)
	if err != nil {
		return api.PublicKey{}, err
	}
	if k == nil {
		return api.PublicKey{}, problem.New(problem.NotFound,
			"This endpoint does not sign with a key pair. PATCH /api/v1/webhooks/%s with "+
				"{\"signing\":\"both\"} makes one.", e.ID)
	}
	return api.PublicKey{Algorithm: api.PublicKeyAlgorithmEd25519, PublicKey: k.Current, Previous: wire.Map(k.Previous,
		func(p PreviousPublicKey) api.PreviousPublicKey {
			return api.PreviousPublicKey{PublicKey: p.Key, ValidUntil: p.ValidUntil}
		})}, nil
}

// GetWebhookPublicKey implements the operation of the contract.
func (a *API) GetWebhookPublicKey(ctx context.Context,
	r api.GetWebhookPublicKeyRequestObject) (api.GetWebhookPublicKeyResponseObject, error) {
	e, err := a.store.Get(ctx, principal.From(ctx).Scope, r.WebhookID)
	if err != nil {
		return nil, err
	}
	w, err := a.publicKey(e)
	return api.GetWebhookPublicKey200JSONResponse(w), err
}

// RotateWebhookKeyPair implements the operation of the contract.
func (a *API) RotateWebhookKeyPair(ctx context.Context,
	r api.RotateWebhookKeyPairRequestObject) (api.RotateWebhookKeyPairResponseObject, error) {
	grace, err := profile.ParseDuration(wire.Or(r.Body.Grace, defaultGrace))
	if err != nil {
		return nil, problem.Invalid(problem.Detail{Field: "grace", Message: err.Error()})
	}
	var w api.PublicKey
	err = a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		e, err := a.store.RotateKeyPair(ctx, principal.From(ctx).Scope, r.WebhookID, grace.Duration)
		if err != nil {
			return audit.Change{}, err
		}
		w, err = a.publicKey(e)
		return audit.Change{Target: r.WebhookID, After: w}, err
	})
	return api.RotateWebhookKeyPair200JSONResponse(w), err
}
