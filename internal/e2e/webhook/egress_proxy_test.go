package webhook_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/connect"
	"github.com/hookline/hookline/internal/testkit/fake"
)

// host is the host and port of a URL, as a proxy is asked for it.
func host(raw string) string {
	return strings.TrimPrefix(strings.TrimPrefix(raw, "http://"), "https://")
}

// issuing is a token endpoint.
func issuing(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"access_token":"t1","token_type":"bearer","expires_in":3600}`)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestEverythingThatTenantsChooseLeavesThroughTheProxy(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		ca := fake.NewAuthority(t)
		proxy := connect.New(t, ca.TLS(t))
		p := testkit.Start(t, e, fake.WithProxy(t, proxy, ca, ca))
		c := p.NewTenant(t, "business")
		tokens := issuing(t)
		consumer := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, n int) {
			if n == 2 { // the test send is the first
				w.WriteHeader(http.StatusInternalServerError)
			}
		})
		pager, slack := testkit.NewReceiver(t, nil), testkit.NewReceiver(t, nil)
		hook := c.NewEndpoint(t, consumer.URL, object{"retry_policy": object{"initial": "1s", "max_attempts": 3},
			"auth": object{"type": "oauth2", "token_url": tokens, "client_id": "c", "client_secret": "s3cret-client"}})
		for kind, target := range map[string]string{"webhook": pager.URL, "slack": slack.URL} {
			made := testkit.Post[api.AlertChannelCreated](t, c, channels, object{"type": kind, "target": target,
				"conditions": []string{"delivery.dead"}}, http.StatusCreated)
			sent := testkit.Post[api.AlertTest](t, c, channels+"/"+made.ID+"/test", nil, http.StatusOK)
			if !sent.Sent {
				t.Errorf("test of the channel %s: got %+v, want it sent", kind, sent)
			}
		}
		got := testkit.Post[api.WebhookTestResult](t, c, hooks+"/"+hook.ID+"/test", object{}, http.StatusOK)
		if !got.Succeeded {
			t.Errorf("test send: got %+v, want it to succeed", got)
		}
		c.NewLead(t, "ada@example.com")
		p.AwaitCount(t, c, api.DeliveryStatusSucceeded, 2)
		if got := consumer.All(); len(got) != 3 || got[2].Header.Get("Authorization") != "Bearer t1" ||
			got[2].Header.Get("Proxy-Authorization") != "" {
			t.Errorf("requests: got %d, want a test, an attempt and a retry, with the token alone", len(got))
		}
		asked := proxy.Targets()
		for what, url := range map[string]string{"endpoint": consumer.URL, "token endpoint": tokens,
			"alert webhook": pager.URL, "Slack": slack.URL} {
			if !slices.Contains(asked, host(url)) {
				t.Errorf("the proxy was asked for %q, want the %s at %s among them", asked, what, url)
			}
		}
		anonymous := func(h http.Header) bool { return h.Get("Proxy-Authorization") == "" }
		if slices.ContainsFunc(proxy.Headers(), anonymous) {
			t.Error("requests to the proxy: got one without credentials, want them in all")
		}
	})
}

func TestAProxyThatFailsCostsNoAttemptAndDeliversLater(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		ca, clock := fake.NewAuthority(t), &testkit.Clock{}
		proxy := connect.New(t, ca.TLS(t))
		services := testkit.NewServices(t, e)
		p := testkit.StartOn(t, services, fake.WithProxy(t, proxy, ca, ca), testkit.WithClock(clock))
		c := p.NewTenant(t, "business")
		consumer := testkit.NewReceiver(t, nil)
		hook := c.NewEndpoint(t, consumer.URL, object{"retry_policy": object{"initial": "1s", "max_attempts": 1}})
		for name, answer := range map[string]connect.Answer{"407": connect.Status(http.StatusProxyAuthRequired),
			"502": connect.Status(http.StatusBadGateway)} {
			proxy.Answer(answer)
			c.NewLead(t, name+"@example.com")
		}
		p.AwaitCount(t, c, api.DeliveryStatusRetrying, 2)
		for _, d := range c.Deliveries(t, "") {
			if reason, _ := d.Reason.Get(); reason != "internal" || d.AttemptCount != 0 {
				t.Errorf("delivery: got %s after %d attempts, want internal and no attempt", reason, d.AttemptCount)
			}
		}
		c.Call(t, http.MethodPost, hooks+"/"+hook.ID+"/test", object{}).Want(t, http.StatusInternalServerError)
		var untouched int
		err := p.App.Database().Read(t.Context()).Raw("SELECT count(*) FROM endpoints WHERE id = ? AND "+
			"consecutive_failures = 0 AND failing_since IS NULL", hook.ID).Row().Scan(&untouched)
		if err != nil || untouched != 1 || consumer.Count() != 0 {
			t.Errorf("endpoint: got %d untouched, %v, and %d requests, want it untouched", untouched, err,
				consumer.Count())
		}
		p.Stop()
		proxy.Answer(nil)
		clock.Advance(2 * time.Minute)
		again := testkit.StartOn(t, services, fake.WithProxy(t, proxy, ca, ca),
			testkit.WithKeys(p.Config.EncryptionKeys), testkit.WithClock(clock))
		again.AwaitCount(t, c, api.DeliveryStatusSucceeded, 2)
	})
}

func TestAProxyThatHangsWhileATokenIsFetchedIsOurFailure(t *testing.T) {
	t.Parallel()
	proxy := connect.New(t, nil)
	p := testkit.Start(t, testkit.Embedded, func(c *config.Config, _ *app.Options) {
		c.EgressProxy = proxy.URL.String()
	})
	c := p.NewTenant(t, "business")
	consumer := testkit.NewReceiver(t, nil)
	c.NewEndpoint(t, consumer.URL, object{"timeout": "1s", "retry_policy": object{"initial": "1s", "max_attempts": 1},
		"auth": object{"type": "oauth2", "token_url": issuing(t), "client_id": "c", "client_secret": "s3cret-client"}})
	proxy.Answer(proxy.Hang)
	c.NewLead(t, "ada@example.com")
	d := p.AwaitDelivery(t, c, api.DeliveryStatusRetrying)
	if d.Reason.MustGet() != "internal" || d.AttemptCount != 0 || consumer.Count() != 0 {
		t.Errorf("delivery: got %+v, want internal and no attempt", d)
	}
}

func TestAnAlertThatTheProxyFailsIsSentLaterAndCostsNoAttempt(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		clock, proxy := &testkit.Clock{}, connect.New(t, nil)
		p := testkit.Start(t, e, testkit.WithClock(clock), func(c *config.Config, _ *app.Options) {
			c.EgressProxy = proxy.URL.String()
		})
		c := p.NewTenant(t, "business")
		pager := testkit.NewReceiver(t, nil)
		consumer := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) {
			w.WriteHeader(http.StatusInternalServerError)
		})
		c.NewEndpoint(t, consumer.URL, object{"retry_policy": object{"initial": "1s", "max_attempts": 1}})
		testkit.Post[api.AlertChannelCreated](t, c, channels, object{"type": "webhook", "target": pager.URL,
			"conditions": []string{"delivery.dead"}}, http.StatusCreated)
		proxy.Answer(func(w http.ResponseWriter, r *http.Request) bool {
			return r.Host == host(pager.URL) && connect.Status(http.StatusProxyAuthRequired)(w, r)
		})
		c.NewLead(t, "ada@example.com")
		p.Await(t, "a notification that failed without an attempt", func() bool {
			alerts := testkit.Get[api.AlertList](t, c, "/api/v1/alerts").Data
			return len(alerts) == 1 && slices.ContainsFunc(alerts[0].Notifications, func(n api.AlertNotification) bool {
				reason, _ := n.Error.Get()
				return n.Attempts == 0 && strings.HasPrefix(reason, "Internal error")
			})
		})
		proxy.Answer(nil)
		clock.Advance(31 * time.Second)
		pager.Next(t)
	})
}

func TestAProxyWhoseCertificatesAreWrongIsOurFailureAndARefusalTheConsumers(t *testing.T) {
	t.Parallel()
	ca, other := fake.NewAuthority(t), fake.NewAuthority(t)
	for name, tt := range map[string]struct {
		trusts, issuedBy *fake.Authority
		answer           connect.Answer
		status           api.DeliveryStatus
		reason           string
	}{
		"an unknown proxy":  {other, ca, nil, api.DeliveryStatusRetrying, "internal"},
		"an unknown client": {ca, other, nil, api.DeliveryStatusRetrying, "internal"},
		"a refused host":    {ca, ca, connect.Status(http.StatusForbidden), api.DeliveryStatusDead, "blocked_address"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy := connect.New(t, ca.TLS(t))
			proxy.Answer(tt.answer)
			p := testkit.Start(t, testkit.Embedded, fake.WithProxy(t, proxy, tt.trusts, tt.issuedBy))
			c := p.NewTenant(t, "business")
			consumer := testkit.NewReceiver(t, nil)
			c.NewEndpoint(t, consumer.URL, object{"retry_policy": object{"initial": "1s", "max_attempts": 1}})
			c.NewLead(t, "ada@example.com")
			d := p.AwaitDelivery(t, c, tt.status)
			codes := []string{d.Reason.MustGet()}
			for _, a := range d.Attempts {
				codes = append(codes, a.ErrorCode.MustGet())
			}
			if !slices.Contains(codes, tt.reason) || (len(d.Attempts) == 0) != (tt.reason == "internal") ||
				consumer.Count() != 0 {
				t.Errorf("delivery: got %+v, want %s", d, tt.reason)
			}
		})
	}
}
