package webhook_test

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/pkg/webhook"
)

const listeners = "/api/v1/webhooks/listeners"

func newListener(t *testing.T, c *testkit.Client, body object) api.Listener {
	t.Helper()
	return testkit.Post[api.Listener](t, c, listeners, body, http.StatusCreated)
}

// listen opens the stream of a listener and waits until it is.
func listen(t *testing.T, c *testkit.Client, id string) *testkit.Stream {
	t.Helper()
	s := c.Listen(t, id)
	s.Until(t, ready)
	return s
}

// request waits for the next request of a stream.
func request(t *testing.T, s *testkit.Stream) api.ListenerRequest {
	t.Helper()
	var r api.ListenerRequest
	e := s.Until(t, func(e testkit.StreamEvent) bool { return e.Name == "request" })
	if err := json.Unmarshal([]byte(e.Data), &r); err != nil || e.ID != r.RequestID {
		t.Fatalf("request: got %+v (%v), want JSON whose request_id is the id of the event", e, err)
	}
	return r
}

func respond(t *testing.T, c *testkit.Client, id string, answer object) testkit.Answer {
	t.Helper()
	return c.Call(t, http.MethodPost, listeners+"/"+id+"/responses", answer)
}

// ended waits for the end of a stream and checks its reason.
func ended(t *testing.T, s *testkit.Stream, reason api.ListenerEndReason) {
	t.Helper()
	end := s.Until(t, func(e testkit.StreamEvent) bool { return e.Name == "end" })
	if !strings.Contains(end.Data, `"`+string(reason)+`"`) {
		t.Errorf("end of the stream: got %s, want %s", end.Data, reason)
	}
}

func bodyOf(t *testing.T, r api.ListenerRequest) []byte {
	t.Helper()
	body, err := base64.StdEncoding.DecodeString(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestAListenersAnswerIsTheOutcomeOfTheAttempt(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant, other := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		l := newListener(t, tenant, object{"events": []string{"lead.*"}, "description": "A laptop"})
		foreign := newListener(t, other, object{})
		s, theirs := listen(t, tenant, l.ID), listen(t, other, foreign.ID)
		lead := tenant.NewLead(t, "ada@example.com")

		first := request(t, s)
		header := http.Header{}
		for name, value := range first.Headers {
			header.Set(name, value)
		}
		if err := webhook.Verify(header, bodyOf(t, first), time.Now(), l.Secret); err != nil {
			t.Errorf("signature: got %v, want it valid", err)
		}
		if first.Attempt != 1 || first.EventType != "lead.created" || first.Method != http.MethodPost ||
			!strings.Contains(string(bodyOf(t, first)), lead.ID) || !first.Deadline.After(time.Now()) {
			t.Errorf("request: got %+v, want the first attempt of the lead's event", first)
		}
		answer := object{"request_id": first.RequestID, "status": 500, "headers": object{"X-From": "laptop"},
			"body": base64.StdEncoding.EncodeToString([]byte("broken")), "duration_ms": 1.5}
		for _, stranger := range []string{l.ID, foreign.ID} {
			if a := respond(t, other, stranger, answer); a.Status != http.StatusNotFound &&
				a.Status != http.StatusConflict {
				t.Errorf("another tenant's answer to %s: got %d, want it refused", stranger, a.Status)
			}
		}
		respond(t, tenant, l.ID, answer).Want(t, http.StatusNoContent)
		respond(t, tenant, l.ID, answer).Want(t, http.StatusConflict)

		second := request(t, s)
		if second.Attempt != 2 || second.DeliveryID != first.DeliveryID || second.Body != first.Body {
			t.Errorf("retry: got %+v, want the second attempt with the same body", second)
		}
		respond(t, tenant, l.ID, object{"request_id": second.RequestID, "status": 200}).Want(t, http.StatusNoContent)
		p.Await(t, "the delivery to succeed", func() bool {
			return tenant.Delivery(t, first.DeliveryID).Status == api.DeliveryStatusSucceeded
		})
		d := tenant.Delivery(t, first.DeliveryID)
		if len(d.Attempts) != 2 || d.WebhookID != l.ID {
			t.Fatalf("delivery: got %+v, want two attempts at the listener", d)
		}
		failed := d.Attempts[0]
		if failed.ResponseStatus.MustGet() != 500 || failed.ResponseBody != "broken" ||
			failed.ResponseHeaders["X-From"] != "laptop" || failed.ErrorCode.MustGet() != "http_status" ||
			failed.URL != "listener:"+l.ID {
			t.Errorf("first attempt: got %+v, want what the listener answered", failed)
		}

		other.NewLead(t, "bob@example.com")
		if r := request(t, theirs); strings.Contains(string(bodyOf(t, r)), lead.ID) {
			t.Errorf("another tenant's listener: got %s, want its own lead", bodyOf(t, r))
		}
		w := testkit.Get[api.Webhook](t, tenant, "/api/v1/webhooks/"+l.ID)
		if !w.Listener || w.Description != "A laptop" || w.LastDeliveryStatus == nil {
			t.Errorf("endpoint: got %+v, want a listener with a delivery", w)
		}
		tenant.Call(t, http.MethodDelete, "/api/v1/webhooks/"+l.ID, nil).Want(t, http.StatusNoContent)
		ended(t, s, api.ListenerEndReasonDeleted)
	})
}

