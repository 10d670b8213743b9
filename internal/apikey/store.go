package apikey

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable"
	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/plan"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/tenant"
)

// Store keeps keys.
type Store struct {
	db         *db.DB
	now        clock.Clock
	known      []string
	remembered *expirable.LRU[string, holder]
}

const rememberCount = 50_000

// NewStore makes a Store. known lists the permissions that exist.
func NewStore(database *db.DB, now clock.Clock, known []string) *Store {
	return &Store{db: database, now: now, known: known, remembered: expirable.NewLRU[string, holder](rememberCount, nil, rememberFor)}
}

// Create makes a key in the form of the tenant's profile and returns it with its text, which is not kept.
func (s *Store) Create(ctx context.Context, scope principal.Scope, spec Spec) (Key, string, error) {
	if err := scope.Check(); err != nil {
		return Key{}, "", err
	}
	k := Key{ID: id.New(id.Key), TenantID: scope.TenantID, Environment: scope.Environment, CreatedAt: db.At(s.now())}
	k.apply(spec)
	var text string
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		form, err := formOf(tx, scope.TenantID)
		if err != nil {
			return err
		}
		k.Prefix = form.Prefix(scope.Environment)
		text = Generate(k.Prefix)
		k.Hint, k.Hash = Hint(text, form.Shown), Hash(text)
		return tx.Create(&k).Error
	})
	return k, text, err
}

// formOf is what keys of a tenant look like.
func formOf(q *gorm.DB, tenantID string) (profile.Keys, error) {
	var t tenant.Tenant
	if err := q.Select("profile").Where("id = ?", tenantID).Take(&t).Error; err != nil {
		return profile.Keys{}, fmt.Errorf("apikey: the profile of %s: %w", tenantID, err)
	}
	return profile.Of(t.Profile).Keys, nil
}

func (k *Key) apply(spec Spec) {
	k.Name, k.Role, k.Tier = spec.Name, spec.Role, tier(spec.Limit)
	k.Permissions.V, k.AllowedCIDRs.V = append([]string{}, spec.Permissions...), append([]string{}, spec.AllowedCIDRs...)
	k.ExpiresAt = db.Time{}
	if !spec.ExpiresAt.IsZero() {
		k.ExpiresAt = db.At(spec.ExpiresAt)
	}
}

func (k Key) spec() Spec {
	return Spec{Name: k.Name, Permissions: k.Permissions.V, Role: k.Role, ExpiresAt: k.ExpiresAt.Time, AllowedCIDRs: k.AllowedCIDRs.V, Limit: k.ownLimit()}
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

// Revoke ends a key and returns it as it was and as it is. Revoking it again keeps the first time.
func (s *Store) Revoke(ctx context.Context, scope principal.Scope, keyID string) (before, after Key, err error) {
	return s.change(ctx, scope, keyID, func(k *Key) error {
		if k.RevokedAt.IsZero() {
			k.RevokedAt = db.At(s.now())
		}
		return nil
	})
}

// Update changes a key by edit, which may refuse.
func (s *Store) Update(ctx context.Context, scope principal.Scope, keyID string, edit func(*Spec) error) (before, after Key, err error) {
	return s.change(ctx, scope, keyID, func(k *Key) error {
		if !k.worksAt(s.now()) {
			return problem.New(problem.Conflict, "The key is revoked or has expired, so it can't be changed any more.")
		}
		spec := k.spec()
		if err := edit(&spec); err != nil {
			return err
		}
		k.apply(spec)
		return nil
	})
}

// Rotate makes a new key like an old one, and lets the old one work for the grace period only. It returns the new key
// with its text.
func (s *Store) Rotate(ctx context.Context, scope principal.Scope, keyID string, grace time.Duration) (old, fresh Key, text string, err error) {
	err = s.db.Unit(ctx, func(ctx context.Context) error {
		var before Key
		before, old, err = s.change(ctx, scope, keyID, func(k *Key) error {
			now := s.now()
			if !k.worksAt(now) {
				return problem.New(problem.Conflict, "The key is revoked or has expired, so it can't be rotated. Create a new one.")
			}
			end := db.At(now.Add(grace))
			switch {
			case grace == 0:
				k.RevokedAt = end
			case k.ExpiresAt.IsZero() || end.Before(k.ExpiresAt.Time):
				k.ExpiresAt = end
			}
			return nil
		})
		if err != nil {
			return err
		}
		fresh, text, err = s.Create(ctx, scope, before.spec())
		return err
	})
	return old, fresh, text, err
}

// change edits a key under a lock and makes this process forget what it remembers of it; other processes remember a
// key for rememberFor at most.
func (s *Store) change(ctx context.Context, scope principal.Scope, keyID string, edit func(*Key) error) (before, after Key, err error) {
	if err := scope.Check(); err != nil {
		return before, after, err
	}
	err = s.db.Tx(ctx, func(tx *gorm.DB) error {
		q := tx.Where("tenant_id = ? AND environment = ? AND id = ?", scope.TenantID, scope.Environment, keyID)
		err := s.db.Locked(q).Take(&before).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return problem.Missing("key")
		}
		if err != nil {
			return err
		}
		after = before
		if err := edit(&after); err != nil {
			return err
		}
		return tx.Model(&Key{}).Where("id = ?", keyID).
			Select("name", "permissions", "role", "tier", "allowed_cidrs", "expires_at", "revoked_at").Updates(&after).Error
	})
	if err == nil {
		db.AfterCommit(ctx, func() { s.remembered.Remove(string(after.Hash)) })
	}
	return before, after, err
}

