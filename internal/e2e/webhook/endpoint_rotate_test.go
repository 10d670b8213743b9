package webhook_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// signedBy says which of the secrets a consumer that knows only that one accepts the request with.
func signedBy(t *testing.T, got testkit.Received, secrets ...string) []bool {
	t.Helper()
	out := make([]bool, 0, len(secrets))
	for _, text := range secrets {
		official, err := standardwebhooks.NewWebhook(text)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, official.Verify(got.Body, got.Header) == nil)
	}
	return out
}

func TestConsumersKeepVerifyingWhileSecretsAreRotated(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		own := "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
		hook := c.NewEndpoint(t, receiver.URL, map[string]any{"secret": own})
		if hook.Secret != own {
			t.Errorf("own secret: got %s, want it kept", hook.Secret)
		}
		path := hooks + "/" + hook.ID
		rotate := func(body object) api.WebhookSecret {
			t.Helper()
			return testkit.Post[api.WebhookSecret](t, c, path+"/rotate-secret", body, http.StatusOK)
		}
		arrives := func(what string, want []bool, secrets ...string) {
			t.Helper()
			c.NewLead(t, "ada@example.com")
			if got := signedBy(t, receiver.Next(t), secrets...); !slices.Equal(got, want) {
				t.Errorf("%s: %v instead of %v", what, got, want)
			}
		}
		second := rotate(object{})
		arrives("after one rotation", []bool{true, true}, own, second.Secret)
		third := rotate(object{"grace": "7d", "secret": "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="})
		if len(second.Previous) != 1 || len(third.Previous) != 2 ||
			!third.Previous[1].ValidUntil.Equal(second.Previous[0].ValidUntil) {
			t.Errorf("previous secrets: got %v and then %v, want 1 and 2 with their ends", second.Previous,
				third.Previous)
		}
		arrives("after two", []bool{true, true, true}, own, second.Secret, third.Secret)
		fourth := rotate(object{"grace": "0s"})
		arrives("after a cut", []bool{false, false, false, true}, own, second.Secret, third.Secret, fourth.Secret)

		shown := testkit.Get[api.WebhookSecret](t, c, path+"/secret")
		if shown.Secret != fourth.Secret || len(shown.Previous) != 0 {
			t.Errorf("secret after a rotation with a grace of 0: got %+v, want the new one only", shown)
		}
		for _, bad := range []object{
			{"grace": "8d"}, {"grace": "soon"}, {"secret": "0123456789abcdefg"}, {"secret": fourth.Secret},
		} {
			a := c.Call(t, http.MethodPost, path+"/rotate-secret", bad).Want(t, http.StatusBadRequest)
			if strings.Contains(string(a.Body), fourth.Secret) {
				t.Errorf("error: got the secret in it, want it left out: %s", a.Body)
			}
		}
		for range 5 {
			rotate(object{"grace": "1h"})
		}
		c.Call(t, http.MethodPost, path+"/rotate-secret", object{"grace": "1h"}).Want(t, http.StatusConflict)
		rotate(object{"grace": "0s"})
	})
}

func TestEveryLookAtASecretIsAuditedAndReadersDontGetIt(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		hook := c.NewEndpoint(t, "https://example.com", nil)
		path := hooks + "/" + hook.ID
		for range 3 {
			testkit.Get[api.WebhookSecret](t, c, path+"/secret")
		}
		rotated := testkit.Post[api.WebhookSecret](t, c, path+"/rotate-secret", object{}, http.StatusOK)
		me := testkit.Get[api.Me](t, c, "/api/v1/me")
		reader := p.NewKey(t, me.Tenant.ID, "live", "read:webhooks")
		reader.Call(t, http.MethodGet, path+"/secret", nil).Want(t, http.StatusForbidden)
		for action, want := range map[string]int{"webhook.secret_revealed": 3, "webhook.secret_rotated": 1} {
			if got := testkit.Get[api.AuditEntryList](t, c, "/api/v1/audit-log?action="+action+"&target="+
				hook.ID).Data; len(got) != want {
				t.Errorf("%s: %d entries instead of %d", action, len(got), want)
			}
		}
		log := c.Call(t, http.MethodGet, "/api/v1/audit-log?limit=100", nil).Want(t, http.StatusOK)
		for _, text := range []string{hook.Secret, rotated.Secret} {
			if strings.Contains(string(log.Body), text) {
				t.Error("audit log: got a secret in it, want none")
			}
		}
	})
}

func TestInSomeProfilesASecretIsShownOnceAndNeverAgain(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	for _, c := range []struct {
		tenant, endpoint string
		once             bool
	}{
		{"inboxops", "inboxops", true}, {"leadie", "leadie", true}, {"leadie", "hookline", true},
		{"hookline", "leadie", true}, {"hookline", "hookline", false}, {"leadmetrics", "leadmetrics", false},
		{"leadhooks", "leadhooks", false}, {"savelead", "savelead", false},
	} {
		t.Run(c.tenant+" "+c.endpoint, func(t *testing.T) {
			t.Parallel()
			tenant := p.NewOwner(t, c.tenant)
			hook := tenant.NewEndpoint(t, "https://example.com", object{"name": "CRM",
				"profile": c.endpoint, "events": []string{"*"}})
			path := hooks + "/" + hook.ID
			rotated := testkit.Post[api.WebhookSecret](t, tenant, path+"/rotate-secret", object{}, http.StatusOK)
			if hook.Secret == "" || rotated.Secret == "" || rotated.Secret == hook.Secret {
				t.Errorf("secrets when made: got %q and %q, want two", hook.Secret, rotated.Secret)
			}
			a := tenant.Call(t, http.MethodGet, path+"/secret", nil)
			if !c.once {
				a.Want(t, http.StatusOK)
				return
			}
			a.Want(t, http.StatusForbidden)
			if !strings.Contains(a.Problem(t).Error.Message, "is shown once") ||
				strings.Contains(string(a.Body), "whsec_") {
				t.Errorf("refusal: got %s, want that a secret is shown once, and no secret", a.Body)
			}
			for _, at := range []string{path, hooks, "/api/v1/audit-log"} {
				if got := tenant.Call(t, http.MethodGet, at, nil).Want(t, http.StatusOK); strings.Contains(
					string(got.Body), rotated.Secret) {
					t.Errorf("GET %s: got the secret in it, want none", at)
				}
			}
		})
	}
}
