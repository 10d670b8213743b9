package dashboard

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/gen/client"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
)

func (d *Dashboard) registerEndpoints(e *echo.Echo) {
	d.get(e, "/app/endpoints", readWebhooks, endpointsPage)
	d.get(e, "/app/endpoints/new", writeWebhooks, newEndpointPage)
	d.post(e, "/app/endpoints/new", writeWebhooks, createEndpoint)
	d.get(e, "/app/endpoints/:id", readWebhooks, endpointPage)
	d.get(e, "/app/endpoints/:id/edit", writeWebhooks, editEndpointPage)
	d.post(e, "/app/endpoints/:id/edit", writeWebhooks, updateEndpoint)
	d.post(e, "/app/endpoints/:id/test", writeWebhooks, testEndpoint)
	d.post(e, "/app/endpoints/:id/secret", writeWebhooks, revealSecret)
	d.post(e, "/app/endpoints/:id/rotate", writeWebhooks, rotateSecret)
	d.post(e, "/app/endpoints/:id/enable", writeWebhooks, enableEndpoint)
	d.post(e, "/app/endpoints/:id/disable", writeWebhooks, disableEndpoint)
	d.post(e, "/app/endpoints/:id/recover", writeDeliveries, recoverEndpoint)
	d.get(e, "/app/endpoints/:id/delete", writeWebhooks, deleteEndpoint)
	d.post(e, "/app/endpoints/:id/delete", writeWebhooks, deleteEndpoint)
}

// endpointNames are the names of endpoints, by id.
type endpointNames []client.Webhook

func nameOf(w client.Webhook) string {
	if w.Name != "" {
		return w.Name
	}
	return w.URL
}

func (n endpointNames) of(id string) string {
	for _, w := range n {
		if w.ID == id {
			return nameOf(w)
		}
	}
	return id
}

// links are the endpoints to choose from; chosen is among them even when it is not known.
func (n endpointNames) links(chosen string) []ui.Link {
	out := make([]ui.Link, 0, len(n)+1)
	found := chosen == ""
	for _, w := range n {
		out = append(out, ui.Link{Text: nameOf(w), Href: w.ID, Current: w.ID == chosen})
		found = found || w.ID == chosen
	}
	if !found {
		out = append(out, ui.Link{Text: chosen, Href: chosen, Current: true})
	}
	return out
}

// endpoints are the newest endpoints, for their names; none for those who may not see endpoints.
func (v *visit) endpoints() (endpointNames, error) {
	if !v.can(readWebhooks) {
		return nil, nil
	}
	list, err := inhouse.Read[client.WebhookList](v.API.ListWebhooks(v.Ctx,
		&client.ListWebhooksParams{PerPage: new(nameLimit)}))
	return list.Data, err
}

// endpointRow is a line of the list of endpoints.
type endpointRow struct {
	ID, Name, URL, Method, Profile string
	Events                         []string
	State                          state
	Stats                          *client.WebhookStats // nil when nothing was sent lately
	Rate                           string
	Spark                          ui.Spark
	Last                           time.Time
	LastStatus                     client.DeliveryStatus // empty before the first delivery
}

// stateOf describes the state of an endpoint, and why it is in it.
type state struct{ Word, Kind, Why string }

func stateOf(w client.Webhook, stats *client.WebhookStats) state {
	switch {
	case !w.Enabled && inhouse.Or(w.DisabledReason) == "manual":
		return state{"disabled", "", disabled("manual")}
	case !w.Enabled:
		return state{"disabled", "no", disabled(inhouse.Or(w.DisabledReason))}
	case w.Circuit.State == "open":
		return state{"backing off", "maybe", "the circuit breaker is open; probes are sent until one succeeds"}
	case w.Circuit.State != "closed" && w.Circuit.State != "":
		return state{"recovering", "maybe", "the circuit breaker is half open: a probe is being sent"}
	case stats != nil && stats.Failed > stats.Succeeded:
		return state{"failing", "no", "most deliveries of the last day failed"}
	}
	return state{"enabled", "yes", ""}
}

func disabled(code string) string {
	switch code {
	case "manual":
		return "disabled by a user"
	case "gone":
		return "it answered 410 Gone"
	case "failing":
		return "it failed for too long"
	}
	return reason(code)
}

type endpointList struct {
	inhouse.Numbered
	Rows     []endpointRow
	URL      string // the list is limited to
	MayWrite bool
	Stream   string // address of the live stream; empty for those who may not read deliveries
}

