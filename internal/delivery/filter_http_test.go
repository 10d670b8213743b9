package delivery_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func TestAFilterKeepsEventsOutAndEachHasItsReason(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		for path, filter := range map[string]string{
			"/yes": `data.email == "ada@example.com"`, "/no": `event.type == "lead.updated"`,
			"/error": `data.no_such_field > 1`, "/pattern": `data.email.matches(data.email + "(a{30}){30}")`,
		} {
			c.NewEndpoint(t, receiver.URL+path, object{"name": path, "filter": filter})
		}
		off := c.NewEndpoint(t, receiver.URL+"/off", object{"filter": "false", "enabled": false})
		c.NewLead(t, "ada@example.com")
		if got := receiver.Next(t); got.Path != "/yes" {
			t.Errorf("who got it: got %s, want /yes", got.Path)
		}
		p.AwaitCount(t, c, api.DeliveryStatusSucceeded, 1)
		names := map[string]string{off.ID: "/off"}
		for _, hook := range testkit.Get[api.WebhookList](t, c, "/api/v1/webhooks").Data {
			if hook.Name != "" {
				names[hook.ID] = hook.Name
			}
		}
		got := map[string]string{}
		for _, d := range c.Deliveries(t, "&status=cancelled") {
			reason, _ := d.Reason.Get()
			message, _ := d.Error.Get()
			name := names[d.WebhookID]
			got[name] = reason
			said := map[string]string{"/error": "no_such_field", "/pattern": "expression that is too large"}[name]
			if (said == "") != (message == "") || !strings.Contains(message, said) || d.MaxAttempts == 0 {
				t.Errorf("message of %s: got %q, want %q in it, and none without a filter_error", name, message, said)
			}
			if detail := c.Delivery(t, d.ID); !strings.Contains(detail.Body, "lead.created") {
				t.Errorf("body of %s, to be replayed: got %q, want lead.created", reason, detail.Body)
			}
		}
		if len(got) != 4 || got["/no"] != "filtered" || got["/error"] != "filter_error" || got["/off"] != "filtered" ||
			got["/pattern"] != "filter_error" {
			t.Errorf("reasons: got %v, want filtered, filter_error, filtered, and filter_error of the pattern", got)
		}
		if n := receiver.Count(); n != 1 {
			t.Errorf("requests: got %d, want 1", n)
		}
	})
}

func TestAFilterIsCheckedWhenSavedAndCanBeTried(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		for _, filter := range []string{"data.a >", "data.a", "nonsense", "1 + 1", "data.a.matches('(a{30}){30}')",
			"data.a.matches('" + strings.Repeat("a", 1900) + "')",
			"data.a.matches('" + strings.Repeat(`\\pL`, 300) + "')"} {
			a := c.Call(t, http.MethodPost, "/api/v1/webhooks", object{"url": "https://example.com",
				"events": []string{"*"}, "filter": filter})
			details := a.Want(t, http.StatusBadRequest).Problem(t).Error.Details
			if len(details) != 1 || details[0].Field != "filter" || !strings.Contains(details[0].Message,
				"line 1, column ") {
				t.Errorf("%s: got %s, want one violation that says where it is", filter, a.Body)
			}
		}
		hook := c.NewEndpoint(t, "https://example.com", object{"filter": "data.a == 1"})
		for _, none := range []any{nil, ""} {
			a := c.Call(t, http.MethodPatch, "/api/v1/webhooks/"+hook.ID, object{"filter": none}).Want(t, http.StatusOK)
			if w := testkit.Into[api.Webhook](t, a); !w.Filter.IsNull() {
				t.Errorf("filter after %v: got %s, want none", none, a.Body)
			}
		}
		for _, try := range []struct {
			body    object
			matches any
			message string
		}{
			{object{"filter": "data.score > 50", "data": object{"score": 80}}, true, ""},
			{object{"filter": "data.score > 50", "data": object{"score": 5}}, false, ""},
			{object{"filter": "event.type == 'job.failed'", "event_type": "job.failed"}, true, ""},
			{object{"filter": "has(data.id)"}, true, ""},
			{object{"filter": ""}, true, ""},
			{object{"filter": "data.score > 50", "data": object{}}, nil, "has(data.field)"},
			{object{"filter": "data.score >"}, nil, "line 1, column"},
		} {
			got := testkit.Post[struct {
				Matches any
				Error   string
			}](t, c, "/api/v1/webhooks/filter-test", try.body, http.StatusOK)
			if got.Matches != try.matches || (try.message == "") != (got.Error == "") || !strings.Contains(got.Error,
				try.message) {
				t.Errorf("%v: got %+v, want %v %q", try.body, got, try.matches, try.message)
			}
		}
		c.Call(t, http.MethodPost, "/api/v1/webhooks/filter-test", object{"filter": "true", "event_type": "no.such"}).
			Want(t, http.StatusBadRequest)
	})
}

