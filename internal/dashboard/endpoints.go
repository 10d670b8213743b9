package dashboard

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/wire"
)

func (d *Dashboard) registerEndpoints(e *echo.Echo) {
	d.get(e, "/app/endpoints", readWebhooks, endpointsPage)
	d.post(e, "/app/endpoints", writeWebhooks, changeEndpoints)
	d.get(e, "/app/endpoints/suggest", readWebhooks, suggestEndpoints)
	d.get(e, "/app/endpoints/new", writeWebhooks, newEndpointPage)
	d.post(e, "/app/endpoints/new", writeWebhooks, createEndpoint)
	d.get(e, "/app/endpoints/:id", readWebhooks, endpointPage)
	d.get(e, "/app/endpoints/:id/edit", writeWebhooks, editEndpointPage)
	d.post(e, "/app/endpoints/:id/edit", writeWebhooks, updateEndpoint)
	d.post(e, "/app/endpoints/:id/test", writeWebhooks, testEndpoint)
	d.post(e, "/app/endpoints/:id/secret", writeWebhooks, revealSecret)
	d.post(e, "/app/endpoints/:id/rotate", writeWebhooks, rotateSecret)
	d.post(e, "/app/endpoints/:id/enable", writeWebhooks, enableEndpoint)
	d.post(e, "/app/endpoints/:id/retry", writeWebhooks, retryEndpoint)
	d.post(e, "/app/endpoints/:id/disable", writeWebhooks, disableEndpoint)
	d.post(e, "/app/endpoints/:id/recover", writeDeliveries, recoverEndpoint)
	d.get(e, "/app/endpoints/:id/delete", writeWebhooks, deleteEndpoint)
	d.post(e, "/app/endpoints/:id/delete", writeWebhooks, deleteEndpoint)
}

// endpointRow is a line of the list of endpoints.
type endpointRow struct {
	ID, Name, URL, Method, Profile string
	Events                         []string
	State                          state
	Stats                          *api.WebhookStats // nil when nothing was sent lately
	Rate                           string
	Spark                          ui.Spark
	Waiting, Retrying, Dead        int
	Last                           time.Time
	LastStatus                     api.DeliveryStatus // empty before the first delivery
}

// state is the state of an endpoint, and why it is in it.
type state struct{ Word, Kind, Why string }

