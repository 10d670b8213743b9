package webhook_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/fake"
)

// stage is a program with a clock, a tenant whose endpoint fails until the test changes that, another endpoint
// for operational events, a mail address and a Slack.
type stage struct {
	*testkit.Program
	clock   *testkit.Clock
	tenant  *testkit.Client
	id      string // of the endpoint that fails
	well    atomic.Bool
	leads   int
	watcher *testkit.Receiver
	slack   *testkit.Receiver
	mailbox *fake.Mailbox
	other   *testkit.Program // a second worker on the same data, where there can be one
}

var alertTypes = []string{"endpoint.failing", "endpoint.disabled", "endpoint.recovered"}

func newStage(t *testing.T, e testkit.Engine, after time.Duration, failures int) *stage {
	t.Helper()
	s := &stage{clock: &testkit.Clock{}, mailbox: fake.NewMailbox(t)}
	settings := func(c *config.Config, _ *app.Options) {
		c.DisableAfter, c.DisableFailures, c.PublicURL = after, failures, "https://hooks.example.com"
	}
	services := testkit.NewServices(t, e)
	s.Program = testkit.StartOn(t, services, testkit.WithClock(s.clock), fake.WithMailbox(s.mailbox), settings)
	if e == testkit.Servers {
		s.other = testkit.StartOn(t, services, testkit.WithClock(s.clock), fake.WithMailbox(s.mailbox), settings,
			testkit.WithKeys(s.Config.EncryptionKeys))
	}
	s.tenant = s.NewTenant(t, "business")
	bad := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) {
		if !s.well.Load() {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	once := map[string]any{"initial": "1s", "max_attempts": 1}
	s.id = s.tenant.NewEndpoint(t, bad.URL, map[string]any{"name": "CRM <1>", "retry_policy": once}).ID
	s.watcher, s.slack = testkit.NewReceiver(t, nil), testkit.NewReceiver(t, nil)
	s.tenant.NewEndpoint(t, s.watcher.URL, map[string]any{"name": "Watcher", "events": []string{"endpoint.*",
		"delivery.dead"}})
	s.channel(t, map[string]any{"type": "email", "target": "oncall@example.com", "conditions": alertTypes})
	s.channel(t, map[string]any{"type": "slack", "target": s.slack.URL + "/services/s3cret", "conditions": alertTypes})
	return s
}

func (s *stage) channel(t *testing.T, settings map[string]any) api.AlertChannel {
	t.Helper()
	return testkit.Post[api.AlertChannel](t, s.tenant, "/api/v1/alert-channels", settings, http.StatusCreated)
}

// call makes one attempt at the endpoint, and waits until it is recorded.
func (s *stage) call(t *testing.T) {
	t.Helper()
	s.leads++
	s.tenant.NewLead(t, fmt.Sprintf("ada%d@example.com", s.leads))
	s.Await(t, "the end of the delivery", func() bool {
		all := s.tenant.Deliveries(t, "&webhook_id="+s.id)
		return len(all) == s.leads && !slices.ContainsFunc(all, func(d api.Delivery) bool {
			return d.FinishedAt.IsNull()
		})
	})
}

// look makes all workers look at once, each twice.
func (s *stage) look(t *testing.T) {
	t.Helper()
	var all sync.WaitGroup
	for _, p := range []*testkit.Program{s.Program, s.Program, s.other, s.other} {
		if p == nil {
			continue
		}
		all.Go(func() {
			if err := p.App.Alerts.Look(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// later lets time pass, calls the endpoint and looks. What is being sent ends first: its lease would run out.
func (s *stage) later(t *testing.T, d time.Duration) {
	t.Helper()
	s.allSent(t)
	s.clock.Advance(d)
	s.call(t)
	s.look(t)
}

func (s *stage) alerts(t *testing.T, query string) []api.Alert {
	t.Helper()
	return testkit.Get[api.AlertList](t, s.tenant, "/api/v1/alerts?limit=100"+query).Data
}

func (s *stage) titles(t *testing.T, query string) string {
	t.Helper()
	var out []string
	for _, a := range s.alerts(t, query) {
		if a.Condition != api.AlertConditionDeliveryDead {
			out = append(out, a.Title)
		}
	}
	slices.Reverse(out)
	return strings.Join(out, "\n")
}

// allSent waits until no notification is left to be sent.
func (s *stage) allSent(t *testing.T) {
	t.Helper()
	s.Await(t, "the end of all notifications", func() bool {
		for _, a := range s.alerts(t, "") {
			for _, n := range a.Notifications {
				if n.Status == api.AlertNotificationStatusPending {
					return false
				}
			}
		}
		return true
	})
}

// heard lists, sorted, the types of the events that the watcher got, and waits until there are as many. A request whose
// lease ran out when the clock was put forward is made again, with the same id.
func (s *stage) heard(t *testing.T, n int) []string {
	t.Helper()
	types := map[string]string{}
	s.Await(t, fmt.Sprintf("the %d. event", n), func() bool {
		for _, r := range s.watcher.All() {
			var body struct{ Type string }
			if err := json.Unmarshal(r.Body, &body); err != nil {
				t.Fatal(err)
			}
			types[r.Header.Get("webhook-id")] = body.Type
		}
		return len(types) >= n
	})
	return slices.Sorted(maps.Values(types))
}

func TestAnEndpointThatFailsForDaysGetsWarningsAndIsThenDisabledWithOneNotificationEach(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		s := newStage(t, e, 120*time.Hour, 0)
		s.later(t, 0)
		s.later(t, 48*time.Hour)
		if got := s.titles(t, ""); got != "" {
			t.Fatalf("alerts before the first limit: got %s, want none", got)
		}
		want := ""
		for _, step := range []struct {
			after time.Duration
			title string
		}{
			{12*time.Hour + time.Minute, "The endpoint CRM <1> keeps failing: 50 % of the limit"},
			{24 * time.Hour, "The endpoint CRM <1> keeps failing: 70 % of the limit"},
			{24 * time.Hour, "The endpoint CRM <1> keeps failing: 90 % of the limit"},
			{12 * time.Hour, "The endpoint CRM <1> was disabled: it kept failing"},
		} {
			s.later(t, step.after)
			s.look(t)
			s.allSent(t)
			if want = strings.TrimSpace(want + "\n" + step.title); s.titles(t, "&state=open") != want {
				t.Fatalf("%s\ninstead of\n%s", s.titles(t, "&state=open"), want)
			}
		}
		w := testkit.Get[api.Webhook](t, s.tenant, "/api/v1/webhooks/"+s.id)
		if reason, _ := w.DisabledReason.Get(); w.Enabled || reason != "failing" {
			t.Errorf("endpoint: got %+v, want it disabled with the reason failing", w)
		}
		events := "delivery.dead delivery.dead delivery.dead delivery.dead delivery.dead delivery.dead " +
			"endpoint.disabled endpoint.failing endpoint.failing endpoint.failing"
		if got := strings.Join(s.heard(t, 10), " "); got != events {
			t.Errorf("notifications: got %s, want %s", got, events)
		}
		s.checkMessages(t)
		s.enableAgain(t)
	})
}

// checkMessages checks the four messages on each channel.
func (s *stage) checkMessages(t *testing.T) {
	t.Helper()
	mails, posts := s.mailbox.All(), s.slack.All()
	if len(mails) != 4 || len(posts) != 4 {
		t.Fatalf("got %d mails and %d posts, want 4 of each", len(mails), len(posts))
	}
	last := mails[3]
	for _, part := range []string{"has failed since", "6 attempts in a row", "enable it again",
		"https://hooks.example.com/app", s.id} {
		if text := strings.ReplaceAll(last.Raw, "=\r\n", ""); !strings.Contains(text, part) {
			t.Errorf("mail: got no %q in it, want it:\n%s", part, last.Raw)
		}
	}
	if last.To != "oncall@example.com" ||
		last.Subject != "[Hookline] The endpoint CRM <1> was disabled: it kept failing" ||
		last.Header.Get("From") != `"Hookline" <hookline@example.com>` {
		t.Errorf("mail: got it to %s: %v, want oncall@example.com, the subject and the sender", last.To, last.Header)
	}
	var post struct{ Text string }
	if err := json.Unmarshal(posts[3].Body, &post); err != nil || posts[3].Path != "/services/s3cret" {
		t.Fatalf("post: got %+v (%v), want one to /services/s3cret", posts[3], err)
	}
	if !strings.Contains(post.Text, "CRM &lt;1&gt; was disabled") {
		t.Errorf("post: got %s, want the name escaped", post.Text)
	}
}

// enableAgain shows that an endpoint starts anew when it is enabled.
func (s *stage) enableAgain(t *testing.T) {
	t.Helper()
	s.tenant.Call(t, http.MethodPatch, "/api/v1/webhooks/"+s.id, `{"name":"CRM"}`).Want(t, http.StatusOK)
	w := testkit.Get[api.Webhook](t, s.tenant, "/api/v1/webhooks/"+s.id)
	if reason, _ := w.DisabledReason.Get(); reason != "failing" {
		t.Errorf("reason after a change of the name: got %q, want failing", reason)
	}
	s.tenant.Call(t, http.MethodPatch, "/api/v1/webhooks/"+s.id, `{"enabled":true}`).Want(t, http.StatusOK)
	if open := s.alerts(t, "&state=open"); len(open) != 0 {
		t.Errorf("open alerts: got %+v, want none", open)
	}
	before := len(s.alerts(t, "&condition=endpoint.failing"))
	s.later(t, time.Hour)
	s.later(t, 12*time.Hour)
	if after := len(s.alerts(t, "&condition=endpoint.failing")); after != before {
		t.Errorf("new warnings: got %d, want 0", after-before)
	}
	s.allSent(t)
	if n := len(s.mailbox.All()); n != 4 {
		t.Errorf("mails: got %d, want 4", n)
	}
}

func TestAnEndpointThatRecoversResolvesItsAlertsWithOneNotification(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		s := newStage(t, e, 24*time.Hour, 0)
		s.later(t, 0)
		s.later(t, 13*time.Hour)
		s.allSent(t)
		s.well.Store(true)
		s.later(t, time.Hour)
		s.later(t, time.Hour)
		s.later(t, 24*time.Hour)
		s.allSent(t)
		if open := s.alerts(t, "&state=open"); len(open) != 0 {
			t.Errorf("open alerts: got %+v, want none", open)
		}
		if got := strings.Join(s.heard(t, 4),
			" "); got != "delivery.dead delivery.dead endpoint.failing endpoint.recovered" {
			t.Errorf("notifications: got %s, want two delivery.dead, endpoint.failing and endpoint.recovered", got)
		}
		mails := s.mailbox.All()
		if len(mails) != 2 || len(s.slack.All()) != 2 ||
			mails[1].Subject != "[Hookline] Resolved: The endpoint CRM <1> keeps failing: 50 % of the limit" {
			t.Errorf("got %d posts and %+v, want 2 of each, the second of the resolved alert", len(s.slack.All()),
				mails)
		}
	})
}

func TestManyFailuresInAShortOutageDisableNothing(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		s := newStage(t, e, 0, 5)
		for range 6 {
			s.later(t, 2*time.Minute)
		}
		if got := s.titles(t, ""); got != "" {
			t.Fatalf("alerts after ten minutes of failures: got %s, want none", got)
		}
		// It fails a day later too: past the limit at once, so there is a warning before anything is done.
		s.later(t, 24*time.Hour)
		s.later(t, time.Hour)
		if got := s.titles(t, ""); got != "The endpoint CRM <1> keeps failing: 90 % of the limit" {
			t.Fatalf("alerts: got %s, want the warning of 90 %%", got)
		}
		s.later(t, time.Hour+time.Minute)
		if w := testkit.Get[api.Webhook](t, s.tenant, "/api/v1/webhooks/"+s.id); w.Enabled {
			t.Error("endpoint: got it enabled, want it disabled")
		}
	})
}

