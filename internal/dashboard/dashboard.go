// Package dashboard is what tenants see and do in the browser, under /app. It is a client of the contract: a page reads
// and changes things by calling the API's operations in the process, as whoever is signed in. So access rules,
// validation, limits and the audit log hold here without a second copy of them, and it needs no store. All pages and
// forms work without JavaScript; the script makes them pleasant.
package dashboard

import (
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/gen/client"
	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/role"
	"github.com/hookline/hookline/internal/session"
	"github.com/hookline/hookline/internal/signin"
)

// Doors finds out who holds a session's token; *signin.Doors is one. It fails with session.ErrNone.
type Doors interface {
	Find(ctx context.Context, token string) (session.Current, error)
}

// Options is what the dashboard needs.
type Options struct {
	API          http.Handler // answers the contract's operations
	Doors        Doors
	Roles        role.Roles
	EmbedOrigins []string // sites that may show the pages in a frame
}

//go:embed all:templates
var templateFiles embed.FS

// Dashboard serves the pages.
type Dashboard struct {
	options Options
	assets  *ui.Assets
	pages   *ui.Templates
}

// New makes a Dashboard.
func New(o Options) *Dashboard {
	files, err := fs.Sub(templateFiles, "templates")
	if err != nil {
		panic(err) // the path is a constant
	}
	assets := ui.NewAssets("/app/assets", ui.Files())
	pages := ui.Parse(assets, files, "overview", "endpoints", "endpoint", "endpointform", "deliveries", "delivery",
		"events", "deadletters", "bulk", "job", "keys", "keyform", "key", "newkey", "confirm", "message",
		"catalogue", "eventtype", "usage", "audit", "members")
	pages.EmbedIn(o.EmbedOrigins)
	return &Dashboard{options: o, assets: assets, pages: pages}
}

// The permissions that pages ask for themselves, to show what is of use. What they protect is protected by the API.
const (
	readWebhooks    = "read:webhooks"
	writeWebhooks   = "write:webhooks"
	readDeliveries  = "read:deliveries"
	writeDeliveries = "write:deliveries"
	readEvents      = "read:events"
	readKeys        = "read:keys"
	writeKeys       = "write:keys"
)

// Register adds the routes: /app and what is below it.
func (d *Dashboard) Register(e *echo.Echo) {
	d.assets.Register(e)
	e.GET("/app/", func(c echo.Context) error { return c.Redirect(http.StatusMovedPermanently, "/app") })
	d.get(e, "/app", "", overviewPage)
	d.registerEndpoints(e)
	d.registerDeliveries(e)
	d.get(e, "/app/events", readEvents, eventsPage)
	d.registerDeadLetters(e)
	d.get(e, "/app/event-types", readEvents, cataloguePage)
	d.get(e, "/app/event-types/:type", readEvents, eventTypePage)
	d.registerKeys(e)
	d.registerAccount(e)
	e.GET("/app/*", d.signedIn("", func(*visit) error { return errMissing }))
}

func (d *Dashboard) get(e *echo.Echo, path, permission string, show func(*visit) error) {
	e.GET(path, d.signedIn(permission, show))
}

// post takes forms: those of our own pages, and not longer than any of them is.
func (d *Dashboard) post(e *echo.Echo, path, permission string, do func(*visit) error) {
	e.POST(path, d.signedIn(permission, func(v *visit) error {
		v.Request().Body = http.MaxBytesReader(v.Response(), v.Request().Body, 256<<10)
		if err := v.Request().ParseForm(); err != nil {
			return &refusal{Status: http.StatusBadRequest, Message: "The form could not be read."}
		}
		if signin.CheckCSRF(v) != nil {
			return &refusal{Status: http.StatusForbidden, Code: "csrf", Message: "The form is too old, or was not one of this page. Reload the page and try again."}
		}
		v.once = v.FormValue("once")
		return do(v)
	}))
}

// visit is one request of somebody who is signed in.
type visit struct {
	echo.Context
	dashboard *Dashboard
	session   session.Current
	ctx       context.Context //nolint:containedctx // a visit is a call
	api       *client.Client
	once      string // names what a form does, so that sending it twice does it once
}

func (v *visit) can(permission string) bool { return v.session.Principal().Can(permission) }

// signedIn lets those in who have a session that may see a page, and turns what it fails with into a page.
func (d *Dashboard) signedIn(permission string, show func(*visit) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		token := signin.Token(c)
		s, err := d.options.Doors.Find(c.Request().Context(), token)
		if errors.Is(err, session.ErrNone) {
			return d.outside(c)
		}
		if err != nil {
			return err
		}
		if s.Tenant == nil {
			return c.Redirect(http.StatusSeeOther, "/admin")
		}
		v := &visit{Context: c, dashboard: d, session: s}
		v.ctx = principal.Vouch(c.Request().Context(), s.Principal(), d.again(token))
		if v.api, err = client.NewClient("http://hookline.inside", client.WithHTTPClient(&inside{v})); err != nil {
			return err
		}
		err = errForbidden
		if permission == "" || v.can(permission) {
			err = show(v)
		}
		if err == nil || c.Response().Committed {
			return err
		}
		return v.failed(err)
	}
}

