package webhook_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

const channels = "/api/v1/alert-channels"

func TestTheAddressOfASlackChannelIsASecret(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		slack := testkit.NewReceiver(t, nil)
		created := testkit.Post[api.AlertChannel](t, c, channels, map[string]any{"type": "slack", "target": slack.URL +
			"/s3cret?k=s3cret"}, http.StatusCreated)
		path := channels + "/" + created.ID
		if want := slack.URL + "/********"; created.Target != want || len(created.Conditions) != 7 || !created.Enabled {
			t.Errorf("created channel: got %+v, want the target %s, all conditions and enabled", created, want)
		}
		change := map[string]any{"name": "Team", "target": created.Target, "enabled": false,
			"conditions": []string{"endpoint.disabled"}}
		raw, _ := json.Marshal(change)
		changed := testkit.Into[api.AlertChannel](t, c.Call(t, http.MethodPatch, path, string(raw)).
			Want(t, http.StatusOK))
		if changed.Name != "Team" || changed.Enabled || len(changed.Conditions) != 1 ||
			changed.Target != created.Target {
			t.Errorf("changed channel: got %+v, want Team, off, one condition and the same target", changed)
		}
		for _, elsewhere := range []string{"https://example.com/********", strings.Replace(created.Target, "http:",
			"https:", 1)} {
			a := c.Call(t, http.MethodPatch, path, map[string]any{"target": elsewhere})
			if got := refused(t, a); got != "target" || !strings.Contains(string(a.Body), "is masked") {
				t.Errorf("%s: got %s, want target refused, as it is masked", elsewhere, a.Body)
			}
		}
		if result := testkit.Post[api.AlertTest](t, c, path+"/test", nil, http.StatusOK); !result.Sent ||
			!result.Error.IsNull() {
			t.Errorf("test alert: got %+v, want it sent", result)
		}
		got := slack.Next(t)
		var post map[string]string
		if err := json.Unmarshal(got.Body, &post); err != nil || got.Path != "/s3cret" ||
			!strings.Contains(post["text"], "This is a test") {
			t.Errorf("test alert: got %s: %s, want the text at /s3cret", got.Path, got.Body)
		}
		a := c.Call(t, http.MethodPost, path+"/test", nil, "Idempotency-Key", "once").Want(t, http.StatusBadRequest)
		if d := a.Problem(t).Error.Details; len(d) != 1 || d[0].Field != "Idempotency-Key" || len(slack.All()) != 1 {
			t.Errorf("got %s, want the field Idempotency-Key and one message", a.Body)
		}
		c.Call(t, http.MethodDelete, path, nil).Want(t, http.StatusNoContent)
		c.Call(t, http.MethodGet, path, nil).Want(t, http.StatusNotFound)
		log := c.Call(t, http.MethodGet, "/api/v1/audit-log?target="+created.ID, nil).Want(t, http.StatusOK)
		if entries := testkit.Into[api.AuditEntryList](t, log); len(entries.Data) != 3 ||
			strings.Contains(string(log.Body), "s3cret") {
			t.Errorf("audit log: got %s, want 3 entries without the URL's secret", log.Body)
		}
	})
}

func TestAlertsAreSentToPublicAddressesOnly(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		services := testkit.NewServices(t, e)
		open := testkit.StartOn(t, services)
		c := open.NewTenant(t, "business")
		slack := testkit.NewReceiver(t, nil)
		c.Call(t, http.MethodPost, channels, map[string]any{"type": "slack", "target": "http://10.0.0.1/"}).
			Want(t, http.StatusBadRequest)
		id := testkit.Post[api.AlertChannel](t, c, channels, map[string]any{"type": "slack", "target": slack.URL},
			http.StatusCreated).ID

		strict := testkit.StartOn(t, services, testkit.WithoutEgress(open.Config.EncryptionKeys))
		c = testkit.NewClient(strict.URL, c.Key())
		a := c.Call(t, http.MethodPost, channels, map[string]any{"type": "slack", "target": slack.URL}).
			Want(t, http.StatusBadRequest)
		if d := a.Problem(t).Error.Details; len(d) != 1 || d[0].Field != "target" {
			t.Errorf("got %s, want the field target", a.Body)
		}
		result := testkit.Post[api.AlertTest](t, c, channels+"/"+id+"/test", nil, http.StatusOK)
		if reason, _ := result.Error.Get(); result.Sent || !strings.Contains(reason, "private or reserved") {
			t.Errorf("test alert to a private address: got %+v, want the reason", result)
		}
		if n := len(slack.All()); n != 0 {
			t.Errorf("requests at a private address: got %d, want 0", n)
		}
	})
}

