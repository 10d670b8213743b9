package dashboard

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/page"
)

// pager leads through a log. Both addresses are empty where there is nothing to go to.
type pager struct{ Newest, Older string }

// cursorPage reads the place in a log from the address, and returns what makes the links once the next is known. It
// fails with page.ErrCursor.
func cursorPage(c echo.Context) (page.Log, func(next *string) pager, error) {
	var cursor *string
	if text := c.QueryParam("cursor"); text != "" {
		cursor = &text
	}
	l, err := page.NewLog(cursor, nil)
	return l, func(next *string) pager {
		var p pager
		if cursor != nil {
			p.Newest = withParameter(c, "cursor", "")
		}
		if next != nil {
			p.Older = withParameter(c, "cursor", *next)
		}
		return p
	}, err
}

// withParameter is the address of this page with one parameter changed, or left out when the value is empty.
func withParameter(c echo.Context, name, value string) string {
	u := url.URL{Path: c.Request().URL.Path}
	q := c.Request().URL.Query()
	q.Del(name)
	if value != "" {
		q.Set(name, value)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

type deliveryList struct {
	Rows     []deliveryRow
	Filter   delivery.Filter
	Endpoint string // name of the one the list is limited to
	Filtered bool
	Statuses []delivery.Status
	Types    []string // event types on this page, as suggestions
	Pager    pager
}

// listDeliveries takes the same parameters as the API: status, event_type, event_id, webhook_id, cursor.
func (d *Dashboard) listDeliveries(c echo.Context, s session) error {
	ctx := c.Request().Context()
	f := delivery.Filter{
		Status: c.QueryParam("status"), EventType: c.QueryParam("event_type"),
		EventID: c.QueryParam("event_id"), EndpointID: c.QueryParam("webhook_id"),
	}
	l, links, err := cursorPage(c)
	if err != nil {
		return err
	}
	rows, next, err := d.deliveries.List(ctx, s.scope, l, f)
	if err != nil {
		return err
	}
	endpoints, _, err := d.endpoints.List(ctx, s.scope, page.Page{Number: 1, Size: nameLimit}, "")
	if err != nil {
		return err
	}
	known := names(endpoints)
	list := deliveryList{
		Rows: deliveryRows(rows, known), Filter: f, Endpoint: known[f.EndpointID], Filtered: f != delivery.Filter{},
		Statuses: statuses, Pager: links(next),
	}
	seen := map[string]bool{}
	for _, r := range rows {
		if !seen[r.EventType] {
			seen[r.EventType] = true
			list.Types = append(list.Types, r.EventType)
		}
	}
	return d.render(c, s, http.StatusOK, "deliveries", "Deliveries", list)
}

type eventList struct {
	Rows  []eventRow
	Type  string // the list is limited to
	Types []string
	Base  string
	Key   string
	Pager pager
}

func (d *Dashboard) listEvents(c echo.Context, s session) error {
	eventType := c.QueryParam("type")
	l, links, err := cursorPage(c)
	if err != nil {
		return err
	}
	rows, next, err := d.events.List(c.Request().Context(), s.scope, l, eventType)
	if err != nil {
		return err
	}
	list := eventList{Rows: eventRows(rows), Type: eventType, Base: s.base, Key: keyStart(s), Pager: links(next)}
	seen := map[string]bool{}
	for _, r := range rows {
		if !seen[r.Type] {
			seen[r.Type] = true
			list.Types = append(list.Types, r.Type)
		}
	}
	return d.render(c, s, http.StatusOK, "events", "Events", list)
}

type endpointList struct {
	Rows        []endpointRow
	Total       int64
	Newer, More string // addresses of the pages beside this one
	Base        string
	Key         string
}

func (d *Dashboard) listEndpoints(c echo.Context, s session) error {
	p := page.Page{Number: 1, Size: page.DefaultSize}
	if n, err := strconv.Atoi(c.QueryParam("page")); err == nil && n > 1 && n < 1_000_000 {
		p.Number = n
	}
	rows, total, err := d.endpoints.List(c.Request().Context(), s.scope, p, "")
	if err != nil {
		return err
	}
	list := endpointList{Rows: endpointRows(rows, s.base), Total: total, Base: s.base, Key: keyStart(s)}
	if p.Number > 1 {
		list.Newer = withParameter(c, "page", strconv.Itoa(p.Number-1))
	}
	if int64(p.Offset()+p.Size) < total {
		list.More = withParameter(c, "page", strconv.Itoa(p.Number+1))
	}
	return d.render(c, s, http.StatusOK, "endpoints", "Endpoints", list)
}
