package endpoint

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/quota"
	"github.com/hookline/hookline/internal/search"
	"github.com/hookline/hookline/internal/secret"
	"github.com/hookline/hookline/internal/throttle"
	"github.com/hookline/hookline/pkg/webhook"
)

// Store stores endpoints. Changes that deliveries and alerts depend on are made by Editor.
type Store struct {
	db   *db.DB
	ring *secret.Ring
	now  clock.Clock
}

// NewStore makes a Store; ring encrypts secrets, keys, headers and credentials.
func NewStore(database *db.DB, ring *secret.Ring, now clock.Clock) *Store {
	return &Store{db: database, ring: ring, now: now}
}

// sealFor and open bind what they encrypt to the endpoint's row.
func (s *Store) sealFor(e Endpoint, p secret.Purpose, plain []byte) []byte {
	return s.ring.Seal(p, plain, e.TenantID, e.ID)
}

func (s *Store) open(e Endpoint, p secret.Purpose, sealed []byte) ([]byte, error) {
	plain, err := s.ring.Open(p, sealed, e.TenantID, e.ID)
	if err != nil {
		return nil, fmt.Errorf("endpoint %s: %s: %w", e.ID, p, err)
	}
	return plain, nil
}

func (s *Store) sealHeaders(e *Endpoint, headers map[string]string) error {
	raw, err := json.Marshal(headers)
	if err != nil {
		return err
	}
	e.Headers = s.sealFor(*e, secret.EndpointHeaders, raw)
	return nil
}

// Opened has the decrypted secrets, headers and authentication of an endpoint.
type Opened struct {
	Secrets profile.Secrets // those that are valid, each in the form that its owner knows
	Headers map[string]string
	Auth    Auth
}

// Open decrypts what a request to an endpoint at a moment needs.
func (s *Store) Open(e Endpoint, at time.Time) (Opened, error) {
	secrets, err := s.openSecrets(e)
	if err != nil {
		return Opened{}, err
	}
	var o Opened
	if o.Secrets, err = s.signingKeys(e, secrets.signing(at), at); err != nil {
		return Opened{}, err
	}
	if o.Headers, err = s.openHeaders(e); err != nil {
		return Opened{}, err
	}
	o.Auth, err = s.openAuth(e)
	return o, err
}

func (s *Store) openHeaders(e Endpoint) (map[string]string, error) {
	raw, err := s.open(e, secret.EndpointHeaders, e.Headers)
	if err != nil {
		return nil, err
	}
	headers := map[string]string{}
	return headers, json.Unmarshal(raw, &headers)
}

func (e *Endpoint) apply(s Settings) {
	e.Name, e.URL, e.Method, e.Profile = s.Name, s.URL, s.Method, s.Profile
	e.NameKey, e.URLKey = search.Fold(s.Name), search.Fold(s.URL)
	e.Envelope, e.Signing = s.Envelope, s.Signing
	e.Events.V, e.RetryPolicy.V = s.Events, s.Policy
	e.RateLimit, e.TraceContext = s.Rate, s.TraceContext
	e.Description, e.Metadata.V, e.Filter, e.RetryPolicies.V, e.Timeout = s.Description, s.Metadata, s.Filter,
		s.Policies, s.Timeout
	e.SourceKey = e.sourceKey()
	e.Enabled, e.DisabledReason = s.Enabled, ""
	if !s.Enabled {
		e.DisabledReason = ReasonManual
	}
}

// Create adds an endpoint and returns it with its signing secret, the owner's own if there is one. When the source has
// subscribed the URL to the same events before, it returns that endpoint and no secret.
func (s *Store) Create(ctx context.Context, scope principal.Scope, settings Settings) (Endpoint, string, error) {
	now := db.At(s.now())
	e := Endpoint{ID: id.New(id.Endpoint), TenantID: scope.TenantID, Environment: scope.Environment,
		Source: settings.Source, CreatedAt: now, UpdatedAt: now}
	e.UserNumber = principal.From(ctx).Owns
	e.apply(settings)
	if settings.Listener {
		e.become(now.Time)
	}
	e.distinguish()
	s.ensureKeyPair(&e)
	e.Throttle.Circuit = throttle.Closed
	e.Throttle = e.Throttle.WithRateLimit(e.RateLimit, s.now())
	if err := s.seal(&e, settings); err != nil {
		return Endpoint{}, "", err
	}
	signingSecret := settings.Secret
	if signingSecret == "" {
		signingSecret = webhook.NewSecret()
	}
	if err := s.sealSecrets(&e, Secrets{Current: signingSecret}); err != nil {
		return Endpoint{}, "", err
	}
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		result := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&e)
		if result.Error != nil {
			return result.Error
		}
		if result.RowsAffected == 1 {
			if err := s.checkName(tx, e); err != nil {
				return err
			}
			if e.Listener() {
				return s.checkListeners(tx, scope)
			}
			return s.checkQuotas(tx, e.TenantID, len(settings.Headers))
		}
		there, err := s.subscribed(tx, scope, e.SourceKey)
		e, signingSecret = there, ""
		return err
	})
	return e, signingSecret, err
}

