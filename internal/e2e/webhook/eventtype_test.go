package webhook_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/pkg/webhook"
)

const (
	types       = "/api/v1/event-types"
	publishPath = "/api/v1/events"
)

// order is the registration of a type; settings override the defaults, and nil leaves one out.
func order(settings object) object {
	body := object{
		"type": "order.created", "description": "An order was placed.",
		"schema": object{
			"type": "object", "required": []string{"number", "total"}, "additionalProperties": false,
			"properties": object{
				"number":   object{"type": "string", "minLength": 1},
				"total":    object{"type": "number", "minimum": 0},
				"currency": object{"enum": []string{"EUR", "USD"}},
				"lines": object{"type": "array", "items": object{"type": "object", "required": []string{"sku"},
					"properties": object{"sku": object{"type": "string"}}}},
			},
		},
		"sample": object{"number": "A-1001", "total": 99.5},
	}
	for k, v := range settings {
		if body[k] = v; v == nil {
			delete(body, k)
		}
	}
	return body
}

func register(t *testing.T, c *testkit.Client, settings object) api.EventType {
	t.Helper()
	return testkit.Post[api.EventType](t, c, types, order(settings), http.StatusCreated)
}

func details(t *testing.T, a testkit.Answer) string {
	t.Helper()
	var out []string
	for _, d := range a.Problem(t).Error.Details {
		out = append(out, d.Field+" "+d.Message)
	}
	return strings.Join(out, "; ")
}

func TestAnOwnTypeIsPublishedSignedAndDeliveredUnderEveryEnvelope(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		register(t, c, nil)
		plain, hex, filtered := testkit.NewReceiver(t, nil), testkit.NewReceiver(t, nil), testkit.NewReceiver(t, nil)
		hook := c.NewEndpoint(t, plain.URL, object{"events": []string{"order.created"},
			"retry_policies": object{"order.*": object{"schedule": []string{"1s"}}}})
		c.NewEndpoint(t, hex.URL, object{"events": []string{"order.*"}, "profile": "inboxops"})
		c.NewEndpoint(t, filtered.URL, object{"filter": `event.type == "order.created" && data.total > 100`})
		c.NewEndpoint(t, "https://example.com", object{"events": []string{"lead.*"}})

		sent := testkit.Post[api.Event](t, c, publishPath,
			`{"type":"order.created","data":{"total": 12.50, "number":"A-1"}}`, http.StatusAccepted)
		got := plain.Next(t)
		if err := webhook.Verify(got.Header, got.Body, time.Now(), hook.Secret); err != nil {
			t.Error(err)
		}
		if got.Header.Get("webhook-id") != sent.ID || !strings.Contains(string(got.Body), `"type":"order.created"`) ||
			!strings.Contains(string(got.Body), `{"total":12.50,"number":"A-1"}`) {
			t.Errorf("webhook: got %v %s, want the event with its data as sent", got.Header, got.Body)
		}
		other := hex.Next(t)
		if other.Header.Get("X-InboxOps-Signature") == "" || !strings.Contains(string(other.Body),
			`"event":"order.created"`) {
			t.Errorf("webhook of inboxops: got %v %s, want the product's envelope and signature", other.Header,
				other.Body)
		}
		p.Await(t, "three deliveries, one of them filtered", func() bool {
			all := c.Deliveries(t, "&event_type=order.created")
			return len(all) == 3 && len(c.Deliveries(t, "&event_type=order.created&status=cancelled")) == 1 &&
				len(c.Deliveries(t, "&event_type=order.created&status=succeeded")) == 2
		})
		testkit.Post[api.Event](t, c, publishPath, object{"type": "order.created", "data": object{"number": "A-2",
			"total": 101}}, http.StatusAccepted)
		if body := string(filtered.Next(t).Body); !strings.Contains(body, "A-2") {
			t.Errorf("filtered webhook: got %s, want A-2", body)
		}
		if list := testkit.Get[api.EventList](t, c, publishPath+"?type=order.created").Data; len(list) != 2 {
			t.Errorf("events of the type: got %d, want 2", len(list))
		}
	})
}

