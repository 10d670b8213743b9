package webhook_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/pkg/webhook"
)

func TestAWebhookChannelGetsSignedAlertsAndRetriesOfThem(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		clock := &testkit.Clock{}
		p := testkit.StartOn(t, testkit.NewServices(t, e), testkit.WithClock(clock))
		c := p.NewTenant(t, "business")
		pager := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, n int) {
			if n == 2 { // the test alert is the first
				w.WriteHeader(http.StatusBadGateway)
			}
		})
		made := testkit.Post[api.AlertChannelCreated](t, c, channels, map[string]any{"type": "webhook",
			"target": pager.URL + "/s3cret", "conditions": []string{"delivery.dead"}}, http.StatusCreated)
		secret, _ := made.Secret.Get()
		if !strings.HasPrefix(secret, webhook.SecretPrefix) || made.Target != pager.URL+"/********" {
			t.Fatalf("created channel: got %+v, want a secret and a masked target", made)
		}
		got := c.Call(t, http.MethodGet, channels+"/"+made.ID, nil).Want(t, http.StatusOK)
		audited := c.Call(t, http.MethodGet, "/api/v1/audit-log?target="+made.ID, nil).Want(t, http.StatusOK)
		for what, body := range map[string][]byte{"the channel": got.Body, "the audit log": audited.Body} {
			if strings.Contains(string(body), "whsec_") {
				t.Errorf("%s: got %s, want no secret: it is shown once", what, body)
			}
		}

		verified := func(r testkit.Received) (w api.AlertWebhook) {
			t.Helper()
			if err := webhook.Verify(r.Header, r.Body, clock.Now(), secret); err != nil {
				t.Errorf("signature of %s: got %v, want it valid", r.Body, err)
			}
			if err := json.Unmarshal(r.Body, &w); err != nil {
				t.Fatal(err)
			}
			return w
		}
		if sent := testkit.Post[api.AlertTest](t, c, channels+"/"+made.ID+"/test", nil, http.StatusOK); !sent.Sent {
			t.Fatalf("test alert: got %+v, want it sent", sent)
		}
		if w := verified(pager.Next(t)); w.Type != api.AlertWebhookTypeAlertTest || !w.Data.AlertID.IsNull() {
			t.Errorf("test alert: got %+v, want alert.test without an alert", w)
		}

		bad := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) { w.WriteHeader(500) })
		hook := c.NewEndpoint(t, bad.URL, map[string]any{"retry_policy": map[string]any{"initial": "1s",
			"max_attempts": 1}})
		c.NewLead(t, "ada@example.com")
		first := pager.Next(t)
		p.Await(t, "the record of the failure", func() bool {
			open := testkit.Get[api.AlertList](t, c, "/api/v1/alerts").Data
			return len(open) == 1 && slices.ContainsFunc(open[0].Notifications, func(n api.AlertNotification) bool {
				reason, _ := n.Error.Get()
				return n.Attempts == 1 && reason == "The address answered 502."
			})
		})
		clock.Advance(10 * time.Second)
		second := pager.Next(t)
		a, b := verified(first), verified(second)
		subject, _ := b.Data.Subject.Get()
		if b.Type != api.AlertWebhookTypeAlertRaised || subject != hook.ID ||
			first.Header.Get(webhook.HeaderID) != second.Header.Get(webhook.HeaderID) ||
			string(first.Body) != string(second.Body) {
			t.Errorf("retry: got %+v after %+v, want alert.raised about %s with the same id and body", b, a, hook.ID)
		}
	})
}