// outside leads those who are not signed in to the door. What a script fetched is answered, not led away.
func (d *Dashboard) outside(c echo.Context) error {
	if to := c.Request().Header.Get("Sec-Fetch-Mode"); c.Request().Method == http.MethodGet && (to == "" || to == "navigate") {
		return c.Redirect(http.StatusSeeOther, session.LoginPath)
	}
	return d.pages.Render(c, http.StatusUnauthorized, "message", ui.Page{Title: "Signed out", Home: "/app", Data: message{
		Heading: "You are not signed in", Text: "Your session has ended. Sign in again to go on.",
		Back: ui.Link{Text: "Sign in", Href: session.LoginPath},
	}})
}

// message is a page that says one thing and where to go from there.
type message struct {
	Heading, Text string
	RequestID     string
	Back          ui.Link
}

func (v *visit) failed(err error) error {
	m := message{Back: ui.Link{Text: "Back to the overview", Href: "/app"}}
	var r *refusal
	if !errors.As(err, &r) {
		slog.Error("a dashboard page failed", "path", v.Path(), "error", err)
		r = &refusal{Status: http.StatusInternalServerError}
	}
	m.Text, m.RequestID = r.Message, r.RequestID
	retry := ui.Link{Text: "Try again", Href: v.Request().URL.RequestURI()}
	switch {
	case r.Status == http.StatusNotFound:
		m.Heading, m.Text = "Not found", "There is nothing at this address. It may be older than what is kept, or belong to another tenant or environment."
	case r.Code == "csrf":
		m.Heading = "This form can't be used any more"
	case r.Code == "entitlement_required":
		m.Heading = "Your plan does not include this"
	case r.Status == http.StatusUnauthorized:
		return v.dashboard.outside(v)
	case r.Status == http.StatusForbidden:
		m.Heading = "You may not do this"
	case r.Status == http.StatusTooManyRequests:
		m.Heading, m.Back = "Too many requests", retry
	case r.Status >= http.StatusInternalServerError:
		m.Heading, m.Back = "This could not be read", retry
		m.Text = "The server could not read what belongs here. Nothing is lost; try again in a moment."
	default:
		m.Heading = "This did not work"
	}
	if v.Request().Method != http.MethodGet {
		m.Back = ui.Link{Text: "Back to the overview", Href: "/app"}
	}
	m.Text += r.details()
	return v.render(r.Status, "message", m.Heading, m)
}

// done says what happened after a redirect, by the word in ?done=.
var done = map[string]string{
	"created": "The endpoint was created.", "saved": "Your changes were saved.", "deleted": "The endpoint was deleted.",
	"enabled": "The endpoint is on. What failed lately is tried again.", "disabled": "The endpoint is off. Its events are kept and can be recovered.",
	"replayed": "It is on its way again.", "revoked": "The key was revoked. It stopped working at once.",
	"cancelled": "The job was cancelled.", "added": "The member was added.",
	"member": "The member's role was changed.", "removed": "The member was removed.",
}

func (v *visit) render(status int, name, title string, data any) error {
	p := ui.Page{
		Title: title, Home: "/app", Sections: v.navigation(), Tenant: v.session.Tenant.Name, Environment: string(v.session.Session.Environment),
		CSRF: signin.CSRF(v), Once: rand.Text(), Done: done[v.QueryParam("done")], Data: data,
	}
	if m := v.session.Member; m != nil {
		p.User = m.Email
	}
	return v.dashboard.pages.Render(v, status, name, p)
}

// back leads a browser on after a form, to a page that says what was done.
func (v *visit) back(to, what string) error {
	separator := "?"
	if strings.Contains(to, "?") {
		separator = "&"
	}
	return v.Redirect(http.StatusSeeOther, to+separator+"done="+what)
}

func (v *visit) navigation() []ui.Section {
	at := v.Request().URL.Path
	link := func(permission, text, href string) []ui.Link {
		if permission != "" && !v.can(permission) {
			return nil
		}
		return []ui.Link{{Text: text, Href: href, Current: at == href || href != "/app" && strings.HasPrefix(at, href+"/")}}
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
	add("Webhooks", link(readWebhooks, "Endpoints", "/app/endpoints"), link(readDeliveries, "Deliveries", "/app/deliveries"),
		link(readDeliveries, "Dead letters", "/app/dead-letters"), link(readEvents, "Events", "/app/events"))
	add("Developers", link(readKeys, "API keys", "/app/keys"), link(readEvents, "Event catalogue", "/app/event-types"), link("", "API docs", "/docs"))
	add("Account", link(readUsage, "Usage and credits", "/app/usage"), link(readMembers, "Members", "/app/members"), link(readAudit, "Audit log", "/app/audit"))
	return out
}
