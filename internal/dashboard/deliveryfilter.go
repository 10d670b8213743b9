package dashboard

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/id"
)

// statuses in the order people ask about them.
var statuses = []api.DeliveryStatus{"succeeded", "pending", "delivering", "retrying", "dead", "cancelled"}

// over are the statuses of deliveries that can be replayed.
var over = []string{"succeeded", "dead", "cancelled"}

// deliveryFilter is the filter of a list of deliveries, as query parameters: by the API's names, and as typed.
type deliveryFilter url.Values

// filterNames are the parameters, in the order of the form.
var filterNames = []string{"status", "event_type", "webhook_id", "http_class", "http_status", "reason", "event_id",
	"text", "from", "to"}

func filterOf(value func(string) string) deliveryFilter {
	f := deliveryFilter{}
	for _, name := range filterNames {
		if text := value(name); text != "" {
			f[name] = []string{text}
		}
	}
	return f
}

// Value returns what was typed for a parameter.
func (f deliveryFilter) Value(name string) string { return url.Values(f).Get(name) }

// Active reports whether the filter narrows the list.
func (f deliveryFilter) Active() bool { return len(f) > 0 }

// More reports whether a parameter is set that the form folds up.
func (f deliveryFilter) More() bool {
	return slices.ContainsFunc([]string{"reason", "event_id", "http_status", "text", "from", "to"},
		func(name string) bool { return f.Value(name) != "" })
}

// Replayable reports whether deliveries that are over can match.
func (f deliveryFilter) Replayable() bool {
	return f.Value("status") == "" || slices.Contains(over, f.Value("status"))
}

// Values returns the filter as fields of a form.
func (f deliveryFilter) Values() []ui.Header {
	var out []ui.Header
	for _, name := range filterNames {
		out = append(out, ui.Header{Name: name, Value: f.Value(name)})
	}
	return out
}

// Query returns the filter as what follows a path: empty, or a query with its question mark.
func (f deliveryFilter) Query() string {
	if len(f) == 0 {
		return ""
	}
	return "?" + url.Values(f).Encode()
}

// without returns the filter without some parameters.
func (f deliveryFilter) without(names ...string) deliveryFilter {
	g := maps.Clone(f)
	for _, name := range names {
		delete(g, name)
	}
	return g
}

// Input returns a time as <input type="datetime-local"> takes it; what is no time stays as it was typed.
func (f deliveryFilter) Input(name string) string { return localInput(f.Value(name)) }

func localInput(text string) string {
	at, err := inhouse.Moment(text)
	if err != nil || at == nil {
		return text
	}
	layout := "2006-01-02T15:04"
	if at.Second() != 0 {
		layout = "2006-01-02T15:04:05"
	}
	return at.UTC().Format(layout)
}

// usable is a filter as the API takes it: times in its form, and the endpoint by its id.
type usable struct {
	deliveryFilter
	Faults  []string  // what was left out, and why
	Choices []ui.Link // endpoints that the text for the endpoint matches, when there are several
	name    string    // of the endpoint, for the form
}

// filterLabels are what the form calls the parameters.
var filterLabels = map[string]string{"status": "Status", "event_type": "Event type", "webhook_id": "Endpoint",
	"http_class": "Response", "http_status": "HTTP status", "reason": "Reason", "event_id": "Event", "text": "Text",
	"from": "From", "to": "To", "cursor": "Page"}

// usable reads what was typed. What can't be used is left out and said; the rest stays.
func (v *visit) usable(f deliveryFilter) (usable, error) {
	u := usable{deliveryFilter: maps.Clone(f), name: f.Value("webhook_id")}
	for _, name := range []string{"from", "to"} {
		at, err := inhouse.Moment(f.Value(name))
		if r, wrong := inhouse.Invalid(err); wrong {
			u.drop(name, r.Message)
		} else if at != nil {
			u.deliveryFilter[name] = []string{at.Format(time.RFC3339Nano)}
		}
	}
	if text := f.Value("http_status"); text != "" && u.number("http_status") == nil {
		u.drop("http_status", "must be a number such as 503.")
	}
	return u, v.findEndpoint(&u)
}

func (u *usable) drop(name, why string) {
	u.Faults = append(u.Faults, filterLabels[name]+": "+why)
	delete(u.deliveryFilter, name)
}

