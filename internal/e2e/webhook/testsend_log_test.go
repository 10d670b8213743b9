package webhook_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func TestATestIsOfTheFirstSubscribedEventAndInTheLogAsOne(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		tenant := testkit.Shared(t, e).NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, n int) {
			if n > 1 {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		})
		// Not the first by name: the owner says what comes first.
		hook := tenant.NewEndpoint(t, receiver.URL, object{"events": []string{"ticket.created", "lead.*"}})
		path := "/api/v1/webhooks/" + hook.ID + "/test"
		live := tenant.Stream(t, "?webhook_id="+hook.ID, "")
		for _, want := range []api.DeliveryStatus{api.DeliveryStatusSucceeded, api.DeliveryStatusCancelled} {
			sent := testkit.Post[api.WebhookTestResult](t, tenant, path, nil, http.StatusOK)
			got := receiver.Next(t)
			if sent.EventType != "ticket.created" || !strings.Contains(string(got.Body), `"ticket.created"`) {
				t.Errorf("test: got %s, want the first event that the endpoint subscribes to", sent.EventType)
			}
			d := tenant.Delivery(t, sent.DeliveryID)
			if !d.Test || d.Status != want || d.EventID != sent.EventID || d.Body != string(got.Body) ||
				d.ContentType != got.Header.Get("Content-Type") || d.AttemptCount != 1 || len(d.Attempts) != 1 {
				t.Errorf("test in the log: got %+v, want one attempt, marked, %s, with the bytes that were sent", d, want)
			}
			for _, query := range []string{"&webhook_id=" + hook.ID, "&event_id=" + sent.EventID,
				"&status=" + string(want)} {
				list := tenant.Deliveries(t, query)
				if len(list) == 0 || list[0].ID != d.ID || !list[0].Test {
					t.Errorf("log with %s: got %+v, want the test first", query, list)
				}
			}
			tenant.Call(t, http.MethodPost, "/api/v1/deliveries/"+d.ID+"/replay", nil).
				Want(t, http.StatusConflict)
			for name := ""; name != "delivery"; {
				event, err := live.Next(t)
				if err != nil {
					t.Fatalf("live log: got %v, want the test", err)
				}
				if name = event.Name; name == "delivery" && !strings.Contains(event.Data, `"test":true`) {
					t.Errorf("live log: got %s, want the test, marked", event.Data)
				}
			}
		}
		tenant.Call(t, http.MethodPatch, "/api/v1/webhooks/"+hook.ID, object{"events": []string{"lead.*",
			"ticket.created"}}).Want(t, http.StatusOK)
		sent := testkit.Post[api.WebhookTestResult](t, tenant, path, nil, http.StatusOK)
		if sent.EventType != "lead.created" {
			t.Errorf("test of another order: got %s, want lead.created", sent.EventType)
		}
		if dead := testkit.Get[api.DeliveryList](t, tenant, "/api/v1/dead-letters").Data; len(dead) != 0 {
			t.Errorf("dead letters: got %+v, want no test among them", dead)
		}
		if s := testkit.Get[api.DeliveryStats](t, tenant, "/api/v1/webhooks/stats"); s.Total != 0 {
			t.Errorf("statistics: got %d deliveries, want no test counted", s.Total)
		}
	})
}
