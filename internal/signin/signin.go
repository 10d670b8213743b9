// Package signin signs people in to the dashboard and out of it: by a single-use link or single sign-on.
// internal/session owns the sessions; this package is their HTTP side.
package signin

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/member"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/role"
	"github.com/hookline/hookline/internal/secret"
	"github.com/hookline/hookline/internal/session"
	"github.com/hookline/hookline/internal/tenant"
)

// Sessions starts, finds and ends sessions; *session.Store is one.
type Sessions interface {
	Enter(ctx context.Context, link string, bare bool) (c session.Current, token string, err error)
	Open(ctx context.Context, n session.New) (c session.Current, token string, err error)
	Find(ctx context.Context, token string) (session.Current, error)
	TenantOfLink(ctx context.Context, link string) (string, error)
	Leave(ctx context.Context, token string) error
	Switch(ctx context.Context, token string, environment principal.Environment) error
}

// Members finds the memberships of an email address in all tenants; *member.Store is one.
type Members interface {
	ByEmail(ctx context.Context, email string) ([]member.Member, error)
}

// Tenants finds a tenant; *tenant.Store is one.
type Tenants interface {
	Get(ctx context.Context, tenantID string) (tenant.Tenant, error)
}

// Operators authenticates operator keys; *operator.Store is one. It fails with operator.ErrUnknown.
type Operators interface {
	Authenticate(ctx context.Context, text, address string) (principal.Principal, error)
}

// Limiter counts attempts; *ratelimit.Limiter is one.
type Limiter interface {
	Take(ctx context.Context, s ratelimit.Subject, limit ratelimit.Limit) ratelimit.Decision
}

// Config configures sign-in. Without an Issuer there is no single sign-on.
type Config struct {
	PublicURL      string // scheme and host; empty when it is not known
	Issuer         string
	ClientID       string
	ClientSecret   string
	OperatorEmails []string
	EmbedOrigins   []string // sites that may show the pages in a frame
	Hint           string   // where people get a link; may be empty
	OperatorHint   string   // where operators find a way in besides their key; may be empty
}

// Doors serves the pages.
type Doors struct {
	config    Config
	sessions  Sessions
	members   Members
	tenants   Tenants
	operators Operators
	limiter   Limiter // nil without limits
	roles     role.Roles
	provider  *provider // nil without single sign-on
	ring      *secret.Ring
	assets    *ui.Assets
	pages     *ui.Templates
	closed    *ui.Templates // the same for operators, which no site may show in a frame
}

//go:embed templates
var templateFiles embed.FS

// Services are the dependencies of Doors.
type Services struct {
	Sessions  Sessions
	Members   Members
	Tenants   Tenants
	Operators Operators // whose keys sign operators in
	Limiter   Limiter   // of attempts with operators' keys; nil without limits
	Roles     role.Roles
	Ring      *secret.Ring // seals what a browser keeps while it is at the provider
}

// New makes Doors.
func New(c Config, s Services) *Doors {
	files, err := fs.Sub(templateFiles, "templates")
	if err != nil {
		panic(err) // the path is a constant
	}
	assets := ui.NewAssets("/app/login/assets", ui.Files())
	d := &Doors{
		config: c, sessions: s.Sessions, members: s.Members, tenants: s.Tenants, operators: s.Operators,
		limiter: s.Limiter,
		roles:   s.Roles, ring: s.Ring,
		assets: assets, pages: ui.Parse(assets, files, "login").EmbedIn(c.EmbedOrigins),
		closed: ui.Parse(assets, files, "operator"),
	}
	if c.Issuer != "" {
		d.provider = newProvider(c)
	}
	return d
}

// Register adds the routes.
func (d *Doors) Register(e *echo.Echo) {
	d.assets.Register(e)
	e.GET(session.LoginPath, d.showLogin)
	e.POST(session.LoginPath, d.login)
	e.GET("/app/session", d.showSession)
	e.POST("/app/logout", d.logout)
	d.registerOperators(e)
	if d.provider != nil {
		e.GET(oidcPath, d.leave)
		e.GET(oidcPath+callback, d.comeBack)
	}
}

// Session returns the browser's session; it fails with session.ErrNone.
func (d *Doors) Session(c echo.Context) (session.Current, error) {
	return d.Find(c.Request().Context(), d.Token(c))
}

// Token returns the browser's session token; empty when it has none. Operators and tenants have different cookies, so
// that an operator who opens a tenant's dashboard stays signed in.
func (d *Doors) Token(c echo.Context) string {
	names := []string{cookieName, operatorCookie}
	if forOperators(c) {
		names = names[1:]
	}
	for _, name := range names {
		if token := d.cookie(c, name); token != "" {
			return token
		}
	}
	return ""
}

// OnlyTenant reports whether a browser is signed in to a tenant's dashboard and not as an operator.
func (d *Doors) OnlyTenant(c echo.Context) bool {
	if d.cookie(c, operatorCookie) != "" {
		return false
	}
	s, err := d.Find(c.Request().Context(), d.cookie(c, cookieName))
	return err == nil && s.Tenant != nil
}

// Find returns the session with a token; it fails with session.ErrNone.
func (d *Doors) Find(ctx context.Context, token string) (session.Current, error) {
	if token == "" {
		return session.Current{}, session.ErrNone
	}
	s, err := d.sessions.Find(ctx, token)
	if err == nil && s.Tenant == nil && s.Key == nil && !d.operates(s.Session.OperatorSubject) {
		return session.Current{}, session.ErrNone // no longer an operator
	}
	return s, err
}

