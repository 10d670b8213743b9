package session

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/member"
	"github.com/hookline/hookline/internal/operator"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/role"
	"github.com/hookline/hookline/internal/tenant"
)

type tenants interface {
	Get(ctx context.Context, tenantID string) (tenant.Tenant, error)
}

type members interface {
	Get(ctx context.Context, tenantID, memberID string) (member.Member, error)
	SignedIn(ctx context.Context, tenantID, memberID string) error
}

type operators interface {
	// Working fails with operator.ErrUnknown for an invalid key.
	Working(ctx context.Context, keyID string) (operator.Key, error)
}

// Store keeps sessions.
type Store struct {
	db        *db.DB
	tenants   tenants
	members   members
	operators operators
	roles     role.Roles
	audit     *audit.Log
	now       clock.Clock
}

// NewStore makes a Store.
func NewStore(database *db.DB, tenants tenants, members members, keys operators, roles role.Roles, log *audit.Log,
	now clock.Clock) *Store {
	return &Store{db: database, tenants: tenants, members: members, operators: keys, roles: roles, audit: log, now: now}
}

// New is the settings of a new session. Without a tenant it is an operator's, who has the address OperatorSubject, or,
// with Operator set, the key OperatorKeyID.
type New struct {
	principal.Scope
	MemberID        string
	Operator        bool
	OperatorKeyID   string
	OperatorSubject string
	Capabilities    []string
	MaySwitch       bool // between the environments
	Theme           tenant.Theme
	OpenedBy        OpenedBy // ByLink for those that Invite makes and BySignOn for those that Open does, unless it says
	Life            time.Duration
}

func (s *Store) row(n New) (Session, error) {
	if byKey := n.Operator && n.OperatorKeyID != ""; n.OperatorSubject == "" && !byKey ||
		n.Scope != (principal.Scope{}) {
		if err := n.Check(); err != nil {
			return Session{}, err
		}
	}
	now := s.now()
	return Session{
		ID: id.New(id.Session), TenantID: n.TenantID, Environment: n.Environment, MemberID: n.MemberID,
		OperatorKeyID: n.OperatorKeyID, OperatorSubject: n.OperatorSubject,
		Capabilities: db.JSON[[]string]{V: append([]string{}, n.Capabilities...)}, MaySwitch: n.MaySwitch,
		Theme:    db.JSON[tenant.Theme]{V: n.Theme},
		OpenedBy: n.OpenedBy, CreatedAt: db.At(now), ExpiresAt: db.At(now.Add(n.Life)),
	}, nil
}

// Invite creates a pending session, and returns it with the token of its link, which is not stored.
func (s *Store) Invite(ctx context.Context, n New) (Session, string, error) {
	row, err := s.row(n)
	if err != nil {
		return row, "", err
	}
	link := newToken()
	row.OpenedBy = cmp.Or(row.OpenedBy, ByLink)
	row.LinkHash, row.LinkExpiresAt = digestOf(link), db.At(row.CreatedAt.Add(min(LinkLife, n.Life)))
	err = s.db.Tx(ctx, func(tx *gorm.DB) error { return tx.Create(&row).Error })
	return row, link, err
}

// TenantOfLink returns the tenant of the session that a link would start; empty for an operator's, and for a link that
// has been used.
func (s *Store) TenantOfLink(ctx context.Context, link string) (string, error) {
	var row Session
	err := s.db.Read(ctx).Select("tenant_id").Where("link_hash = ?", digestOf(link)).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return "", nil
	}
	return row.TenantID, err
}

// Enter exchanges a link's token for the token of its session, once; it fails with ErrLink. ctx carries the caller and
// its address. bare says that the pages are to be shown without navigation.
func (s *Store) Enter(ctx context.Context, link string, bare bool) (c Current, token string, err error) {
	token = newToken()
	err = s.db.Unit(ctx, func(ctx context.Context) error {
		now := db.At(s.now())
		err := s.db.Tx(ctx, func(tx *gorm.DB) error {
			r := tx.Model(&Session{}).
				Where("link_hash = ? AND link_expires_at > ? AND expires_at > ? AND revoked_at IS NULL", digestOf(link),
					now, now).
				Updates(map[string]any{
					"link_hash": nil, "token_hash": digestOf(token), "last_seen_at": now, "bare": bare,
					"address": principal.From(ctx).Address, "user_agent": userAgent(principal.From(ctx).UserAgent),
				})
			if r.Error == nil && r.RowsAffected == 0 {
				return ErrLink
			}
			return r.Error
		})
		if err != nil {
			return err
		}
		c, err = s.begin(ctx, token)
		if errors.Is(err, ErrNone) { // the member is gone
			return ErrLink
		}
		return err
	})
	return c, token, err
}

// Open starts a session for an authenticated person, and returns it with its token. ctx carries the caller and its
// address.
func (s *Store) Open(ctx context.Context, n New) (c Current, token string, err error) {
	row, err := s.row(n)
	if err != nil {
		return c, "", err
	}
	token = newToken()
	row.TokenHash, row.LastSeenAt, row.OpenedBy = digestOf(token), row.CreatedAt, cmp.Or(row.OpenedBy, BySignOn)
	row.Address, row.UserAgent = principal.From(ctx).Address, userAgent(principal.From(ctx).UserAgent)
	err = s.db.Unit(ctx, func(ctx context.Context) error {
		if err := s.db.Tx(ctx, func(tx *gorm.DB) error { return tx.Create(&row).Error }); err != nil {
			return err
		}
		c, err = s.begin(ctx, token)
		return err
	})
	return c, token, err
}

