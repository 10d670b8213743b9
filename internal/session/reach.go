package session

import (
	"context"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/role"
)

// Reach is which of a tenant's sessions somebody may see and end: all, or those of a member, or the one. Nothing but
// the tenant means none.
type Reach struct {
	TenantID  string
	All       bool
	MemberID  string
	SessionID string
}

// ReachOf is a caller's: their own sessions, and those of all for who may change members. Members belong to the live
// environment, so a test key, or somebody who looks at test data, reaches nobody else's.
func ReachOf(p principal.Principal) Reach {
	return Reach{
		TenantID: p.TenantID, All: p.Environment == principal.Live && p.Can(role.WriteMembers),
		MemberID: p.MemberID, SessionID: p.SessionID,
	}
}

// of narrows a query of sessions.
func (r Reach) of(q *gorm.DB) *gorm.DB {
	q = db.Tenant(q, r.TenantID)
	switch {
	case r.All:
		return q
	case r.MemberID != "":
		return q.Where("sessions.member_id = ?", r.MemberID)
	}
	return q.Where("sessions.id = ?", r.SessionID) // of which there is none when it is empty
}

// Listed is a session with what its member is called; both are empty when it is nobody's in particular.
type Listed struct {
	Session
	MemberName, MemberEmail string
}

// List returns one page of the sessions within reach that are open, the latest first, and how many there are. With a
// member it is only that one's.
func (s *Store) List(ctx context.Context, r Reach, memberID string, p page.Page) ([]Listed, int64, error) {
	// With the member goes the session.
	q := r.of(s.db.Read(ctx)).Select("sessions.*, members.name AS member_name, members.email AS member_email").
		Joins("LEFT JOIN members ON members.tenant_id = sessions.tenant_id AND members.id = sessions.member_id").
		Where("sessions.revoked_at IS NULL AND sessions.expires_at > ? AND sessions.token_hash IS NOT NULL", db.At(s.now())).
		Where("sessions.member_id = '' OR members.id IS NOT NULL")
	if memberID != "" {
		q = q.Where("sessions.member_id = ?", memberID)
	}
	return db.PaginateBy[Listed](q, p, "sessions.created_at DESC, sessions.id DESC")
}

// Revoke ends a session within reach, or the wait for its link, and returns it as it was and as it is. Revoking it
// again changes nothing.
func (s *Store) Revoke(ctx context.Context, r Reach, sessionID string) (before, after Session, err error) {
	err = s.db.Unit(ctx, func(ctx context.Context) error {
		before, err = db.One[Session](r.of(s.db.Read(ctx)).Where("sessions.id = ?", sessionID), "session")
		if after = before; err != nil || !before.RevokedAt.IsZero() {
			return err
		}
		after.RevokedAt = db.At(s.now())
		return s.end(ctx, after)
	})
	return before, after, err
}