func TestDataThatDoesNotFitAnOwnTypeIsRefusedWithEveryPath(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		unknown := c.Call(t, http.MethodPost, publishPath, object{"type": "order.created", "data": object{}}).
			Want(t, http.StatusBadRequest)
		if !strings.Contains(details(t, unknown), "type is not a known event type") ||
			!strings.Contains(details(t, unknown), "POST /api/v1/event-types registers") {
			t.Errorf("unknown type: got %s, want how to register one", unknown.Body)
		}
		register(t, c, nil)
		for data, want := range map[string]string{
			`{}`:                       "data.number is required; data.total is required",
			`{"number":"","total":-1}`: "data.number must not be empty; data.total must be at least 0",
			`{"number":1,"total":"1","currency":"CHF"}`: "data.currency must be one of EUR, USD; data.number " +
				"must be a string; data.total must be a number",
			`{"number":"1","total":1,"paid":true}`: "data.paid is not a known field",
			`{"number":"1","total":1,"lines":[{},{"sku":1}]}`: "data.lines[0].sku is required; data.lines[1].sku " +
				"must be a string",
			`{"number":"1","total":1e500}`: "data.total is a number that few programs can read; send it as text",
		} {
			a := c.Call(t, http.MethodPost, publishPath, `{"type":"order.created","data":`+data+`}`).
				Want(t, http.StatusUnprocessableEntity)
			if got := a.Problem(t).Error; got.Code != api.ErrorErrorCodeSchemaMismatch || details(t, a) != want {
				t.Errorf("%s: got %s, want schema_mismatch: %s", data, a.Body, want)
			}
		}
		if stored := testkit.Get[api.EventList](t, c, publishPath).Data; len(stored) != 0 {
			t.Errorf("events: got %d, want 0", len(stored))
		}
	})
}

func TestOwnTypesAreListedBesideTheCatalogue(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		made := register(t, c, nil)
		register(t, c, object{"type": "a.first", "group": "letters", "sample": object{"number": "1", "total": 0}})
		if !made.Own || made.Group != "order" || len(made.Names) != 0 || !made.DeprecatedAt.IsNull() {
			t.Errorf("registered type: got %+v, want an own one in the group order", made)
		}
		if one := testkit.Get[api.EventType](t, c, types+"/order.created"); fmt.Sprint(one) != fmt.Sprint(made) {
			t.Errorf("type: got %+v, want %+v", one, made)
		}
		names := func(query string) []string {
			list := testkit.Get[api.EventTypeList](t, c, types+query)
			var out []string
			for _, et := range list.Data {
				out = append(out, et.Type)
			}
			if list.Meta.Total != len(out) || !slices.IsSorted(out) {
				t.Errorf("%s: got the total %d of %v, want them sorted", query, list.Meta.Total, out)
			}
			return out
		}
		catalogue := len(testkit.Contract().EventTypes)
		if all := names(""); len(all) != catalogue+2 || all[0] != "a.first" || !slices.Contains(all, "order.created") {
			t.Errorf("types: got %v, want the catalogue and both own ones", all)
		}
		c.Call(t, http.MethodPatch, types+"/a.first", object{"deprecated": true}).Want(t, http.StatusOK)
		for query, want := range map[string]int{
			"?own=true": 2, "?own=false": catalogue, "?deprecated=true": 1, "?deprecated=false": catalogue + 1,
			"?own=true&deprecated=false": 1,
		} {
			if got := names(query); len(got) != want {
				t.Errorf("%s: got %v, want %d types", query, got, want)
			}
		}
	})
}

func TestADeprecatedTypeIsMarkedAndStillWorks(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		register(t, c, nil)
		receiver := testkit.NewReceiver(t, nil)
		hook := c.NewEndpoint(t, receiver.URL, object{"events": []string{"order.created"}})
		change := func(deprecated bool) api.EventType {
			return testkit.Into[api.EventType](t, c.Call(t, http.MethodPatch, types+"/order.created",
				object{"deprecated": deprecated}).Want(t, http.StatusOK))
		}
		first := change(true).DeprecatedAt.MustGet()
		if again := change(true).DeprecatedAt.MustGet(); !again.Equal(first) {
			t.Errorf("deprecating again: got %s, want still %s", again, first)
		}
		testkit.Post[api.Event](t, c, publishPath, object{"type": "order.created", "data": object{"number": "A-1",
			"total": 1}}, http.StatusAccepted)
		receiver.Next(t)
		c.Call(t, http.MethodPatch, "/api/v1/webhooks/"+hook.ID, object{"name": "Shop"}).Want(t, http.StatusOK)
		if !change(false).DeprecatedAt.IsNull() {
			t.Error("type that is not deprecated any more: got a time, want null")
		}
	})
}