// begin records the start of the session with the token.
func (s *Store) begin(ctx context.Context, token string) (Current, error) {
	c, err := s.find(ctx, token)
	if err != nil {
		return c, err
	}
	if c.Member != nil {
		if err := s.members.SignedIn(ctx, c.Member.TenantID, c.Member.ID); err != nil {
			return c, err
		}
	}
	return c, s.record(ctx, "session.created", c, audit.Change{Target: c.Session.ID, After: view(c.Session)})
}

// record adds an audit entry for a change that a person made to their own session; ctx carries the address.
func (s *Store) record(ctx context.Context, action string, c Current, change audit.Change) error {
	p, from := c.Principal(), principal.From(ctx)
	p.Address, p.RequestID = from.Address, from.RequestID
	return s.audit.Record(principal.With(ctx, p), action, change)
}

// lastSeenStep is the resolution of the time of last use: a write for every page would cost more than the page.
const lastSeenStep = time.Minute

// Find returns the session with the token in its current state; it fails with ErrNone.
func (s *Store) Find(ctx context.Context, token string) (Current, error) {
	c, err := s.find(ctx, token)
	if err != nil {
		return c, err
	}
	now := s.now()
	if now.Sub(c.Session.LastSeenAt.Time) < lastSeenStep {
		return c, nil
	}
	return c, s.db.Tx(ctx, func(tx *gorm.DB) error {
		return tx.Model(&Session{}).
			Where("id = ? AND (last_seen_at IS NULL OR last_seen_at <= ?)", c.Session.ID,
				db.At(now.Add(-lastSeenStep))).
			Update("last_seen_at", db.At(now)).Error
	})
}

func (s *Store) find(ctx context.Context, token string) (Current, error) {
	var c Current
	err := s.db.Read(ctx).Where("token_hash = ? AND expires_at > ? AND revoked_at IS NULL", digestOf(token),
		db.At(s.now())).Take(&c.Session).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return c, ErrNone
	}
	if err != nil {
		return c, err
	}
	if c.Session.TenantID == "" {
		return s.operator(ctx, c)
	}
	t, err := s.tenants.Get(ctx, c.Session.TenantID)
	if err != nil {
		return c, gone(err)
	}
	c.Tenant = &t
	roles := s.roles.Of(t.Profile)
	allowed := roles.Known()
	if c.Session.MemberID != "" {
		m, err := s.members.Get(ctx, t.ID, c.Session.MemberID)
		if err != nil {
			return c, gone(err)
		}
		c.Member, allowed = &m, roles.Permissions(m.Role)
	}
	c.Capabilities = slices.DeleteFunc(slices.Clone(c.Session.Capabilities.V), func(p string) bool {
		return !slices.Contains(allowed, p)
	})
	c.all = roles.Everything(c.Capabilities)
	return c, nil
}

// operator completes the session of an operator. A session that was opened with a key ends with the key.
func (s *Store) operator(ctx context.Context, c Current) (Current, error) {
	if c.Session.OperatorKeyID == "" {
		return c, nil
	}
	k, err := s.operators.Working(ctx, c.Session.OperatorKeyID)
	if errors.Is(err, operator.ErrUnknown) {
		return c, ErrNone
	}
	c.Key = &k
	return c, err
}

// gone turns a missing owner of a session into ErrNone.
func gone(err error) error {
	var p *problem.Error
	if errors.As(err, &p) && p.Code == problem.NotFound {
		return ErrNone
	}
	return err
}

// Leave ends the session with the token, at the request of its owner; it fails with ErrNone.
func (s *Store) Leave(ctx context.Context, token string) error {
	return s.db.Unit(ctx, func(ctx context.Context) error {
		c, err := s.find(ctx, token)
		if err != nil {
			return err
		}
		after := c.Session
		after.RevokedAt = db.At(s.now())
		if err := s.end(ctx, after); err != nil {
			return err
		}
		return s.record(ctx, "session.ended", c, audit.Change{Target: after.ID, Before: view(c.Session),
			After: view(after)})
	})
}

func (s *Store) end(ctx context.Context, row Session) error {
	return s.db.Tx(ctx, func(tx *gorm.DB) error {
		return tx.Model(&Session{}).Where("id = ? AND revoked_at IS NULL", row.ID).
			Updates(map[string]any{"revoked_at": row.RevokedAt, "link_hash": nil}).Error
	})
}

// kept is how long an ended session stays in the database, for investigations.
const kept = 30 * 24 * time.Hour

// DeleteOlder deletes at most limit sessions that ended longer ago than kept, and returns how many.
func (s *Store) DeleteOlder(ctx context.Context, limit int) (int64, error) {
	return s.db.Affected(ctx, func(tx *gorm.DB) *gorm.DB {
		return tx.Exec("DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at < ? ORDER BY "+
			"expires_at LIMIT ?)", db.At(s.now().Add(-kept)), limit)
	})
}
