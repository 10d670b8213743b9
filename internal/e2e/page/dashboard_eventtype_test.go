package page_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func TestInTheBrowserAnEventTypeIsMadeWithASampleFromItsSchemaAndChanged(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	b := openTab(t, p.URL)
	b.open(portal(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "owner"}).URL)
	b.open("/app/event-types")
	b.leave("New event type")
	b.fill("type", "order.shipped")
	b.fill("description", "An order was shipped.")
	b.fill("schema", `{"type":"object","required":["number","boxes"],"properties":{"number":{"type":"string",
		"minLength":3},"boxes":{"type":"array","minItems":2,"items":{"type":"integer","minimum":10}}}}`)
	b.press("Check")
	b.sees("sample.boxes")
	b.shoot("event-type-problems")
	b.press("Generate from the schema")
	b.sees("The schema can be used, and the sample matches it.")
	b.shoot("event-type-form")
	b.leave("Create the event type")
	b.sees("The event type was created.")
	b.shoot("event-type-own")
	made := testkit.Get[api.EventType](t, tenant, "/api/v1/event-types/order.shipped")
	var sample struct{ Boxes []int }
	if err := json.Unmarshal(made.Sample, &sample); err != nil || len(sample.Boxes) != 2 || sample.Boxes[0] != 10 {
		t.Errorf("stored sample: got %s, want the generated one with two boxes of 10", made.Sample)
	}
	b.leave("Change")
	b.fill("description", "All boxes of an order were shipped.")
	b.leave("Save")
	b.sees("All boxes of an order were shipped.")
	b.leave("Deprecate")
	b.sees("deprecated")
	tenant.Call(t, http.MethodPost, "/api/v1/events", map[string]any{"type": "order.shipped", "data": map[string]any{
		"number": "A-1", "boxes": []int{10, 20}}}).Want(t, http.StatusAccepted)
}

func TestTheFormOfAnEventTypeShowsAllProblemsAtOnceAndKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	v := visit(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "owner"})
	const form = "/app/event-types/new-type"
	typed := func(settings ...string) url.Values {
		out := url.Values{"type": {"order.paid"}, "description": {"An order was paid."},
			"schema": {`{"type":"object","properties":{"n":{"type":"integer"}}}`}, "sample": {`{"n": 1}`}}
		for i := 0; i < len(settings); i += 2 {
			out.Set(settings[i], settings[i+1])
		}
		return out
	}
	a := v.post(t, form, form, typed("type", "Order Paid", "description", "", "schema",
		`{"type":"object","properties":{"n":{"type":"whole","minimum":"x"}}}`), "Type: ", "Description: ",
		"Schema, properties, n, type", "Schema, properties, n, minimum", "Order Paid", "&#34;whole&#34;")
	if a.status != http.StatusBadRequest {
		t.Errorf("wrong form: got %d, want 400", a.status)
	}
	v.post(t, form, form, typed("type", "new_lead", "schema", "{\n\"type\":\n", "sample", `["a"]`),
		"is not JSON", "must be a JSON object", "new_lead")
	v.post(t, form, form, typed("type", "new_lead", "sample", `{"n":"x"}`), "take another name", "Sample, n",
		"must be a whole number")
	v.post(t, form, form, typed("do", "check", "sample", `{"n":"x"}`), "1 problem", "<code>sample.n</code>",
		"order.paid")
	if all := testkit.Get[api.EventTypeList](t, tenant, "/api/v1/event-types?own=true").Data; len(all) != 0 {
		t.Errorf("types after refused forms and a check: got %+v, want none", all)
	}
	v.post(t, form, form, typed(), "The event type was created.")
	const edit = "/app/event-types/order.paid/edit"
	v.post(t, edit, edit, typed("schema", `{"type":"object"}`), "Schema, properties, n: must stay")
	v.post(t, form, form, typed("do", "generate", "sample", ""), "&#34;n&#34;: 1", "the sample matches it")
	v.post(t, "/app/event-types/order.paid", "/app/event-types/order.paid/delete", url.Values{"name": {"order.paid"}},
		"The event type was deleted.")

	viewer := visit(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "viewer"})
	if got := viewer.get(t, "/app/event-types"); strings.Contains(got, "New event type") {
		t.Error("catalogue for a viewer: got the control that adds a type, want none")
	}
	viewer.status(t, form, http.StatusForbidden)
}
