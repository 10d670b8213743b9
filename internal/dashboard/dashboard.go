// Package dashboard serves the tenants' pages under /app. It is a client of the contract: a page reads and changes data
// by calling the API's operations in the process, as the signed-in user. So access rules, validation, limits and the
// audit log apply here without a second implementation, and it needs no store. All pages and forms work without
// JavaScript; the script makes them pleasant.
package dashboard

import (
	"crypto/rand"
	"embed"
	"errors"
	"io/fs"
	"net/http"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/role"
	"github.com/hookline/hookline/internal/session"
)

// Doors resolves session tokens; *signin.Doors implements it.
type Doors interface {
	inhouse.Doors
	// Switch moves the session of a visit to an environment.
	Switch(c echo.Context, environment principal.Environment) error
}

// Options are the dependencies of the dashboard.
type Options struct {
	API          http.Handler // answers the contract's operations
	Doors        Doors
	Roles        role.Roles
	Actions      []string // what the audit log calls what tenants do
	Looks        Looks
	EmbedOrigins []string // sites that may show the pages in a frame
}

//go:embed all:templates
var templateFiles embed.FS

// Templates are the files of the pages. Those for operators share some, and what begins with an underscore.
func Templates() fs.FS {
	files, err := fs.Sub(templateFiles, "templates")
	if err != nil {
		panic(err) // the path is a constant
	}
	return files
}

// Dashboard serves the pages.
type Dashboard struct {
	options Options
	assets  *ui.Assets
	pages   *ui.Templates
}

var assets = sync.OnceValue(func() *ui.Assets { return ui.NewAssets("/app/assets", ui.Files()) })

// pages are parsed once for all dashboards of a process.
var pages = sync.OnceValue(func() *ui.Templates {
	return ui.Parse(assets(), Templates(), "overview", "endpoints", "endpoint", "endpointform", "deliveries",
		"delivery", "events", "event", "publish", "deadletters", "bulk", "job", "keys", "keyform", "key", "newkey",
		"newsecret", "confirm",
		"message", "eventtypes", "eventtype", "credits", "usage", "members", "memberform", "member", "audit",
		"settings", "notinplan", "alerts", "channelform", "channelsecret",
		"eventtypeform")
})

// New makes a Dashboard.
func New(o Options) *Dashboard {
	return &Dashboard{options: o, assets: assets(), pages: pages().EmbedIn(o.EmbedOrigins)}
}

// Permissions that the pages check to hide controls that the session can't use. The API enforces them.
const (
	readWebhooks    = "read:webhooks"
	writeWebhooks   = "write:webhooks"
	readDeliveries  = "read:deliveries"
	writeDeliveries = "write:deliveries"
	readEvents      = "read:events"
	writeEvents     = "write:events"
	readKeys        = "read:keys"
	writeKeys       = "write:keys"
)

// Register adds the routes under /app.
func (d *Dashboard) Register(e *echo.Echo) {
	d.assets.Register(e)
	e.GET("/app/", func(c echo.Context) error { return c.Redirect(http.StatusMovedPermanently, "/app") })
	d.get(e, "/app", "", overviewPage)
	d.registerEndpoints(e)
	d.registerDeliveries(e)
	d.registerEvents(e)
	d.registerDeadLetters(e)
	d.registerKeys(e)
	d.registerAlerts(e)
	d.registerAccount(e)
	e.GET("/app/*", d.signedIn("", func(*visit) error { return inhouse.ErrMissing }))
}

func (d *Dashboard) get(e *echo.Echo, path, permission string, show func(*visit) error) {
	e.GET(path, d.signedIn(permission, show))
}

// post adds a route for a form of the pages and limits its size.
func (d *Dashboard) post(e *echo.Echo, path, permission string, do func(*visit) error) {
	e.POST(path, d.signedIn(permission, func(v *visit) error {
		if err := v.ReadForm(256 << 10); err != nil {
			return err
		}
		return do(v)
	}))
}

// visit is one request of a signed-in user.
type visit struct {
	*inhouse.Visit
	dashboard *Dashboard
}

var errForbidden = &inhouse.Refusal{Status: http.StatusForbidden,
	Message: "Your session does not allow this. Ask an owner or admin of your organisation."}

// signedIn admits sessions with the permission for a page, and renders the error of a page as a page.
func (d *Dashboard) signedIn(permission string, show func(*visit) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		entered, err := inhouse.Enter(c, d.options.Doors, d.options.API)
		if errors.Is(err, session.ErrNone) {
			return d.outside(c)
		}
		if err != nil {
			return err
		}
		if entered.Session.Tenant == nil {
			return c.Redirect(http.StatusSeeOther, "/admin")
		}
		v := &visit{entered, d}
		switch {
		case permission != "" && !v.may(permission):
			err = errForbidden
		case permission != "" && !v.can(permission) && inhouse.Navigates(c):
			err = v.notInPlan(permission)
		default:
			err = show(v)
		}
		if err == nil || c.Response().Committed {
			return err
		}
		return v.failed(err)
	}
}

func (d *Dashboard) outside(c echo.Context) error {
	return inhouse.Outside(c, d.pages, "/app", session.LoginPath)
}

