package dashboard

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/gen/client"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
)

func (d *Dashboard) registerDeliveries(e *echo.Echo) {
	d.get(e, "/app/deliveries", readDeliveries, deliveriesPage)
	d.get(e, "/app/deliveries/stream", readDeliveries, streamDeliveries)
	d.get(e, "/app/deliveries/:id", readDeliveries, deliveryPage)
	d.post(e, "/app/deliveries/replay", writeDeliveries, replaySelected)
	d.post(e, "/app/deliveries/:id/replay", writeDeliveries, replayDelivery)
}

// perPage is how many rows a list has; names of endpoints are known to lists for as many as the API gives at once.
const (
	perPage   = 30
	nameLimit = 100
)

// statuses in the order people ask about them.
var statuses = []client.DeliveryStatus{"succeeded", "pending", "delivering", "retrying", "dead", "cancelled"}

// classes of HTTP answers, as the contract names them.
var classes = []string{"2xx", "3xx", "4xx", "5xx", "none"}

// deliveryFilter is what a list of deliveries is limited to, as it stands in the address.
type deliveryFilter struct {
	Status, Type, Endpoint, Event, Class, From, To string
}

// Active says whether the list is limited at all.
func (f deliveryFilter) Active() bool { return f != deliveryFilter{} }

func filterOf(v *visit) deliveryFilter {
	q := func(name string) string { return strings.TrimSpace(v.QueryParam(name)) }
	return deliveryFilter{
		Status: q("status"), Type: q("event_type"), Endpoint: q("webhook_id"), Event: q("event_id"),
		Class: q("http_class"), From: q("from"), To: q("to"),
	}
}

// moment reads a time of a form: what <input type="datetime-local"> sends is taken as UTC, as the field says.
func moment(text string) (*time.Time, error) {
	t, err := inhouse.Moment(text)
	return t, ours(err)
}

func (f deliveryFilter) params(cursor string) (*client.ListDeliveriesParams, error) {
	from, err := moment(f.From)
	if err != nil {
		return nil, err
	}
	to, err := moment(f.To)
	if err != nil {
		return nil, err
	}
	return &client.ListDeliveriesParams{
		Cursor: opt[string](cursor), Limit: new(perPage), Status: opt[client.DeliveryStatus](f.Status), WebhookID: opt[string](f.Endpoint),
		EventID: opt[string](f.Event), EventType: opt[string](f.Type), HTTPClass: opt[client.HTTPClass](f.Class), From: from, To: to,
	}, nil
}

type deliveryList struct {
	Rows      []deliveryRow
	Filter    deliveryFilter
	Fault     string // what is wrong with the filter
	Statuses  []client.DeliveryStatus
	Classes   []string
	Endpoints []ui.Link // to choose from: Text is the name, Href the id
	Pager     pager
	Stream    string // address of the live stream; empty on older pages
	MayReplay bool
}

// idPath leads from what is pasted into the search to what it names.
func idPath(id string) string {
	switch prefix, _, _ := strings.Cut(id, "_"); prefix {
	case "dlv":
		return "/app/deliveries/" + url.PathEscape(id)
	case "evt":
		return "/app/deliveries?event_id=" + url.QueryEscape(id)
	case "whe":
		return "/app/endpoints/" + url.PathEscape(id)
	case "key":
		return "/app/keys/" + url.PathEscape(id)
	}
	return ""
}

// deliveriesPage takes the same parameters as the API, and id, which is looked up.
func deliveriesPage(v *visit) error {
	if to := idPath(strings.TrimSpace(v.QueryParam("id"))); to != "" {
		return v.Redirect(http.StatusSeeOther, to)
	}
	f, cursor := filterOf(v), v.QueryParam("cursor")
	list := deliveryList{Filter: f, Statuses: statuses, Classes: classes, MayReplay: v.can(writeDeliveries)}
	known, err := v.endpoints()
	if err != nil {
		return err
	}
	list.Endpoints = known.links(f.Endpoint)
	if id := strings.TrimSpace(v.QueryParam("id")); id != "" {
		list.Fault = "“" + id + "” is no id of a delivery (dlv_…), an event (evt_…), an endpoint (whe_…) or a key (key_…)."
	}
	params, err := f.params(cursor)
	var found client.DeliveryList
	if err == nil {
		found, err = read[client.DeliveryList](v.api.ListDeliveries(v.ctx, params))
	}
	if r, ok := invalid(err); ok {
		list.Fault = r.Message + r.details()
		return v.render(http.StatusBadRequest, "deliveries", "Deliveries", list)
	}
	if err != nil {
		return err
	}
	list.Rows, list.Pager = deliveryRows(found.Data, known), v.pager(cursor, found.Meta)
	if cursor == "" && f.From == "" && f.To == "" {
		list.Stream = "/app/deliveries/stream"
		if q := v.QueryParams().Encode(); q != "" {
			list.Stream += "?" + q
		}
	}
	return v.render(http.StatusOK, "deliveries", "Deliveries", list)
}

// streamDeliveries is the API's stream for the page that the same parameters are of.
func streamDeliveries(v *visit) error {
	f := filterOf(v)
	request, err := client.NewStreamDeliveriesRequest("http://hookline.inside", &client.StreamDeliveriesParams{
		Status: opt[client.DeliveryStatus](f.Status), WebhookID: opt[string](f.Endpoint), EventID: opt[string](f.Event),
		EventType: opt[string](f.Type), HTTPClass: opt[client.HTTPClass](f.Class), LastEventID: opt[string](v.Request().Header.Get("Last-Event-ID")),
	})
	if err != nil {
		return err
	}
	request = request.WithContext(v.ctx)
	(&inside{v}).dress(request)
	v.dashboard.options.API.ServeHTTP(v.Response(), request)
	return nil
}

// pager leads through a log. Both addresses are empty where there is nothing to go to.
type pager struct{ Newest, Older string }

func (v *visit) pager(cursor string, m client.CursorMeta) pager {
	var p pager
	if cursor != "" {
		p.Newest = v.with("cursor", "")
	}
	if next, err := m.NextCursor.Get(); err == nil {
		p.Older = v.with("cursor", next)
	}
	return p
}

// with is the address of this page with one parameter changed, or left out when the value is empty.
func (v *visit) with(name, value string) string {
	u, q := url.URL{Path: v.Request().URL.Path}, v.Request().URL.Query()
	q.Del(name)
	q.Del("done")
	if value != "" {
		q.Set(name, value)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// selectedMost is how many deliveries one form replays; more are a matter of the dead letters' page.
const selectedMost = perPage

func replaySelected(v *visit) error {
	ids := v.Request().Form["id"]
	if len(ids) == 0 || len(ids) > selectedMost {
		return &refusal{Status: http.StatusBadRequest, Message: "Select between 1 and " + strconv.Itoa(selectedMost) + " deliveries."}
	}
	back := v.FormValue("back")
	if !strings.HasPrefix(back, "/app/") {
		back = "/app/deliveries"
	}
	for _, id := range ids {
		_, err := read[client.Delivery](v.api.ReplayDelivery(v.ctx, id, nil))
		if r, ok := invalid(err); ok && r.Status != http.StatusConflict {
			return r
		} else if !ok && err != nil {
			return err
		}
	}
	return v.back(back, "replayed")
}

func replayDelivery(v *visit) error {
	id := v.Param("id")
	if _, err := read[client.Delivery](v.api.ReplayDelivery(v.ctx, id, nil)); err != nil {
		return err
	}
	return v.back("/app/deliveries/"+url.PathEscape(id), "replayed")
}
