package session

import (
	"context"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/role"
)

// AccessScope is the set of a tenant's sessions that a caller may see and end: all, those of a member, or one session.
// With a tenant alone it is empty.
type AccessScope struct {
	TenantID  string
	All       bool
	MemberID  string
	SessionID string
}

// AccessScopeOf returns the access scope of a caller: its own sessions, or all of the tenant's for a caller who may
// change members. Members belong to the live environment, so a test key, or a member who looks at test data, has no
// access to the sessions of others.
func AccessScopeOf(p principal.Principal) AccessScope {
	return AccessScope{
		TenantID: p.TenantID, All: p.Environment == principal.Live && p.Can(role.WriteMembers),
		MemberID: p.MemberID, SessionID: p.SessionID,
	}
}

// of narrows a query of sessions.
func (r AccessScope) of(q *gorm.DB) *gorm.DB {
	q = db.Tenant(q, r.TenantID)
	switch {
	case r.All:
		return q
	case r.MemberID != "":
		return q.Where("sessions.member_id = ?", r.MemberID)
	}
	return q.Where("sessions.id = ?", r.SessionID) // no session has the empty id
}

// Listed is a session with its member's name and address, which are empty for a session without a member.
type Listed struct {
	Session
	MemberName, MemberEmail string
}

// List returns one page of the open sessions in an access scope, newest first, and the total. memberID, unless it is
// empty, narrows it to a member.
func (s *Store) List(ctx context.Context, r AccessScope, memberID string, p page.Page) ([]Listed, int64, error) {
	// The session of a removed member is not listed.
	q := r.of(s.db.Read(ctx)).Select("sessions.*, members.name AS member_name, members.email AS member_email").
		Joins("LEFT JOIN members ON members.tenant_id = sessions.tenant_id AND members.id = sessions.member_id").
		Where("sessions.revoked_at IS NULL AND sessions.expires_at > ? AND sessions.token_hash IS NOT NULL",
			db.At(s.now())).
		Where("sessions.member_id = '' OR members.id IS NOT NULL")
	if memberID != "" {
		q = q.Where("sessions.member_id = ?", memberID)
	}
	return db.PaginateBy[Listed](q, p, "sessions.created_at DESC, sessions.id DESC")
}

// Revoke ends a session in an access scope, or invalidates its unused link, and returns it before and after. Revoking
// it again changes nothing.
func (s *Store) Revoke(ctx context.Context, r AccessScope, sessionID string) (before, after Session, err error) {
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