func (v *visit) failed(err error) error {
	r, m := v.Failure(err, ui.Link{Text: "Back to the overview", Href: "/app"})
	switch r.Status {
	case http.StatusUnauthorized:
		return v.dashboard.outside(v)
	case http.StatusNotFound:
		m.Text = "This page does not exist. Its object may be past its retention, or belong to another tenant " +
			"or environment."
	}
	return v.render(r.Status, "message", m.Heading, m)
}

// confirm asks for a name to be typed.
func (v *visit) confirm(title string, c inhouse.Confirmation) error {
	return v.render(c.Status(), "confirm", title, c)
}

// done are the confirmations after a redirect, by the word in ?done=.
var done = map[string]string{
	"created": "The endpoint was created.", "saved": "Your changes were saved.", "deleted": "The endpoint was deleted.",
	"enabled":  "The endpoint is enabled. Recent failures are retried.",
	"disabled": "The endpoint is disabled. Its events are stored and can be recovered.",
	"replayed": "It is being sent again.", "published": "The event was published.",
	"retried": "The endpoint is tried now: a probe is sent if its circuit breaker is open, and waiting retries are " +
		"due.",
	"endpoints-enabled": "The endpoints are enabled.", "endpoints-disabled": "The endpoints are disabled.",
	"revoked":      "The key was revoked.",
	"cancelled":    "The job was cancelled.",
	"member-added": "The member was added.", "member-saved": "The member was changed.",
	"member-removed": "The member was removed.",
	"session-ended":  "The session was ended.",
	"type-created":   "The event type was created.", "type-deleted": "The event type was deleted.",
	"alert-resolved": "The alert was resolved.", "channel-created": "The channel was added.",
	"channel-saved": "The channel was changed.", "channel-deleted": "The channel was deleted.",
	"live": "You see the live environment.", "test": "You see the test environment.",
}

func (v *visit) render(status int, name, title string, data any) error {
	status, faults := v.Faults(status)
	p := ui.Page{
		Title: title, Home: "/app", Faults: faults, Sections: v.navigation(), Tenant: v.Session.Tenant.Name,
		Environment: string(v.Session.Session.Environment), MaySwitch: v.Session.Session.MaySwitch,
		Section: section(v.Request().URL.Path),
		CSRF:    v.CSRF(), Once: rand.Text(), Done: done[v.QueryParam("done")], Data: data,
	}
	if m := v.Session.Member; m != nil {
		p.User = m.Email
	}
	v.dress(&p)
	return v.dashboard.pages.Render(v, status, name, p)
}

// section is the list that a page belongs to, which both environments have.
func section(path string) string {
	parts := strings.SplitN(path, "/", 4) // "", "app", list, the rest
	if list := strings.Join(parts[:min(len(parts), 3)], "/"); icons[list] != "" {
		return list
	}
	return "/app"
}

// icons are the pictures of the navigation, by address.
var icons = map[string]string{"/app": "overview", "/app/endpoints": "endpoint", "/app/deliveries": "delivery",
	"/app/dead-letters": "dead", "/app/events": "event", "/app/keys": "key", "/app/event-types": "catalogue",
	"/docs": "docs", "/app/credits": "credit", "/app/usage": "usage", "/app/members": "member",
	"/app/audit": "audit", "/app/settings": "settings", "/app/alerts": "alert"}

func (v *visit) navigation() []ui.Section {
	at := v.Request().URL.Path
	link := func(permission, text, href string) []ui.Link {
		l := ui.Link{Text: text, Href: href, Current: at == href || href != "/app" && strings.HasPrefix(at, href+"/"),
			Icon: icons[href]}
		switch {
		case permission != "" && !v.may(permission):
			return nil
		case permission != "" && !v.can(permission):
			l.Note = "not in your plan"
		}
		return []ui.Link{l}
	}
	var out []ui.Section
	add := func(title string, groups ...[]ui.Link) {
		s := ui.Section{Title: title}
		for _, g := range groups {
			s.Links = append(s.Links, g...)
		}
		if len(s.Links) > 0 {
			out = append(out, s)
		}
	}
	add("", link("", "Overview", "/app"))
	add("Webhooks", link(readWebhooks, "Endpoints", "/app/endpoints"), link(readDeliveries, "Deliveries",
		"/app/deliveries"),
		link(readDeliveries, "Dead letters", "/app/dead-letters"), link(readEvents, "Events", "/app/events"),
		link(readAlerts, "Alerts", "/app/alerts"))
	docs := link("", "API docs", "/docs")
	if own := v.Session.Tenant.Profile; own != profile.Default {
		docs[0].Href += "/" + own
	}
	add("Developers", link(readKeys, "API keys", "/app/keys"), link(readEvents, "Event catalogue", "/app/event-types"),
		docs)
	add("Organisation", link(readCredits, "Credits", "/app/credits"), link(readUsage, "Usage", "/app/usage"),
		link(readMembers, "Members", "/app/members"),
		link(readAudit, "Audit log", "/app/audit"), link("", "Settings", "/app/settings"))
	return out
}
