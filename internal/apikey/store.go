package apikey

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/plan"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/ratelimit"
)

// Store keeps keys.
type Store struct {
	db  *db.DB
	now clock.Clock
}

// NewStore makes a Store.
func NewStore(database *db.DB, now clock.Clock) *Store { return &Store{db: database, now: now} }

// Create makes a key and returns it with its text, which is not kept.
func (s *Store) Create(ctx context.Context, scope principal.Scope, name string, permissions []string) (Key, string, error) {
	if err := scope.Check(); err != nil {
		return Key{}, "", err
	}
	prefix := Prefix(scope.Environment)
	text := Generate(prefix)
	k := Key{
		ID: id.New(id.Key), TenantID: scope.TenantID, Environment: scope.Environment, Name: name,
		Prefix: prefix, Hint: Hint(text, prefix), Hash: Hash(text),
		Permissions: db.JSON[[]string]{V: permissions}, CreatedAt: db.At(s.now()),
	}
	err := s.db.Tx(ctx, func(tx *gorm.DB) error { return tx.Create(&k).Error })
	return k, text, err
}

// Get returns one key.
func (s *Store) Get(ctx context.Context, scope principal.Scope, keyID string) (Key, error) {
	var k Key
	if err := scope.Check(); err != nil {
		return k, err
	}
	err := s.db.Read(ctx).Where("tenant_id = ? AND environment = ? AND id = ?", scope.TenantID, scope.Environment, keyID).Take(&k).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return k, problem.Missing("key")
	}
	return k, err
}

// List returns one page of keys, newest first, and how many there are.
func (s *Store) List(ctx context.Context, scope principal.Scope, p page.Page) ([]Key, int64, error) {
	if err := scope.Check(); err != nil {
		return nil, 0, err
	}
	return db.Numbered[Key](s.db.Read(ctx).Where("tenant_id = ? AND environment = ?", scope.TenantID, scope.Environment), p)
}

// Revoke ends a key and returns it as it is. Revoking it again keeps the first time.
func (s *Store) Revoke(ctx context.Context, scope principal.Scope, keyID string) (Key, error) {
	if err := scope.Check(); err != nil {
		return Key{}, err
	}
	var k Key
	err := s.db.Unit(ctx, func(ctx context.Context) error {
		err := s.db.Tx(ctx, func(tx *gorm.DB) error {
			return tx.Model(&Key{}).
				Where("tenant_id = ? AND environment = ? AND id = ? AND revoked_at IS NULL", scope.TenantID, scope.Environment, keyID).
				Update("revoked_at", db.At(s.now())).Error
		})
		if err != nil {
			return err
		}
		k, err = s.Get(ctx, scope, keyID)
		return err
	})
	return k, err
}

// lastUsedStep is how exact the time of last use is: a write for every call would cost more than the call.
const lastUsedStep = time.Minute

// ErrUnknown means that no key that works has this text. It doesn't say more, so that nobody learns which keys exist.
var ErrUnknown = errors.New("apikey: unknown, revoked or malformed")

type holder struct {
	Key
	TenantName string
	Plan       string
	Profile    string
}

// limit is how many requests the key may make: what its plan says. A limit of the key's own would come first, here.
func (h holder) limit() ratelimit.Limit { return plan.Limit(h.Plan) }

// Authenticate finds out whose key it is; it fails with ErrUnknown.
func (s *Store) Authenticate(ctx context.Context, text string) (principal.Principal, error) {
	if !WellFormed(text) {
		return principal.Principal{}, ErrUnknown
	}
	var h holder
	err := s.db.Read(ctx).Table("api_keys").
		Select("api_keys.*, tenants.name AS tenant_name, tenants.plan AS plan, tenants.profile AS profile").
		Joins("JOIN tenants ON tenants.id = api_keys.tenant_id").
		Where("api_keys.hash = ? AND api_keys.revoked_at IS NULL", Hash(text)).Take(&h).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return principal.Principal{}, ErrUnknown
	}
	if err != nil {
		return principal.Principal{}, fmt.Errorf("apikey: %w", err)
	}
	if err := s.touch(ctx, h.Key); err != nil {
		return principal.Principal{}, err
	}
	return principal.Principal{
		Scope: principal.Scope{TenantID: h.TenantID, Environment: h.Environment},
		KeyID: h.ID, KeyName: h.Name, Permissions: h.Permissions.V,
		TenantName: h.TenantName, Plan: h.Plan, Profile: h.Profile, Entitlements: plan.Entitlements(h.Plan),
		Limit: h.limit(),
	}, nil
}

func (s *Store) touch(ctx context.Context, k Key) error {
	now := s.now()
	if now.Sub(k.LastUsedAt.Time) < lastUsedStep {
		return nil
	}
	return s.db.Tx(ctx, func(tx *gorm.DB) error {
		return tx.Model(&Key{}).
			Where("id = ? AND (last_used_at IS NULL OR last_used_at < ?)", k.ID, db.At(now.Add(-lastUsedStep))).
			Update("last_used_at", db.At(now)).Error
	})
}
