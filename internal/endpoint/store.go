package endpoint

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/secret"
	"github.com/hookline/hookline/pkg/webhook"
)

// Store keeps endpoints.
type Store struct {
	db  *db.DB
	box *secret.Box
	now clock.Clock

	switched func(tx *gorm.DB, e Endpoint) error
}

// NewStore makes a Store; box encrypts secrets and headers.
func NewStore(database *db.DB, box *secret.Box, now clock.Clock) *Store {
	return &Store{db: database, box: box, now: now}
}

func sealContext(what string, e Endpoint) string {
	return what + "/" + e.TenantID + "/" + e.ID
}

func (s *Store) sealHeaders(e *Endpoint, headers map[string]string) error {
	raw, err := json.Marshal(headers)
	if err != nil {
		return err
	}
	e.Headers = s.box.Seal(raw, sealContext("headers", *e))
	return nil
}

// Open decrypts an endpoint's secret, in the form its owner knows, and its headers.
func (s *Store) Open(e Endpoint) (signingSecret string, headers map[string]string, err error) {
	raw, err := s.box.Open(e.Secret, sealContext("secret", e))
	if err != nil {
		return "", nil, fmt.Errorf("endpoint %s: secret: %w", e.ID, err)
	}
	headers, err = s.openHeaders(e)
	return string(raw), headers, err
}

func (s *Store) openHeaders(e Endpoint) (map[string]string, error) {
	raw, err := s.box.Open(e.Headers, sealContext("headers", e))
	if err != nil {
		return nil, fmt.Errorf("endpoint %s: headers: %w", e.ID, err)
	}
	headers := map[string]string{}
	return headers, json.Unmarshal(raw, &headers)
}

func (e *Endpoint) apply(s Settings) {
	e.Name, e.URL, e.Method, e.Profile = s.Name, s.URL, s.Method, s.Profile
	e.Envelope, e.Signing = s.Envelope, s.Signing
	e.Events.V, e.RetryPolicy.V = s.Events, s.Policy
	e.RateLimit = s.Rate
	e.Enabled, e.DisabledReason = s.Enabled, ""
	if !s.Enabled {
		e.DisabledReason = ReasonManual
	}
}

// Create adds an endpoint and returns it with its signing secret.
func (s *Store) Create(ctx context.Context, scope principal.Scope, settings Settings) (Endpoint, string, error) {
	if err := scope.Check(); err != nil {
		return Endpoint{}, "", err
	}
	now := db.At(s.now())
	e := Endpoint{ID: id.New(id.Endpoint), TenantID: scope.TenantID, Environment: scope.Environment, CreatedAt: now, UpdatedAt: now}
	e.apply(settings)
	s.ensureKeyPair(&e)
	e.Gate.Circuit = Closed
	e.Gate = e.Gate.limited(e.RateLimit, s.now())
	if err := s.sealHeaders(&e, settings.Headers); err != nil {
		return Endpoint{}, "", err
	}
	signingSecret := webhook.NewSecret()
	e.Secret = s.box.Seal([]byte(signingSecret), sealContext("secret", e))
	err := s.db.Tx(ctx, func(tx *gorm.DB) error { return tx.Create(&e).Error })
	return e, signingSecret, err
}

func (s *Store) living(q *gorm.DB, scope principal.Scope) *gorm.DB {
	return q.Where("tenant_id = ? AND environment = ? AND deleted_at IS NULL", scope.TenantID, scope.Environment)
}

// Get returns an endpoint that is not deleted.
func (s *Store) Get(ctx context.Context, scope principal.Scope, endpointID string) (Endpoint, error) {
	if err := scope.Check(); err != nil {
		return Endpoint{}, err
	}
	return take(s.living(s.db.Read(ctx), scope), endpointID)
}

func take(q *gorm.DB, endpointID string) (Endpoint, error) {
	var e Endpoint
	err := q.Where("id = ?", endpointID).Take(&e).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return e, problem.Missing("webhook endpoint")
	}
	return e, err
}