// Switch moves the session of a browser to an environment; it fails with session.ErrNone, and with a problem when the
// session may not.
func (d *Doors) Switch(c echo.Context, environment principal.Environment) error {
	return d.sessions.Switch(caller(c), d.Token(c), environment)
}

func (d *Doors) operates(email string) bool {
	return slices.ContainsFunc(d.config.OperatorEmails, func(e string) bool {
		return member.Key(e) == member.Key(email)
	})
}

// showLogin handles a link. Only a browser's navigation uses it up; prefetchers, scanners of messages, link previews
// and browsers without fetch metadata get a page with a button, and so do people whom another site sends here to
// replace their session by one of another tenant.
func (d *Doors) showLogin(c echo.Context) error {
	link := c.QueryParam("once")
	if link == "" {
		return d.page(c, http.StatusOK, login{Heading: "Sign in", Text: cmp.Or(d.config.Hint,
			"Open the dashboard from your product, or with a sign-in link."), SSO: d.ssoLink()})
	}
	asks, err := d.replaces(c, link)
	if err != nil {
		return err
	}
	if asks {
		return d.page(c, http.StatusOK, login{Heading: "Sign in to another account?", Once: link,
			Frame: c.QueryParam(session.FrameParam),
			Text:  "You are signed in. This link ends that and signs you in to another account, once."})
	}
	if d.goesThere(c.Request().Header) {
		return d.enter(c, link)
	}
	return d.page(c, http.StatusOK, login{Heading: "Sign in", Text: "This link signs you in to the dashboard, once.",
		Once: link, Frame: c.QueryParam(session.FrameParam)})
}

// goesThere reports whether the request is a navigation: of a window, or of a frame where frames are allowed.
func (d *Doors) goesThere(h http.Header) bool {
	to := h.Get("Sec-Fetch-Dest")
	return h.Get("Sec-Fetch-Mode") == "navigate" && (to == "document" || to == "iframe" &&
		len(d.config.EmbedOrigins) > 0) && !lookingAhead(h)
}

func lookingAhead(h http.Header) bool {
	for _, name := range []string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"} {
		if v := strings.ToLower(h.Get(name)); strings.Contains(v, "prefetch") || strings.Contains(v, "preview") ||
			strings.Contains(v, "prerender") {
			return true
		}
	}
	return false
}

func (d *Doors) login(c echo.Context) error {
	limitForm(c)
	link := c.FormValue("once")
	if !d.sentHere(c) {
		return d.page(c, http.StatusForbidden, login{Heading: "Sign in", Once: link,
			Frame: c.FormValue(session.FrameParam),
			Text:  "The request came from another site. Sign in here only if you asked for it."})
	}
	return d.enter(c, link)
}

// limitForm limits the body to the size of our forms.
func limitForm(c echo.Context) {
	c.Request().Body = http.MaxBytesReader(c.Response(), c.Request().Body, 8<<10)
}

func (d *Doors) enter(c echo.Context, link string) error {
	s, token, err := d.sessions.Enter(caller(c), link, c.FormValue(session.FrameParam) == session.FrameBare)
	if errors.Is(err, session.ErrLink) {
		return d.page(c, http.StatusUnauthorized, login{
			Heading: "This link has been used or has expired", SSO: d.ssoLink(),
			Text: "A sign-in link works once and for 10 minutes. " + cmp.Or(d.config.Hint,
				"Open the dashboard from your product again: it makes a new one. If somebody sent you this link, ask them "+
					"for another."),
		})
	}
	if err != nil {
		return err
	}
	return d.welcome(c, s, token)
}

// welcome sets the session's cookie and redirects the browser away from the URL with the token.
func (d *Doors) welcome(c echo.Context, s session.Current, token string) error {
	life := time.Until(s.Session.ExpiresAt.Time)
	if s.Tenant == nil {
		d.setCookie(c, operatorCookie, token, life)
		return c.Redirect(http.StatusSeeOther, "/admin")
	}
	d.setCookie(c, cookieName, token, life)
	return c.Redirect(http.StatusSeeOther, "/app")
}

// caller returns a context with the request's address, for the audit log and the session.
func caller(c echo.Context) context.Context {
	return principal.With(c.Request().Context(), principal.Principal{
		Address: c.RealIP(), UserAgent: c.Request().UserAgent(), RequestID: c.Response().Header().
				Get(echo.HeaderXRequestID),
	})
}

// logout ends the session. Without a session it needs no CSRF token and does nothing.
func (d *Doors) logout(c echo.Context) error {
	limitForm(c)
	name, to := cookieName, session.LoginPath
	if forOperators(c) {
		name, to = operatorCookie, OperatorLoginPath
	}
	if _, err := d.Session(c); errors.Is(err, session.ErrNone) {
		d.setCookie(c, name, "", 0)
		return c.Redirect(http.StatusSeeOther, to)
	}
	if err := d.CheckCSRF(c); err != nil {
		return err
	}
	if err := d.sessions.Leave(caller(c), d.Token(c)); err != nil && !errors.Is(err, session.ErrNone) {
		return err
	}
	d.setCookie(c, name, "", 0)
	return c.Redirect(http.StatusSeeOther, to)
}
