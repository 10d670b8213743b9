package webhook_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/testkit"
)

// payload is the data of an event as a product's document shows it.
type payload struct{ product, name, data, filter string }

var payloads = []payload{
	{"leadhooks", "new_lead", `{"id":"lead_123","name":"John Doe","email":"john@example.com","phone":"+1234567890",
		"source":"website"}`, `data.source == "website" && data.company == null`},
	{"leadhooks", "lead_update", `{"id":"lead_123","name":"John Doe","email":"john@example.com","phone":"+1234567890",
		"changes":{"status":"contacted"}}`, `data.changes.status == "contacted"`},
	{"savelead", "save_lead", `{"email":"","company":"","first_name":"","last_name":"","phone":"","website":"",
		"position":"","twitter":"","linkedin":"","notes":"","score":0}`, `data.website == "" && !has(data.id)`},
}

// dataOf reads the field data of a JSON object, or the whole object when it is one of data.
func dataOf(t *testing.T, raw []byte) map[string]any {
	t.Helper()
	var body struct{ Data map[string]any }
	if err := json.Unmarshal(raw, &body); err != nil || body.Data == nil {
		t.Fatalf("got %s, %v, want an object with data", raw, err)
	}
	return body.Data
}

// contains reports whether data has all fields of a part, with their values.
func contains(data, part map[string]any) bool {
	for name, value := range part {
		if !reflect.DeepEqual(data[name], value) {
			return false
		}
	}
	return true
}

// TestAProductsDocumentsPayloadIsItsData wherever data are: published, logged, filtered, tested, sent.
func TestAProductsDocumentsPayloadIsItsData(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		for _, doc := range payloads {
			t.Run(doc.name, func(t *testing.T) {
				t.Parallel()
				p := testkit.Shared(t, e)
				tenant, receiver, other := p.NewOwner(t, doc.product), testkit.NewReceiver(t, nil),
					testkit.NewReceiver(t, nil)
				hook := tenant.NewEndpoint(t, receiver.URL, object{"name": doc.name, "events": []string{doc.name},
					"filter": doc.filter})
				tenant.NewEndpoint(t, other.URL, object{"events": []string{"lead.*"}, "profile": "hookline"})
				given := dataOf(t, []byte(`{"data":`+doc.data+`}`))
				body := object{"id": "once-" + doc.name, "type": doc.name, "data": given}
				a := tenant.Call(t, http.MethodPost, "/api/v1/events", body).Want(t, http.StatusAccepted)
				made := testkit.Into[api.Event](t, a)
				sent := dataOf(t, receiver.Next(t).Body)
				if shown := dataOf(t, a.Body); !contains(sent, given) || !reflect.DeepEqual(shown, sent) {
					t.Errorf("got %v in the body and %v in the answer, want both alike, with %v", sent, shown, given)
				}
				p.AwaitPull(t, tenant, 1)
				for _, path := range []string{"/api/v1/events/" + made.ID, "/api/v1/events?type=" + doc.name,
					"/api/v1/events?order=asc"} {
					a := tenant.Call(t, http.MethodGet, path, nil).Want(t, http.StatusOK)
					if !strings.HasPrefix(path, "/api/v1/events/") {
						var list struct{ Data []json.RawMessage }
						if err := json.Unmarshal(a.Body, &list); err != nil || len(list.Data) != 1 {
							t.Fatalf("GET %s: got %s, want the event", path, a.Body)
						}
						a.Body = list.Data[0]
					}
					if got := dataOf(t, a.Body); !reflect.DeepEqual(got, sent) {
						t.Errorf("GET %s: got %v, want what was sent: %v", path, got, sent)
					}
				}
				ours := other.Next(t).Body
				if c := dataOf(t, ours); c["status"] != "new" || c["created_at"] == nil || len(c) < 17 {
					t.Errorf("the endpoint of hookline: got %s, want a whole lead", ours)
				}
				again := testkit.Post[api.Event](t, tenant, "/api/v1/events", body, http.StatusAccepted)
				if again.ID != made.ID || !again.CreatedAt.Equal(made.CreatedAt) {
					t.Errorf("published again: got %+v, want the first event, %+v", again, made)
				}
				bulk := testkit.Post[api.EventBulkResult](t, tenant, "/api/v1/events/bulk", object{"events": []object{
					{"type": doc.name, "data": given}, {"type": doc.name, "data": object{"email": 1}}}}, http.StatusOK)
				if bulk.Meta.Accepted != 1 || bulk.Data[0].Event == nil {
					t.Errorf("bulk: got %+v, want the document's payload accepted, and not the other", bulk)
				}
				receiver.Next(t)
				tried(t, tenant, hook.ID, doc, given)
				if tested := dataOf(t, receiver.Next(t).Body); !contains(tested, given) {
					t.Errorf("the test: got %v, want %v", tested, given)
				}
			})
		}
	})
}