func TestInvalidChannelsAreRefused(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		for body, status := range map[string]int{
			// no mail server
			`{"type":"email","target":"oncall@example.com"}`:                                                          http.StatusConflict,
			`{"type":"email","target":"Ada <ada@example.com>"}`:                                                       http.StatusBadRequest,
			`{"type":"slack","target":"oncall@example.com"}`:                                                          http.StatusBadRequest,
			`{"type":"slack","target":"http://127.0.0.1/","conditions":["endpoint.failing","endpoint.failing"]}`:      http.StatusBadRequest,
			`{"type":"slack","target":"http://127.0.0.1/","conditions":["lead.created"]}`:                             http.StatusBadRequest,
			`{"type":"pager","target":"http://127.0.0.1/"}`:                                                           http.StatusBadRequest,
			`{"type":"slack","target":"http://127.0.0.1/","conditions":["endpoint.failing","endpoint.disabled"]}`:     http.StatusCreated,
			`{"type":"slack","name":"b","target":"http://127.0.0.1/","conditions":["endpoint.failing","key.leaked"]}`: http.StatusCreated,
		} {
			if a := c.Call(t, http.MethodPost, channels, body); a.Status != status {
				t.Errorf("%s: got %d %s, want %d", body, a.Status, a.Body, status)
			}
		}
		for range 18 {
			c.Call(t, http.MethodPost, channels, `{"type":"slack","target":"http://127.0.0.1/"}`).
				Want(t, http.StatusCreated)
		}
		c.Call(t, http.MethodPost, channels, `{"type":"slack","target":"http://127.0.0.1/"}`).
			Want(t, http.StatusForbidden) // the plan's quota
	})
}

func TestAnAlertCanBeResolvedByHand(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		bad := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) { w.WriteHeader(500) })
		c.NewEndpoint(t, bad.URL, map[string]any{"retry_policy": map[string]any{"initial": "1s", "max_attempts": 1}})
		c.NewLead(t, "ada@example.com")
		p.AwaitDelivery(t, c, api.DeliveryStatusDead)
		open := testkit.Get[api.AlertList](t, c, "/api/v1/alerts?state=open").Data
		if len(open) != 1 || open[0].State != api.AlertStateOpen {
			t.Fatalf("open alerts: got %+v, want 1", open)
		}
		first := testkit.Post[api.Alert](t, c, "/api/v1/alerts/"+open[0].ID+"/resolve", nil, http.StatusOK)
		again := testkit.Post[api.Alert](t, c, "/api/v1/alerts/"+open[0].ID+"/resolve", nil, http.StatusOK)
		if first.State != api.AlertStateResolved || first.ResolvedAt.IsNull() ||
			first.ResolvedAt.MustGet() != again.ResolvedAt.MustGet() {
			t.Errorf("resolved alert: got %+v and then %+v, want the same time", first, again)
		}
		if n := len(testkit.Get[api.AlertList](t, c, "/api/v1/alerts?state=open").Data); n != 0 {
			t.Errorf("open alerts: got %d, want 0", n)
		}
	})
}

func TestAnEndpointThatAnswers410RaisesAnAlert(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		slack := testkit.NewReceiver(t, nil)
		gone := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) {
			w.WriteHeader(http.StatusGone)
		})
		id := c.NewEndpoint(t, gone.URL, nil).ID
		testkit.Post[api.AlertChannel](t, c, channels, map[string]any{"type": "slack", "target": slack.URL,
			"conditions": []string{"endpoint.disabled"}}, http.StatusCreated)
		c.NewLead(t, "ada@example.com")
		if got := slack.Next(t); !strings.Contains(string(got.Body), "it answered 410 Gone") {
			t.Errorf("notification: got %s, want that it answered 410 Gone", got.Body)
		}
		events := testkit.Get[api.EventList](t, c, "/api/v1/events?type=endpoint.disabled").Data
		var d api.EndpointDisabledData
		if len(events) != 1 || json.Unmarshal(events[0].Data, &d) != nil || d.WebhookID != id || d.Reason != "gone" {
			t.Errorf("endpoint.disabled: got %+v, want one with the reason gone", events)
		}
		if dead := testkit.Get[api.EventList](t, c, "/api/v1/events?type=delivery.dead").Data; len(dead) != 1 {
			t.Errorf("delivery.dead: got %+v, want one", dead)
		}
	})
}
