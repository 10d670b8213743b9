package dashboard

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oapi-codegen/nullable"

	"github.com/hookline/hookline/gen/client"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/profile"
)

// endpointForm is the form that makes and changes an endpoint, as it was filled in.
type endpointForm struct {
	inhouse.Form
	ID       string // empty for a new one
	Name     string // what it is called now
	Disabled bool
	Groups   []eventGroup
	All      bool   // subscribes to *
	Others   string // subscriptions that are not in the catalogue
	Masked   []string
	Preview  []time.Duration
	Tried    *filterResult
	Profile  []string
	Methods  []string
	Policy   string // the present one, of an endpoint that there is
	Types    []string
	Sample   *requestSample // when it was asked for
}

// eventGroup is a part of the catalogue: Wildcard subscribes to all of it.
type eventGroup struct {
	Name, Wildcard string
	All            bool
	Types          []eventChoice
}

type eventChoice struct {
	Type, Description string
	Chosen            bool
}

type filterResult struct {
	Matches bool
	Error   string
}

var methods = []string{"POST", "PUT", "PATCH", "GET"}

// choose sets up the event picker for what is subscribed to.
func (f *endpointForm) choose(types []client.EventType, chosen []string) {
	f.All = slices.Contains(chosen, "*")
	known := map[string]bool{"*": true}
	index := map[string]int{}
	for _, t := range types {
		prefix, _, dotted := strings.Cut(t.Type, ".")
		at, ok := index[prefix]
		if !ok {
			at = len(f.Groups)
			index[prefix] = at
			g := eventGroup{Name: prefix, Wildcard: prefix + ".*", All: slices.Contains(chosen, prefix+".*")}
			if !dotted {
				g.Wildcard = "" // a name without a dot is no group
			}
			f.Groups = append(f.Groups, g)
		}
		f.Groups[at].Types = append(f.Groups[at].Types, eventChoice{t.Type, t.Description, slices.Contains(chosen,
			t.Type)})
		known[t.Type], known[prefix+".*"] = true, true
		f.Types = append(f.Types, t.Type)
	}
	var others []string
	for _, c := range chosen {
		if !known[c] {
			others = append(others, c)
		}
	}
	f.Others = strings.Join(others, ", ")
}

// words splits what people write in one field, by commas, spaces and lines.
func subscriptions(form url.Values) []string {
	out := slices.Clone(form["event"])
	out = append(out, inhouse.Words(form.Get("events_more"))...)
	slices.Sort(out)
	return slices.Compact(out)
}

// policyOf is the retry policy of a form; nil when the form leaves it as it is.
func policyOf(form url.Values) *client.RetryPolicy {
	number := func(name string) *float64 {
		if n, err := strconv.ParseFloat(strings.TrimSpace(form.Get(name)), 64); err == nil {
			return &n
		}
		return nil
	}
	text := func(name string) *string { return inhouse.Opt[string](strings.TrimSpace(form.Get(name))) }
	switch form.Get("retry") {
	case "schedule":
		waits := inhouse.Words(form.Get("schedule"))
		return &client.RetryPolicy{Schedule: &waits}
	case "exponential":
		p := &client.RetryPolicy{Initial: text("initial"), Multiplier: number("multiplier"),
			MaxInterval: text("max_interval")}
		if n := number("max_attempts"); n != nil {
			p.MaxAttempts = new(int(*n))
		}
		return p
	}
	return nil
}

// headersOf reads lines of "Name: value"; nil when there are none.
func headersOf(form url.Values) (*client.CustomHeaders, error) {
	out := client.CustomHeaders{}
	for line := range strings.Lines(form.Get("headers")) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return nil, inhouse.Mistake("headers", "each line is “Name: value”")
		}
		out[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	if len(out) == 0 && form.Get("headers_clear") == "" {
		return nil, nil //nolint:nilnil // no headers are no fault
	}
	return &out, nil
}

// change is a form as the API takes it; those fields that a new endpoint doesn't need are left out when they are empty.
func change(form url.Values, fresh bool) (client.WebhookUpdate, error) {
	headers, err := headersOf(form)
	if err != nil {
		return client.WebhookUpdate{}, err
	}
	events := subscriptions(form)
	u := client.WebhookUpdate{
		Name: new(strings.TrimSpace(form.Get("name"))), URL: new(strings.TrimSpace(form.Get("url"))),
		Description: new(strings.TrimSpace(form.Get("description"))),
		Events:      &events, Headers: headers, Method: inhouse.Opt[client.WebhookMethod](form.Get("method")),
		Profile:     inhouse.Opt[client.Profile](form.Get("profile")),
		RetryPolicy: policyOf(form),
	}
	if filter := strings.TrimSpace(form.Get("filter")); filter != "" {
		u.Filter = nullable.NewNullableWithValue(filter)
	} else if !fresh {
		u.Filter = nullable.NewNullNullable[string]()
	}
	if n, err := strconv.Atoi(strings.TrimSpace(form.Get("rate_limit"))); err == nil {
		u.RateLimit = &client.EndpointRateLimit{Requests: &n}
	} else if !fresh {
		u.RateLimit = &client.EndpointRateLimit{}
	}
	if timeout := strings.TrimSpace(form.Get("timeout")); timeout != "" {
		u.Timeout = nullable.NewNullableWithValue(timeout)
	} else if !fresh {
		u.Timeout = nullable.NewNullNullable[string]()
	}
	return u, nil
}

