// Package dashboard shows a tenant what became of its events, in the browser. It only reads: what changes anything
// goes through the API. People get in by a link that works once; see Link.
package dashboard

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
)

// Events reads the event log, newest first; *event.Store is one.
type Events interface {
	List(ctx context.Context, scope principal.Scope, l page.Log, eventType string) ([]event.Event, *string, error)
}

// Endpoints reads endpoints, newest first, and how many there are; *endpoint.Store is one.
type Endpoints interface {
	List(ctx context.Context, scope principal.Scope, p page.Page, url string) ([]endpoint.Endpoint, int64, error)
}

// Deliveries reads deliveries, newest first and without bodies, or one with its attempts in order; *delivery.Store is
// one. Get fails with a problem of code NotFound for what is not there or belongs to somebody else.
type Deliveries interface {
	List(ctx context.Context, scope principal.Scope, l page.Log, f delivery.Filter) ([]delivery.Delivery, *string, error)
	Get(ctx context.Context, scope principal.Scope, deliveryID string) (delivery.Delivery, []delivery.Attempt, error)
}

//go:embed all:templates
var templateFiles embed.FS

// Dashboard serves the pages under /app.
type Dashboard struct {
	events     Events
	endpoints  Endpoints
	deliveries Deliveries
	doors      *doors
	assets     *ui.Assets
	pages      *ui.Templates
}

// New makes a Dashboard. Sessions live in its memory and end with it.
func New(events Events, endpoints Endpoints, deliveries Deliveries) *Dashboard {
	return newAt(events, endpoints, deliveries, clock.System)
}

func newAt(events Events, endpoints Endpoints, deliveries Deliveries, now func() time.Time) *Dashboard {
	files, err := fs.Sub(templateFiles, "templates")
	if err != nil {
		panic(err) // the path is a constant
	}
	assets := ui.NewAssets("/app/assets", ui.Files())
	return &Dashboard{
		events: events, endpoints: endpoints, deliveries: deliveries, doors: newDoors(now), assets: assets,
		pages: ui.Parse(assets, files, "overview", "deliveries", "delivery", "events", "endpoints", "message"),
	}
}

// Register adds the routes: /app and what is below it.
func (d *Dashboard) Register(e *echo.Echo) {
	d.assets.Register(e)
	e.GET("/app/login", d.login)
	e.GET("/app/", func(c echo.Context) error { return c.Redirect(http.StatusMovedPermanently, "/app") })
	for path, show := range map[string]func(echo.Context, session) error{
		"/app":                d.overview,
		"/app/deliveries":     d.listDeliveries,
		"/app/deliveries/:id": d.showDelivery,
		"/app/events":         d.listEvents,
		"/app/endpoints":      d.listEndpoints,
	} {
		e.GET(path, d.signedIn(show))
	}
}

// signedIn lets only those in who have a session, and turns what a page fails with into a page.
func (d *Dashboard) signedIn(show func(echo.Context, session) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		s, ok := d.session(c)
		if !ok {
			return d.closed(c, "You are not signed in")
		}
		err := show(c, s)
		if err == nil || c.Response().Committed {
			return err
		}
		return d.failed(c, s, err)
	}
}

// message is a page that says one thing and where to go from there.
type message struct {
	Heading, Text string
	Command       string // to be copied; may be empty
	Back          ui.Link
}

func (d *Dashboard) failed(c echo.Context, s session, err error) error {
	m := message{Back: ui.Link{Text: "Back to the overview", Href: "/app"}}
	var p *problem.Error
	status := http.StatusInternalServerError
	switch {
	case errors.As(err, &p) && p.Code == problem.NotFound:
		status, m.Heading = http.StatusNotFound, "Not found"
		m.Text = p.Message + " It may be older than what is kept, or belong to another tenant or environment."
	case errors.Is(err, page.ErrCursor):
		status, m.Heading = http.StatusBadRequest, "This page of the list does not exist"
		m.Text = "The address was not made by this dashboard. Start again with the newest."
		m.Back = ui.Link{Text: "Start with the newest", Href: c.Request().URL.Path}
	default:
		slog.Error("a dashboard page failed", "path", c.Path(), "error", err)
		m.Heading, m.Text = "This could not be read", "The server could not read what belongs here. Nothing is lost; its log says why."
		m.Back = ui.Link{Text: "Try again", Href: c.Request().URL.RequestURI()}
	}
	return d.render(c, s, status, "message", m.Heading, m)
}

func (d *Dashboard) render(c echo.Context, s session, status int, name, title string, data any) error {
	nav := []ui.Link{
		{Text: "Overview", Href: "/app"}, {Text: "Deliveries", Href: "/app/deliveries"}, {Text: "Events", Href: "/app/events"},
		{Text: "Endpoints", Href: "/app/endpoints"}, {Text: "API docs", Href: "/docs"},
	}
	for i := range nav {
		at := c.Request().URL.Path
		nav[i].Current = at == nav[i].Href || (i > 0 && strings.HasPrefix(at, nav[i].Href+"/"))
	}
	return d.pages.Render(c, status, name, ui.Page{
		Title: title, Home: "/app", Nav: nav, Tenant: s.tenant, Environment: string(s.scope.Environment), Data: data,
	})
}
