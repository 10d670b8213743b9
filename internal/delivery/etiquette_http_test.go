package delivery_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func TestAnEndpointThatIsGoneIsDisabledAndWhatWasForItSaysSoAndCanBeReplayed(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, answerWith(410, 200))
		hook := tenant.NewEndpoint(t, receiver.URL, nil)
		tenant.NewLead(t, "ada@example.com")

		dead := p.AwaitDelivery(t, tenant, api.DeliveryStatusDead)
		if dead.Reason.MustGet() != "gone" || dead.AttemptCount != 1 ||
			dead.ResponseStatus.MustGet() != http.StatusGone {
			t.Errorf("dead letter: got %+v, want it gone after one answer of 410", dead)
		}
		if w := testkit.Get[api.Webhook](t, tenant, "/api/v1/webhooks/"+hook.ID); w.Enabled ||
			w.DisabledReason.MustGet() != "gone" {
			t.Errorf("endpoint: got %+v, want it disabled as gone", w)
		}
		tenant.NewLead(t, "grace@example.com")
		p.Await(t, "a cancelled delivery", func() bool {
			all := tenant.Deliveries(t, "&status=cancelled")
			return len(all) == 1 && all[0].Reason.MustGet() == "gone"
		})

		tenant.Call(t, http.MethodPatch, "/api/v1/webhooks/"+hook.ID, map[string]any{"enabled": true}).
			Want(t, http.StatusOK)
		testkit.Post[api.Delivery](
			t,
			tenant,
			"/api/v1/dead-letters/"+dead.ID+"/replay",
			nil,
			http.StatusAccepted,
		)
		p.Await(
			t,
			"the replay to succeed",
			func() bool { return tenant.Delivery(t, dead.ID).Status == api.DeliveryStatusSucceeded },
		)
		if n := receiver.Count(); n != 2 {
			t.Errorf("requests: got %d, want 2", n)
		}
	})
}

func TestRetryAfterPutsTheNextAttemptOffAndNeverHurriesIt(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		receiver := testkit.NewReceiver(t, func(w http.ResponseWriter, r testkit.Received, _ int) {
			switch r.Path {
			case "/date":
				w.Header().Set("Retry-After", time.Now().Add(30*time.Minute).UTC().Format(http.TimeFormat))
			default:
				w.Header().Set("Retry-After", strings.TrimPrefix(r.Path, "/"))
			}
			w.WriteHeader(http.StatusServiceUnavailable)
		})
		tenant := p.NewTenant(t, "business")
		waits := map[string]struct {
			wait     string
			from, to time.Duration
		}{
			"/600":    {"1s", 600 * time.Second, 600 * time.Second},
			"/date":   {"1s", 29 * time.Minute, 30 * time.Minute},
			"/999999": {"1s", time.Hour, time.Hour},
			"/1":      {"20m", 20 * time.Minute, 20 * time.Minute},
			"/soon":   {"20m", 20 * time.Minute, 20 * time.Minute},
		}
		paths := map[string]string{}
		for path, c := range waits {
			settings := object{"retry_policy": object{"schedule": []string{c.wait}, "jitter": 0}}
			paths[tenant.NewEndpoint(t, receiver.URL+path, settings).ID] = path
		}
		tenant.NewLead(t, "ada@example.com")
		p.AwaitCount(t, tenant, api.DeliveryStatusRetrying, len(waits))
		for _, listed := range tenant.Deliveries(t, "") {
			d, path := tenant.Delivery(t, listed.ID), paths[listed.WebhookID]
			c := waits[path]
			// Waits count from the end of the attempt, and what the attempt took is in its duration.
			ended := d.Attempts[0].StartedAt.Add(
				time.Duration(d.Attempts[0].DurationMs.MustGet() * float64(time.Millisecond)),
			)
			if got := d.NextAttemptAt.MustGet().Sub(ended); got < c.from-time.Millisecond ||
				got > c.to+time.Millisecond {
				t.Errorf("wait for %s: got %s, want %s to %s", path, got, c.from, c.to)
			}
		}
	})
}