// showForm renders the form as it was filled in.
func (v *visit) showForm(status int, f endpointForm) error {
	types, err := v.eventTypes()
	if err != nil {
		return err
	}
	f.choose(types, subscriptions(f.Values))
	f.Profile, f.Methods = profile.Of(v.Session.Tenant.Profile).Choices(), methods
	if p := policyOf(f.Values); p != nil {
		f.Preview = preview(*p)
	}
	if v.FormValue("do") == "sample" {
		f.Sample = sampleOf(f.Value("profile"), types, subscriptions(f.Values))
	}
	title := "New endpoint"
	if f.ID != "" {
		title = "Change " + f.Name
	}
	return v.render(status, "endpointform", title, f)
}

func newEndpointPage(v *visit) error {
	return v.showForm(http.StatusOK,
		endpointForm{Form: inhouse.Form{Values: url.Values{"profile": {v.Session.Tenant.Profile}, "method": {"POST"},
			"event": v.QueryParams()["event"]}}})
}

// looked renders the form again for the buttons that change nothing: preview, sample and the test of a filter.
func (v *visit) looked(f endpointForm) (bool, error) {
	switch v.FormValue("do") {
	case "preview", "sample":
		return true, v.showForm(http.StatusOK, f)
	case "try":
		body := client.FilterTest{Filter: v.FormValue("filter"),
			EventType: inhouse.Opt[string](v.FormValue("sample_type"))}
		if sample := strings.TrimSpace(v.FormValue("sample")); sample != "" {
			raw := json.RawMessage(sample)
			if !json.Valid(raw) {
				f.Tried = &filterResult{Error: "The sample is not valid JSON."}
				return true, v.showForm(http.StatusOK, f)
			}
			body.Data = &raw
		}
		got, err := inhouse.Read[client.FilterTestResult](v.API.TestFilter(v.Ctx, nil, body))
		if r, ok := inhouse.Invalid(err); ok {
			f.Tried = &filterResult{Error: r.Message + r.Details()}
			return true, v.showForm(http.StatusOK, f)
		}
		f.Tried = &filterResult{Matches: inhouse.Or(got.Matches), Error: inhouse.Or(got.Error)}
		if err != nil {
			return true, err
		}
		return true, v.showForm(http.StatusOK, f)
	}
	return false, nil
}

func createEndpoint(v *visit) error {
	f := endpointForm{Form: inhouse.Form{Values: v.Request().PostForm}}
	if looked, err := v.looked(f); looked {
		return err
	}
	u, err := change(f.Values, true)
	if err == nil {
		var made client.WebhookCreated
		made, err = inhouse.Read[client.WebhookCreated](v.API.CreateWebhook(v.Ctx, nil, client.WebhookCreate{
			Name: u.Name, URL: *u.URL, Description: u.Description, Events: given(*u.Events), Headers: u.Headers,
			Method:  u.Method,
			Profile: u.Profile, RetryPolicy: u.RetryPolicy, Filter: u.Filter, RateLimit: u.RateLimit,
			Timeout: u.Timeout,
		}))
		if err == nil {
			return v.made(made)
		}
	}
	return v.refusedForm(f, err)
}

// given is nil for an empty list, which the API then takes for one that was left out.
func given(events []string) *[]string {
	if len(events) == 0 {
		return nil
	}
	return &events
}

// made shows the secret of a new endpoint where it is shown only now, and else the endpoint.
func (v *visit) made(w client.WebhookCreated) error {
	_, once := profile.ShowsSecretOnce(v.Session.Tenant.Profile, string(w.Profile))
	if !once {
		return v.Back("/app/endpoints/"+url.PathEscape(w.ID), "created")
	}
	return v.showNewSecret(client.Webhook{ID: w.ID, Name: w.Name, URL: w.URL, Profile: w.Profile},
		newSecret{Secret: w.Secret})
}

func (v *visit) refusedForm(f endpointForm, err error) error {
	filled, status, ok := v.Filled(err)
	if !ok {
		return err
	}
	f.Form = filled
	return v.showForm(status, f)
}

func editEndpointPage(v *visit) error {
	f, err := v.present()
	if err != nil {
		return err
	}
	return v.showForm(http.StatusOK, f)
}

// present returns the form filled in with the endpoint's current values.
func (v *visit) present() (endpointForm, error) {
	w, err := inhouse.Read[client.Webhook](v.API.GetWebhook(v.Ctx, v.Param("id")))
	if err != nil {
		return endpointForm{}, err
	}
	f := endpointForm{ID: w.ID, Name: nameOf(w), Disabled: !w.Enabled, Policy: policyText(w.RetryPolicy),
		Form: inhouse.Form{Values: url.Values{
			"name": {w.Name}, "url": {w.URL}, "description": {w.Description}, "event": w.Events, "method": {w.Method},
			"profile": {string(w.Profile)},
			"filter":  {inhouse.Or(w.Filter)}, "timeout": {inhouse.Or(w.Timeout)},
		}}}
	if n := w.RateLimit.Requests; n != nil {
		f.Values.Set("rate_limit", strconv.Itoa(*n))
	}
	for name := range w.Headers {
		f.Masked = append(f.Masked, name)
	}
	slices.Sort(f.Masked)
	return f, nil
}

func updateEndpoint(v *visit) error {
	f, err := v.present()
	if err != nil {
		return err
	}
	f.Values = v.Request().PostForm
	if looked, err := v.looked(f); looked {
		return err
	}
	u, err := change(f.Values, false)
	if f.Disabled {
		u.Enabled = new(false) // the form sends the subscription whatever was changed, which else enables it
	}
	if err == nil {
		if _, err = inhouse.Read[client.Webhook](v.API.UpdateWebhook(v.Ctx, f.ID, nil, u)); err == nil {
			return v.Back("/app/endpoints/"+url.PathEscape(f.ID), "saved")
		}
	}
	return v.refusedForm(f, err)
}
