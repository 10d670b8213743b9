package dashboard

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

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

// nameLimit is for how many endpoints and keys lists know names: as many as the API gives at once.
const nameLimit = 100

// statuses in the order people ask about them.
var statuses = []client.DeliveryStatus{"succeeded", "pending", "delivering", "retrying", "dead", "cancelled"}

// deliveryFilter is the filter of a list of deliveries, as query parameters.
type deliveryFilter struct {
	Status, Type, Endpoint, Event, Class, From, To string
}

// Active reports whether the filter narrows the list.
func (f deliveryFilter) Active() bool { return f != deliveryFilter{} }

func filterOf(v *visit) deliveryFilter {
	return deliveryFilter{
		Status: v.Query("status"), Type: v.Query("event_type"), Endpoint: v.Query("webhook_id"),
		Event: v.Query("event_id"),
		Class: v.Query("http_class"), From: v.Query("from"), To: v.Query("to"),
	}
}

func (f deliveryFilter) params(cursor string) (*client.ListDeliveriesParams, error) {
	from, err := inhouse.Moment(f.From)
	if err != nil {
		return nil, err
	}
	to, err := inhouse.Moment(f.To)
	if err != nil {
		return nil, err
	}
	return &client.ListDeliveriesParams{
		Cursor: inhouse.Opt[string](cursor), Limit: new(inhouse.PerPage),
		Status: inhouse.Opt[client.DeliveryStatus](f.Status), WebhookID: inhouse.Opt[string](f.Endpoint),
		EventID: inhouse.Opt[string](f.Event), EventType: inhouse.Opt[string](f.Type),
		HTTPClass: inhouse.Opt[client.HTTPClass](f.Class), From: from, To: to,
	}, nil
}

type deliveryList struct {
	Rows      []deliveryRow
	Filter    deliveryFilter
	Fault     string // why the filter is invalid
	Statuses  []client.DeliveryStatus
	Classes   []string
	Endpoints []ui.Link // to choose from: Text is the name, Href the id
	Pager     inhouse.Pager
	Stream    string // address of the live stream; empty on older pages
	MayReplay bool
}

// idPath returns the page of the id that was pasted into the search.
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
	if to := idPath(v.Query("id")); to != "" {
		return v.Redirect(http.StatusSeeOther, to)
	}
	f, cursor := filterOf(v), v.QueryParam("cursor")
	list := deliveryList{Filter: f, Statuses: statuses, Classes: inhouse.Classes, MayReplay: v.can(writeDeliveries)}
	known, err := v.endpoints()
	if err != nil {
		return err
	}
	list.Endpoints = known.links(f.Endpoint)
	if id := v.Query("id"); id != "" {
		list.Fault = "“" + id +
			"” is no id of a delivery (dlv_…), an event (evt_…), an endpoint (whe_…) or a key (key_…)."
	}
	params, err := f.params(cursor)
	var found client.DeliveryList
	if err == nil {
		found, err = inhouse.Read[client.DeliveryList](v.API.ListDeliveries(v.Ctx, params))
	}
	if r, ok := inhouse.Invalid(err); ok {
		list.Fault = r.Message + r.Details()
		return v.render(http.StatusBadRequest, "deliveries", "Deliveries", list)
	}
	if err != nil {
		return err
	}
	list.Rows, list.Pager = deliveryRows(found.Data, known), v.Pager(cursor, found.Meta)
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
	return v.Pass(func(server string) (*http.Request, error) {
		return client.NewStreamDeliveriesRequest(server, &client.StreamDeliveriesParams{
			Status: inhouse.Opt[client.DeliveryStatus](f.Status), WebhookID: inhouse.Opt[string](f.Endpoint),
			EventID:   inhouse.Opt[string](f.Event),
			EventType: inhouse.Opt[string](f.Type), HTTPClass: inhouse.Opt[client.HTTPClass](f.Class),
			LastEventID: inhouse.Opt[string](v.Request().Header.Get("Last-Event-ID")),
		})
	})
}

// selectedMost is how many deliveries one form replays; more are a matter of the dead letters' page.
const selectedMost = inhouse.PerPage

func replaySelected(v *visit) error {
	ids := v.Request().Form["id"]
	if len(ids) == 0 || len(ids) > selectedMost {
		return &inhouse.Refusal{Status: http.StatusBadRequest, Message: "Select between 1 and " +
			strconv.Itoa(selectedMost) + " deliveries."}
	}
	back := v.FormValue("back")
	if !strings.HasPrefix(back, "/app/") {
		back = "/app/deliveries"
	}
	for _, id := range ids {
		_, err := inhouse.Read[client.Delivery](v.API.ReplayDelivery(v.Ctx, id, nil))
		if r, ok := inhouse.Invalid(err); ok && r.Status != http.StatusConflict {
			return r
		} else if !ok && err != nil {
			return err
		}
	}
	return v.Back(back, "replayed")
}

func replayDelivery(v *visit) error {
	id := v.Param("id")
	if _, err := inhouse.Read[client.Delivery](v.API.ReplayDelivery(v.Ctx, id, nil)); err != nil {
		return err
	}
	return v.Back("/app/deliveries/"+url.PathEscape(id), "replayed")
}
