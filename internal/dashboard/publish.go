package dashboard

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/profile"
)

// publishForm is the form that publishes an event, or sends its data to one endpoint as a test.
type publishForm struct {
	inhouse.Form
	Types     []string
	Endpoints []ui.Link // to suggest
	Choices   []ui.Link // endpoints that the text for the endpoint matches, when there are several
	MayTest   bool
	Test      *testResult
	TestOf    ui.Link // the endpoint that was sent a test
}

// newPublishForm is the form with what it offers to choose from. The first type's sample is its data when it has none;
// for an event of the log, which from names, that event's.
func (v *visit) newPublishForm(form inhouse.Form) (publishForm, error) {
	f := publishForm{Form: form, MayTest: v.can(writeWebhooks)}
	types, err := v.eventTypes()
	if err != nil {
		return f, err
	}
	known, err := v.endpoints()
	if err != nil {
		return f, err
	}
	f.Endpoints = known.suggested()
	f.Values.Set("endpoint", known.unique(f.Value("endpoint"), f.Value("endpoint")))
	chosen := f.Value("type")
	if chosen != "" && !slices.ContainsFunc(types, func(t api.EventType) bool { return t.Type == chosen }) {
		f.Types = append(f.Types, chosen) // deleted meanwhile: the form must not change what was chosen
	}
	for _, t := range types {
		f.Types = append(f.Types, t.Type)
		if f.Value("data") == "" && f.Fields == nil && (f.Value("type") == t.Type || f.Value("type") == "") {
			f.Values.Set("type", t.Type)
			f.Values.Set("data", ui.Pretty(t.Sample, maxEventData).Text)
		}
	}
	return f, nil
}

func publishPage(v *visit) error {
	values := url.Values{"type": {v.Query("type")}, "endpoint": {v.Query("endpoint")}}
	if from := v.Query("from"); from != "" {
		e, err := inhouse.Read[api.Event](v.API.GetEvent(v.Ctx, from))
		if err != nil {
			return err
		}
		values.Set("type", e.Type)
		values.Set("data", ui.Pretty(e.Data, maxEventData).Text)
	}
	f, err := v.newPublishForm(inhouse.Form{Values: values})
	if err != nil {
		return err
	}
	return v.render(http.StatusOK, "publish", "Publish an event", f)
}

// publishEvent publishes the event of the form, or sends it to an endpoint as a test.
func publishEvent(v *visit) error {
	if v.FormValue("do") == "sample" {
		values := url.Values{"type": {v.Field("type")}, "endpoint": {v.Field("endpoint")}}
		f, err := v.newPublishForm(inhouse.Form{Values: values})
		if err != nil {
			return err
		}
		return v.render(http.StatusOK, "publish", "Publish an event", f)
	}
	data, test := v.FormValue("data"), v.FormValue("do") == "test"
	wrong := map[string]string{}
	if fault := notJSON(strings.TrimSpace(data)); fault != "" {
		wrong["data"] = fault
	}
	var to endpointSearch
	if test {
		var err error
		if to, err = v.testEndpoint(); err != nil {
			return err
		}
		if to.Fault != "" {
			wrong["endpoint"] = to.Fault
		}
	}
	if len(wrong) > 0 {
		return v.refuseUnsent(wrong, data, to.Choices)
	}
	if test {
		return v.testWith(to.ID, []byte(data))
	}
	e, err := inhouse.Read[api.Event](v.API.PublishEvent(v.Ctx, nil, api.EventCreate{Type: v.Field("type"),
		Data: json.RawMessage(data)}))
	if err != nil {
		return v.refusePublish(err, nil)
	}
	return v.Back("/app/events/"+url.PathEscape(e.ID), "published")
}

// testEndpoint finds the endpoint that a test is for: by what was typed, or chosen among several that this matches.
func (v *visit) testEndpoint() (endpointSearch, error) {
	typed := v.Field("endpoint")
	if chosen := v.Field("endpoint_id"); chosen != "" && v.Field("endpoint_of") == typed {
		return endpointSearch{ID: chosen}, nil
	}
	if typed == "" {
		return endpointSearch{Fault: "choose an endpoint"}, nil
	}
	found, err := v.searchEndpoint(typed, func(id string) string { return id })
	found.Fault = strings.NewReplacer(". Choose one:", "; choose one").Replace(strings.TrimSuffix(found.Fault, "."))
	return found, err
}

// refuseUnsent shows the form again with fields that the API can't be asked about, and what is wrong with the others.
func (v *visit) refuseUnsent(wrong map[string]string, data string, choices []ui.Link) error {
	types, err := v.eventTypes()
	if err != nil {
		return err
	}
	name := v.Field("type")
	at := slices.IndexFunc(types, func(t api.EventType) bool { return t.Type == name })
	switch {
	case at < 0 && len(types) > 0:
		wrong["type"] = "is no event type; choose another one"
	case at >= 0 && wrong["data"] == "" && v.can(writeEventTypes) && !profile.Of(v.Session.Tenant.Profile).Reads(name):
		body := inhouse.Body{"schema": json.RawMessage(types[at].Schema), "sample": json.RawMessage(data)}
		found, err := v.checkType(body)
		if err != nil {
			return err
		}
		for _, p := range found.Problems {
			if field, ok := strings.CutPrefix(p.Field, "sample"); ok {
				wrong["data"+field] = p.Message
			}
		}
	}
	return v.refusePublish(&inhouse.Refusal{Status: http.StatusBadRequest, Fields: wrong}, choices)
}

// testWith sends the data to an endpoint as a test.
func (v *visit) testWith(endpoint string, data []byte) error {
	got, err := inhouse.Read[api.WebhookTestResult](v.API.TestWebhook(v.Ctx, endpoint,
		api.WebhookTest{EventType: inhouse.Opt[string](v.Field("type")), Data: new(json.RawMessage(data))}))
	var r *inhouse.Refusal
	if errors.As(err, &r) && r.Status == http.StatusNotFound {
		return v.refuseUnsent(map[string]string{"endpoint": "does not exist any more; choose another one"},
			string(data), nil)
	}
	if err != nil {
		return v.refusePublish(err, nil)
	}
	w, err := v.endpointOf(endpoint)
	if err != nil {
		return err
	}
	values := maps.Clone(v.Request().PostForm)
	if v.Field("endpoint_id") == endpoint {
		values.Set("endpoint", endpoint)
	}
	f, err := v.newPublishForm(inhouse.Form{Values: values})
	if err != nil {
		return err
	}
	f.Test, f.TestOf = testResultOf(got), ui.Link{Text: nameOf(w), Href: "/app/endpoints/" + url.PathEscape(endpoint)}
	return v.render(http.StatusOK, "publish", "Publish an event", f)
}

// dataWords say what is wrong with fields of the data in words for people.
func dataWords(fields map[string]string) map[string]string {
	plain := map[string]string{}
	for field, text := range fields {
		if strings.HasPrefix(field, "data.") && text == "is required" {
			plain[field] = "is missing"
		}
	}
	return plain
}

// refusePublish shows the form again with what is wrong with it. choices are endpoints to choose from for a test.
func (v *visit) refusePublish(refused error, choices []ui.Link) error {
	r, ok := inhouse.Invalid(refused)
	if !ok {
		return refused
	}
	form, status, _ := v.Filled(refused, dataWords(r.Fields))
	f, err := v.newPublishForm(form)
	if err != nil {
		return err
	}
	f.Choices = choices
	return v.render(status, "publish", "Publish an event", f)
}
