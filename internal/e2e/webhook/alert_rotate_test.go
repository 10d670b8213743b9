package webhook_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/pkg/webhook"
)

// pagers are a webhook channel, what receives its requests, and its path.
type pagers struct {
	client   *testkit.Client
	receiver *testkit.Receiver
	path     string
	secret   string // the first one
	now      clock.Clock
}

func newPagers(t *testing.T, c *testkit.Client, now clock.Clock) pagers {
	t.Helper()
	receiver := testkit.NewReceiver(t, nil)
	made := testkit.Post[api.AlertChannelCreated](t, c, channels, object{"type": "webhook", "target": receiver.URL,
		"conditions": []string{"delivery.dead"}}, http.StatusCreated)
	return pagers{c, receiver, channels + "/" + made.ID, made.Secret.MustGet(), now}
}

func (p pagers) rotate(t *testing.T, body any) api.WebhookSecret {
	t.Helper()
	return testkit.Post[api.WebhookSecret](t, p.client, p.path+"/rotate-secret", body, http.StatusOK)
}

// sends sends a test alert, and checks which of the secrets verify it.
func (p pagers) sends(t *testing.T, when string, want []bool, secrets ...string) {
	t.Helper()
	testkit.Post[api.AlertTest](t, p.client, p.path+"/test", nil, http.StatusOK)
	p.gets(t, when, want, secrets...)
}

// gets waits for a request, and checks which of the secrets verify it.
func (p pagers) gets(t *testing.T, when string, want []bool, secrets ...string) {
	t.Helper()
	r, got := p.receiver.Next(t), []bool{}
	for _, secret := range secrets {
		got = append(got, webhook.Verify(r.Header, r.Body, p.now(), secret) == nil)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %v as the secrets that verify an alert, want %v", when, got, want)
	}
}

func TestReceiversOfAlertsKeepVerifyingWhileSecretsAreRotated(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		moved := &testkit.Clock{}
		p := testkit.StartOn(t, testkit.NewServices(t, e), testkit.WithClock(moved))
		c := p.NewTenant(t, "business")
		pager := newPagers(t, c, moved.Now)
		second := pager.rotate(t, nil)
		bad := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) { w.WriteHeader(500) })
		c.NewEndpoint(t, bad.URL, object{"retry_policy": object{"initial": "1s", "max_attempts": 1}})
		c.NewLead(t, "ada@example.com")
		pager.gets(t, "after a rotation", []bool{true, true}, pager.secret, second.Secret)
		own := "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
		third := pager.rotate(t, object{"grace": "1h", "secret": own})
		if len(second.Previous) != 1 || len(third.Previous) != 2 || third.Secret != own {
			t.Errorf("rotations: got %+v and then %+v, want 1 and 2 previous secrets, and then the caller's own", second,
				third)
		}
		moved.Advance(2 * time.Hour)
		pager.sends(t, "an hour after the grace of the second", []bool{true, false, true}, pager.secret, second.Secret,
			own)
		fourth := pager.rotate(t, object{"grace": "0s"})
		pager.sends(t, "without grace", []bool{false, false, true}, pager.secret, own, fourth.Secret)
	})
}

func TestRotationsOfAChannelThatCanNotBeDoneAreRefused(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		pager := newPagers(t, c, clock.System)
		for _, bad := range []object{{"grace": "8d"}, {"grace": "soon"}, {"secret": "0123456789abcdefg"},
			{"secret": pager.secret}} {
			a := c.Call(t, http.MethodPost, pager.path+"/rotate-secret", bad).Want(t, http.StatusBadRequest)
			if strings.Contains(string(a.Body), pager.secret) {
				t.Errorf("error: got the secret in it, want it left out: %s", a.Body)
			}
		}
		for range 5 {
			pager.rotate(t, object{"grace": "1h"})
		}
		c.Call(t, http.MethodPost, pager.path+"/rotate-secret", object{"grace": "1h"}).Want(t, http.StatusConflict)
		pager.rotate(t, object{"grace": "0s"})

		slack := testkit.Post[api.AlertChannel](t, c, channels, object{"type": "slack",
			"target": pager.receiver.URL}, http.StatusCreated)
		a := c.Call(t, http.MethodPost, channels+"/"+slack.ID+"/rotate-secret", nil).Want(t, http.StatusConflict)
		if got := a.Problem(t).Error.Message; !strings.Contains(got, "type slack and has no secret") {
			t.Errorf("channel without a secret: got %q, want it to say why it can't be rotated", got)
		}
		p.NewTenant(t, "business").Call(t, http.MethodPost, pager.path+"/rotate-secret", nil).
			Want(t, http.StatusNotFound)

		// not in the channel, nor in the audit log, which says that it was rotated and until when the old one is valid
		shown := c.Call(t, http.MethodGet, pager.path, nil).Want(t, http.StatusOK)
		audited := c.Call(t, http.MethodGet, "/api/v1/audit-log?action=alert_channel.secret_rotated", nil).
			Want(t, http.StatusOK)
		if all := string(shown.Body) + string(audited.Body); strings.Contains(all, "whsec_") {
			t.Errorf("channel and audit log: got %s, want no secret in them", all)
		}
		if got := testkit.Into[api.AuditEntryList](t, audited).Data; len(got) != 6 {
			t.Errorf("audit log: got %d rotations, want 6", len(got))
		}
	})
}
