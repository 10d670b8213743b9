package webhook_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/fake"
)

// posts are the texts that a Slack got and that hold a word.
func posts(t *testing.T, slack *testkit.Receiver, word string) []string {
	t.Helper()
	var out []string
	for _, r := range slack.All() {
		var post map[string]string
		if err := json.Unmarshal(r.Body, &post); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(post["text"], word) {
			out = append(out, post["text"])
		}
	}
	return out
}

// toOperators starts programs whose operators have both channels. Endpoints may only be at public addresses, unless
// open.
func toOperators(mailbox *fake.Mailbox, slack *testkit.Receiver, open bool) testkit.Option {
	mail := fake.WithMailbox(mailbox)
	return func(c *config.Config, o *app.Options) {
		mail(c, o)
		c.AlertEmail, c.AlertWebhookURL, c.PublicURL = "operators@example.com", slack.URL+"/s3cret",
			"https://hooks.example.com"
		if !open {
			c.EgressAllow = nil
		}
	}
}

func TestOperatorsGetOneAlertForTheDeadLettersOfAllTenantsAlsoAtAPrivateAddress(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		mailbox, slack := fake.NewMailbox(t), testkit.NewReceiver(t, nil)
		clock := &testkit.Clock{}
		// the test stays within one hour
		clock.Advance(time.Until(time.Now().Truncate(time.Hour).Add(time.Hour + time.Minute)))
		services := testkit.NewServices(t, e)
		p := testkit.StartOn(t, services, testkit.WithClock(clock), toOperators(mailbox, slack, false))
		if e == testkit.Servers {
			testkit.StartOn(t, services, testkit.WithClock(clock), toOperators(mailbox, slack, false),
				testkit.WithKeys(p.Config.EncryptionKeys))
		}
		once := map[string]any{"retry_policy": map[string]any{"initial": "1s", "max_attempts": 1}}
		for range 2 {
			tenant := p.NewTenant(t, "business")
			for _, u := range []string{"https://nobody.invalid/a", "https://nobody.invalid/b"} {
				tenant.NewEndpoint(t, u, once)
			}
			tenant.NewLead(t, "ada@example.com")
			p.Await(t, "the dead letters", func() bool { return len(tenant.Deliveries(t, "&status=dead")) == 2 })
			p.Await(t, "the message", func() bool {
				return len(posts(t, slack, "dead letters")) == 1 &&
					len(mailbox.All()) == 1
			})
			if err := p.App.Watch.Look(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, a := range testkit.Get[api.AlertList](t, tenant, "/api/v1/alerts").Data {
				if len(a.Notifications) != 0 {
					t.Errorf("notifications for the tenant: got %+v, want none of operators", a.Notifications)
				}
			}
		}
		if got := posts(t, slack, ""); len(got) != 1 || !strings.Contains(got[0], "Tenant: tnt_") ||
			!strings.Contains(got[0], "https://hooks.example.com/admin") {
			t.Errorf("posts: got %q, want one with the tenant and a link to /admin", got)
		}
		if m := mailbox.All(); len(m) != 1 || m[0].To != "operators@example.com" || !strings.HasPrefix(m[0].Subject,
			"[Hookline operators] ") {
			t.Errorf("mails: got %+v, want one to the operators", m)
		}
	})
}

func TestOperatorsAreNotifiedOfADisabledEndpointAndNotOfAnEnabledOne(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		mailbox, slack := fake.NewMailbox(t), testkit.NewReceiver(t, nil)
		p := testkit.Start(t, e, toOperators(mailbox, slack, true))
		tenant := p.NewTenant(t, "business")
		gone := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) {
			w.WriteHeader(http.StatusGone)
		})
		hook := tenant.NewEndpoint(t, gone.URL, map[string]any{"name": "CRM"})
		tenant.NewLead(t, "ada@example.com")
		p.Await(t, "the message", func() bool { return len(posts(t, slack, "The endpoint CRM was disabled")) == 1 })
		tenant.Call(t, http.MethodPost, "/api/v1/webhooks/"+hook.ID+"/enable", nil).Want(t, http.StatusOK)
		open := func() (n int64) {
			if err := p.App.Database().Read(t.Context()).Table("alerts").Where("subject = ? AND resolved_at IS NULL",
				hook.ID).Count(&n).Error; err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := open(); n != 0 {
			t.Errorf("open alerts about the endpoint: got %d, want 0", n)
		}
	})
}

func TestOperatorsAreNotifiedWhenRedisIsUnreachableAndWhenItIsBack(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		mailbox, slack := fake.NewMailbox(t), testkit.NewReceiver(t, nil)
		clock := &testkit.Clock{}
		clock.Advance(time.Until(time.Now().Truncate(time.Hour).Add(time.Hour + time.Minute)))
		p, cut, restore := fake.StartWithRedis(t, e, testkit.WithClock(clock), toOperators(mailbox, slack, true))
		look := func() {
			t.Helper()
			if err := p.App.Watch.Look(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		tenant.NewEndpoint(t, receiver.URL, nil)
		cut()
		look()
		clock.Advance(50 * time.Second)
		look()
		if got := slack.All(); len(got) != 0 {
			t.Errorf("a notification after less than a minute, want none yet: %s", got[0].Body)
		}
		tenant.NewLead(t, "ada@example.com")
		p.Await(t, "the reconciler to see the delivery that nobody runs", func() bool {
			return len(tenant.Deliveries(t, "&status=pending")) == 1
		})
		clock.Advance(time.Minute)
		for range 3 {
			look()
		}
		p.Await(t, "the message about Redis", func() bool {
			return len(posts(t, slack, "*[Hookline operators] Redis does not respond*")) == 1
		})
		clock.Advance(8 * time.Minute)
		look()
		p.Await(t, "the message about the delivery", func() bool {
			return len(posts(t, slack, "*[Hookline operators] Deliveries are late*")) == 1
		})
		restore()
		receiver.Next(t)
		p.Await(t, "the end of both", func() bool { return len(posts(t, slack, "[Hookline operators] Over: ")) == 2 })
		look()
		if got := posts(t, slack, ""); len(got) != 4 {
			t.Errorf("messages: got %d: %q, want 4", len(got), got)
		}
	})
}
