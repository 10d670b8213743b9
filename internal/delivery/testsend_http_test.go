package delivery_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func TestATestArrivesLikeARealEventAndItsAnswerComesBack(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) {
			w.Header().Set("X-Consumer", "hello")
			w.WriteHeader(http.StatusAccepted)
			_, _ = w.Write([]byte(strings.Repeat("x", 20_000)))
		})
		hook := c.NewEndpoint(t, receiver.URL+"/in", object{
			"events": []string{"job.failed", "lead.*"}, "enabled": false, "filter": "false",
			"headers": object{"X-Team": "s3cret-team"},
		})
		path := "/api/v1/webhooks/" + hook.ID + "/test"
		result := testkit.Post[api.WebhookTestResult](t, c, path, object{}, http.StatusOK)
		got := receiver.Next(t)
		official, err := standardwebhooks.NewWebhook(hook.Secret)
		if err != nil || official.Verify(got.Body, got.Header) != nil || got.Header.Get("X-Team") != "s3cret-team" {
			t.Errorf("request: got %v, %v, want it signed, with a header of its own", got.Header, err)
		}
		if !strings.HasPrefix(result.EventID, "evt_test_") || got.Header.Get("webhook-id") != result.EventID ||
			result.EventType != "job.failed" {
			t.Errorf("got id %s, type %s, sent %v, want a test of job.failed", result.EventID, result.EventType,
				got.Header)
		}
		if !result.Succeeded || result.Request.Body != string(got.Body) ||
			result.Request.Headers["X-Team"] != "********" || result.Request.URL != receiver.URL+"/in" {
			t.Errorf("request: got %+v, want what was sent, masked", result.Request)
		}
		if r := result.Response; r == nil || r.Status != http.StatusAccepted || r.Headers["X-Consumer"] != "hello" ||
			len(r.Body) != 16<<10 || !r.Truncated {
			t.Errorf("response: got %+v, want 202 and 16 KiB", r)
		}

		chosen := testkit.Post[api.WebhookTestResult](t, c, path, object{"event_type": "lead.created"}, http.StatusOK)
		if body := receiver.Next(t).Body; chosen.EventType != "lead.created" || !strings.Contains(string(body),
			`"type":"lead.created"`) {
			t.Errorf("test of a type: got %s %s, want lead.created", chosen.EventType, body)
		}
		c.Call(t, http.MethodPost, path, object{"event_type": "job.failed", "data": object{}}).
			Want(t, http.StatusUnprocessableEntity)
		c.Call(t, http.MethodPost, path, object{"event_type": "no.such"}).Want(t, http.StatusBadRequest)
		if events := testkit.Get[api.EventList](t, c, "/api/v1/events").Data; len(events) != 0 {
			t.Errorf("events after tests: got %+v, want none", events)
		}
		all := c.Deliveries(t, "")
		if len(all) != 2 || !all[0].Test || !all[1].Test {
			t.Errorf("deliveries after two tests: got %+v, want these, marked as tests", all)
		}
	})
}

func TestATestThatFailsSaysHow(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		release := make(chan struct{})
		receiver := testkit.NewReceiver(t, func(w http.ResponseWriter, r testkit.Received, _ int) {
			if r.Path == "/slow" {
				<-release
			}
			w.WriteHeader(http.StatusTeapot)
		})
		t.Cleanup(func() { close(release) }) // before the receiver is closed, which waits
		for path, want := range map[string]string{"/teapot": "http_status", "/slow": "timeout"} {
			hook := c.NewEndpoint(t, receiver.URL+path, object{"timeout": "1s"})
			result := testkit.Post[api.WebhookTestResult](t, c, "/api/v1/webhooks/"+hook.ID+"/test", object{},
				http.StatusOK)
			code, _ := result.ErrorCode.Get()
			message, _ := result.Error.Get()
			if result.Succeeded || code != want || message == "" || (result.Response == nil) != (want == "timeout") {
				t.Errorf("%s: got %+v, want %s", path, result, want)
			}
			if want == "timeout" && (result.DurationMs < 1000 ||
				result.DurationMs >= float64(p.Config.DeliveryTimeout.Milliseconds())) {
				t.Errorf("duration: got %f ms, want a second, and less than the program's limit", result.DurationMs)
			}
		}
		for _, bad := range []string{"500ms", "31s", "0s", "10", "1h"} {
			c.Call(t, http.MethodPost, "/api/v1/webhooks", object{"url": "https://example.com", "events": []string{"*"},
				"timeout": bad}).Want(t, http.StatusBadRequest)
		}
	})
}

func TestAGetSendsNoBodyAndSignsNone(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		hook := c.NewEndpoint(t, receiver.URL, object{"method": "GET"})
		c.NewLead(t, "ada@example.com")
		got := receiver.Next(t)
		official, err := standardwebhooks.NewWebhook(hook.Secret)
		if err != nil || got.Method != http.MethodGet || len(got.Body) != 0 || got.Header.Get("Content-Type") != "" ||
			official.Verify(nil, got.Header) != nil {
			t.Errorf("got %s %q %v, %v, want a signed GET without a body", got.Method, got.Body, got.Header, err)
		}
		if d := p.AwaitDelivery(t, c, api.DeliveryStatusSucceeded); !json.Valid([]byte(d.Body)) ||
			d.Attempts[0].Method != "GET" {
			t.Errorf("delivery: got %s %q, want GET and the body that was left out", d.Attempts[0].Method, d.Body)
		}
	})
}
