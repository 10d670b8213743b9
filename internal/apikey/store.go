package apikey

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/quota"
	"github.com/hookline/hookline/internal/role"
	"github.com/hookline/hookline/internal/tenant"
)

// Store keeps keys.
type Store struct {
	db         *db.DB
	now        clock.Clock
	roles      role.Roles
	remembered *clock.Cache[string, *holder]
}

const rememberCount = 50_000

// NewStore makes a Store.
func NewStore(database *db.DB, now clock.Clock, roles role.Roles) *Store {
	return &Store{db: database, now: now, roles: roles, remembered: clock.NewCache[string,
		*holder](rememberCount, rememberFor)}
}

// Create makes a key in the form of the tenant's profile and returns it with its text, which is not stored.
func (s *Store) Create(ctx context.Context, scope principal.Scope, spec Spec) (Key, string, error) {
	return s.create(ctx, scope, spec, &Quota)
}

// create is Create under a quota, nil for none.
func (s *Store) create(ctx context.Context, scope principal.Scope, spec Spec, q *quota.Counted) (Key, string, error) {
	if err := scope.Check(); err != nil {
		return Key{}, "", err
	}
	k := Key{ID: id.New(id.Key), TenantID: scope.TenantID, Environment: scope.Environment, CreatedAt: db.At(s.now())}
	k.UserID = spec.UserID
	k.apply(spec)
	var text string
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		form, err := formOf(tx, scope.TenantID)
		if err != nil {
			return err
		}
		if err := s.lockUser(tx, scope.TenantID, spec.UserID); err != nil {
			return err
		}
		k.Prefix = form.Prefix(scope.Environment)
		text = Generate(k.Prefix)
		k.Hint, k.Hash = Hint(text, form.Shown), Hash(text)
		if err := tx.Create(&k).Error; err != nil || q == nil {
			return err
		}
		return q.Check(s.db, tx, scope.TenantID, s.now())
	})
	return k, text, err
}

// formOf returns the form of a tenant's keys, as its profile defines it.
func formOf(q *gorm.DB, tenantID string) (profile.Keys, error) {
	var t tenant.Tenant
	if err := q.Select("profile").Where("id = ?", tenantID).Take(&t).Error; err != nil {
		return profile.Keys{}, fmt.Errorf("apikey: the profile of %s: %w", tenantID, err)
	}
	return profile.Of(t.Profile).Keys, nil
}

func (k *Key) apply(spec Spec) {
	k.Name, k.Role, k.Tier = spec.Name, spec.Role, tier(spec.Limit)
	k.Permissions.V, k.AllowedCIDRs.V = append([]string{}, spec.Permissions...), append([]string{},
		spec.AllowedCIDRs...)
	k.ExpiresAt = db.Time{}
	if !spec.ExpiresAt.IsZero() {
		k.ExpiresAt = db.At(spec.ExpiresAt)
	}
}

func (k Key) spec() Spec {
	return Spec{Name: k.Name, Permissions: k.Permissions.V, Role: k.Role, UserID: k.UserID, ExpiresAt: k.ExpiresAt.Time,
		AllowedCIDRs: k.AllowedCIDRs.V, Limit: k.ownLimit()}
}

// Get returns one key that the caller may see.
func (s *Store) Get(ctx context.Context, scope principal.Scope, keyID string) (Key, error) {
	return take(own(s.db.Read(ctx)), scope, keyID)
}

func take(q *gorm.DB, scope principal.Scope, keyID string) (Key, error) {
	return db.One[Key](db.Scope(q, scope).Where("id = ?", keyID), "key")
}

// List returns one page of the keys that the caller may see, newest first, and the total; userID, unless it is empty,
// narrows it to a user's keys.
func (s *Store) List(ctx context.Context, scope principal.Scope, p page.Page, userID string) ([]Key, int64, error) {
	q := own(db.Scope(s.db.Read(ctx), scope))
	return db.Paginate[Key](db.WhereOptional(q, map[string]string{"user_id": userID}), p)
}

// Revoke revokes a key and returns it before and after. Revoking it again keeps the first time.
func (s *Store) Revoke(ctx context.Context, scope principal.Scope, keyID string) (before, after Key, err error) {
	return s.change(ctx, scope, keyID, func(k *Key) error {
		if k.RevokedAt.IsZero() {
			k.RevokedAt = db.At(s.now())
		}
		return nil
	})
}

// Update changes a key by edit, which may fail.
func (s *Store) Update(ctx context.Context, scope principal.Scope, keyID string, edit func(*Spec) error) (before,
	after Key, err error) {
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

// Rotate creates a copy of a key with a new text, and lets the old key expire after the grace period. It returns the
// new key with its text. With a grace period, it fails when twice the quota of keys would work.
func (s *Store) Rotate(ctx context.Context, scope principal.Scope, keyID string, grace time.Duration) (old, fresh Key,
	text string, err error) {
	err = s.db.Unit(ctx, func(ctx context.Context) error {
		before, err := s.Get(ctx, scope, keyID)
		if err != nil {
			return err
		}
		// The member's row before the key's: removing a member locks them in this order, and another would deadlock.
		if err := s.db.Tx(ctx, func(tx *gorm.DB) error {
			return s.lockUser(tx, scope.TenantID, before.UserID)
		}); err != nil {
			return err
		}
		before, old, err = s.change(ctx, scope, keyID, func(k *Key) error {
			now := s.now()
			if !k.worksAt(now) {
				return problem.New(problem.Conflict,
					"The key is revoked or has expired, so it can't be rotated. Create a new one.")
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
		q := &rotated
		if grace == 0 { // the new key takes the place of the old one
			q = nil
		}
		fresh, text, err = s.create(ctx, scope, before.spec(), q)
		return err
	})
	return old, fresh, text, err
}

// change edits a key under a row lock and drops it from this process's cache; other processes cache a key for
// rememberFor at most.
func (s *Store) change(ctx context.Context, scope principal.Scope, keyID string, edit func(*Key) error) (before,
	after Key, err error) {
	err = s.db.Tx(ctx, func(tx *gorm.DB) error {
		var err error
		if before, err = take(s.db.ForUpdate(tx), scope, keyID); err != nil {
			return err
		}
		after = before
		if err := edit(&after); err != nil {
			return err
		}
		return tx.Model(&Key{}).Where("id = ?", keyID).
			Select("name", "permissions", "role", "tier", "allowed_cidrs", "expires_at", "revoked_at").
			Updates(&after).Error
	})
	if err == nil {
		db.AfterCommit(ctx, func() { s.remembered.Remove(string(after.Hash)) })
	}
	return before, after, err
}
