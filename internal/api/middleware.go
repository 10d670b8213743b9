package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel/attribute"

	"github.com/hookline/hookline/internal/apikey"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/operator"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/tracing"
)

// The order, outermost first, and why:
//
//	trace         every request gets an id and a line in the log, including those that later steps refuse
//	recoverPanic  a panic becomes an error that is rendered like any other
//	limitAnswer   a response that its client does not read is cut off
//	harden        headers of every response
//	unmatched     paths and methods that do not exist are refused; the responses report a rate limit, too, and say
//	              where the caller's product lists its paths
//	(routing)     from here on the operation is known
//	described     every response reports a rate limit, unless the operation is public
//	keyless       a URL that contains a key is refused, whatever the operation
//	known         public operations may ask whose key the request carries
//	strangers     an address that sent too many invalid keys, or sends many at a time, is refused before another is
//	              looked up
//	senders       the same for failed requests to public operations
//	identify      who is calling
//	identified    a caller no longer counts as a stranger
//	callers       rate limit of the key; requests that later steps refuse count too
//	allow         is the caller permitted: before the body is read, so that strangers can't make the server read it
//	plainText     path and query are valid UTF-8
//	readBody      the body is read, within its limit
//	signed        public operations: the body is signed by the one whom the operation is for
//	strictJSON    the body is one JSON value without duplicate keys
//	validator     parameters and body fit the contract; if not, the operation is tried for what else is wrong
//	forTenant     an operator acts as the tenant that the path names; inside validator, so that the body's form is
//	              refused first, as elsewhere
//	named         the profile's names of event types become ours, and ours the profile's in the response; inside
//	              validator, which sees what the caller sent
//	once          a request with an Idempotency-Key and its stored response share one transaction
//	stored        the body fits in what the tenant may still store today; inside once, so that a replay stores nothing
//	paid          the price is charged in the same transaction; inside once, so that a replay costs nothing
//	keep          a stream ends when its key loses the permission and when the server stops
//	stale         lists and statistics may be read from a replica; after everything that decides about the request
//	(handler)

const eventStream = "text/event-stream"

const requestIDHeader = "X-Request-Id"

var requestID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// unmatched is the route of every request that matches none: a label of metrics must not be chosen by callers.
const unmatched = "unmatched"

func trace(o Options) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			start := time.Now()
			requested := c.Request().Header.Get(requestIDHeader)
			if !requestID.MatchString(requested) {
				requested = id.New(id.Request)
			}
			c.Response().Header().Set(requestIDHeader, requested)
			ctx, span := o.Tracer.Serve(c.Request())
			defer span.End()
			if ctx != c.Request().Context() { // else there is no trace, and nothing to copy the request for
				c.SetRequest(c.Request().WithContext(ctx))
			}
			err := next(c)
			if err != nil {
				c.Error(err)
			}
			took := time.Since(start)
			p := principal.From(c.Request().Context())
			method, path := route(c, err)
			finish(span, method, path, c.Response().Status, requested, p.TenantID)
			// computing its arguments costs more than this check
			if log := slog.Default(); log.Enabled(c.Request().Context(), slog.LevelDebug) {
				log.DebugContext(ctx, "request", "method", c.Request().Method, "path", c.Path(), "status",
					c.Response().Status,
					"duration_ms", float64(took)/float64(time.Millisecond), "request_id", requested, "tenant",
					p.TenantID, "key", p.KeyID)
			}
			// which lasts as long as its reader stays
			if o.Observe != nil && c.Response().Header().Get(echo.HeaderContentType) != eventStream {
				o.Observe(method, path, c.Response().Status, took, tracing.ID(ctx))
			}
			if o.Answered != nil {
				o.Answered(p, c.Response().Status)
			}
			return nil
		}
	}
}

// finish names the span of a request and adds what became of it.
func finish(span tracing.Span, method, path string, status int, requestID, tenantID string) {
	if !span.Recorded() {
		return
	}
	span.Name(method + " " + path)
	span.Set(attribute.String("http.request.method", method), attribute.String("http.route", path),
		attribute.Int("http.response.status_code", status), attribute.String("hookline.request_id", requestID),
		attribute.String("hookline.tenant", tenantID))
	if status >= http.StatusInternalServerError {
		span.Fail(http.StatusText(status))
	}
}

