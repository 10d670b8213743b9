package apikey

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/member"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/role"
)

// userOf returns the default user of a key that a caller creates. A key created with a user's key belongs to that user
// too, so that it does not outlive the member. A signed-in member creates keys of the tenant, except where the profile
// gives every key a user.
func userOf(p principal.Principal) string {
	if p.KeyID != "" || profile.Of(p.Profile).Keys.OfUsers {
		return p.UserID
	}
	return ""
}

// own narrows a query to the keys that its caller may see: where keys belong to users, the user's own; all for owners
// and admins, who must be able to revoke them.
func own(q *gorm.DB) *gorm.DB {
	p := principal.From(db.Context(q))
	if p.Owns == 0 || p.OwnsRest {
		return q
	}
	return q.Where("user_id = ?", p.UserID)
}

// checkUser refuses a change of a user's key by anybody else where keys belong to users.
func checkUser(p principal.Principal, userID string) error {
	if p.Owns == 0 || userID == "" || userID == p.UserID {
		return nil
	}
	return problem.New(problem.Forbidden, "In the profile %s a user's keys are the user's: nobody else can make, change "+
		"or rotate them. Owners and admins can revoke them.", p.Profile)
}

// handsOut refuses to show the text of another user's key to a caller who may not manage members: with it the caller
// would act as that user, and spend that user's rate limit and credits.
func handsOut(p principal.Principal, userID string) error {
	if err := checkUser(p, userID); err != nil {
		return err
	}
	signedIn := p.KeyID == "" && userID == ""
	if p.UserID == "" || userID == p.UserID || signedIn || p.Can(role.WriteMembers) {
		return nil
	}
	return problem.New(problem.Forbidden,
		"This key belongs to a user, who can make and rotate only keys of their own without the permission %q.",
		role.WriteMembers)
}

// lockUser checks that a user is a member of the tenant and locks the member's row until the transaction ends.
func (s *Store) lockUser(tx *gorm.DB, tenantID, userID string) error {
	if userID == "" {
		return nil
	}
	var m member.Member
	err := db.Tenant(s.db.ForUpdate(tx), tenantID).Select("id").Where("id = ?", userID).Take(&m).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return problem.Invalid(problem.Detail{Field: "user_id", Message: "is not a member of this tenant"})
	}
	return err
}

// revokeOf revokes all keys of a user, in both environments, and returns the newly revoked ones as they were before.
func (s *Store) revokeOf(ctx context.Context, tenantID, userID string, at db.Time) ([]Key, error) {
	var rows []Key
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		q := db.Tenant(tx, tenantID).Where("user_id = ? AND user_id <> '' AND revoked_at IS NULL", userID).
			Session(&gorm.Session{})
		if err := s.db.ForUpdate(q).Order("id").Find(&rows).Error; err != nil || len(rows) == 0 {
			return err
		}
		return q.Model(&Key{}).Update("revoked_at", at).Error
	})
	db.AfterCommit(ctx, s.Forget)
	return rows, err
}

// RevokeOf revokes all keys of a user, in the transaction of ctx, and records each.
func (a *API) RevokeOf(ctx context.Context, tenantID, userID string) error {
	now := db.At(a.store.now())
	rows, err := a.store.revokeOf(ctx, tenantID, userID, now)
	if err != nil {
		return err
	}
	for _, before := range rows {
		after := before
		after.RevokedAt = now
		if err := a.audit.Record(ctx, "key.revoked", audit.Change{TenantID: tenantID, Target: before.ID,
			Before: a.view(ctx)(before), After: a.view(ctx)(after)}); err != nil {
			return err
		}
	}
	return nil
}

// Reread clears this process's cache of keys once the transaction of ctx is committed.
func (a *API) Reread(ctx context.Context) { db.AfterCommit(ctx, a.store.Forget) }