// subscribed returns the existing endpoint of a source. It may have been deleted since the insert found it: then the
// caller must repeat the request.
func (s *Store) subscribed(tx *gorm.DB, scope principal.Scope, sourceKey *string) (Endpoint, error) {
	var e Endpoint
	err := s.living(tx, scope).Where("source_key = ?", sourceKey).Take(&e).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return e, problem.New(problem.Conflict,
			"The endpoint that this source had for the URL and events is being deleted. Send it again.")
	}
	return e, err
}

// seal encrypts the headers and the authentication.
func (s *Store) seal(e *Endpoint, settings Settings) error {
	if err := s.sealHeaders(e, settings.Headers); err != nil {
		return err
	}
	return s.sealAuth(e, settings.Auth)
}

// own are the endpoints that the caller of the query may access.
func (s *Store) own(q *gorm.DB, scope principal.Scope) *gorm.DB { return db.Owned(s.living(q, scope)) }

func (s *Store) living(q *gorm.DB, scope principal.Scope) *gorm.DB {
	return db.Scope(q, scope).Where("deleted_at IS NULL")
}

// Get returns an endpoint that is not deleted.
func (s *Store) Get(ctx context.Context, scope principal.Scope, endpointID string) (Endpoint, error) {
	return take(s.own(s.db.Read(ctx), scope), endpointID)
}

func take(q *gorm.DB, endpointID string) (Endpoint, error) {
	return db.One[Endpoint](q.Where("id = ?", endpointID), "webhook endpoint")
}

// Update changes an endpoint by edit, which gets the current settings and may refuse.
func (s *Editor) Update(ctx context.Context, scope principal.Scope, endpointID string,
	edit func(*Settings) error) (Endpoint, error) {
	var e Endpoint
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		var err error
		if e, err = take(s.db.ForUpdate(s.own(tx, scope)), endpointID); err != nil {
			return err
		}
		settings, err := s.settings(e)
		if err != nil {
			return err
		}
		headers := len(settings.Headers)
		if err := edit(&settings); err != nil {
			return err
		}
		if err := quota.CheckHeaders(tx, e.TenantID, headers, len(settings.Headers)); err != nil {
			return err
		}
		if err := s.checkProfile(e, settings.Profile); err != nil {
			return err
		}
		was := e
		e.apply(settings)
		s.ensureKeyPair(&e)
		if err := s.seal(&e, settings); err != nil {
			return err
		}
		if err := s.checkSource(tx, e); err != nil {
			return err
		}
		if was.NameKey != e.NameKey || was.Profile != e.Profile {
			if err := s.checkName(tx, e); err != nil {
				return err
			}
		}
		e.UpdatedAt = db.At(s.now())
		if err := s.setEnabled(tx, was, &e); err != nil {
			return err
		}
		e.Throttle = e.Throttle.WithRateLimit(e.RateLimit, s.now())
		if settings.Resume {
			e.Throttle = e.Throttle.Resumed(s.now())
		}
		err = s.living(tx.Model(&Endpoint{}), scope).Where("id = ?", endpointID).
			Select("name", "name_key", "description", "metadata", "url", "url_key", "events", "method", "headers",
				"auth", "profile", "envelope", "signing",
				"ed25519_key", "public_key", "filter", "retry_policy", "retry_policies", "timeout", "trace_context",
				"source_key",
				"enabled", "disabled_reason", "updated_at",
				"rate_limit", "throttled_at", "concurrency_limit", "ssthresh", "circuit", "circuit_until", "probe_id",
				"retry_after_until",
				"release_at").
			Updates(&e).Error
		if err != nil || !settings.Resume {
			return err
		}
		return s.deliveries.RetryNow(tx, e)
	})
	return e, err
}