func route(c echo.Context, err error) (method, path string) {
	if errors.Is(err, echo.ErrNotFound) || errors.Is(err, echo.ErrMethodNotAllowed) {
		return unmatched, unmatched
	}
	return c.Request().Method, c.Path()
}

func recoverPanic(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			r := recover()
			if r == nil {
				return
			}
			if r == http.ErrAbortHandler { //nolint:errorlint // the value itself is the signal
				panic(r)
			}
			err = problem.Wrap(fmt.Errorf("panic: %v\n%s", r, debug.Stack()))
		}()
		return next(c)
	}
}

// answerLimit is how long a client may take to read a response, unless Options say otherwise. Streams set their own.
const answerLimit = time.Minute

// limitAnswer sets the deadline for writing a response when it begins, so that the time of the handler does not count.
// The deadline of the previous request on the connection ends here.
func limitAnswer(limit time.Duration) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			out := http.NewResponseController(c.Response().Writer)
			_ = out.SetWriteDeadline(time.Time{}) // in-house requests have no connection
			c.Response().Before(func() { _ = out.SetWriteDeadline(time.Now().Add(limit)) })
			return next(c)
		}
	}
}

// https is how long browsers remember to use HTTPS alone for this host. Other hosts of the domain are not ours.
const https = "max-age=31536000"

// harden sets headers for browsers. They use HTTPS alone from then on where that is how they reach this server.
func harden(publicURL string) echo.MiddlewareFunc {
	secure := strings.HasPrefix(publicURL, "https://")
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			h := c.Response().Header()
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("Referrer-Policy", "no-referrer")
			h.Set("X-Frame-Options", "DENY")
			h.Set("Cross-Origin-Opener-Policy", "same-origin")
			h.Set("Permissions-Policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()")
			h.Set("Cache-Control", "no-store")
			if secure {
				h.Set("Strict-Transport-Security", https)
			}
			return next(c)
		}
	}
}

// addressBehind returns the client's address. Anybody can send an X-Forwarded-For, so only the entries of trusted
// proxies count; without trusted proxies it is the connection's remote address.
func addressBehind(proxies []netip.Prefix) echo.IPExtractor {
	if len(proxies) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range proxies {
		options = append(options, echo.TrustIPRange(&net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(),
			p.Addr().BitLen())}))
	}
	return echo.ExtractIPFromXFFHeader(options...)
}

// stale lets operations whose answer may be some seconds old read from a replica.
func stale(rule contract.Rule) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if !rule.Stale {
			return next
		}
		return func(c echo.Context) error {
			c.SetRequest(c.Request().WithContext(db.AllowStale(c.Request().Context())))
			return next(c)
		}
	}
}

type authenticator interface {
	// Authenticate returns the caller that a key from an address belongs to.
	Authenticate(ctx context.Context, text, address string) (principal.Principal, error)
}

// identify authenticates the caller.
func identify(rule contract.Rule, keys, operators authenticator) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if rule.Public && !rule.Body {
			return next
		}
		return func(c echo.Context) error {
			var p principal.Principal
			if !rule.Public {
				var err error
				if p, err = caller(c, keys, operators)(c.Request().Context()); err != nil {
					return err
				}
			}
			p.Address, p.RequestID = c.RealIP(), c.Response().Header().Get(requestIDHeader)
			p.Origin = c.Scheme() + "://" + c.Request().Host
			c.SetRequest(c.Request().WithContext(audit.WithAction(principal.With(c.Request().Context(), p),
				rule.Audit)))
			return next(c)
		}
	}
}

// allow enforces an operation's access rule.
func allow(rule contract.Rule) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if rule.Public {
			return next
		}
		return func(c echo.Context) error {
			if err := authorize(rule, principal.From(c.Request().Context())); err != nil {
				return err
			}
			return next(c)
		}
	}
}