func TestNamesThatAreTakenAreRefused(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		register(t, c, nil)
		for name, status := range map[string]int{
			"order.created": 409, "lead.created": 409, "delivery.dead": 409,
			"new_lead": 400, "save_lead": 400, "key.turned": 400, "endpoint.x": 400, "delivery.late": 400,
			"Order": 400, "order.": 400, ".order": 400, "a..b": 400, "order created": 400, "order.*": 400, "*": 400,
			"": 400, strings.Repeat("a", 101): 400,
			strings.Repeat("a", 100): 201, "order_2.created": 201, "lead.scored": 201, "delivery": 201,
		} {
			if a := c.Call(t, http.MethodPost, types, order(object{"type": name})); a.Status != status {
				t.Errorf("%q: got %d %s, want %d", name, a.Status, a.Body, status)
			}
		}
		for _, method := range []string{http.MethodPatch, http.MethodDelete} {
			var body any
			if method == http.MethodPatch {
				body = object{"description": "Mine"}
			}
			c.Call(t, method, types+"/lead.created", body).Want(t, http.StatusConflict)
			c.Call(t, method, types+"/no.such", body).Want(t, http.StatusNotFound)
		}
	})
}

func TestATypeIsItsTenantsAndItsEnvironmentsOnly(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		owner, stranger := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		sandbox := p.NewKey(t, testkit.Get[api.Me](t, owner, "/api/v1/me").Tenant.ID, "test", "*")
		register(t, owner, nil)
		owner.Call(t, http.MethodPost, publishPath, object{"type": "order.created", "data": object{"number": "A-1",
			"total": 1}}).Want(t, http.StatusAccepted)
		for _, other := range []*testkit.Client{stranger, sandbox} {
			other.Call(t, http.MethodGet, types+"/order.created", nil).Want(t, http.StatusNotFound)
			other.Call(t, http.MethodPatch, types+"/order.created", object{"deprecated": true}).
				Want(t, http.StatusNotFound)
			other.Call(t, http.MethodDelete, types+"/order.created", nil).Want(t, http.StatusNotFound)
			other.Call(t, http.MethodPost, publishPath, object{"type": "order.created", "data": object{"number": "A-1",
				"total": 1}}).Want(t, http.StatusBadRequest)
			for _, pattern := range []string{"order.created", "order.*"} {
				other.Call(t, http.MethodPost, "/api/v1/webhooks", object{"url": "https://example.com",
					"events": []string{pattern}}).Want(t, http.StatusBadRequest)
			}
			if own := testkit.Get[api.EventTypeList](t, other, types+"?own=true").Data; len(own) != 0 {
				t.Errorf("types of another tenant or environment: got %+v, want none", own)
			}
			register(t, other, object{"schema": object{"type": "object"}, "description": "Another's"})
		}
		if own := testkit.Get[api.EventType](t, owner, types+
			"/order.created"); own.Description != "An order was placed." || !own.DeprecatedAt.IsNull() {
			t.Errorf("type: got %+v, want it unchanged", own)
		}
	})
}