// tried tests the endpoint with the payload, and its filter with the payload and the sample.
func tried(t *testing.T, tenant *testkit.Client, hookID string, doc payload, given map[string]any) {
	t.Helper()
	tenant.Call(t, http.MethodPost, "/api/v1/webhooks/"+hookID+"/test", object{"event_type": doc.name, "data": given}).
		Want(t, http.StatusOK)
	et := testkit.Get[api.EventType](t, tenant, "/api/v1/event-types/"+doc.name)
	var sample map[string]any
	var schema struct {
		Required   []string
		Properties map[string]any
	}
	if json.Unmarshal(et.Sample, &sample) != nil || json.Unmarshal(et.Schema, &schema) != nil {
		t.Fatalf("event type: got %+v, want a sample and a schema", et)
	}
	for _, name := range slices.Sorted(maps.Keys(sample)) {
		if _, ok := schema.Properties[name]; !ok {
			t.Errorf("sample of %s: got the field %s, want those of its schema alone", doc.name, name)
		}
	}
	required := slices.Sorted(maps.Keys(given))
	if got := slices.Sorted(slices.Values(schema.Required)); !slices.Equal(got, required) {
		t.Errorf("required by %s: got %v, want the fields of the document, %v", doc.name, got, required)
	}
	for filter, body := range map[string]object{
		doc.filter: {"data": dataOf(t, []byte(`{"data":{"source":"website","company":null,"website":"",
			"changes":{"status":"contacted"}}}`))},
		`data == ` + string(et.Sample): {},
	} {
		body["filter"], body["event_type"] = filter, doc.name
		got := testkit.Post[api.FilterTestResult](t, tenant, "/api/v1/webhooks/filter-test", body, http.StatusOK)
		if matches, err := got.Matches.Get(); err != nil || !matches {
			t.Errorf("filter-test of %s: got %+v, want a match", filter, got)
		}
	}
	tenant.Call(t, http.MethodPost, "/api/v1/events", object{"type": doc.name, "data": et.Sample}).
		Want(t, http.StatusAccepted)
}

// TestFieldsOfErrorsAreThoseThatAProductHas and places in lists are the caller's.
func TestFieldsOfErrorsAreThoseThatAProductHas(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		for _, wrong := range []struct {
			product, path string
			body          object
			status        int
			want          []string
		}{
			{"savelead", "/api/v1/events", object{"type": "save_lead", "data": object{"email": 1}}, 422,
				[]string{"data.company", "data.email", "data.first_name", "data.last_name", "data.linkedin",
					"data.notes", "data.phone", "data.position", "data.score", "data.twitter", "data.website"}},
			{"leadhooks", "/api/v1/events", object{"type": "new_lead", "data": object{"id": "x", "name": 1}}, 422,
				[]string{"data.email", "data.name", "data.phone", "data.source"}},
			{"leadhooks", "/api/v1/events", object{"type": "lead_update", "data": object{"id": "x", "name": "x",
				"email": "x", "phone": "x", "changes": "contacted"}}, 422, []string{"data.changes"}},
			{"savelead", "/api/v1/webhooks", object{"url": "https://example.com", "events": []string{"save_lead",
				"nope", "save_lead.x"}}, 400, []string{"events[1]", "events[2]", "name"}},
			{"savelead", "/api/v1/webhooks", object{"url": "https://example.com", "retry_policies": object{
				"save_lead": object{"schedule": []string{"99999h"}}}}, 400,
				[]string{"name", "retry_policies.save_lead.schedule"}},
			{"savelead", "/api/v1/webhooks/filter-test", object{"filter": "true", "profile": "leadie"}, 400,
				[]string{"profile"}},
		} {
			tenant := p.NewOwner(t, wrong.product)
			a := tenant.Call(t, http.MethodPost, wrong.path, wrong.body).Want(t, wrong.status)
			var got []string
			for _, d := range a.Problem(t).Error.Details {
				got = append(got, d.Field)
			}
			slices.Sort(got)
			if !slices.Equal(got, wrong.want) {
				t.Errorf("POST %s %v: got %v, want %v: %s", wrong.path, wrong.body, got, wrong.want, a.Body)
			}
		}
	})
}

