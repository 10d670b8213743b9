package api

import (
	"errors"
	"fmt"
	"hash/maphash"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/ratelimit"
)

// strangersLimit is how many requests without a valid key an address may make.
var strangersLimit = ratelimit.PerMinute(300)

// strangersAtOnce is how many requests an address may have under way whose keys are not known yet, and sendersAtOnce
// how many to public operations with a body. More wait for a second, as they do when a server has just started and
// knows nobody, and are refused then.
const (
	strangersAtOnce = 32
	sendersAtOnce   = 8
	strangersWait   = time.Second
)

// The names of the policies in RateLimit and RateLimit-Policy.
const (
	callerPolicy  = "default"
	tenantPolicy  = "tenant"
	addressPolicy = "address"
)

// limits refuses requests over a rate limit.
type limits struct {
	limiter   *ratelimit.Limiter
	familiar  familiar
	unknown   *ratelimit.InFlight // requests whose caller is not known yet
	reporting *ratelimit.InFlight // requests to public operations
	refused   func(ratelimit.Kind)
}

func newLimits(l *ratelimit.Limiter, refused func(ratelimit.Kind)) *limits {
	if refused == nil {
		refused = func(ratelimit.Kind) {}
	}
	return &limits{
		limiter: l, refused: refused, familiar: familiar{seed: maphash.MakeSeed(), capacity: familiarKeys},
		unknown:   ratelimit.NewInFlight(strangersAtOnce, strangersWait),
		reporting: ratelimit.NewInFlight(sendersAtOnce, strangersWait),
	}
}

// described makes every response of an operation that takes a key report a limit: that of the address, when the request
// was not counted for a caller.
func (l *limits) described(rule contract.Rule) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if rule.Public || l.limiter == nil {
			return next
		}
		return func(c echo.Context) error {
			c.Response().Before(func() { l.describeAddress(c) })
			return next(c)
		}
	}
}

// unmatched does the same for paths and methods that do not exist.
func (l *limits) unmatched(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		err := error(echo.ErrNotFound)
		if !stray(c) {
			err = next(c)
		}
		if l.limiter != nil && (errors.Is(err, echo.ErrNotFound) || errors.Is(err, echo.ErrMethodNotAllowed)) {
			l.describeAddress(c)
		}
		return err
	}
}

// stray reports whether a path of the API reached a route that is not its own: the router takes /leads/a/b for a lead,
// /webhooks//test for an endpoint without an id, and pages have routes for everything below /admin.
func stray(c echo.Context) bool {
	route, path := c.Path(), echo.GetPath(c.Request())
	if !strings.HasPrefix(path, "/api/v1/") && !strings.HasPrefix(path, "/admin/v1/") {
		return false
	}
	if !strings.Contains(route, ":") {
		return strings.HasPrefix(route, "/admin/") && strings.HasSuffix(route, "*")
	}
	return strings.Count(path, "/") != strings.Count(route, "/") || strings.Contains(path, "//") ||
		strings.HasSuffix(path, "/")
}

func (l *limits) describeAddress(c echo.Context) {
	if c.Response().Header()[rateLimit] != nil {
		return
	}
	d, _ := l.limiter.Refuses(ratelimit.Stranger(c.RealIP()), strangersLimit)
	describe(c.Response().Header(), addressPolicy, d)
}

// strangers limits requests that end with a 401, per address. Once an address is over its limit, its keys are not
// looked up any more, except those that were valid here lately: callers who share the address with somebody who guesses
// keys are not affected.
func (l *limits) strangers(rule contract.Rule) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if rule.Public || l.limiter == nil {
			return next
		}
		return func(c echo.Context) error {
			if _, _, vouched := principal.Vouched(c.Request().Context()); vouched {
				return next(c) // by a page, which knows the session
			}
			who := ratelimit.Stranger(c.RealIP())
			key, _ := credential(c.Request().Header)
			if !l.familiar.has(key) {
				leave, err := l.admit(c, who, l.unknown)
				if err != nil {
					return err
				}
				defer leave()
				c.Set(leaveKey, leave)
			}
			err := next(c)
			if p := (*problem.Error)(nil); !errors.As(err, &p) || p.Code != problem.Unauthorized {
				if key != "" && principal.From(c.Request().Context()).KeyID != "" {
					l.familiar.add(key)
				}
				return err
			}
			l.familiar.remove(key)
			if late := l.answer(c, who.Kind, addressPolicy, l.limiter.Take(c.Request().Context(), who,
				strangersLimit)); late != nil {
				return late
			}
			return err
		}
	}
}

// leaveKey is where the context of a stranger's request has the function that gives back its place. Once it is known
// who calls, the limits of the caller apply instead.
const leaveKey = "leave"

// identified gives back the place of a stranger who turned out to be a caller.
func identified(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if leave, ok := c.Get(leaveKey).(func()); ok {
			leave()
		}
		return next(c)
	}
}

// senders limits requests to public operations, per address. They carry no key, so every request that fails counts.
// Once an address is over its limit, its requests are refused unread.
func (l *limits) senders(rule contract.Rule) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if !rule.Public || !rule.Body || l.limiter == nil {
			return next
		}
		return func(c echo.Context) error {
			who := ratelimit.Stranger(c.RealIP())
			leave, err := l.admit(c, who, l.reporting)
			if err != nil {
				c.Response().Header().Set(echo.HeaderConnection, "close") // else the server reads the body first
				return err
			}
			defer leave()
			if err = next(c); err == nil {
				return nil
			}
			if d := l.limiter.Take(c.Request().Context(), who, strangersLimit); !d.Allowed {
				return l.answer(c, who.Kind, addressPolicy, d)
			}
			return err
		}
	}
}

