package endpoint

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/secret"
	"github.com/hookline/hookline/pkg/webhook"
)

const (
	// maxPrevious is how many replaced secrets can be valid at a time: each adds a signature to every request.
	maxPrevious  = 5
	minOwnSecret = 16  // characters, in profiles without a format of their own
	maxOwnSecret = 256 // characters
)

// SecretForm says what a secret that signs as Standard Webhooks say must look like.
const SecretForm = "must be whsec_ followed by 24 to 64 bytes in standard base64"

// Secrets are what signs the requests to an endpoint, or to another receiver: the current secret, and those that it
// replaced, newest first.
type Secrets struct {
	Current  string
	Previous []Replaced
}

// Replaced is a replaced secret that still signs until its end.
type Replaced struct {
	Secret     string    `json:"secret"`
	ValidUntil time.Time `json:"valid_until"`
}

// ValidAt returns the replaced secrets that still sign at a moment, newest first.
func (s Secrets) ValidAt(at time.Time) []Replaced {
	return valid(s.Previous, at, func(r Replaced) time.Time { return r.ValidUntil })
}

// valid returns what still signs at a moment of what was replaced.
func valid[T any](replaced []T, at time.Time, until func(T) time.Time) []T {
	return slices.DeleteFunc(slices.Clone(replaced), func(r T) bool { return !at.Before(until(r)) })
}

func errTooMany(what string) error {
	return problem.New(problem.Conflict,
		"%d previous %s are still valid, which is the limit. Wait until one expires, or rotate with a grace of 0s, "+
			"which revokes them all.", maxPrevious, what)
}

// Rotate replaces the current secret by next; it stays valid for grace. Without grace only next is valid, and the grace
// of earlier secrets ends too: that is for a leaked secret. It fails with a problem when next is the current secret,
// and when too many replaced ones are valid.
func (s Secrets) Rotate(next string, grace time.Duration, now time.Time) (Secrets, error) {
	if next == s.Current {
		return s, problem.Invalid(problem.Detail{Field: "secret",
			Message: "is the current secret; send another one, or none to have one generated"})
	}
	out := Secrets{Current: next}
	if grace == 0 {
		return out, nil
	}
	out.Previous = []Replaced{{Secret: s.Current, ValidUntil: now.Add(grace).UTC().Truncate(time.Microsecond)}}
	for _, p := range s.ValidAt(now) {
		if p.Secret != next {
			out.Previous = append(out.Previous, p)
		}
	}
	if len(out.Previous) > maxPrevious {
		return s, errTooMany("secrets")
	}
	return out, nil
}

// signing are the secrets that are valid at a moment, in the form that profiles take.
func (s Secrets) signing(at time.Time) profile.Secrets {
	return profile.Secrets{Current: s.Current, Previous: s.SigningAt(at)[1:]}
}

// SigningAt returns the secrets that sign at a moment: the current one, then replaced ones, newest first.
func (s Secrets) SigningAt(at time.Time) []string {
	out := []string{s.Current}
	for _, p := range s.ValidAt(at) {
		out = append(out, p.Secret)
	}
	return out
}

// checkSecret says what is wrong with an owner's secret; empty when it is valid. It never quotes the secret.
func checkSecret(profileName, text string) string {
	// those that sign as Standard Webhooks say
	if p, _ := profile.Find(profileName); slices.Contains(p.Signing, profile.SignEd25519) {
		if _, err := webhook.ParseSecret(text); err != nil {
			return SecretForm
		}
		return ""
	}
	if len(text) < minOwnSecret || len(text) > maxOwnSecret {
		return fmt.Sprintf("must have %d to %d characters", minOwnSecret, maxOwnSecret)
	}
	for _, r := range text {
		if r <= ' ' || r > '~' {
			return "must consist of printable ASCII characters without spaces"
		}
	}
	return ""
}

func (s *Store) sealSecrets(e *Endpoint, secrets Secrets) error {
	e.Secret = s.sealFor(*e, secret.EndpointSecret, []byte(secrets.Current))
	e.PreviousSecrets = nil
	if len(secrets.Previous) == 0 {
		return nil
	}
	raw, err := json.Marshal(secrets.Previous)
	if err != nil {
		return err
	}
	e.PreviousSecrets = s.sealFor(*e, secret.EndpointPreviousSecrets, raw)
	return nil
}

func (s *Store) openSecrets(e Endpoint) (Secrets, error) {
	current, err := s.open(e, secret.EndpointSecret, e.Secret)
	if err != nil {
		return Secrets{}, err
	}
	secrets := Secrets{Current: string(current)}
	if len(e.PreviousSecrets) == 0 {
		return secrets, nil
	}
	raw, err := s.open(e, secret.EndpointPreviousSecrets, e.PreviousSecrets)
	if err != nil {
		return Secrets{}, err
	}
	return secrets, json.Unmarshal(raw, &secrets.Previous)
}

// Rotate replaces an endpoint's secret by next, or by a new one when next is empty; the old one stays valid for grace.
// It returns the new state.
func (s *Store) Rotate(ctx context.Context, scope principal.Scope, endpointID, next string,
	grace time.Duration) (Secrets, error) {
	var secrets Secrets
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		e, err := take(s.db.ForUpdate(s.own(tx, scope)), endpointID)
		if err != nil {
			return err
		}
		if next == "" {
			next = webhook.NewSecret()
		} else if message := checkSecret(e.Profile, next); message != "" {
			return problem.Invalid(problem.Detail{Field: "secret", Message: message})
		}
		old, err := s.openSecrets(e)
		if err != nil {
			return err
		}
		if secrets, err = old.Rotate(next, grace, s.now()); err != nil {
			return err
		}
		if err := s.sealSecrets(&e, secrets); err != nil {
			return err
		}
		e.UpdatedAt = db.At(s.now())
		return s.living(tx.Model(&Endpoint{}), scope).Where("id = ?", endpointID).
			Select("secret", "previous_secrets", "updated_at").Updates(&e).Error
	})
	return secrets, err
}

// Reveal returns an endpoint's secrets: the current one, and replaced ones that are still valid.
func (s *Store) Reveal(ctx context.Context, scope principal.Scope, endpointID string) (Secrets, error) {
	e, err := s.Get(ctx, scope, endpointID)
	if err != nil {
		return Secrets{}, err
	}
	secrets, err := s.openSecrets(e)
	secrets.Previous = secrets.ValidAt(s.now())
	return secrets, err
}