// dayStats returns the statistics of the last day by endpoint id; none for visitors without the permission to read
// deliveries.
func (v *visit) dayStats() (map[string]*client.WebhookStats, error) {
	out := map[string]*client.WebhookStats{}
	if !v.can(readDeliveries) {
		return out, nil
	}
	stats, err := inhouse.Read[client.DeliveryStats](v.API.GetDeliveryStats(v.Ctx, &client.GetDeliveryStatsParams{}))
	for i := range stats.Endpoints {
		out[stats.Endpoints[i].WebhookID] = &stats.Endpoints[i]
	}
	return out, err
}

func endpointsPage(v *visit) error {
	list := endpointList{MayWrite: v.can(writeWebhooks), URL: v.QueryParam("url")}
	found, err := inhouse.Read[client.WebhookList](v.API.ListWebhooks(v.Ctx,
		&client.ListWebhooksParams{Page: new(v.Number()), PerPage: new(inhouse.PerPage),
			URL: inhouse.Opt[string](list.URL)}))
	if err != nil {
		return err
	}
	if v.can(readDeliveries) {
		list.Stream = "/app/deliveries/stream"
	}
	stats, err := v.dayStats()
	if err != nil {
		return err
	}
	list.Rows, list.Numbered = endpointRows(found.Data, stats), v.Numbered(found.Meta)
	return v.render(http.StatusOK, "endpoints", "Endpoints", list)
}

func endpointRows(all []client.Webhook, stats map[string]*client.WebhookStats) []endpointRow {
	out := make([]endpointRow, 0, len(all))
	for _, w := range all {
		out = append(out, endpointRowOf(w, stats[w.ID]))
	}
	return out
}

func endpointRowOf(w client.Webhook, f *client.WebhookStats) endpointRow {
	r := endpointRow{
		ID: w.ID, Name: nameOf(w), URL: w.URL, Method: w.Method, Profile: string(w.Profile), Events: w.Events,
		State: stateOf(w, f), Stats: f,
	}
	if w.LastDeliveryStatus != nil {
		r.LastStatus = *w.LastDeliveryStatus
	}
	if f != nil {
		r.Rate, r.Last, r.Spark = percent(inhouse.Or(f.SuccessRate), f.SuccessRate.IsNull()), f.LastDeliveryAt, spark(f)
	}
	return r
}

// spark draws the success rate over the last day.
func spark(f *client.WebhookStats) ui.Spark {
	rates := make([]*float64, 0, len(f.Failures))
	for _, n := range f.Failures {
		if failed, err := n.Get(); err == nil {
			rates = append(rates, new(1-failed))
		} else {
			rates = append(rates, nil)
		}
	}
	return ui.NewSpark(rates)
}

func percent(share float64, none bool) string {
	if none {
		return "–"
	}
	text := strconv.FormatFloat(share*100, 'f', 1, 64)
	switch {
	case share == 1:
		text = "100"
	case text == "100.0":
		text = "99.9" // a failure is no 100 %
	}
	return text + " %"
}

func enableEndpoint(v *visit) error {
	id := v.Param("id")
	if _, err := inhouse.Read[client.Webhook](v.API.EnableWebhook(v.Ctx, id, nil)); err != nil {
		return err
	}
	return v.Back("/app/endpoints/"+url.PathEscape(id), "enabled")
}

func disableEndpoint(v *visit) error {
	id := v.Param("id")
	if _, err := inhouse.Read[client.Webhook](v.API.UpdateWebhook(v.Ctx, id, nil,
		client.WebhookUpdate{Enabled: new(false)})); err != nil {
		return err
	}
	return v.Back("/app/endpoints/"+url.PathEscape(id), "disabled")
}

// deleteEndpoint asks for the endpoint's name, and deletes it after the visitor typed it.
func deleteEndpoint(v *visit) error {
	w, err := inhouse.Read[client.Webhook](v.API.GetWebhook(v.Ctx, v.Param("id")))
	if err != nil {
		return err
	}
	path := "/app/endpoints/" + url.PathEscape(w.ID)
	c := inhouse.Confirmation{
		Heading: "Delete " + nameOf(w), Name: nameOf(w), Button: "Delete the endpoint", Action: path + "/delete",
		Back: path,
		Text: "No more events are sent to it, and its pending deliveries are cancelled. Its deliveries stay in the log. This " +
			"can't be undone.",
	}
	if !v.Confirmed(&c) {
		return v.confirm("Delete an endpoint", c)
	}
	if _, err := inhouse.Read[struct{}](v.API.DeleteWebhook(v.Ctx, w.ID, nil)); err != nil {
		return err
	}
	return v.Back("/app/endpoints", "deleted")
}
