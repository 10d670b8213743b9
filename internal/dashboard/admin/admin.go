// Package admin is what operators see and do in the browser, under /admin. Like the tenants' pages it is a client of the
// contract: it calls the operators' operations in the process, as the operator who is signed in, so that validation,
// limits and the audit log hold here without a second copy of them.
package admin

import (
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/gen/client"
	"github.com/hookline/hookline/internal/dashboard"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/session"
	"github.com/hookline/hookline/internal/signin"
)

// Doors finds out who holds a session's token; *signin.Doors is one. It fails with session.ErrNone.
type Doors interface {
	Find(ctx context.Context, token string) (session.Current, error)
}

// Options is what the pages need.
type Options struct {
	API         http.Handler // answers the contract's operations
	Doors       Doors
	Permissions []string // that there are, to be chosen for a session in a tenant's dashboard
}

//go:embed all:templates
var templateFiles embed.FS

// Admin serves the pages.
type Admin struct {
	options Options
	assets  *ui.Assets
	pages   *ui.Templates
}

// New makes an Admin.
func New(o Options) *Admin {
	files, err := fs.Sub(templateFiles, "templates")
	if err != nil {
		panic(err) // the path is a constant
	}
	assets := ui.NewAssets("/admin/assets", ui.Files())
	return &Admin{options: o, assets: assets, pages: ui.Parse(assets, ui.Layers{files, dashboard.Templates()},
		"health", "tenants", "newtenant", "tenant", "pause", "link", "keys", "newkey", "credits", "invoices", "members",
		"queues", "deadletters", "bulk", "job", "audit", "confirm", "message")}
}

// Register adds the routes: /admin and what is below it.
func (a *Admin) Register(e *echo.Echo) {
	a.assets.Register(e)
	e.GET("/admin/", func(c echo.Context) error { return c.Redirect(http.StatusMovedPermanently, "/admin") })
	a.get(e, "/admin", healthPage)
	a.registerTenants(e)
	a.registerQueues(e)
	a.registerDeadLetters(e)
	a.get(e, "/admin/audit-log", auditPage)
	a.get(e, "/admin/*", func(*visit) error { return errMissing })
}

var errMissing = &inhouse.Refusal{Status: http.StatusNotFound}

func (a *Admin) get(e *echo.Echo, path string, show func(*visit) error) {
	e.GET(path, a.signedIn(show))
}

// post takes forms: those of our own pages, and not longer than any of them is.
func (a *Admin) post(e *echo.Echo, path string, do func(*visit) error) {
	e.POST(path, a.signedIn(func(v *visit) error {
		v.Request().Body = http.MaxBytesReader(v.Response(), v.Request().Body, 64<<10)
		if err := v.Request().ParseForm(); err != nil {
			return &inhouse.Refusal{Status: http.StatusBadRequest, Message: "The form could not be read."}
		}
		if signin.CheckCSRF(v) != nil {
			return &inhouse.Refusal{Status: http.StatusForbidden, Code: "csrf", Message: "The form is too old, or was not one of this page. Reload the page and try again."}
		}
		if err := v.call(v.FormValue("once")); err != nil {
			return err
		}
		return do(v)
	}))
}

// visit is one request of an operator.
type visit struct {
	echo.Context
	admin   *Admin
	session session.Current
	ctx     context.Context //nolint:containedctx // a visit is a call
	api     *client.Client
}

// call makes the visit's calls those of a form, or of none.
func (v *visit) call(once string) (err error) {
	v.api, err = client.NewClient("http://hookline.inside", client.WithHTTPClient(inhouse.Caller{API: v.admin.options.API, Visit: v, Once: once}))
	return err
}

// signedIn lets operators in, and turns what a page fails with into a page.
func (a *Admin) signedIn(show func(*visit) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		token := signin.Token(c)
		s, err := a.options.Doors.Find(c.Request().Context(), token)
		if errors.Is(err, session.ErrNone) || err == nil && s.Tenant != nil {
			return a.outside(c)
		}
		if err != nil {
			return err
		}
		v := &visit{Context: c, admin: a, session: s, ctx: principal.Vouch(c.Request().Context(), s.Principal(), a.again(token))}
		if err = v.call(""); err == nil {
			err = show(v)
		}
		if err == nil || c.Response().Committed {
			return err
		}
		return v.failed(err)
	}
}

func (a *Admin) again(token string) principal.Again {
	return func(ctx context.Context) (principal.Principal, error) {
		s, err := a.options.Doors.Find(ctx, token)
		if errors.Is(err, session.ErrNone) {
			return principal.Principal{}, problem.New(problem.Unauthorized, "The session has ended.")
		}
		return s.Principal(), err
	}
}

