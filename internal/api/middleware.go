package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/apikey"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/operator"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
)

// The order, outermost first, and why:
//
//	trace         every request gets an id and a line in the log, also those that fail in the next steps
//	recoverPanic  a panic becomes an error that is rendered like any other
//	harden        headers that every answer carries
//	(routing)     from here on the operation is known
//	allow         who is calling and may they: before the body is read, so strangers can't make us read it
//	strictJSON    the body, limited, is one JSON value without duplicate keys
//	validator     parameters and body fit the contract
//	once          a request with an Idempotency-Key runs in one transaction with the memory of its answer
//	(handler)

const requestIDHeader = "X-Request-Id"

var requestID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// unmatched stands for every path and method that is no route's: figures must not grow with what strangers send.
const unmatched = "unmatched"

func trace(observe func(method, path string, status int, took time.Duration)) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			start := time.Now()
			requested := c.Request().Header.Get(requestIDHeader)
			if !requestID.MatchString(requested) {
				requested = id.New(id.Request)
			}
			c.Response().Header().Set(requestIDHeader, requested)
			err := next(c)
			if err != nil {
				c.Error(err)
			}
			took := time.Since(start)
			p := principal.From(c.Request().Context())
			slog.Debug("request", "method", c.Request().Method, "path", c.Path(), "status", c.Response().Status,
				"duration_ms", float64(took)/float64(time.Millisecond), "request_id", requested, "tenant", p.TenantID, "key", p.KeyID)
			if observe != nil {
				method, path := route(c, err)
				observe(method, path, c.Response().Status, took)
			}
			return nil
		}
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

func harden(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cache-Control", "no-store")
		return next(c)
	}
}

// addressBehind finds out where a request came from. Anybody can write an X-Forwarded-For, so only what trusted
// proxies wrote is believed; without any, it is the connection's own address.
func addressBehind(proxies []netip.Prefix) echo.IPExtractor {
	if len(proxies) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range proxies {
		options = append(options, echo.TrustIPRange(&net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}))
	}
	return echo.ExtractIPFromXFFHeader(options...)
}

type authenticator interface {
	Authenticate(ctx context.Context, text string) (principal.Principal, error)
}

// allow enforces an operation's access rule.
func allow(rule contract.Rule, keys, operators authenticator) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if rule.Public {
			return next
		}
		return func(c echo.Context) error {
			p, err := authenticate(c, keys, operators)
			if err != nil {
				return err
			}
			p.Address, p.RequestID = c.RealIP(), c.Response().Header().Get(requestIDHeader)
			p.Origin = c.Scheme() + "://" + c.Request().Host
			c.SetRequest(c.Request().WithContext(audit.WithAction(principal.With(c.Request().Context(), p), rule.Audit)))
			if err := authorize(rule, p); err != nil {
				return err
			}
			return next(c)
		}
	}
}

func authenticate(c echo.Context, keys, operators authenticator) (principal.Principal, error) {
	text, err := credential(c.Request().Header)
	if err != nil {
		return principal.Principal{}, err
	}
	authority := keys
	if strings.HasPrefix(text, operator.Prefix) {
		authority = operators
	}
	p, err := authority.Authenticate(c.Request().Context(), text)
	if errors.Is(err, apikey.ErrUnknown) || errors.Is(err, operator.ErrUnknown) {
		return p, unauthorized()
	}
	return p, err
}

// credential takes the key from the one header or the other.
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
		return "", problem.New(problem.Unauthorized, "Authorization and X-Api-Key carry different keys. Send one of them.")
	case bearer != "":
		return bearer, nil
	}
	return key, nil
}

// unauthorized doesn't say what is wrong with a key, so that nobody can find out which keys exist.
func unauthorized() error {
	return problem.New(problem.Unauthorized, "The API key is missing or not valid. Send it as 'Authorization: Bearer <key>' or 'X-Api-Key: <key>'.")
}

func authorize(rule contract.Rule, p principal.Principal) error {
	if (rule.Permission == contract.Operator) != p.Operator {
		if p.Operator {
			return problem.New(problem.Forbidden, "An operator key belongs to no tenant. Call this with an API key of the tenant.")
		}
		return problem.New(problem.Forbidden, "This is for operators. Call it with an operator key.")
	}
	if p.Operator || rule.Permission == contract.Authenticated {
		return nil
	}
	if rule.Entitlement != "" && !p.Entitled(rule.Entitlement) {
		return problem.New(problem.EntitlementRequired, "The plan %q does not include %q. Upgrade to use this.", p.Plan, rule.Entitlement)
	}
	if !p.Can(rule.Permission) {
		return problem.New(problem.Forbidden, "This key lacks the permission %q.", rule.Permission)
	}
	return nil
}