// checkProfile refuses a profile when the current secret has the wrong form for it.
func (s *Store) checkProfile(e Endpoint, profileName string) error {
	if e.Profile == profileName {
		return nil
	}
	secrets, err := s.openSecrets(e)
	if err != nil {
		return err
	}
	if message := checkSecret(profileName, secrets.Current); message != "" {
		return problem.Invalid(problem.Detail{Field: "profile", Message: "needs another secret, which " + message +
			"; rotate it first"})
	}
	return nil
}

// checkSource refuses a change that would give a source two equal endpoints.
func (s *Store) checkSource(tx *gorm.DB, e Endpoint) error {
	if e.SourceKey == nil {
		return nil
	}
	var same int64
	err := s.living(tx.Model(&Endpoint{}), e.Scope()).Where("source_key = ? AND id <> ?", e.SourceKey, e.ID).
		Count(&same).Error
	if err == nil && same > 0 {
		err = problem.New(problem.Conflict,
			"Another endpoint of the source %q has this URL and these events already. Delete one of them.", e.Source)
	}
	return err
}

func (s *Store) settings(e Endpoint) (Settings, error) {
	headers, err := s.openHeaders(e)
	if err != nil {
		return Settings{}, err
	}
	auth, err := s.openAuth(e)
	return Settings{
		Name: e.Name, URL: e.URL, Events: e.Events.V, Method: e.Method, Headers: headers,
		Profile: e.Profile, Envelope: e.Envelope, Signing: e.Signing, Policy: e.RetryPolicy.V, Enabled: e.Enabled,
		Rate:        e.RateLimit,
		Description: e.Description, Metadata: e.Metadata.V, Filter: e.Filter, Policies: e.RetryPolicies.V,
		Timeout: e.Timeout, TraceContext: e.TraceContext, Auth: auth, Suspended: e.suspended(), Listener: e.Listener(),
	}, err
}

// Delete marks an endpoint as deleted and calls cancel in the same transaction. Deleting it again changes nothing; an
// unknown endpoint is a problem.
func (s *Editor) Delete(ctx context.Context, scope principal.Scope, endpointID string,
	cancel func(tx *gorm.DB) error) error {
	return s.db.Tx(ctx, func(tx *gorm.DB) error {
		e, err := take(db.Owned(db.Scope(tx, scope)), endpointID)
		if err != nil {
			return err
		}
		now := db.At(s.now())
		result := s.living(tx.Model(&Endpoint{}), scope).Where("id = ?", endpointID).
			Updates(map[string]any{"deleted_at": now, "updated_at": now})
		if result.Error != nil || result.RowsAffected == 0 {
			return result.Error
		}
		e.DeletedAt = now
		if err := s.listener.EndpointChanged(tx, e); err != nil {
			return err
		}
		return cancel(tx)
	})
}

// Patterns returns all patterns of event types in subscriptions and retry policies of endpoints, and the names of event
// types in their filters.
func (s *Store) Patterns(ctx context.Context, scope principal.Scope) ([]string, error) {
	var rows []Endpoint
	q := s.living(s.db.Read(ctx), scope).Select("events", "retry_policies", "filter")
	if err := q.Find(&rows).Error; err != nil {
		return nil, err
	}
	all := map[string]bool{}
	for _, e := range rows {
		for _, pattern := range e.Events.V {
			all[pattern] = true
		}
		for pattern := range e.RetryPolicies.V {
			all[pattern] = true
		}
		for _, t := range filterTypes(e.Filter) {
			all[t.name] = true
		}
	}
	return slices.Sorted(maps.Keys(all)), nil
}

// Candidates returns, in a transaction, all endpoints of the scopes that are not deleted.
func (s *Store) Candidates(tx *gorm.DB, scopes []principal.Scope) ([]Endpoint, error) {
	tuples := make([][]string, 0, len(scopes))
	for _, scope := range scopes {
		tuples = append(tuples, []string{scope.TenantID, string(scope.Environment)})
	}
	var rows []Endpoint
	err := db.WhereInTuples(tx, []string{"tenant_id", "environment"}, tuples).Where("deleted_at IS NULL").
		Find(&rows).Error
	return rows, err
}

// ByID returns, in a transaction, the endpoints with the ids, deleted ones too. The ids
// come from deliveries, never from a request.
func (s *Store) ByID(tx *gorm.DB, ids []string) (map[string]Endpoint, error) {
	var rows []Endpoint
	if err := db.WhereIn(tx, "id", ids).Find(&rows).Error; err != nil {
		return nil, err
	}
	out := make(map[string]Endpoint, len(rows))
	for _, e := range rows {
		out[e.ID] = e
	}
	return out, nil
}