// TestAFilterOfAnEndpointSeesWhatItsBodiesHave also for an endpoint with another profile than its tenant's, and for
// real changes.
func TestAFilterOfAnEndpointSeesWhatItsBodiesHave(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant, receiver := p.NewOwner(t, "leadhooks"), testkit.NewReceiver(t, nil)
		filters := map[string]object{
			"/form": {"filter": `data.changes.status == "contacted" && !data.updated_at.contains(".")`},
			"/ours": {"filter": `data.changes.status.new == "contacted"`, "profile": "hookline"},
		}
		for path, settings := range filters {
			settings["events"] = []string{"lead.updated"}
			tenant.NewEndpoint(t, receiver.URL+path, settings)
		}
		made := testkit.Post[api.Lead](t, tenant, "/api/v1/leads", lead, http.StatusCreated)
		tenant.Call(t, http.MethodPatch, "/api/v1/leads/"+made.ID, object{"status": "contacted"}).Want(t, http.StatusOK)
		got := []string{receiver.Next(t).Path, receiver.Next(t).Path}
		slices.Sort(got)
		if !slices.Equal(got, []string{"/form", "/ours"}) {
			t.Errorf("who got it: got %v, want both", got)
		}
		for product, filter := range map[string]string{"leadhooks": `data.changes.status == "contacted"`,
			"hookline": `data.changes.status.new == "contacted" && event.type == "lead.updated"`} {
			result := testkit.Post[api.FilterTestResult](t, tenant, "/api/v1/webhooks/filter-test", object{
				"filter": filter, "event_type": "lead_update", "profile": product}, http.StatusOK)
			if matches, err := result.Matches.Get(); err != nil || !matches {
				t.Errorf("filter-test of %s for %s: got %+v, want a match", filter, product, result)
			}
		}
	})
}

// TestASampleNamesEventTypesOfItsProductAlone because delivery.dead is about another event.
func TestASampleNamesEventTypesOfItsProductAlone(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	for _, product := range []string{"hookline", "leadmetrics", "inboxops", "leadhooks", "leadie"} {
		tenant, receiver := p.NewOwner(t, product), testkit.NewReceiver(t, nil)
		var names []string
		for _, et := range testkit.Get[api.EventTypeList](t, tenant, "/api/v1/event-types").Data {
			names = append(names, et.Type)
		}
		hook := tenant.NewEndpoint(t, receiver.URL, object{"events": []string{"delivery.dead"}})
		tenant.Call(t, http.MethodPost, "/api/v1/webhooks/"+hook.ID+"/test", object{}).Want(t, http.StatusOK)
		var sample map[string]any
		et := testkit.Get[api.EventType](t, tenant, "/api/v1/event-types/delivery.dead")
		if err := json.Unmarshal(et.Sample, &sample); err != nil {
			t.Fatal(err)
		}
		sent := dataOf(t, receiver.Next(t).Body)["event_type"]
		foreign := slices.ContainsFunc(testkit.Contract().EventTypes, func(et contract.EventType) bool {
			return et.Name == sent && !slices.Contains(names, et.Name)
		})
		if sent == nil || foreign || sample["event_type"] != sent {
			t.Errorf("%s: got %v in the test and %v in the sample, want one of %v or of a tenant's own", product, sent,
				sample["event_type"], names)
		}
	}
}