func TestAUsedTypeCantBeDeleted(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		register(t, c, nil)
		register(t, c, object{"type": "order.paid"})
		group := c.NewEndpoint(t, "https://example.com/group", object{"events": []string{"order.*", "*"}})
		named := c.NewEndpoint(t, "https://example.com/named",
			object{"retry_policies": object{"order.created": object{"schedule": []string{"1s"}}}})
		remove := func(name string, status int) {
			t.Helper()
			c.Call(t, http.MethodDelete, types+"/"+name, nil).Want(t, status)
		}
		remove("order.created", http.StatusConflict) // a retry policy names it
		c.Call(t, http.MethodDelete, "/api/v1/webhooks/"+named.ID, nil).Want(t, http.StatusNoContent)
		remove("order.created", http.StatusNoContent) // the group still means order.paid
		c.Call(t, http.MethodGet, types+"/order.created", nil).Want(t, http.StatusNotFound)
		c.Call(t, http.MethodPost, publishPath, object{"type": "order.created", "data": object{"number": "A-1",
			"total": 1}}).Want(t, http.StatusBadRequest)
		remove("order.paid", http.StatusConflict)
		c.Call(t, http.MethodDelete, "/api/v1/webhooks/"+group.ID, nil).Want(t, http.StatusNoContent)
		c.Call(t, http.MethodPost, publishPath, object{"type": "order.paid", "data": object{"number": "A-1",
			"total": 1}}).Want(t, http.StatusAccepted)
		remove("order.paid", http.StatusConflict) // it was published
		register(t, c, nil)
	})
}

func TestTestSendsAndFilterTestsAcceptOwnTypes(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		register(t, c, nil)
		receiver := testkit.NewReceiver(t, nil)
		path := "/api/v1/webhooks/" + c.NewEndpoint(t, receiver.URL, object{"events": []string{"order.*"}}).ID + "/test"
		for _, body := range []object{{}, {"event_type": "order.created"}} {
			if sent := testkit.Post[api.WebhookTestResult](t, c, path, body, http.StatusOK); !sent.Succeeded ||
				sent.EventType != "order.created" {
				t.Errorf("test event: got %+v, want order.created to succeed", sent)
			}
			if got := string(receiver.Next(t).Body); !strings.Contains(got, `"number":"A-1001"`) {
				t.Errorf("test event: got %s, want the sample", got)
			}
		}
		a := c.Call(t, http.MethodPost, path, object{"event_type": "order.created", "data": object{"number": "A-1"}}).
			Want(t, http.StatusUnprocessableEntity)
		if details(t, a) != "data.total is required" {
			t.Errorf("got %s, want data.total", a.Body)
		}
		filter := object{"event_type": "order.created", "filter": "data.total > 99.0"}
		if got := testkit.Post[api.FilterTestResult](t, c, "/api/v1/webhooks/filter-test", filter,
			http.StatusOK); !got.Matches.MustGet() {
			t.Errorf("filter: got %+v, want the sample to pass", got)
		}
	})
}

func TestAChangeReachesEveryProcessThatCachesTheType(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		s := testkit.NewServices(t, e)
		one := testkit.StartOn(t, s)
		two := testkit.StartOn(t, s, testkit.WithKeys(one.Config.EncryptionKeys))
		here := one.NewTenant(t, "business")
		there := testkit.NewClient(two.URL, here.Key())
		register(t, here, nil)
		event := object{"type": "order.created", "data": object{"number": "A-1", "total": 1}}
		for _, c := range []*testkit.Client{here, there} {
			c.Call(t, http.MethodPost, publishPath, event).Want(t, http.StatusAccepted)
		}

		narrower := order(nil)["schema"].(object)
		narrower["required"] = []string{"number", "total", "currency"}
		sample := object{"number": "A-1", "total": 1, "currency": "EUR"}
		here.Call(t, http.MethodPatch, types+"/order.created", object{"schema": narrower, "sample": sample}).
			Want(t, http.StatusOK)
		here.Call(t, http.MethodPost, publishPath, event).Want(t, http.StatusUnprocessableEntity)
		two.Await(t, "the change at the other process", func() bool {
			return there.Call(t, http.MethodPost, publishPath, event).Status == http.StatusUnprocessableEntity
		})
	})
}

func TestTheTextOfTypesIsLimited(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		schema := object{"type": "object", "description": strings.Repeat("x", 60_000)}
		for i := range 4 { // 4 × 60,000 characters are more than maxText
			a := c.Call(t, http.MethodPost, types, order(object{"type": fmt.Sprintf("large.n%d", i), "schema": schema}))
			if want := map[bool]int{true: http.StatusCreated, false: http.StatusConflict}[i < 3]; a.Status != want {
				t.Fatalf("large type %d: status %d, want %d: %.300s", i+1, a.Status, want, a.Body)
			}
		}
	})
}
