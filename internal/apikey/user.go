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

// userOf is whose key a caller makes that says nothing about it. What a user's key makes is that user's too, so that
// it does not outlive the member. Who is signed in makes keys of the tenant, except where every key has a user.
func userOf(p principal.Principal) string {
	if p.KeyID != "" || profile.Of(p.Profile).Keys.OfUsers {
		return p.UserID
	}
	return ""
}

// handsOut refuses to give the text of somebody else's key to a user who has no say about members: whoever has it acts
// in the other's name, and spends the other's requests and credits.
func handsOut(p principal.Principal, userID string) error {
	signedIn := p.KeyID == "" && userID == ""
	if p.UserID == "" || userID == p.UserID || signedIn || p.Can(role.WriteMembers) {
		return nil
	}
	return problem.New(problem.Forbidden, "This key belongs to a user, who can make and rotate only keys of their own without the permission %q.", role.WriteMembers)
}

// holdUser makes sure that a user is a member of the tenant, and stays it until the transaction ends.
func (s *Store) holdUser(tx *gorm.DB, tenantID, userID string) error {
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

// revokeOf ends all keys of a user, in both environments, and returns those that were not revoked before, as they were.
func (s *Store) revokeOf(ctx context.Context, tenantID, userID string, at db.Time) ([]Key, error) {
	var rows []Key
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		q := db.Tenant(tx, tenantID).Where("user_id = ? AND user_id <> '' AND revoked_at IS NULL", userID).Session(&gorm.Session{})
		if err := s.db.ForUpdate(q).Order("id").Find(&rows).Error; err != nil || len(rows) == 0 {
			return err
		}
		return q.Model(&Key{}).Update("revoked_at", at).Error
	})
	db.AfterCommit(ctx, s.Forget)
	return rows, err
}

// RevokeOf ends all keys of a user, in the transaction of ctx, and records each.
func (a *API) RevokeOf(ctx context.Context, tenantID, userID string) error {
	now := db.At(a.store.now())
	rows, err := a.store.revokeOf(ctx, tenantID, userID, now)
	if err != nil {
		return err
	}
	for _, before := range rows {
		after := before
		after.RevokedAt = now
		if err := a.audit.Record(ctx, "key.revoked", audit.Change{TenantID: tenantID, Target: before.ID, Before: a.toWire(before), After: a.toWire(after)}); err != nil {
			return err
		}
	}
	return nil
}

// Reread makes this process read all keys anew once the transaction of ctx is committed.
func (a *API) Reread(ctx context.Context) { db.AfterCommit(ctx, a.store.Forget) }
