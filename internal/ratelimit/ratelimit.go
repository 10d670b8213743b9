// Package ratelimit limits the requests of each subject, such as an API key, in a span of time.
//
// The window slides: a request is allowed unless the window that ends with it has reached the limit, so no span of the
// window's length, wherever it begins, contains more allowed requests than the limit. Refused requests don't count, so
// a client that waits as long as Retry-After says is allowed, even if it kept trying in between.
//
// Redis has one log per subject, which all processes share, and its clock is the only one. Each process also keeps a
// log of the requests that it allowed itself. That log decides alone while Redis is unavailable, so that limits always
// apply; and it refuses requests over the limit without a call of Redis. Where limits are large, a process takes a few
// requests from Redis at once (lease).
package ratelimit

import (
	"net/netip"
	"strconv"
	"time"
)

// Limit is how many requests may be made in any span of time that is as long as the window.
type Limit struct {
	Requests int
	Window   time.Duration
}

// PerMinute is a limit of n requests in any minute.
func PerMinute(n int) Limit { return Limit{Requests: n, Window: time.Minute} }

// PerHour is a limit of n requests in any hour.
func PerHour(n int) Limit { return Limit{Requests: n, Window: time.Hour} }

// Exceeds reports whether the limit allows a higher rate than another one, whatever their windows.
func (l Limit) Exceeds(other Limit) bool {
	return float64(l.Requests)*float64(other.Window) > float64(other.Requests)*float64(l.Window)
}

// String writes the limit for people, such as 1000 per hour.
func (l Limit) String() string {
	per := l.Window.String()
	switch l.Window {
	case time.Minute:
		per = "minute"
	case time.Hour:
		per = "hour"
	}
	return strconv.Itoa(l.Requests) + " per " + per
}

// usable reports whether the limit allows any request. Without a usable limit every request is refused.
func (l Limit) usable() bool { return l.Requests > 0 && l.Window >= time.Millisecond }

// Kind is the kind of a subject.
type Kind string

// The kinds of subjects.
const (
	Key      Kind = "key"      // an API key of a tenant
	User     Kind = "user"     // a member, with all keys that belong to it
	Tenant   Kind = "tenant"   // a tenant, with all its keys
	Operator Kind = "operator" // an operator's key
	Address  Kind = "address"  // a client that could not say who it is
)

// Subject is the subject of a limit. Tenant is empty for subjects without a tenant.
type Subject struct {
	Kind   Kind
	Tenant string
	ID     string
}

// key is the subject's key in Redis. The tenant is its hash tag: a request counts for its key and its tenant in one
// call of a script, so a cluster must have both on one node; it distributes the tenants over all its nodes.
func (s Subject) key() string {
	if s.Tenant == "" {
		return "hookline:limit:" + string(s.Kind) + ":" + s.ID
	}
	return "hookline:limit:{" + s.Tenant + "}:" + string(s.Kind) + ":" + s.ID
}

// Claim is a subject that a request counts for, and its limit.
type Claim struct {
	Subject Subject
	Limit   Limit
}

// addressBits is the prefix of an IPv6 address that counts: providers assign whole /64 networks, so limits per address
// would allow 2^64 addresses to each client.
const addressBits = 64

// Stranger returns the subject of a client's address, in any of its spellings. All invalid addresses are one subject.
func Stranger(address string) Subject {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return Subject{Kind: Address, ID: "unknown"}
	}
	if a = a.Unmap(); a.Is4() {
		return Subject{Kind: Address, ID: a.String()}
	}
	network, _ := a.Prefix(addressBits) // fails only for more bits than the address has
	return Subject{Kind: Address, ID: network.Addr().String()}
}

// Decision is the decision about one request.
type Decision struct {
	Allowed bool
	Limit   Limit
	// Remaining is how many more requests are allowed now.
	Remaining int
	// Reset is the time until one more request is allowed than now: when Remaining is 0, how long to wait.
	Reset time.Duration
}

// refuses reports whether this limit refuses the request, and not only another one that it counts against.
func (d Decision) refuses() bool { return !d.Allowed && d.Remaining == 0 && d.Reset > 0 }

// binds reports whether the limit of d restricts the caller more than that of another decision on the same request.
func (d Decision) binds(other Decision) bool {
	switch {
	case d.refuses() != other.refuses():
		return d.refuses()
	case d.refuses():
		return d.Seconds() > other.Seconds()
	}
	return d.Remaining < other.Remaining
}

// Seconds is Reset in whole seconds, rounded up, so that a client that waits that long is allowed; at least 1.
func (d Decision) Seconds() int {
	return max(1, int((d.Reset+time.Second-1)/time.Second))
}