// outside leads those who are not signed in to the door. What a script fetched is answered, not led away.
func (a *Admin) outside(c echo.Context) error {
	if to := c.Request().Header.Get("Sec-Fetch-Mode"); c.Request().Method == http.MethodGet && (to == "" || to == "navigate") {
		return c.Redirect(http.StatusSeeOther, signin.OperatorLoginPath)
	}
	return a.pages.Render(c, http.StatusUnauthorized, "message", ui.Page{Title: "Signed out", Home: "/admin", Data: message{
		Heading: "You are not signed in", Text: "Your session has ended. Sign in again to go on.",
		Back: ui.Link{Text: "Sign in", Href: signin.OperatorLoginPath},
	}})
}

// message is a page that says one thing and where to go from there.
type message struct {
	Heading, Text string
	RequestID     string
	Back          ui.Link
}

func (v *visit) failed(err error) error {
	var r *inhouse.Refusal
	if !errors.As(err, &r) {
		slog.Error("an operators' page failed", "path", v.Path(), "error", err)
		r = &inhouse.Refusal{Status: http.StatusInternalServerError}
	}
	m := message{Heading: "This did not work", Text: r.Message, RequestID: r.RequestID, Back: ui.Link{Text: "Back to the start", Href: "/admin"}}
	retry := ui.Link{Text: "Try again", Href: v.Request().URL.RequestURI()}
	switch {
	case r.Status == http.StatusNotFound:
		m.Heading, m.Text = "Not found", "There is nothing at this address. It may be older than what is kept."
	case r.Code == "csrf":
		m.Heading = "This form can't be used any more"
	case r.Status == http.StatusUnauthorized:
		return v.admin.outside(v)
	case r.Status == http.StatusTooManyRequests:
		m.Heading, m.Back = "Too many requests", retry
	case r.Status == http.StatusServiceUnavailable && r.Message != "":
		m.Heading, m.Back = "A part of Hookline does not answer", retry
	case r.Status >= http.StatusInternalServerError:
		m.Heading, m.Back = "This could not be read", retry
		m.Text = "The server could not read what belongs here. Nothing is lost; try again in a moment."
	}
	if v.Request().Method != http.MethodGet {
		m.Back = ui.Link{Text: "Back to the start", Href: "/admin"}
	}
	m.Text += faults(r)
	return v.render(r.Status, "message", m.Heading, m)
}

// faults are what is wrong with fields as sentences.
func faults(r *inhouse.Refusal) string {
	var b strings.Builder
	for _, field := range slices.Sorted(keysOf(r.Fields)) {
		b.WriteString(" " + field + " " + r.Fields[field] + ".")
	}
	return b.String()
}

// done says what happened after a redirect, by the word in ?done=.
var done = map[string]string{
	"created": "The tenant was created.", "saved": "Your changes were saved.",
	"paused": "Deliveries are paused. What happens meanwhile waits.", "resumed": "Deliveries go on; what waited is sent, slowly at first.",
	"revoked": "The key was revoked. It stopped working at once.", "granted": "The credits were granted.",
	"queue-paused": "The queue is paused.", "queue-unpaused": "The queue runs again.", "cancelled": "The job was cancelled.",
}

func (v *visit) render(status int, name, title string, data any) error {
	return v.admin.pages.Render(v, status, name, ui.Page{
		Title: title, Part: "Operators", Home: "/admin", Sections: v.navigation(), User: v.session.Operator(), SignOut: "/admin/logout",
		CSRF: signin.CSRF(v), Once: rand.Text(), Done: done[v.QueryParam("done")], Data: data,
	})
}

// back leads a browser on after a form, to a page that says what was done.
func (v *visit) back(to, what string) error {
	return v.Redirect(http.StatusSeeOther, to+"?done="+url.QueryEscape(what))
}

func (v *visit) navigation() []ui.Section {
	at := v.Request().URL.Path
	link := func(text, href string) ui.Link {
		return ui.Link{Text: text, Href: href, Current: at == href || href != "/admin" && strings.HasPrefix(at, href+"/")}
	}
	return []ui.Section{
		{Links: []ui.Link{link("System health", "/admin"), link("Tenants", "/admin/tenants")}},
		{Title: "Deliveries", Links: []ui.Link{link("Queues", "/admin/queues"), link("Dead letters", "/admin/dead-letters")}},
		{Title: "Records", Links: []ui.Link{link("Audit log", "/admin/audit-log")}},
	}
}
