package dashboard

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
)

func (d *Dashboard) registerDeliveries(e *echo.Echo) {
	d.get(e, "/app/deliveries", readDeliveries, deliveriesPage)
	d.get(e, "/app/deliveries/stream", readDeliveries, streamDeliveries)
	d.get(e, "/app/deliveries/export", readDeliveries, exportDeliveries)
	d.get(e, "/app/deliveries/:id", readDeliveries, deliveryPage)
	d.post(e, "/app/deliveries/replay", writeDeliveries, replaySelected)
	d.post(e, "/app/deliveries/replay-all", writeDeliveries, replayMatching)
	d.post(e, "/app/deliveries/:id/replay", writeDeliveries, replayDelivery)
}

// nameLimit is for how many endpoints and keys lists know names: as many as the API gives at once.
const nameLimit = 100

type deliveryList struct {
	Rows      []deliveryRow
	Filter    deliveryFilter // as typed
	Endpoint  string         // the one of the filter, by its name
	Faults    []string       // what of the filter is left out, and why
	Choices   []ui.Link
	Statuses  []api.DeliveryStatus
	Classes   []string
	Reasons   []ui.Link // to choose from: Text is the reason in words, Href its code
	Endpoints []ui.Link // to choose from: Text is the name, Href the id
	Types     []string
	Pager     inhouse.Pager
	Stream    string // address of the live stream; empty on older pages
	MayReplay bool
	Export    string // address of the export, to which &format= is added
	All       []ui.Header
}

// Selectable reports whether any of the rows can be replayed.
func (l deliveryList) Selectable() bool { return slices.ContainsFunc(l.Rows, deliveryRow.Final) }

// idPath returns the page of the id that was pasted into the search. Events of tests are not in the event log.
func idPath(id string, mayEvents bool) string {
	switch prefix, _, _ := strings.Cut(id, "_"); prefix {
	case "dlv":
		return "/app/deliveries/" + url.PathEscape(id)
	case "evt":
		if strings.HasPrefix(id, "evt_test_") || !mayEvents {
			return "/app/deliveries?event_id=" + url.QueryEscape(id)
		}
		return "/app/events/" + url.PathEscape(id)
	case "whe":
		return "/app/endpoints/" + url.PathEscape(id)
	case "key":
		return "/app/keys/" + url.PathEscape(id)
	}
	return ""
}

// deliveriesPage takes the same parameters as the API, and id, which is looked up.
func deliveriesPage(v *visit) error {
	if to := idPath(v.Query("id"), v.can(readEvents)); to != "" {
		return v.Redirect(http.StatusSeeOther, to)
	}
	f, cursor := filterOf(v.Query), v.QueryParam("cursor")
	list := deliveryList{Filter: f, Statuses: statuses, Classes: inhouse.Classes, Reasons: reasonChoices(f),
		MayReplay: v.can(writeDeliveries)}
	known, err := v.endpoints()
	if err != nil {
		return err
	}
	if list.Types, err = v.typeNames(); err != nil {
		return err
	}
	u, err := v.usable(f)
	if err != nil {
		return err
	}
	if id := v.Query("id"); id != "" {
		u.Faults = append(u.Faults, "“"+id+
			"” is no id of a delivery (dlv_…), an event (evt_…), an endpoint (whe_…) or a key (key_…).")
	}
	found, err := v.list(&u, cursor)
	if err != nil {
		return err
	}
	list.Endpoints = known.suggested()
	if known, err = v.named(known, append(ofDeliveries(found.Data), u.Value("webhook_id"))...); err != nil {
		return err
	}
	list.Endpoint = known.unique(u.Value("webhook_id"), u.name)
	list.Rows, list.Pager = deliveryRows(found.Data, known), v.Pager(cursor, found.Meta)
	for i := range list.Rows {
		list.Rows[i].Filter = f.Query()
	}
	list.Faults, list.Choices, list.All = u.Faults, u.Choices, u.Values()
	list.Export = "/app/deliveries/export?" + url.Values(u.deliveryFilter).Encode()
	v.unknownEndpoint(known, u.Value("webhook_id"), len(list.Rows))
	v.Fault(u.Faults...)
	if len(u.Faults) == 0 && cursor == "" && f.Value("from") == "" && f.Value("to") == "" && f.Value("text") == "" {
		list.Stream = "/app/deliveries/stream" + u.Query()
	}
	return v.render(http.StatusOK, "deliveries", "Deliveries", list)
}

// reasonChoices are the reasons to choose from, with the one of the filter even when it is not known.
func reasonChoices(f deliveryFilter) []ui.Link {
	var out []ui.Link
	chosen := f.Value("reason")
	for _, code := range slices.Sorted(maps.Keys(reasons)) {
		if code != "no_endpoint" { // of events
			out = append(out, ui.Link{Text: reasons[code], Href: code, Current: code == chosen})
		}
	}
	slices.SortFunc(out, func(a, b ui.Link) int { return strings.Compare(a.Text, b.Text) })
	if _, known := reasons[chosen]; chosen != "" && !known {
		out = append(out, ui.Link{Text: chosen, Href: chosen, Current: true})
	}
	return out
}

// streamDeliveries is the API's stream for the page that the same parameters are of.
func streamDeliveries(v *visit) error {
	u := usable{deliveryFilter: filterOf(v.Query)}
	return v.Pass(func(server string) (*http.Request, error) {
		return api.NewStreamDeliveriesRequest(server, &api.StreamDeliveriesParams{
			Status:    inhouse.Opt[api.DeliveryStatus](u.Value("status")),
			WebhookID: inhouse.Opt[string](u.Value("webhook_id")),
			EventID:   inhouse.Opt[string](u.Value("event_id")),
			EventType: inhouse.Opt[string](u.Value("event_type")),
			HTTPClass: inhouse.Opt[api.HTTPClass](u.Value("http_class")), HTTPStatus: u.number("http_status"),
			Reason:      inhouse.Opt[string](u.Value("reason")),
			LastEventID: inhouse.Opt[string](v.Request().Header.Get("Last-Event-ID")),
		})
	})
}

// exportDeliveries is the API's export, with the filter of the page.
func exportDeliveries(v *visit) error {
	u, err := v.usable(filterOf(v.Query))
	if err != nil {
		return err
	}
	return v.Pass(func(server string) (*http.Request, error) {
		p := u.params("", 0, false)
		return api.NewExportDeliveriesRequest(server, &api.ExportDeliveriesParams{
			Format: inhouse.Opt[api.ExportDeliveriesParamsFormat](v.Query("format")), Status: p.Status,
			WebhookID: p.WebhookID, EventID: p.EventID, EventType: p.EventType, HTTPClass: p.HTTPClass,
			HTTPStatus: p.HTTPStatus, Reason: p.Reason, Text: p.Text, From: p.From, To: p.To,
		})
	})
}

func replayDelivery(v *visit) error {
	id := v.Param("id")
	if _, err := inhouse.Read[api.Delivery](v.API.ReplayDelivery(v.Ctx, id, nil)); err != nil {
		return err
	}
	return v.Back("/app/deliveries/"+url.PathEscape(id)+filterOf(v.Query).Query(), "replayed")
}