func TestAnEventTypeCanHaveItsOwnRetryPolicy(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, answerWith(500))
		hook := c.NewEndpoint(t, receiver.URL, object{"retry_policy": atOnce(4),
			"retry_policies": object{"lead.*": atOnce(3), "lead.created": atOnce(2)}})
		c.NewLead(t, "ada@example.com")
		d := p.AwaitDelivery(t, c, api.DeliveryStatusDead)
		if d.MaxAttempts != 2 || d.AttemptCount != 2 {
			t.Errorf("attempts: got %d of %d, want 2 of 2", d.AttemptCount, d.MaxAttempts)
		}
		c.Call(t, http.MethodPatch, "/api/v1/webhooks/"+hook.ID, object{"retry_policies": object{"lead.*": atOnce(3)}}).
			Want(t, http.StatusOK)
		replayed := testkit.Post[api.Delivery](t, c, "/api/v1/dead-letters/"+d.ID+"/replay", nil,
			http.StatusAccepted)
		if replayed.MaxAttempts != 3 {
			t.Errorf("attempts of the replay: got %d, want 3", replayed.MaxAttempts)
		}
		if d = p.AwaitDelivery(t, c, api.DeliveryStatusDead); d.AttemptCount != 5 {
			t.Errorf("attempts: got %d, want 5", d.AttemptCount)
		}
		for _, bad := range []string{
			`{"no.such":{"initial":"1s"}}`, `{"lead.*":{"initial":"1s","max_attempts":0}}`,
			`{"lead.*":{"initial":"1s","max_attempts":1000}}`,
			`{"lead.*":{"schedule":["8d"]}}`, `{"lead.*":{"schedule":["1s"],"initial":"1s"}}`,
			`{"lead.*":{"schedule":[]}}`,
		} {
			c.Call(t, http.MethodPatch, "/api/v1/webhooks/"+hook.ID, `{"retry_policies":`+bad+`}`).
				Want(t, http.StatusBadRequest)
		}
		for _, bad := range []string{`{"initial":"1s","max_attempts":0}`, `{"initial":"1s","max_attempts":1000}`} {
			c.Call(t, http.MethodPatch, "/api/v1/webhooks/"+hook.ID, `{"retry_policy":`+bad+`}`).
				Want(t, http.StatusBadRequest)
		}
	})
}

// The filters of this test take longer than one request may spend on them.
func TestWhatFiltersTakeLongForIsFannedOutAfterTheAnswer(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c, neighbour := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		for range 10 {
			c.NewEndpoint(t, receiver.URL, object{"filter": "data.l.all(x, data.l.all(y, x + y < 1000))"})
		}
		neighbour.NewEndpoint(t, receiver.URL, nil)
		c.Call(t, http.MethodPost, "/api/v1/event-types", object{"type": "order.paid", "description": "An order.",
			"schema": object{"type": "object"}, "sample": object{}}).Want(t, http.StatusCreated)
		list := make([]int, 60)
		events := make([]object, 10)
		for i := range events {
			events[i] = object{"type": "order.paid", "data": object{"l": list}}
		}
		got := testkit.Post[api.EventBulkResult](t, c, "/api/v1/events/bulk", object{"events": events}, http.StatusOK)
		sent := 0
		for _, row := range got.Data {
			if row.Event != nil && row.Event.Status == api.EventStatusDispatched {
				sent++
			}
		}
		if got.Meta.Accepted != len(events) || sent == len(events) {
			t.Errorf("answer: got %d accepted, of them %d dispatched, want all %d accepted, and some dispatched later",
				got.Meta.Accepted, sent, len(events))
		}
		neighbour.NewLead(t, "ada@example.com")
		p.AwaitCount(t, neighbour, api.DeliveryStatusSucceeded, 1)
		p.AwaitCount(t, c, api.DeliveryStatusSucceeded, 100)
		if n := receiver.Count(); n != 101 {
			t.Errorf("requests: got %d, want one for each delivery, 101", n)
		}
	})
}