// admit takes a place for a request of an address, unless the address is over its limit, before or after the wait.
func (l *limits) admit(c echo.Context, who ratelimit.Subject, places *ratelimit.InFlight) (leave func(), err error) {
	if d, refused := l.limiter.Refuses(who, strangersLimit); refused {
		return nil, l.answer(c, who.Kind, addressPolicy, d)
	}
	leave, ok := places.Enter(c.Request().Context(), who)
	if !ok {
		d := places.Decision()
		describe(c.Response().Header(), addressPolicy, d)
		l.refused(who.Kind)
		return nil, problem.TooMany(fmt.Sprintf("%d at a time", d.Limit.Requests), d.Seconds())
	}
	if d, refused := l.limiter.Refuses(who, strangersLimit); refused {
		leave()
		return nil, l.answer(c, who.Kind, addressPolicy, d)
	}
	return leave, nil
}

// callers limits requests with valid keys, whatever their outcome: those of the caller, and those of all keys of its
// tenant together. The headers tell of the limit that binds.
func (l *limits) callers(rule contract.Rule) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if rule.Public || l.limiter == nil {
			return next
		}
		return func(c echo.Context) error {
			p := principal.From(c.Request().Context())
			claims := append(make([]ratelimit.Claim, 0, 2), ratelimit.Claim{Subject: subject(p), Limit: p.Limit})
			if p.TenantLimit != (ratelimit.Limit{}) {
				all := ratelimit.Subject{Kind: ratelimit.Tenant, Tenant: p.TenantID, ID: p.TenantID}
				claims = append(claims, ratelimit.Claim{Subject: all, Limit: p.TenantLimit})
			}
			d, binding := l.limiter.TakeAll(c.Request().Context(), claims...)
			policy := [...]string{callerPolicy, tenantPolicy}[binding]
			if err := l.answer(c, claims[binding].Subject.Kind, policy, d); err != nil {
				return err
			}
			return next(c)
		}
	}
}

// subject is the subject of the rate limit, as the tenant's profile defines it: one key, all keys of a user, or all
// keys of the tenant, live and test. A key without a user has a limit of its own.
func subject(p principal.Principal) ratelimit.Subject {
	if p.Operator {
		return ratelimit.Subject{Kind: ratelimit.Operator, ID: p.Caller()}
	}
	if p.SessionID != "" { // a page makes several calls, which must not use up the limit of integrations
		return ratelimit.Subject{Kind: ratelimit.Key, Tenant: p.TenantID, ID: p.SessionID}
	}
	switch kind := profile.Of(p.Profile).Calls.Subject; {
	case kind == ratelimit.Tenant:
		return ratelimit.Subject{Kind: kind, Tenant: p.TenantID, ID: p.TenantID}
	case kind == ratelimit.User && p.UserID != "":
		return ratelimit.Subject{Kind: kind, Tenant: p.TenantID, ID: p.UserID}
	}
	return ratelimit.Subject{Kind: ratelimit.Key, Tenant: p.TenantID, ID: p.KeyID}
}

// answer writes the rate-limit headers and fails when the request is over the limit.
func (l *limits) answer(c echo.Context, kind ratelimit.Kind, policy string, d ratelimit.Decision) error {
	describe(c.Response().Header(), policy, d)
	if d.Allowed {
		return nil
	}
	l.refused(kind)
	return problem.TooMany(fmt.Sprintf("%d in %s", d.Limit.Requests, words(d.Limit.Window)), d.Seconds())
}

// rateLimit is in the draft's spelling, not in that of http.Header's methods.
var rateLimit = "RateLimit"

// describe writes the headers of the IETF's draft (draft-ietf-httpapi-ratelimit-headers), spelled as it spells them.
func describe(h http.Header, policy string, d ratelimit.Decision) {
	window := strconv.Itoa(max(1, int((d.Limit.Window+time.Second-1)/time.Second)))
	h["RateLimit-Policy"] = []string{`"` + policy + `";q=` + strconv.Itoa(d.Limit.Requests) + `;w=` + window}
	h[rateLimit] = []string{`"` + policy + `";r=` + strconv.Itoa(d.Remaining) + `;t=` + strconv.Itoa(d.Seconds())}
}

// words writes 1m0s as 1m and 1h0m0s as 1h.
func words(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// familiarKeys is how many of the most recent keys familiar remembers at least.
const familiarKeys = 20_000

// familiar remembers which keys were valid here lately, each as a hash with a random seed. When it is full it drops
// those that were not used since it was half full.
type familiar struct {
	seed     maphash.Seed
	capacity int

	mu         sync.RWMutex
	young, old map[uint64]struct{}
}

func (f *familiar) has(key string) bool {
	h := maphash.String(f.seed, key)
	f.mu.RLock()
	defer f.mu.RUnlock()
	_, young := f.young[h]
	_, old := f.old[h]
	return young || old
}

func (f *familiar) add(key string) {
	h := maphash.String(f.seed, key)
	f.mu.RLock()
	_, known := f.young[h]
	f.mu.RUnlock()
	if known {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.young == nil || len(f.young) >= f.capacity {
		f.young, f.old = map[uint64]struct{}{}, f.young
	}
	f.young[h] = struct{}{}
}

func (f *familiar) remove(key string) {
	h := maphash.String(f.seed, key)
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.young, h)
	delete(f.old, h)
}