// List returns one page of endpoints, newest first, and how many there are; only those with the URL unless it is
// empty.
func (s *Store) List(ctx context.Context, scope principal.Scope, p page.Page, url string) ([]Endpoint, int64, error) {
	if err := scope.Check(); err != nil {
		return nil, 0, err
	}
	q := s.living(s.db.Read(ctx), scope)
	if url != "" {
		q = q.Where("url = ?", url)
	}
	return db.Numbered[Endpoint](q, p)
}

// Update changes an endpoint by edit, which gets the settings as they are and may refuse.
func (s *Store) Update(ctx context.Context, scope principal.Scope, endpointID string, edit func(*Settings) error) (Endpoint, error) {
	if err := scope.Check(); err != nil {
		return Endpoint{}, err
	}
	var e Endpoint
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		var err error
		if e, err = take(s.db.Locked(s.living(tx, scope)), endpointID); err != nil {
			return err
		}
		settings, err := s.settings(e)
		if err != nil {
			return err
		}
		if err := edit(&settings); err != nil {
			return err
		}
		was := e
		e.apply(settings)
		s.ensureKeyPair(&e)
		if err := s.sealHeaders(&e, settings.Headers); err != nil {
			return err
		}
		e.UpdatedAt = db.At(s.now())
		if err := s.turn(tx, was, &e); err != nil {
			return err
		}
		e.Gate = e.Gate.limited(e.RateLimit, s.now())
		return s.living(tx.Model(&Endpoint{}), scope).Where("id = ?", endpointID).
			Select("name", "url", "events", "method", "headers", "profile", "envelope", "signing", "ed25519_key", "public_key",
				"retry_policy", "enabled", "disabled_reason", "updated_at",
				"rate_limit", "gated_at", "gate_window", "gate_threshold", "circuit", "pump_at").
			Updates(&e).Error
	})
	return e, err
}

func (s *Store) settings(e Endpoint) (Settings, error) {
	headers, err := s.openHeaders(e)
	return Settings{
		Name: e.Name, URL: e.URL, Events: e.Events.V, Method: e.Method, Headers: headers,
		Profile: e.Profile, Envelope: e.Envelope, Signing: e.Signing, Policy: e.RetryPolicy.V, Enabled: e.Enabled, Rate: e.RateLimit,
	}, err
}

// Delete hides an endpoint for good and calls cancel in the same transaction. Deleting it again changes nothing; an
// endpoint that never was is a problem.
func (s *Store) Delete(ctx context.Context, scope principal.Scope, endpointID string, cancel func(tx *gorm.DB) error) error {
	if err := scope.Check(); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(tx *gorm.DB) error {
		e, err := take(tx.Where("tenant_id = ? AND environment = ?", scope.TenantID, scope.Environment), endpointID)
		if err != nil {
			return err
		}
		now := db.At(s.now())
		result := s.living(tx.Model(&Endpoint{}), scope).Where("id = ?", endpointID).Updates(map[string]any{"deleted_at": now, "updated_at": now})
		if result.Error != nil || result.RowsAffected == 0 {
			return result.Error
		}
		e.DeletedAt = now
		if err := s.tell(tx, e); err != nil {
			return err
		}
		return cancel(tx)
	})
}

// Candidates returns, in a transaction, all endpoints of the scopes that are not deleted.
func (s *Store) Candidates(tx *gorm.DB, scopes []principal.Scope) ([]Endpoint, error) {
	tuples := make([][]any, 0, len(scopes))
	for _, scope := range scopes {
		tuples = append(tuples, []any{scope.TenantID, scope.Environment})
	}
	var rows []Endpoint
	err := tx.Where("deleted_at IS NULL AND (tenant_id, environment) IN ?", tuples).Find(&rows).Error
	return rows, err
}

// ByID returns, in a transaction, the endpoints with the ids, deleted ones too. It is for deliveries, which name
// their endpoint and their tenant; no caller's input reaches it.
func (s *Store) ByID(tx *gorm.DB, ids []string) (map[string]Endpoint, error) {
	var rows []Endpoint
	if err := tx.Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, err
	}
	out := make(map[string]Endpoint, len(rows))
	for _, e := range rows {
		out[e.ID] = e
	}
	return out, nil
}
