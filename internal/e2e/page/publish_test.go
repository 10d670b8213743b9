package page_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

const publishPath = "/app/events/publish"

func TestAnEventThatIsRefusedIsShownWithAllItsProblemsAndNothingIsLost(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	testkit.Post[api.EventType](t, tenant, "/api/v1/event-types", map[string]any{"type": "order.created",
		"description": "An order.", "sample": map[string]any{"number": "A-1"}, "schema": map[string]any{
			"type": "object", "required": []string{"number"}, "additionalProperties": false,
			"properties": map[string]any{"number": map[string]any{"type": "string"}, "total": map[string]any{
				"type": "number"}}}}, http.StatusCreated)
	b := visit(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "owner"})
	const breaks = `{"total": "a lot"}`
	for name, c := range map[string]struct {
		do, kind, data, endpoint string
		status                   int
		wants                    []string
	}{
		"no JSON": {"publish", "order.created", "{\n  \"number\": A-1\n}", "", 400, []string{
			"One field needs a change.", "Data: is not JSON: line 2 has an unexpected “A”"}},
		"JSON that ends early": {"publish", "order.created", `{"number": "A-1"`, "", 400, []string{
			"is not JSON: it ends too early"}},
		"a bracket too many": {"publish", "order.created", `{"number": "A-1"}}`, "", 400, []string{
			"more than one JSON value"}},
		"no object": {"publish", "order.created", `[1]`, "", 400, []string{"must be a JSON object: {…}"}},
		"nothing":   {"publish", "order.created", "", "", 400, []string{"must not be empty"}},
		"no JSON and no type": {"publish", "order.gone", "{", "", 400, []string{"2 fields need a change.",
			"is not JSON", "is no event type"}},
		"what breaks the schema": {"publish", "order.created", breaks, "", 422, []string{"2 fields need a change.",
			"Data, number: is missing", "Data, total: must be a number"}},
		"a test of no JSON to nobody": {"test", "order.created", "{", "", 400, []string{"2 fields need a change.",
			"Endpoint: choose an endpoint", "is not JSON"}},
		"a test that breaks the schema to an unknown endpoint": {"test", "order.created", breaks, "Nowhere", 400,
			[]string{"3 fields need a change.", "no endpoint has “Nowhere”", "Data, number: is missing",
				"Data, total: must be a number"}},
		"a test that breaks the schema to one that is gone": {"test", "order.created", breaks,
			"whe_01jd4x2m9qe4fv0w3n7q1x5z8k", 400, []string{"3 fields need a change.", "does not exist any more",
				"Data, number: is missing"}},
	} {
		a := b.post(t, publishPath, publishPath, url.Values{"do": {c.do}, "type": {c.kind}, "data": {c.data},
			"endpoint": {c.endpoint}})
		page := plainText(a.body)
		if a.status != c.status {
			t.Errorf("%s: got %d, want %d", name, a.status, c.status)
		}
		has(t, name, page, append(c.wants, "<option selected>"+c.kind, ">\n"+c.data+"</textarea>",
			`name="endpoint" value="`+c.endpoint+`"`)...)
	}
	if got := testkit.Get[api.EventList](t, tenant, "/api/v1/events").Data; len(got) != 0 {
		t.Errorf("events after refused forms: got %d, want none", len(got))
	}
}

// plainText is a page without the entities that Go writes for what the tests look for.
func plainText(body string) string {
	return strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&#43;", "+").Replace(body)
}

func TestATestIsSentToAnyOfMoreThanAHundredEndpoints(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	consumer := testkit.NewReceiver(t, nil)
	oldest := tenant.NewEndpoint(t, consumer.URL+"/first", map[string]any{"name": "The oldest of all"})
	for i := range 101 {
		tenant.NewEndpoint(t, consumer.URL, map[string]any{"name": fmt.Sprintf("Shop %03d", i/2)})
	}
	b := visit(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "owner"})
	page := plainText(b.get(t, publishPath, `data-suggest="/app/endpoints/suggest"`))
	// Enter in the field does what the first button of the form does, which must not replace the data
	if first := regexp.MustCompile(`name="do" value="([a-z]+)"`).FindStringSubmatch(page); first[1] != "test" {
		t.Errorf("first button of the form: got %s, want the one that sends a test", first[1])
	}
	data := regexp.MustCompile(`(?s)<textarea[^>]*>\n(.*)</textarea>`).FindStringSubmatch(page)[1]
	kind := regexp.MustCompile(`<option selected>([^<]*)`).FindStringSubmatch(page)[1]
	test := func(more url.Values, wants ...string) string {
		t.Helper()
		form := url.Values{"do": {"test"}, "type": {kind}, "data": {data}}
		for name, values := range more {
			form[name] = values
		}
		return b.post(t, publishPath, publishPath, form, wants...).body
	}
	for _, typed := range []string{"The oldest of all", "oldest", oldest.URL, oldest.ID} {
		test(url.Values{"endpoint": {typed}}, "Succeeded.", "/app/endpoints/"+oldest.ID+`">The oldest of all</a>`)
		if got := consumer.Next(t); got.Path != "/first" {
			t.Errorf("test to %q: got a request to %s, want /first", typed, got.Path)
		}
	}
	several := test(url.Values{"endpoint": {"Shop 007"}}, "several endpoints have “Shop 007”",
		`name="endpoint_of" value="Shop 007"`)
	ids := regexp.MustCompile(`name="endpoint_id" value="(whe_[0-9a-z]+)"`).FindAllStringSubmatch(several, -1)
	if len(ids) != 2 {
		t.Fatalf("two endpoints of one name: got %d to choose from, want 2", len(ids))
	}
	chosen := url.Values{"endpoint": {"Shop 007"}, "endpoint_of": {"Shop 007"}, "endpoint_id": {ids[1][1]}}
	test(chosen, "Succeeded.", `<a href="/app/endpoints/`+ids[1][1]+`">Shop 007</a>`)
	chosen.Set("endpoint", "oldest") // typed after the choice
	test(chosen, "Succeeded.", "The oldest of all</a>")
}
