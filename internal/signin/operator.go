package signin

import (
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/operator"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/session"
)

// OperatorLoginPath is the path of the operators' sign-in page.
const OperatorLoginPath = "/admin/login"

// keysLimit is how many operator keys may be tried from an address.
var keysLimit = ratelimit.PerMinute(10)

func (d *Doors) registerOperators(e *echo.Echo) {
	e.GET(OperatorLoginPath, d.showOperatorLogin)
	e.POST(OperatorLoginPath, d.operatorLogin)
	e.POST("/admin/logout", d.logout)
}

// forOperators reports whether a request is to the operators' pages.
func forOperators(c echo.Context) bool {
	path := c.Request().URL.Path
	return path == "/admin" || strings.HasPrefix(path, "/admin/")
}

// operatorLogin is the data of the page: what was wrong with the submission, and the other ways to sign in.
type operatorLogin struct {
	Fault, Hint string
	SSO         string
	Form        string // the token of the form
}

func (d *Doors) operatorPage(c echo.Context, status int, fault string) error {
	return d.closed.Render(c, status, "operator", ui.Page{
		Title: "Sign in as an operator", Part: "Operators", Home: "/admin", Data: operatorLogin{fault,
			d.config.OperatorHint, d.ssoLink(), d.formToken(c)},
	})
}

func (d *Doors) showOperatorLogin(c echo.Context) error { return d.operatorPage(c, http.StatusOK, "") }

// operatorLogin takes an operator key and starts a session with it. The key is not stored, logged or shown again.
func (d *Doors) operatorLogin(c echo.Context) error {
	limitForm(c)
	if !d.sentHere(c) {
		return d.operatorPage(c, http.StatusForbidden, "The request came from another site. Sign in with the form below.")
	}
	if d.limiter != nil {
		who := ratelimit.Stranger(c.RealIP())
		who.ID = "signin/" + who.ID
		if try := d.limiter.Take(c.Request().Context(), who, keysLimit); !try.Allowed {
			c.Response().Header().Set(echo.HeaderRetryAfter, strconv.Itoa(try.Seconds()))
			return d.operatorPage(c, http.StatusTooManyRequests, "Too many attempts from this address. Wait a minute.")
		}
	}
	p, err := d.operators.Authenticate(c.Request().Context(), strings.TrimSpace(c.FormValue("key")), c.RealIP())
	if errors.Is(err, operator.ErrUnknown) {
		slog.Warn("a sign-in with an invalid operator key was rejected", "address", c.RealIP())
		return d.operatorPage(c, http.StatusUnauthorized,
			"This key is not valid. It may have been revoked or have expired, or is not an operator key.")
	}
	var refused *problem.Error
	if errors.As(err, &refused) && refused.Code == problem.Forbidden {
		return d.operatorPage(c, http.StatusForbidden, refused.Message)
	}
	if err != nil {
		return err
	}
	return d.open(c, session.New{Operator: true, OperatorKeyID: p.KeyID, OpenedBy: session.ByKey,
		Life: session.SignOnLife})
}
