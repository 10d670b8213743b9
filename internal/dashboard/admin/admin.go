// Package admin serves the operators' pages under /admin. Like the tenants' pages it is a client of the contract: it
// calls the operators' operations in the process, as the signed-in operator, so validation, limits and the audit log
// apply here without a second implementation.
package admin

import (
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/dashboard"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/metrics"
	"github.com/hookline/hookline/internal/role"
	"github.com/hookline/hookline/internal/session"
	"github.com/hookline/hookline/internal/signin"
)

// Options are the dependencies of the pages.
type Options struct {
	API   http.Handler // answers the contract's operations
	Doors inhouse.Doors
	Roles role.Roles               // whose permissions can be chosen for a session in a tenant's dashboard
	Rules map[string]contract.Rule // of the operations, by id: which roles may call them
	// Ready is what /readyz answers, Metrics the metrics of this process by name, and MetricsAddr where both are
	// served, empty when they are not.
	Ready       func(context.Context) metrics.Health
	Metrics     func() (map[string]float64, error)
	MetricsAddr func() string
}

//go:embed all:templates
var templateFiles embed.FS

// Admin serves the pages.
type Admin struct {
	options Options
	assets  *ui.Assets
	pages   *ui.Templates
}

var assets = sync.OnceValue(func() *ui.Assets { return ui.NewAssets("/admin/assets", ui.Files()) })

// pages are parsed once for a process; see the tenants' dashboard.
var pages = sync.OnceValue(func() *ui.Templates {
	files, err := fs.Sub(templateFiles, "templates")
	if err != nil {
		panic(err) // the path is a constant
	}
	return ui.Parse(assets(), ui.Layers{files, dashboard.Templates()}, "health", "tenants", "newtenant", "tenant",
		"pause", "link", "keys", "newkey", "credits", "invoices", "payinvoice", "operatorkeys", "members", "queues",
		"deadletters", "bulk", "job", "audit", "confirm", "message")
})

// New makes an Admin.
func New(o Options) *Admin { return &Admin{options: o, assets: assets(), pages: pages()} }

// Register adds the routes under /admin.
func (a *Admin) Register(e *echo.Echo) {
	a.assets.Register(e)
	e.GET("/admin/", func(c echo.Context) error { return c.Redirect(http.StatusMovedPermanently, "/admin") })
	e.GET("/admin", a.atTheDoor(a.signedIn(healthPage)))
	a.registerTenants(e)
	a.registerInvoices(e)
	a.registerOperatorKeys(e)
	a.registerQueues(e)
	a.registerDeadLetters(e)
	a.get(e, "/admin/audit-log", "listAllAuditLog", auditPage)
	e.GET("/admin/*", a.signedIn(func(*visit) error { return inhouse.ErrMissing }))
}

// get adds a page for operators who may call an operation.
func (a *Admin) get(e *echo.Echo, path, operation string, show func(*visit) error) {
	rule := a.rule(operation)
	e.GET(path, a.signedIn(func(v *visit) error {
		if err := v.require(rule); err != nil {
			return err
		}
		return show(v)
	}))
}

// post adds a route for a form that calls an operation, and limits its size.
func (a *Admin) post(e *echo.Echo, path, operation string, do func(*visit) error) {
	rule := a.rule(operation)
	e.POST(path, a.signedIn(func(v *visit) error {
		if err := v.require(rule); err != nil {
			return err
		}
		if err := v.ReadForm(64 << 10); err != nil {
			return err
		}
		return do(v)
	}))
}

// visit is one request of an operator.
type visit struct {
	*inhouse.Visit
	admin *Admin
}

// atTheDoor leads tenants to their own pages: a product may call them its admin pages.
func (a *Admin) atTheDoor(show echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if a.options.Doors.OnlyTenant(c) {
			return c.Redirect(http.StatusSeeOther, "/app/endpoints")
		}
		return show(c)
	}
}