// stateOf describes the state of an endpoint. One that the API knows nothing of, such as a deleted one, is enabled.
func stateOf(w api.Webhook) state {
	half := w.Circuit.State == api.CircuitStateHalfOpen
	switch of := wire.Or(w.State, ""); {
	case !w.Enabled && inhouse.Or(w.DisabledReason) == "manual":
		return state{"disabled", "off", disabled("manual")}
	case !w.Enabled:
		return state{"disabled", "no", disabled(inhouse.Or(w.DisabledReason))}
	case of == api.WebhookStateCircuitOpen && half:
		return state{"failing", "no", "backing off after ten failures in a row; a probe is being sent"}
	case of == api.WebhookStateCircuitOpen:
		return state{"failing", "no", "backing off after ten failures in a row; probes are sent until one succeeds"}
	case of == api.WebhookStateFailing:
		return state{"failing", "no", "the last attempt failed"}
	case of == api.WebhookStateThrottled:
		return state{"throttled", "maybe", "it gets a few deliveries at a time, because it failed, was overloaded or " +
			"has a rate limit"}
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
	Filter   endpointFilter // as typed
	Faults   []string
	States   []option
	Sorts    []option
	Total    int
	MayWrite bool
	MayRead  bool   // deliveries, and so their counts
	Stream   string // address of the live stream; empty for those who may not read deliveries
}

// endpointFilter is the filter and the order of the list of endpoints, as typed.
type endpointFilter struct{ Search, State, Sort, URL string }

// Active reports whether the filter narrows the list.
func (f endpointFilter) Active() bool { return f.Search != "" || f.State != "" || f.URL != "" }

// dayStats returns the statistics of the last day of endpoints, by their ids; none for visitors without the permission
// to read deliveries.
func (v *visit) dayStats(endpoints []api.Webhook) (map[string]*api.WebhookStats, error) {
	out := map[string]*api.WebhookStats{}
	if !v.can(readDeliveries) || len(endpoints) == 0 {
		return out, nil
	}
	ids := make([]string, len(endpoints))
	for i, w := range endpoints {
		ids[i] = w.ID
	}
	stats, err := inhouse.Read[api.DeliveryStats](v.API.GetDeliveryStats(v.Ctx,
		&api.GetDeliveryStatsParams{WebhookID: new(strings.Join(ids, ","))}))
	for i := range stats.Endpoints {
		out[stats.Endpoints[i].WebhookID] = &stats.Endpoints[i]
	}
	return out, err
}

func endpointsPage(v *visit) error {
	f := endpointFilter{v.Query("search"), v.Query("state"), v.Query("sort"), v.Query("url")}
	list := endpointList{MayWrite: v.can(writeWebhooks), MayRead: v.can(readDeliveries), Filter: f,
		States: []option{{"enabled", "enabled"}, {"disabled", "disabled"}, {"failing", "failing"},
			{"throttled", "throttled"}},
		Sorts: []option{{"newest", "Newest"}, {"oldest", "Oldest"}, {"name", "Name"},
			{string(api.ListWebhooksParamsSortFailureRate), "Failure rate"}}}
	found, err := v.findEndpoints(f, &list.Faults)
	if err != nil {
		return err
	}
	if v.can(readDeliveries) && len(list.Faults) == 0 {
		list.Stream = "/app/deliveries/stream"
	}
	stats, err := v.dayStats(found.Data)
	if err != nil {
		return err
	}
	list.Rows, list.Numbered, list.Total = endpointRows(found.Data, stats), v.Numbered(found.Meta), found.Meta.Total
	v.Fault(list.Faults...)
	return v.render(http.StatusOK, "endpoints", "Endpoints", list)
}

// findEndpoints lists endpoints. Parameters that the API refuses are left out and said.
func (v *visit) findEndpoints(f endpointFilter, faults *[]string) (api.WebhookList, error) {
	p := &api.ListWebhooksParams{Page: new(v.Number()), PerPage: new(inhouse.PerPage),
		URL: inhouse.Opt[string](f.URL), Search: inhouse.Opt[string](f.Search),
		State: inhouse.Opt[api.ListWebhooksParamsState](f.State),
		Sort:  inhouse.Opt[api.ListWebhooksParamsSort](f.Sort)}
	for {
		found, err := inhouse.Read[api.WebhookList](v.API.ListWebhooks(v.Ctx, p))
		r, wrong := inhouse.Invalid(err)
		if !wrong {
			return found, err
		}
		before := *p
		for _, name := range slices.Sorted(maps.Keys(r.Fields)) {
			switch name {
			case "search":
				p.Search = nil
			case "state":
				p.State = nil
			case "sort":
				p.Sort = nil
			case "url":
				p.URL = nil
			}
			*faults = append(*faults, strings.ToUpper(name[:1])+name[1:]+": "+r.Fields[name]+".")
		}
		if *p == before {
			*faults = append(*faults, r.Message)
			return api.WebhookList{}, nil
		}
	}
}

// changeEndpoints enables or disables the selected endpoints.
func changeEndpoints(v *visit) error {
	ids, enable := v.Request().Form["id"], v.FormValue("do") == "enable"
	if len(ids) == 0 || len(ids) > inhouse.PerPage {
		return &inhouse.Refusal{Status: http.StatusBadRequest, Message: "Select between 1 and " +
			strconv.Itoa(inhouse.PerPage) + " endpoints."}
	}
	for _, id := range ids {
		_, err := inhouse.Read[api.Webhook](v.API.UpdateWebhook(v.Ctx, id, nil,
			api.WebhookUpdate{Enabled: &enable}))
		if err != nil {
			return err
		}
	}
	what := "endpoints-disabled"
	if enable {
		what = "endpoints-enabled"
	}
	return v.Back("/app/endpoints", what)
}

// suggestEndpoints are the endpoints that a typed text may mean, as options of a list.
func suggestEndpoints(v *visit) error {
	list, err := inhouse.Read[api.WebhookList](v.API.ListWebhooks(v.Ctx, &api.ListWebhooksParams{
		Search: inhouse.Opt[string](v.Query("search")), PerPage: new(suggestedMost),
		Sort: new(api.ListWebhooksParamsSortName)}))
	if err != nil {
		return err
	}
	names := []string{}
	for _, w := range list.Data {
		names = append(names, nameOf(w))
	}
	v.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return v.JSON(http.StatusOK, names)
}

func endpointRows(all []api.Webhook, stats map[string]*api.WebhookStats) []endpointRow {
	out := make([]endpointRow, 0, len(all))
	for _, w := range all {
		out = append(out, endpointRowOf(w, stats[w.ID]))
	}
	return out
}

func endpointRowOf(w api.Webhook, f *api.WebhookStats) endpointRow {
	r := endpointRow{
		ID: w.ID, Name: nameOf(w), URL: w.URL, Method: w.Method, Profile: string(w.Profile), Events: w.Events,
		State: stateOf(w), Stats: f,
	}
	if w.LastDeliveryStatus != nil {
		r.LastStatus = *w.LastDeliveryStatus
	}
	if f != nil {
		r.Waiting, r.Retrying, r.Dead = f.Waiting, f.Retrying, f.Dead
		r.Rate, r.Last, r.Spark = percent(inhouse.Or(f.SuccessRate), f.SuccessRate.IsNull()), f.LastDeliveryAt, spark(f)
	}
	return r
}

// spark draws the success rate over the last day.
func spark(f *api.WebhookStats) ui.Spark {
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
	if _, err := inhouse.Read[api.Webhook](v.API.EnableWebhook(v.Ctx, id, nil)); err != nil {
		return err
	}
	return v.Back("/app/endpoints/"+url.PathEscape(id), "enabled")
}

func disableEndpoint(v *visit) error {
	id := v.Param("id")
	if _, err := inhouse.Read[api.Webhook](v.API.UpdateWebhook(v.Ctx, id, nil,
		api.WebhookUpdate{Enabled: new(false)})); err != nil {
		return err
	}
	return v.Back("/app/endpoints/"+url.PathEscape(id), "disabled")
}

// deleteEndpoint asks for the endpoint's name, and deletes it after the visitor typed it.
func deleteEndpoint(v *visit) error {
	w, err := inhouse.Read[api.Webhook](v.API.GetWebhook(v.Ctx, v.Param("id")))
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
