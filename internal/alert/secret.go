package alert

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/secret"
	"github.com/hookline/hookline/internal/wire"
	"github.com/hookline/hookline/pkg/webhook"
)

const defaultGrace = "24h"

func (s *Store) sealSecrets(c *Channel, secrets endpoint.Secrets) error {
	c.Secret = s.ring.Seal(secret.AlertSecret, []byte(secrets.Current), c.TenantID, c.ID)
	c.PreviousSecrets = nil
	if len(secrets.Previous) == 0 {
		return nil
	}
	raw, err := json.Marshal(secrets.Previous)
	c.PreviousSecrets = s.ring.Seal(secret.AlertPreviousSecrets, raw, c.TenantID, c.ID)
	return err
}

// OpenSecrets decrypts the signing secrets of a webhook channel.
func (s *Store) OpenSecrets(c Channel) (endpoint.Secrets, error) {
	current, err := s.ring.Open(secret.AlertSecret, c.Secret, c.TenantID, c.ID)
	if err != nil {
		return endpoint.Secrets{}, fmt.Errorf("alert channel %s: secret: %w", c.ID, err)
	}
	secrets := endpoint.Secrets{Current: string(current)}
	if len(c.PreviousSecrets) == 0 {
		return secrets, nil
	}
	raw, err := s.ring.Open(secret.AlertPreviousSecrets, c.PreviousSecrets, c.TenantID, c.ID)
	if err != nil {
		return endpoint.Secrets{}, fmt.Errorf("alert channel %s: previous secrets: %w", c.ID, err)
	}
	return secrets, json.Unmarshal(raw, &secrets.Previous)
}

// RotateSecret replaces the secret of a webhook channel by next, or by a new one when next is empty; the old one stays
// valid for grace. It returns the new state, and fails with a problem for channels of other types.
func (s *Store) RotateSecret(ctx context.Context, scope principal.Scope, channelID, next string,
	grace time.Duration) (endpoint.Secrets, error) {
	var secrets endpoint.Secrets
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		c, err := channel(db.Owned(s.db.ForUpdate(db.Scope(tx, scope))), channelID)
		if err != nil {
			return err
		}
		if c.Type != Webhook {
			return problem.New(problem.Conflict,
				"The alert channel is of type %s and has no secret. Only channels of type webhook sign requests.", c.Type)
		}
		if next == "" {
			next = webhook.NewSecret()
		}
		old, err := s.OpenSecrets(c)
		if err != nil {
			return err
		}
		if secrets, err = old.Rotate(next, grace, s.now()); err != nil {
			return err
		}
		if err := s.sealSecrets(&c, secrets); err != nil {
			return err
		}
		c.UpdatedAt = db.At(s.now())
		return db.Scope(tx.Model(&Channel{}), scope).Where("id = ?", channelID).
			Select("secret", "previous_secrets", "updated_at").Updates(&c).Error
	})
	return secrets, err
}

// RotateAlertChannelSecret implements the operation of the contract.
func (a *API) RotateAlertChannelSecret(ctx context.Context,
	r api.RotateAlertChannelSecretRequestObject) (api.RotateAlertChannelSecretResponseObject, error) {
	grace, err := profile.ParseDuration(wire.Or(r.Body.Grace, defaultGrace))
	if err != nil {
		return nil, problem.Invalid(problem.Detail{Field: "grace", Message: err.Error()})
	}
	next := strings.TrimSpace(wire.Or(r.Body.Secret, ""))
	if r.Body.Secret != nil {
		if _, err := webhook.ParseSecret(next); err != nil {
			return nil, problem.Invalid(problem.Detail{Field: "secret", Message: endpoint.SecretForm})
		}
	}
	var w api.WebhookSecret
	err = a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		secrets, err := a.store.RotateSecret(ctx, principal.From(ctx).Scope, r.AlertChannelID, next, grace.Duration)
		w = endpoint.SecretToWire(secrets)
		return audit.Change{Target: r.AlertChannelID, After: map[string]any{"previous": w.Previous}}, err
	})
	if err != nil {
		return nil, err
	}
	return api.RotateAlertChannelSecret200JSONResponse(w), nil
}
