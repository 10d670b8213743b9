// Package session manages the dashboard's server-side sessions, and the single-use links that start them.
//
// Every request reads the session from SQL, so that its end takes effect at once in every process. Cookies and links
// can't be derived from the database: it has only the SHA-256 of their 32 random bytes.
package session

import (
	"crypto/rand"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/member"
	"github.com/hookline/hookline/internal/operator"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/tenant"
)

// LinkLife is how long a link is valid.
const LinkLife = 10 * time.Minute

// callsLimit is how many API calls the pages of a session may make, on every plan: a page makes several.
var callsLimit = ratelimit.PerMinute(1200)

// SignOnLife is how long a session from single sign-on lasts.
const SignOnLife = 12 * time.Hour

// OpenedBy is how a session was opened.
type OpenedBy string

// The values of OpenedBy. ByOperator is an operator who opened a tenant's dashboard, ByKey one who signed in with a
// key.
const (
	ByLink     OpenedBy = "link"
	BySignOn   OpenedBy = "single_sign_on"
	ByOperator OpenedBy = "operator"
	ByKey      OpenedBy = "key"
)

// maxUserAgent is the stored length of a User-Agent, as the contract documents it.
const maxUserAgent = 300

// userAgent makes valid text of a User-Agent header, which may have any bytes.
func userAgent(sent string) string {
	sent = strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || unicode.IsControl(r) {
			return -1
		}
		return r
	}, sent)
	if runes := []rune(sent); len(runes) > maxUserAgent {
		return string(runes[:maxUserAgent])
	}
	return sent
}

// ErrNone means that there is no such session, or that it has ended; ErrLink that a link is unknown, used or expired.
// They say no more, so that nobody learns what exists.
var (
	ErrNone = errors.New("session: unknown, expired or revoked")
	ErrLink = errors.New("session: the link is unknown, used or too old")
)

// digest is a SHA-256, NULL when it is empty.
type digest []byte

// Value implements driver.Valuer.
func (d digest) Value() (driver.Value, error) {
	if len(d) == 0 {
		return nil, nil
	}
	return []byte(d), nil
}

func digestOf(token string) digest {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// newToken makes 32 random bytes, encoded for cookies and URLs.
func newToken() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Session is a row of sessions. It belongs to a tenant, with or without a member; or, without a tenant, to an operator,
// who has the verified email address OperatorSubject or signed in with the key OperatorKeyID. In a tenant's session,
// OperatorKeyID is the key that created the link.
type Session struct {
	ID              string
	TenantID        string `tenant:"optional"` // empty for operators
	Environment     principal.Environment
	MemberID        string
	OperatorKeyID   string
	OperatorSubject string
	Capabilities    db.JSON[[]string]
	MaySwitch       bool // between the environments
	Bare            bool // the pages are shown without navigation
	Theme           db.JSON[tenant.Theme]
	OpenedBy        OpenedBy
	Address         string // that the browser signed in from, and
	UserAgent       string // what it called itself
	TokenHash       digest
	LinkHash        digest
	LinkExpiresAt   db.Time
	CreatedAt       db.Time
	ExpiresAt       db.Time
	RevokedAt       db.Time
	LastSeenAt      db.Time
}

// TableName implements GORM's Tabler.
func (Session) TableName() string { return "sessions" }

// Current is a session with the current state of its owner. Tenant is nil for operators, Member for a session without a
// member. Key is the one that an operator signed in with; nil for single sign-on.
// Capabilities are those of the session that the member's role still allows.
type Current struct {
	Session      Session
	Tenant       *tenant.Tenant
	Member       *member.Member
	Key          *operator.Key
	Capabilities []string
	all          bool // the capabilities are every permission that there is
}

// Operator returns the name of an operator, for display.
func (c Current) Operator() string {
	if c.Key != nil {
		return c.Key.Name
	}
	return c.Session.OperatorSubject
}

// Principal returns the session as an authenticated caller.
func (c Current) Principal() principal.Principal {
	p := principal.Principal{SessionID: c.Session.ID, Permissions: slices.Clone(c.Capabilities)}
	if c.Tenant == nil {
		p.Operator, p.Subject, p.Limit = true, c.Session.OperatorSubject, callsLimit
		p.OperatorRole = principal.OperatorAdmin // whom HOOKLINE_OIDC_OPERATOR_EMAILS names
		if c.Key != nil {
			p.KeyID, p.KeyName, p.OperatorRole = c.Key.ID, c.Key.Name, c.Key.Role
		}
		return p
	}
	if c.all {
		p.Permissions = []string{principal.All} // as the role admin of a key, which such a session may give
	}
	p.Scope = principal.Scope{TenantID: c.Tenant.ID, Environment: c.Session.Environment}
	c.Tenant.Describe(&p)
	p.Limit = callsLimit
	if c.Member != nil {
		p.MemberID, p.Subject = c.Member.ID, c.Member.Email
		p.UserNumber = c.Member.Number
		p.Owner = profile.Of(c.Tenant.Profile).Keys.Owner(c.Member.Number, c.Member.Role)
		p.UserID, p.UserName, p.UserEmail, p.UserRole = c.Member.ID, c.Member.Name, c.Member.Email,
			string(c.Member.Role)
	}
	return p
}