func TestATenantsOwnLimitsApply(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		s := newStage(t, e, 24*time.Hour, 0)
		const path = "/api/v1/alert-settings"
		if got := testkit.Get[api.AlertSettings](t, s.tenant, path); got != (api.AlertSettings{DisableAfterHours: 24}) {
			t.Errorf("settings: got %+v, want 24 hours", got)
		}
		s.tenant.Call(t, http.MethodPut, path, `{"disable_after_hours":23}`).Want(t, http.StatusBadRequest)
		for range 2 {
			s.tenant.Call(t, http.MethodPut, path, `{"disable_after_hours":0}`).Want(t, http.StatusOK)
		}
		if got := testkit.Get[api.AlertSettings](t, s.tenant, path); got != (api.AlertSettings{Custom: true}) {
			t.Errorf("settings: got %+v, want the tenant's own, without limits", got)
		}
		s.later(t, 0)
		s.later(t, 30*time.Hour)
		if got := s.titles(t, ""); got != "" {
			t.Errorf("alerts: got %s, want none", got)
		}
		s.tenant.Call(t, http.MethodPut, path, `{}`).Want(t, http.StatusOK)
		s.look(t)
		if got := s.titles(t, ""); got != "The endpoint CRM <1> keeps failing: 90 % of the limit" {
			t.Errorf("alerts: got %s, want the warning of 90 %%", got)
		}
	})
}