// findEndpoint replaces the text for the endpoint by its id.
func (v *visit) findEndpoint(u *usable) error {
	rest := u.without("webhook_id")
	found, err := v.searchEndpoint(u.Value("webhook_id"), func(id string) string {
		chosen := maps.Clone(rest)
		chosen["webhook_id"] = []string{id}
		return "/app/deliveries" + chosen.Query()
	})
	switch {
	case err != nil:
		return err
	case found.Fault != "":
		u.drop("webhook_id", found.Fault)
		u.Choices = found.Choices
	case found.ID != "":
		u.deliveryFilter["webhook_id"], u.name = []string{found.ID}, cmp.Or(found.Name, u.name)
	}
	return nil
}

// endpointSearch is the endpoint that a filter's text means, or why it means none.
type endpointSearch struct {
	ID, Name string // the name is empty when the text was the id
	Fault    string
	Choices  []ui.Link // when several match
}

// searchEndpoint finds the endpoint that a text means: its id, its name, its URL or a part of these. href is where a
// choice among several leads.
func (v *visit) searchEndpoint(text string, href func(id string) string) (endpointSearch, error) {
	if _, err := id.ParseAs(id.Endpoint, text); text == "" || err == nil || !v.can(readWebhooks) {
		return endpointSearch{ID: text}, nil
	}
	list, err := inhouse.Read[api.WebhookList](v.API.ListWebhooks(v.Ctx,
		&api.ListWebhooksParams{Search: &text, PerPage: new(nameLimit)}))
	if r, wrong := inhouse.Invalid(err); wrong {
		return endpointSearch{Fault: r.Message + r.Details()}, nil
	}
	if err != nil {
		return endpointSearch{}, err
	}
	found := list.Data
	same := slices.DeleteFunc(slices.Clone(found), func(w api.Webhook) bool { return nameOf(w) != text })
	if len(same) == 1 {
		found = same
	}
	switch len(found) {
	case 0:
		return endpointSearch{Fault: "no endpoint has “" + text + "” in its name or URL."}, nil
	case 1:
		return endpointSearch{ID: found[0].ID, Name: nameOf(found[0])}, nil
	}
	several := endpointSearch{Fault: "several endpoints have “" + text + "” in their name or URL. Choose one:"}
	for _, w := range found[:min(len(found), 12)] {
		several.Choices = append(several.Choices, ui.Link{Text: nameOf(w), Note: w.URL, Href: href(w.ID)})
	}
	return several, nil
}

func (u usable) params(cursor string, limit int, oldestFirst bool) *api.ListDeliveriesParams {
	p := &api.ListDeliveriesParams{
		Cursor: inhouse.Opt[string](cursor), Limit: &limit,
		Status:    inhouse.Opt[api.DeliveryStatus](u.Value("status")),
		WebhookID: inhouse.Opt[string](u.Value("webhook_id")), EventID: inhouse.Opt[string](u.Value("event_id")),
		EventType: inhouse.Opt[string](u.Value("event_type")),
		HTTPClass: inhouse.Opt[api.HTTPClass](u.Value("http_class")), HTTPStatus: u.number("http_status"),
		Reason: inhouse.Opt[string](u.Value("reason")), Text: inhouse.Opt[string](u.Value("text")),
		From: u.time("from"), To: u.time("to"),
	}
	if oldestFirst {
		p.Order = new(api.ListDeliveriesParamsOrderAsc)
	}
	return p
}

// number returns a parameter as a number; usable has dropped what is none.
func (u usable) number(name string) *int {
	n, err := strconv.Atoi(u.Value(name))
	if err != nil {
		return nil
	}
	return &n
}

func (u usable) time(name string) *time.Time {
	at, _ := inhouse.Moment(u.Value(name)) // was read before
	return at
}

// list lists deliveries. Parameters that the API refuses are left out and said.
func (v *visit) list(u *usable, cursor string) (api.DeliveryList, error) {
	for {
		found, err := inhouse.Read[api.DeliveryList](v.API.ListDeliveries(v.Ctx,
			u.params(cursor, inhouse.PerPage, false)))
		r, wrong := inhouse.Invalid(err)
		if !wrong {
			return found, err
		}
		dropped := false
		for _, name := range slices.Sorted(maps.Keys(r.Fields)) {
			if name == "cursor" && cursor != "" {
				u.drop(name, r.Fields[name]+".")
				cursor, dropped = "", true
			} else if u.Value(name) != "" {
				u.drop(name, r.Fields[name]+".")
				dropped = true
			}
		}
		if !dropped {
			u.Faults = append(u.Faults, strings.TrimSpace(r.Message+r.Details()))
			return api.DeliveryList{}, nil
		}
	}
}
