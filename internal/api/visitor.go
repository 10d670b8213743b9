package api

import (
	"context"
	"errors"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/apikey"
	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/operator"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/ratelimit"
)

// visitors finds out whose edition of the documents a caller gets where no key is needed.
type visitors struct {
	limits *limits
	keys   authenticator
}

// profileOf names the profile of the tenant whose key a request carries; it is empty for everybody else, also for those
// whose key can't be looked up now. Invalid keys count as they do elsewhere, so that guessing is not cheaper here.
func (v visitors) profileOf(c echo.Context) string {
	ctx := c.Request().Context()
	if p := principal.From(ctx); p.TenantID != "" {
		return profile.Of(p.Profile).Name
	}
	if p, _, vouched := principal.Vouched(ctx); vouched {
		return p.Profile
	}
	key, err := credential(c.Request().Header)
	if err != nil || strings.HasPrefix(key, operator.Prefix) {
		return ""
	}
	l, who := v.limits, ratelimit.Stranger(c.RealIP())
	if l.limiter != nil && !l.familiar.has(key) {
		if _, refused := l.limiter.Refuses(who, strangersLimit); refused {
			return ""
		}
		leave, ok := l.unknown.Enter(ctx, who)
		if !ok {
			return ""
		}
		defer leave()
	}
	p, err := v.keys.Authenticate(ctx, key, c.RealIP())
	switch {
	case err == nil:
		l.familiar.add(key)
		return profile.Of(p.Profile).Name
	case errors.Is(err, apikey.ErrUnknown) && l.limiter != nil:
		l.familiar.remove(key)
		l.limiter.Take(ctx, who, strangersLimit)
	}
	return ""
}

// known lets the handlers of public operations ask for the caller's edition, who is looked up only then.
func (v visitors) known(rule contract.Rule) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if !rule.Public || rule.Body {
			return next
		}
		return func(c echo.Context) error {
			ctx := context.WithValue(c.Request().Context(), visitorKey{}, func() string { return v.profileOf(c) })
			c.SetRequest(c.Request().WithContext(ctx))
			return next(c)
		}
	}
}

type visitorKey struct{}

// visitorProfile is the profile of the caller of a public operation; empty for a stranger.
func visitorProfile(ctx context.Context) string {
	if of, ok := ctx.Value(visitorKey{}).(func() string); ok {
		return of()
	}
	return ""
}

// unmatched notes whose edition lists the paths that exist, for the error of one that does not.
func (v visitors) unmatched(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		err := next(c)
		if errors.Is(err, echo.ErrNotFound) {
			c.Set(editionOfCaller, v.profileOf(c))
		}
		return err
	}
}

// editionOfCaller is where the context of a request has the profile of the caller.
const editionOfCaller = "edition"

// noPath is the error of a path that the caller's product has not.
func noPath(c echo.Context) *problem.Error {
	list := "/api/v1/openapi.json"
	if name, _ := c.Get(editionOfCaller).(string); name != "" && name != profile.Default {
		list += "?profile=" + name
	}
	return problem.New(problem.NotFound, "This path does not exist. GET %s lists all paths.", list)
}