func TestADeadDeliveryEmitsAnEventAndTheDeadDeliveryOfThatEventDoesNot(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		bad := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) { w.WriteHeader(503) })
		subscriber := c.NewEndpoint(t, bad.URL, map[string]any{"events": []string{"*", "delivery.*"},
			"retry_policy": map[string]any{"schedule": []string{"1s"}}})
		deaf := c.NewEndpoint(t, bad.URL, map[string]any{"retry_policy": map[string]any{"initial": "1s",
			"max_attempts": 1}})
		c.NewLead(t, "ada@example.com")
		// Two dead letters, each an event for the subscriber, whose own dead letters emit no events.
		p.Await(t, "the end of all deliveries", func() bool {
			return len(c.Deliveries(t, "&status=dead")) == 4 && len(c.Deliveries(t, "")) == 4
		})
		events := testkit.Get[api.EventList](t, c, "/api/v1/events?type=delivery.dead").Data
		if len(events) != 2 {
			t.Fatalf("events: got %d: %+v, want 2", len(events), events)
		}
		attempts := map[string]int{subscriber.ID: 2, deaf.ID: 1}
		for _, event := range events {
			var d api.DeliveryDeadData
			if err := json.Unmarshal(event.Data, &d); err != nil {
				t.Fatal(err)
			}
			if status, _ := d.ResponseStatus.Get(); d.Attempts != attempts[d.WebhookID] || status != 503 ||
				d.EventType != "lead.created" {
				t.Errorf("delivery.dead: got %s, want the attempts and the status of the delivery", event.Data)
			}
			delete(attempts, d.WebhookID)
		}
		// What is cancelled is not dead.
		c.Call(t, http.MethodPatch, "/api/v1/webhooks/"+subscriber.ID, `{"enabled":false}`).Want(t, http.StatusOK)
		c.Call(t, http.MethodDelete, "/api/v1/webhooks/"+deaf.ID, nil).Want(t, http.StatusNoContent)
		c.NewLead(t, "grace@example.com")
		p.Await(t, "the cancelled delivery", func() bool { return len(c.Deliveries(t, "&status=cancelled")) == 1 })
		if n := len(testkit.Get[api.EventList](t, c, "/api/v1/events?type=delivery.dead").Data); n != 2 {
			t.Errorf("delivery.dead: got %d, want 2", n)
		}
		// One alert for each endpoint and hour; a second would mean that the hour has just struck.
		if alerts := testkit.Get[api.AlertList](t, c, "/api/v1/alerts?condition=delivery.dead&subject="+
			subscriber.ID).Data; len(alerts) != 1 {
			t.Errorf("alerts: got %+v, want 1", alerts)
		}
	})
}