// caller returns the caller of a request, and a function that authenticates it again: the principal that the pages of
// this process vouch for, or the owner of the key.
func caller(c echo.Context, keys, operators authenticator) principal.Again {
	if p, again, ok := principal.Vouched(c.Request().Context()); ok {
		first := true
		return func(ctx context.Context) (principal.Principal, error) {
			if first {
				first = false
				return p, nil
			}
			return again(ctx)
		}
	}
	text, err := credential(c.Request().Header)
	address := c.RealIP()
	return func(ctx context.Context) (principal.Principal, error) {
		if err != nil {
			return principal.Principal{}, err
		}
		return authenticate(ctx, text, address, keys, operators)
	}
}

// authenticate authenticates a key.
func authenticate(ctx context.Context, text, address string, keys,
	operators authenticator) (principal.Principal, error) {
	authority := keys
	if strings.HasPrefix(text, operator.Prefix) {
		authority = operators
	}
	p, err := authority.Authenticate(ctx, text, address)
	if errors.Is(err, apikey.ErrUnknown) || errors.Is(err, operator.ErrUnknown) {
		return p, unauthorized()
	}
	return p, err
}

// keyless refuses URLs that contain a key, also on operations that need none: the key has leaked by being sent.
func keyless(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := refuseKeyInURL(c.Request().URL); err != nil {
			return err
		}
		return next(c)
	}
}

// refuseKeyInURL refuses a key in the query: URLs end up in logs, histories and referrers, so the key has leaked.
// The response does not repeat it.
func refuseKeyInURL(u *url.URL) error {
	if u.RawQuery == "" {
		return nil
	}
	field := ""
	if carriesKey(u.RawQuery) { // also in a malformed query
		field = "query"
	}
	for name, values := range u.Query() {
		switch {
		case carriesKey(name):
			field = "query"
		case slices.ContainsFunc(values, carriesKey):
			field = name
		}
	}
	if field == "" {
		return nil
	}
	return problem.Invalid(problem.Detail{Field: field,
		Message: "carries an API key; keys don't belong in URLs, which are logged. Revoke this key, and send " +
			"the new one in a header"})
}

func carriesKey(text string) bool {
	return apikey.Carried(text) || strings.Contains(text, operator.Prefix)
}

// credential returns the key from either of the two headers.
func credential(h http.Header) (string, error) {
	bearer := h.Get(echo.HeaderAuthorization)
	if scheme, rest, ok := strings.Cut(bearer, " "); ok && strings.EqualFold(scheme, "Bearer") {
		bearer = strings.TrimSpace(rest)
	} else if bearer != "" {
		return "", unauthorized()
	}
	key := h.Get("X-Api-Key")
	switch {
	case bearer == "" && key == "":
		return "", unauthorized()
	case bearer != "" && key != "" && bearer != key:
		return "", problem.New(problem.Unauthorized,
			"Authorization and X-Api-Key carry different keys. Send one of them.")
	case bearer != "":
		return bearer, nil
	}
	return key, nil
}

// unauthorized does not say why a key is refused, so that nobody can find out which keys exist.
func unauthorized() error {
	return problem.New(problem.Unauthorized,
		"The API key is missing or not valid. Send it as 'Authorization: Bearer <key>' or 'X-Api-Key: <key>'.")
}

func authorize(rule contract.Rule, p principal.Principal) error {
	if (rule.Permission == contract.Operator) != p.Operator {
		if p.Operator {
			return problem.New(problem.Forbidden,
				"An operator key belongs to no tenant. Call this with an API key of the tenant.")
		}
		return problem.New(problem.Forbidden, "This is for operators. Call it with an operator key.")
	}
	if p.Operator {
		return rule.CheckRole(p.OperatorRole)
	}
	if !profile.Of(p.Profile).Sells(rule.Resource) {
		return echo.ErrNotFound // as any path that the product does not have
	}
	if rule.Permission == contract.Authenticated {
		return nil
	}
	if rule.Entitlement != "" && !p.Entitled(rule.Entitlement) {
		return problem.New(problem.EntitlementRequired, "The plan %q does not include %q. Upgrade to use this.", p.Plan,
			rule.Entitlement)
	}
	if !p.Can(rule.Permission) && p.SessionID != "" {
		return problem.New(problem.Forbidden, "Your session lacks the permission %q.", rule.Permission)
	}
	if !p.Can(rule.Permission) {
		return problem.New(problem.Forbidden, "This key lacks the permission %q.", rule.Permission)
	}
	return nil
}
