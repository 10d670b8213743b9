package webhook_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/fake"
)

const mask = "********"

// refused lists the fields that a 400 names.
func refused(t *testing.T, a testkit.Answer) string {
	t.Helper()
	var names []string
	for _, d := range a.Want(t, http.StatusBadRequest).Problem(t).Error.Details {
		names = append(names, d.Field)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// TestACredentialStaysWithItsOrigin because who may change an endpoint need not know what it sends.
func TestACredentialStaysWithItsOrigin(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		owner := p.NewTenant(t, "business")
		weak := p.NewKey(t, testkit.TenantOf(t, owner), "live", "write:webhooks", "read:webhooks")
		consumer, attacker := testkit.NewReceiver(t, nil), testkit.NewReceiver(t, nil)
		certificate, key := fake.NewAuthority(t).Issue(t, time.Now().Add(time.Hour))
		oauth := object{"type": "oauth2", "token_url": consumer.URL + "/token", "client_id": "c",
			"client_secret": "s3cret"}
		for name, c := range map[string]struct {
			url           string // of the consumer
			headers, auth object
			secret        string // the field of auth that is one
		}{
			"headers": {url: consumer.URL, headers: object{"Authorization": "Bearer s3cret", "X-Team": "s3cret"}},
			"basic": {url: consumer.URL, auth: object{"type": "basic", "username": "u", "password": "s3cret"},
				secret: "password"},
			"oauth2": {url: consumer.URL, auth: oauth, secret: "client_secret"},
			"mtls": {url: "https://example.com", auth: object{"type": "mtls", "certificate": certificate,
				"private_key": key}, secret: "private_key"},
		} {
			settings := object{"url": c.url + "/a", "events": []string{"*"}, "method": "PUT"}
			shown, want := object{}, ""
			if c.headers != nil {
				settings["headers"] = c.headers
				shown["headers"] = object{"Authorization": mask, "X-Team": mask}
				want = "headers.Authorization headers.X-Team"
			}
			if c.auth != nil {
				settings["auth"] = c.auth
				hidden := maps.Clone(c.auth)
				hidden[c.secret] = mask
				shown["auth"], want = hidden, "auth."+c.secret
			}
			hook := testkit.Post[api.WebhookCreated](t, owner, hooks, settings, http.StatusCreated)
			path := hooks + "/" + hook.ID
			elsewhere := attacker.URL
			if name == "mtls" {
				elsewhere = "https://attacker.example.com"
			}
			for how, a := range map[string]testkit.Answer{
				"left out": weak.Call(t, http.MethodPatch, path, object{"url": elsewhere}),
				"masked":   weak.Call(t, http.MethodPatch, path, with(shown, "url", elsewhere)),
				"replaced": weak.Call(t, http.MethodPut, path, with(with(shown, "url", elsewhere), "events",
					[]string{"*"})),
			} {
				if got := refused(t, a); got != want {
					t.Errorf("%s, %s: the fields are %q, want %q: %s", name, how, got, want, a.Body)
				}
			}
			same := weak.Call(t, http.MethodPatch, path, with(shown, "url", strings.ToUpper(c.url[:5])+c.url[5:]+"/b"))
			if same.Want(t, http.StatusOK); !strings.Contains(string(same.Body), mask) {
				t.Errorf("%s, the same origin: got %s, want the credential kept", name, same.Body)
			}
			free := weak.Call(t, http.MethodPatch, path, object{"url": elsewhere, "headers": object{},
				"auth": object{"type": "none"}}).Want(t, http.StatusOK)
			if strings.Contains(string(free.Body), mask) {
				t.Errorf("%s, without it: got %s, want no credential", name, free.Body)
			}
		}
		for _, r := range attacker.All() {
			t.Errorf("other origin: got a request with %v, want none", r.Header)
		}
	})
}

func TestAClientSecretStaysWithItsTokenURL(t *testing.T) {
	t.Parallel()
	c := testkit.Shared(t, testkit.Embedded).NewTenant(t, "business")
	auth := func(url, secret string) object {
		return object{"type": "oauth2", "token_url": url, "client_id": "c", "client_secret": secret}
	}
	_, path := create(t, c, object{"url": "https://example.com/hooks", "events": []string{"*"},
		"auth": auth("https://login.example.com/token", "s3cret")})
	for _, url := range []string{"https://attacker.example.com/token", "https://login.example.com:8443/token",
		"http://login.example.com/token"} {
		a := c.Call(t, http.MethodPatch, path, object{"auth": auth(url, mask)})
		if got := refused(t, a); got != "auth.client_secret" ||
			!strings.Contains(string(a.Body), "https://login.example.com:443") {
			t.Errorf("%s: got %s, want auth.client_secret and the origin it is for", url, a.Body)
		}
	}
	for _, url := range []string{"https://login.example.com:443/token", "https://LOGIN.example.com/other"} {
		c.Call(t, http.MethodPatch, path, object{"auth": auth(url, mask)}).Want(t, http.StatusOK)
	}
	c.Call(t, http.MethodPatch, path, object{"auth": auth("https://attacker.example.com/token", "another")}).
		Want(t, http.StatusOK)
}

// with is an object with one field more.
func with(o object, name string, value any) object {
	out := maps.Clone(o)
	out[name] = value
	return out
}