func TestAListenerGetsWhatAnEndpointOfItsProfileGets(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	for _, profile := range []string{"hookline", "leadmetrics", "leadhooks", "savelead"} {
		tenant := p.NewKey(t, p.NewTenantOf(t, profile), "test", "*")
		receiver := testkit.NewReceiver(t, nil)
		settings := object{"name": "Receiver"}
		if profile == "savelead" {
			settings["events"] = []string{"save_lead"}
		}
		tenant.NewEndpoint(t, receiver.URL, settings)
		l := newListener(t, tenant, object{})
		s := listen(t, tenant, l.ID)
		tenant.NewLead(t, "ada@example.com")
		want, got := receiver.Next(t), request(t, s)
		if string(bodyOf(t, got)) != string(want.Body) || string(l.Environment) != "test" {
			t.Errorf("%s: got %q in %s, want %q in test", profile, bodyOf(t, got), l.Environment, want.Body)
		}
		delete(want.Header, "Accept-Encoding")
		delete(want.Header, "Content-Length")
		var names []string
		for name := range got.Headers {
			names = append(names, http.CanonicalHeaderKey(name))
		}
		slices.Sort(names)
		if all := slices.Sorted(maps.Keys(want.Header)); !slices.Equal(names, all) {
			t.Errorf("headers of %s: got %v, want %v", profile, names, all)
		}
		respond(t, tenant, l.ID, object{"request_id": got.RequestID, "status": 204}).Want(t, http.StatusNoContent)
	}
}

func TestACutStreamMissesNothingAndOnlyTheNewestGetsRequests(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		l := newListener(t, tenant, object{})
		s := listen(t, tenant, l.ID)
		tenant.NewLead(t, "ada@example.com")
		cut := request(t, s)
		s.Close()
		again := listen(t, tenant, l.ID)
		if r := request(t, again); r.RequestID != cut.RequestID || r.Body != cut.Body {
			t.Errorf("request after the cut: got %+v, want %s again", r, cut.RequestID)
		}
		newest := listen(t, tenant, l.ID)
		request(t, newest)
		ended(t, again, api.ListenerEndReasonReplaced)
		respond(t, tenant, l.ID, object{"request_id": cut.RequestID, "error": "connect"}).Want(t, http.StatusNoContent)
		p.Await(t, "the failed attempt", func() bool {
			all := tenant.Delivery(t, cut.DeliveryID).Attempts
			return len(all) > 0 && all[0].Status == api.AttemptStatusFailed
		})
		if d := tenant.Delivery(t, cut.DeliveryID); d.Attempts[0].ErrorCode.MustGet() != "connect" ||
			!strings.Contains(d.Attempts[0].Error.MustGet(), "--forward") {
			t.Errorf("attempt: got %+v, want a refused connection and what to do", d.Attempts[0])
		}
	})
}

func TestAListenerWithoutAConnectionFailsAndEnds(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		l := newListener(t, tenant, object{})
		if left := time.Until(l.EndsAt); left > time.Minute || left < 30*time.Second {
			t.Errorf("end without a connection: got it in %s, want a minute", left)
		}
		listen(t, tenant, l.ID).Close()
		tenant.NewLead(t, "ada@example.com")
		p.Await(t, "an attempt", func() bool { return len(p.Attempts(t, tenant)) > 0 })
		p.Await(t, "the end of the listener", func() bool {
			return tenant.Call(t, http.MethodGet, "/api/v1/webhooks/"+l.ID, nil).Status == http.StatusNotFound
		})
		var d []api.Delivery
		p.Await(t, "the delivery to be cancelled", func() bool {
			d = tenant.Deliveries(t, "&webhook_id="+l.ID)
			return len(d) == 1 && d[0].Status == api.DeliveryStatusCancelled
		})
		if d[0].Reason.MustGet() != "endpoint_deleted" {
			t.Errorf("delivery: got %+v, want it cancelled with its endpoint", d[0])
		}
		all := tenant.Delivery(t, d[0].ID).Attempts
		if len(all) == 0 || all[0].ErrorCode.MustGet() != "no_listener" {
			t.Errorf("attempts: got %+v, want one at a listener without a connection", all)
		}
		a := tenant.Call(t, http.MethodGet, listeners+"/"+l.ID+"/stream", nil)
		a.Want(t, http.StatusNotFound)
	})
}

func TestAListenerHasNoURLAndATenantHasTen(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	var last api.Listener
	for range 10 {
		last = newListener(t, tenant, object{})
	}
	a := tenant.Call(t, http.MethodPost, listeners, object{}).Want(t, http.StatusForbidden)
	if !strings.Contains(string(a.Body), "10 listeners") {
		t.Errorf("an eleventh: got %s, want the limit", a.Body)
	}
	path := "/api/v1/webhooks/" + last.ID
	for _, change := range []object{{"url": "https://example.com"}, {"url": "listener:other"},
		{"headers": object{"X-Key": "s3cret"}},
		{"auth": object{"type": "basic", "username": "ada", "password": "s3cret"}}} {
		a := tenant.Call(t, http.MethodPatch, path, change).Want(t, http.StatusBadRequest)
		if !strings.Contains(string(a.Body), "listener") {
			t.Errorf("change %v: got %s, want it refused because of the listener", change, a.Body)
		}
	}
	tenant.Call(t, http.MethodPatch, path, object{"events": []string{"lead.created"}}).Want(t, http.StatusOK)
	usage := testkit.Get[api.Usage](t, tenant, "/api/v1/usage")
	for _, q := range usage.Quotas {
		if q.Name == "endpoints" && q.Used.MustGet() != 0 {
			t.Errorf("endpoints of the plan: got %d used, want none", q.Used.MustGet())
		}
	}
	for _, wrong := range []object{{"request_id": "x"}, {"request_id": "x", "status": 200, "error": "dns"},
		{"request_id": "x", "status": 200, "body": "?"}, {"request_id": "x", "status": 200,
			"headers": object{"a b": "c"}}} {
		respond(t, tenant, last.ID, wrong).Want(t, http.StatusBadRequest)
	}
}
