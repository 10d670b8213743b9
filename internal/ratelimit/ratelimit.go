// Package ratelimit lets each subject, such as an API key, make so many requests in a span of time and no more.
//
// The window slides: a request is let through unless the limit was reached in the span that ends with it, so no span
// of the window's length, wherever it begins, ever holds more requests than the limit. Requests that were turned away
// don't count, so whoever waits as long as Retry-After says gets in, even if it kept trying in between.
//
// Redis holds the one log of each subject that all processes share, and its clock is the only one that is asked.
// Each process also keeps the log of what it let through itself. That log decides alone while Redis is away, so that a
// limit is never an open door; and it spares Redis the requests that can't succeed. Where limits are large, a process
// takes a few requests from Redis at once (lease).
package ratelimit

import (
	"net/netip"
	"time"
)

// Limit is how many requests may be made in any span of time that is as long as the window.
type Limit struct {
	Requests int
	Window   time.Duration
}

// PerMinute is a limit of n requests in any minute.
func PerMinute(n int) Limit { return Limit{Requests: n, Window: time.Minute} }

// usable says whether anything could ever pass. What nobody gave a limit is turned away, not let through.
func (l Limit) usable() bool { return l.Requests > 0 && l.Window >= time.Millisecond }

// Kind is what kind of subject is limited.
type Kind string

// The kinds of subjects.
const (
	Key      Kind = "key"      // an API key of a tenant
	User     Kind = "user"     // a member, with all keys that belong to it
	Tenant   Kind = "tenant"   // a tenant, with all its keys
	Operator Kind = "operator" // an operator's key
	Address  Kind = "address"  // a client that could not say who it is
)

// Subject is who or what is limited. Tenant is empty for those that belong to no tenant.
type Subject struct {
	Kind   Kind
	Tenant string
	ID     string
}

// key is the subject's name in Redis. It carries the tenant, and has no braces of its own: a cluster spreads subjects
// over all its nodes.
func (s Subject) key() string {
	if s.Tenant == "" {
		return "hookline:limit:" + string(s.Kind) + ":" + s.ID
	}
	return "hookline:limit:" + string(s.Kind) + ":" + s.Tenant + ":" + s.ID
}

// addressBits is how much of an IPv6 address counts: providers hand out whole /64 networks, so whoever was limited by
// single addresses would have 2^64 of them.
const addressBits = 64

// Stranger is the subject that a client's address is, in any of its spellings. Whatever is no address is one subject.
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

// Decision is the answer to one request.
type Decision struct {
	Allowed bool
	Limit   Limit
	// Remaining is how many more would be let through right now.
	Remaining int
	// Reset is how long it takes until one more is let through than now: when Remaining is 0, how long to wait.
	Reset time.Duration
}

// Seconds is Reset in whole seconds, rounded up, so that nobody who waits that long comes too early; at least 1.
func (d Decision) Seconds() int {
	return max(1, int((d.Reset+time.Second-1)/time.Second))
}