// signedIn admits operators, and renders the error of a page as a page.
func (a *Admin) signedIn(show func(*visit) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		entered, err := inhouse.Enter(c, a.options.Doors, a.options.API)
		if errors.Is(err, session.ErrNone) || err == nil && entered.Session.Tenant != nil {
			return a.outside(c)
		}
		if err != nil {
			return err
		}
		v := &visit{entered, a}
		if err = v.checkAddress(); err == nil {
			err = show(v)
		}
		if err == nil || c.Response().Committed {
			return err
		}
		return v.failed(err)
	}
}

func (a *Admin) outside(c echo.Context) error {
	return inhouse.Outside(c, a.pages, "/admin", signin.OperatorLoginPath)
}

func (v *visit) failed(err error) error {
	r, m := v.Failure(err, ui.Link{Text: "Back to the start", Href: "/admin"})
	switch {
	case r.Status == http.StatusUnauthorized:
		return v.admin.outside(v)
	case r.Status == http.StatusServiceUnavailable && r.Message != "":
		m.Heading, m.Text = "A part of Hookline does not respond", r.Message
	}
	return v.render(r.Status, "message", m.Heading, m)
}

// confirm asks for a name to be typed.
func (v *visit) confirm(c inhouse.Confirmation) error {
	return v.render(c.Status(), "confirm", c.Heading, c)
}

// done are the confirmations after a redirect, by the word in ?done=.
var done = map[string]string{
	"created": "The tenant was created.", "saved": "Your changes were saved.",
	"paused":  "Deliveries are paused until they are resumed.",
	"resumed": "Deliveries are resumed; pending ones are sent, slowly at first.",
	"revoked": "The key was revoked.", "granted": "The credits were granted.",
	"invoiced": "The invoice was recorded.", "paid": "The invoice is recorded as paid; the tenant gets invoice.paid.",
	"queue-paused": "The queue is paused.", "queue-unpaused": "The queue is unpaused.",
	"cancelled": "The job was cancelled.",
}

func (v *visit) render(status int, name, title string, data any) error {
	status, faults := v.Faults(status)
	return v.admin.pages.Render(v, status, name, ui.Page{
		Faults: faults,
		Title:  title, Part: "Operators", Home: "/admin", Sections: v.navigation(), User: v.Session.Operator(),
		SignOut: "/admin/logout", May: v.may,
		CSRF: v.CSRF(), Once: rand.Text(), Done: done[v.QueryParam("done")], Data: data,
	})
}

// icons are the pictures of the navigation, by address.
var icons = map[string]string{"/admin": "health", "/admin/tenants": "tenant", "/admin/queues": "queue",
	"/admin/dead-letters": "dead", operatorKeys: "key", "/admin/audit-log": "audit"}

func (v *visit) navigation() []ui.Section {
	at := v.Request().URL.Path
	section := func(title string, links ...navLink) ui.Section {
		s := ui.Section{Title: title}
		for _, l := range links {
			if v.may(l.operation) {
				s.Links = append(s.Links, ui.Link{Text: l.text, Href: l.href,
					Current: at == l.href || l.href != "/admin" && strings.HasPrefix(at, l.href+"/"),
					Icon:    icons[l.href]})
			}
		}
		return s
	}
	all := []ui.Section{
		section("", navLink{"System health", "/admin", healthOperation}, navLink{"Tenants", "/admin/tenants",
			"listTenants"}),
		section("Deliveries", navLink{"Queues", "/admin/queues", "listQueues"}, navLink{"Dead letters",
			"/admin/dead-letters", "listAllDeadLetters"}),
		section("Operators", navLink{"Operator keys", operatorKeys, "listOperatorKeys"}, navLink{"Audit log",
			"/admin/audit-log", "listAllAuditLog"}),
	}
	return slices.DeleteFunc(all, func(s ui.Section) bool { return len(s.Links) == 0 })
}

// navLink is an entry of the navigation, for operators who may call the operation.
type navLink struct{ text, href, operation string }