// lastUsedStep is how exact the time of last use is: a write for every call would cost more than the call.
const lastUsedStep = time.Minute

// ErrUnknown means that no key that works has this text. It doesn't say more, so that nobody learns which keys exist.
var ErrUnknown = errors.New("apikey: unknown, revoked or malformed")

// rememberFor is how long a process believes what it read of a key: changes made elsewhere take effect within it, also
// when Redis is away, since no message is needed.
const rememberFor = time.Second

// holder is a key with its tenant.
type holder struct {
	Key
	TenantName string
	Plan       string
	Profile    string
	Overrides  db.JSON[plan.Overrides]
	who        principal.Principal // as a caller; made once, when it is read
}

// Authenticate finds out whose key it is and whether it may be used from an address; it fails with ErrUnknown, or with
// a problem when the address is not allowed.
func (s *Store) Authenticate(ctx context.Context, text, address string) (principal.Principal, error) {
	if !WellFormed(text) {
		return principal.Principal{}, ErrUnknown
	}
	h, err := s.holder(ctx, Hash(text))
	if err != nil {
		return principal.Principal{}, err
	}
	if !h.worksAt(s.now()) {
		return principal.Principal{}, ErrUnknown
	}
	if !h.allows(address) {
		return principal.Principal{}, problem.New(problem.Forbidden, "This key may not be used from %s.", address)
	}
	return h.who, nil
}

func (h holder) principal(known []string) principal.Principal {
	p := principal.Principal{
		Scope: principal.Scope{TenantID: h.TenantID, Environment: h.Environment},
		KeyID: h.ID, KeyName: h.Name, Permissions: h.Permissions.V,
		TenantName: h.TenantName, Plan: h.Plan, Profile: h.Profile, Entitlements: plan.Entitlements(h.Plan, h.Overrides.V),
		Limit: profile.Of(h.Profile).Calls.LimitOf(h.ownLimit(), h.Plan),
	}
	if h.Role != "" {
		p.Permissions = RolePermissions(h.Role, known)
	}
	return p
}

// holder reads a key and its tenant, or remembers them.
func (s *Store) holder(ctx context.Context, hash []byte) (holder, error) {
	if h, ok := s.remembered.Get(string(hash)); ok {
		return h, nil
	}
	var h holder
	err := s.db.Read(ctx).Table("api_keys").
		Select("api_keys.*, tenants.name AS tenant_name, tenants.plan AS plan, tenants.profile AS profile, tenants.overrides AS overrides").
		Joins("JOIN tenants ON tenants.id = api_keys.tenant_id").Where("api_keys.hash = ?", hash).Take(&h).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return h, ErrUnknown
	}
	if err != nil {
		return h, fmt.Errorf("apikey: %w", err)
	}
	if err := s.touch(ctx, h.Key); err != nil {
		return h, err
	}
	h.who = h.principal(s.known)
	s.remembered.Add(string(hash), h)
	return h, nil
}

// Forget makes this process read every key anew; it is for changes of tenants, which concern all their keys.
func (s *Store) Forget() { s.remembered.Purge() }

func (s *Store) touch(ctx context.Context, k Key) error {
	now := s.now()
	if !k.worksAt(now) || now.Sub(k.LastUsedAt.Time) < lastUsedStep {
		return nil
	}
	return s.db.Tx(ctx, func(tx *gorm.DB) error {
		return tx.Model(&Key{}).
			Where("id = ? AND (last_used_at IS NULL OR last_used_at < ?)", k.ID, db.At(now.Add(-lastUsedStep))).
			Update("last_used_at", db.At(now)).Error
	})
}
