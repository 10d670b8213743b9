// Package principal identifies the caller and the scope of the data that it may access.
package principal

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/hookline/hookline/internal/ratelimit"
)

// Environment separates live from test data.
type Environment string

// The two environments.
const (
	Live Environment = "live"
	Test Environment = "test"
)

// Scope is the owner of the rows that a store function may access. Every query on tenant data has one.
type Scope struct {
	TenantID    string
	Environment Environment
}

// ErrNoScope means that a store function was called without a scope, which never means all rows.
var ErrNoScope = errors.New("principal: scope without tenant or environment")

// Check fails with ErrNoScope when a part of the scope is missing.
func (s Scope) Check() error {
	if s.TenantID == "" || (s.Environment != Live && s.Environment != Test) {
		return ErrNoScope
	}
	return nil
}

// All is the permission that contains every other.
const All = "*"

// Principal is an authenticated caller: an API key of a tenant, a dashboard session, or an operator.
type Principal struct {
	Scope
	Operator     bool         // then the scope is empty
	OperatorRole OperatorRole // of an operator; without one it may call nothing
	KeyID        string
	KeyName      string
	UserID       string // the member whose key or session it is; empty for the tenant's own
	UserNumber   int64  // that member's number in its tenant
	Owner
	UserName     string
	UserEmail    string
	UserRole     string
	Permissions  []string
	TenantName   string
	Plan         string
	Profile      string
	Entitlements []string
	PausedAt     time.Time       // since when its deliveries are paused; zero when they are not
	PausedReason string          // what the operator said of it
	Limit        ratelimit.Limit // how many requests it may make; without one it may make none
	TenantLimit  ratelimit.Limit // how many requests all keys of its tenant may make together; zero for any number
	StoredBytes  int64           // how many bytes its tenant may store a day

	SessionID string // when a browser's session and not a key is calling
	MemberID  string // whose session it is, the same as UserID; empty for nobody's in particular
	Subject   string // the email address of the member or operator whose session it is
	System    string // what part of the program acts by itself, for nobody; it can do nothing else

	Address   string // where the request came from
	UserAgent string // what the browser calls itself, for those who sign in
	RequestID string
	Origin    string // scheme and host that the request was sent to
}

// Owner is whose rows a caller may access, where the profile gives rows to members. The zero Owner is no limit. There,
// owners and admins of the tenant are members like any other, so that their keys do not list the accounts of colleagues
// among their own.
type Owner struct {
	Owns     int64 // the number of the member whose rows these are; 0 for all rows of the tenant
	OwnsRest bool  // whether also the rows that belong to no member, or to one who was removed
}

// Actor returns the caller as the audit log records it: its kind, its id, and a name for display.
func (p Principal) Actor() (kind, id, name string) {
	switch {
	case p.Operator && p.Subject != "":
		return "operator", p.Subject, p.Subject
	case p.Operator:
		return "operator", p.KeyID, p.KeyName
	case p.MemberID != "":
		return "member", p.MemberID, p.Subject
	case p.SessionID != "":
		return "session", p.SessionID, "Portal session"
	case p.KeyID != "":
		return "key", p.KeyID, p.KeyName
	}
	return "system", p.System, p.System
}

// Caller is the id of the credential that is calling: of the session if there is one, else of the key.
func (p Principal) Caller() string { return cmp.Or(p.SessionID, p.KeyID) }

// Can reports whether the caller has the permission.
func (p Principal) Can(permission string) bool {
	return slices.Contains(p.Permissions, All) || slices.Contains(p.Permissions, permission)
}

// Entitled reports whether the caller's plan includes the entitlement.
func (p Principal) Entitled(entitlement string) bool {
	return slices.Contains(p.Entitlements, entitlement)
}

// ErrNotAllowed is the cause that cancels the context of an open stream when its caller may no longer read it.
var ErrNotAllowed = errors.New("principal: the caller may no longer do this")

type contextKey struct{}

// With returns a context that carries the caller.
func With(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, contextKey{}, p)
}

// From returns the caller; the zero Principal, which can do nothing, when there is none.
func From(ctx context.Context) Principal {
	p, _ := ctx.Value(contextKey{}).(Principal)
	return p
}

// Again authenticates the caller again; it fails with a problem of code Unauthorized when its key or session has ended.
type Again func(ctx context.Context) (Principal, error)

type vouchKey struct{}

type voucher struct {
	caller Principal
	again  Again
}

// Vouch returns a context for a call that a part of the program makes for a principal that it authenticated itself. It
// is the only way to call without a key; no request from the network has such a context.
func Vouch(ctx context.Context, p Principal, again Again) context.Context {
	return context.WithValue(ctx, vouchKey{}, voucher{p, again})
}

// Vouched returns the principal of Vouch.
func Vouched(ctx context.Context) (p Principal, again Again, ok bool) {
	v, ok := ctx.Value(vouchKey{}).(voucher)
	return v.caller, v.again, ok
}
