package apikey

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/cidr"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/plan"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/role"
)

// lastUsedStep is the resolution of the time of last use: a write for every call would cost more than the call.
const lastUsedStep = time.Minute

// ErrUnknown means that no valid key has this text. It does not say more, so that nobody learns which keys exist.
var ErrUnknown = errors.New("apikey: unknown, revoked or malformed")

// rememberFor is how long a process caches a key: changes by other processes take effect within it, also without
// Redis, since they need no message.
const rememberFor = time.Second

// holder is a key with its tenant and, for a user's key, its member.
type holder struct {
	Key
	TenantName string
	Plan       string
	Profile    string
	Overrides  db.JSON[plan.Overrides]
	PausedAt   db.Time
	PausedFor  string
	UserNumber int64
	UserName   string
	UserEmail  string
	UserRole   role.Role           // empty without a member
	who        principal.Principal // the caller; built once, when the key is read
}

// Authenticate returns the caller that a key from an address belongs to. It fails with ErrUnknown, or with a problem
// when the address is not allowed.
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
	if err := cidr.Check(h.AllowedCIDRs.V, address); err != nil {
		return principal.Principal{}, err
	}
	return h.who, nil
}

func (h *holder) principal(roles role.Roles) principal.Principal {
	roles = roles.Of(h.Profile)
	p := principal.Principal{
		Scope: principal.Scope{TenantID: h.TenantID, Environment: h.Environment},
		KeyID: h.ID, KeyName: h.Name, Permissions: permissions(roles, h.Role, h.Permissions.V),
		TenantName: h.TenantName, Plan: h.Plan, Profile: h.Profile, Entitlements: plan.Entitlements(h.Plan,
			h.Overrides.V),
		PausedAt: h.PausedAt.Time, PausedReason: h.PausedFor,
		StoredBytes: plan.Quota(h.Plan, h.Overrides.V, plan.StoredBytes),
	}
	calls := profile.Of(h.Profile).Calls
	p.Limit = calls.LimitOf(h.ownLimit(), h.Plan)
	p.TenantLimit = calls.TenantLimitOf(p.Limit, h.Plan, h.Overrides.V)
	if h.UserID != "" {
		p.UserNumber = h.UserNumber
		p.Owner = profile.Of(h.Profile).Keys.Owner(h.UserNumber, h.UserRole)
		p.UserID, p.UserName, p.UserEmail, p.UserRole = h.UserID, h.UserName, h.UserEmail, string(h.UserRole)
		p.Permissions = roles.Cut(p.Permissions, h.UserRole)
	}
	return p
}

// permissions returns those of the key's role, or those that it lists.
func permissions(roles role.Roles, as role.Role, listed []string) []string {
	if as != "" {
		return roles.OfKey(as)
	}
	return listed
}

// holder returns a key with everything that its access depends on, from the cache or the database. A user's key without
// its member is invalid, even if nobody revoked it.
func (s *Store) holder(ctx context.Context, hash []byte) (*holder, error) {
	if h, ok := s.remembered.Get(string(hash)); ok {
		return h, nil
	}
	var h holder
	err := s.db.Read(ctx).Table("api_keys").
		Select(`api_keys.*, tenants.name AS tenant_name, tenants.plan AS plan, tenants.profile AS profile, tenants.overrides AS overrides,
			tenants.deliveries_paused_at AS paused_at, tenants.deliveries_paused_reason AS paused_for,
			COALESCE(members.number, 0) AS user_number, members.name AS user_name, members.email AS user_email, members.role AS user_role`).
		Joins("JOIN tenants ON tenants.id = api_keys.tenant_id").
		Joins("LEFT JOIN members ON members.tenant_id = api_keys.tenant_id AND members.id = api_keys.user_id").
		Where("api_keys.hash = ? AND (api_keys.user_id = '' OR members.id IS NOT NULL)", hash).Take(&h).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, ErrUnknown
	}
	if err != nil {
		return nil, fmt.Errorf("apikey: %w", err)
	}
	if err := s.touch(ctx, h.Key); err != nil {
		return nil, err
	}
	h.who = h.principal(s.roles)
	s.remembered.Add(string(hash), &h)
	return &h, nil
}

// Forget clears this process's cache of keys; it is for changes of tenants, which affect all their keys.
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
