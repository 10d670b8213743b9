package delivery_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/fake"
)

// issuer is a token endpoint that hands out t1, t2 … for the right client.
func issuer(t *testing.T, expiresIn int) (url string, issued *atomic.Int32) {
	t.Helper()
	issued = &atomic.Int32{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if id, password, _ := r.BasicAuth(); id != "client" || password != "s3cret-client" ||
			r.FormValue("scope") != "hooks" {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"error":"invalid_client","error_description":"s3cret-of-the-server"}`)
			return
		}
		_, _ = fmt.Fprintf(w, `{"access_token":"t%d","token_type":"bearer","expires_in":%d}`, issued.Add(1), expiresIn)
	}))
	t.Cleanup(server.Close)
	return server.URL, issued
}

func oauth2(url string) object {
	return object{
		"type":          "oauth2",
		"token_url":     url,
		"client_id":     "client",
		"client_secret": "s3cret-client",
		"scope":         "hooks",
	}
}

func TestAnOAuth2TokenIsKeptUntilItIsRefused(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		url, issued := issuer(t, 3600)
		receiver := testkit.NewReceiver(t, func(w http.ResponseWriter, r testkit.Received, n int) {
			if n == 3 { // the token of the first two is no longer good
				w.WriteHeader(http.StatusUnauthorized)
			}
		})
		hook := c.NewEndpoint(t, receiver.URL, object{"auth": oauth2(url)})
		arrived := func(want string) {
			t.Helper()
			if got := receiver.Next(t).Header.Get("Authorization"); got != want {
				t.Errorf("Authorization: got %q, want %q", got, want)
			}
		}
		for i, want := range [][]string{{"Bearer t1"}, {"Bearer t1"}, {"Bearer t1", "Bearer t2"}, {"Bearer t2"}} {
			c.NewLead(t, fmt.Sprintf("%d@example.com", i))
			for _, token := range want {
				arrived(token)
			}
			p.AwaitCount(t, c, api.DeliveryStatusSucceeded, i+1)
		}
		if n := issued.Load(); n != 2 {
			t.Errorf("tokens that were fetched: got %d, want 2", n)
		}
		for _, d := range c.Deliveries(t, "") {
			detail := c.Delivery(t, d.ID)
			if len(detail.Attempts) != 1 || detail.Attempts[0].RequestHeaders["Authorization"] != "********" {
				t.Errorf("attempts: got %+v, want one whose token is masked", detail.Attempts)
			}
		}
		shown := c.Call(t, http.MethodGet, "/api/v1/webhooks/"+hook.ID, nil).Want(t, http.StatusOK)
		if strings.Contains(string(shown.Body), "s3cret-client") ||
			!strings.Contains(string(shown.Body), `"client_secret":"********"`) {
			t.Errorf("endpoint: got %s, want its client secret masked", shown.Body)
		}
		masked := oauth2(url)
		masked["client_secret"] = "********"
		c.Call(t, http.MethodPatch, "/api/v1/webhooks/"+hook.ID, object{"auth": masked}).Want(t, http.StatusOK)
		c.NewLead(t, "masked@example.com")
		arrived("Bearer t2")
	})
}

func TestATokenThatCantBeHadIsAFailedAttempt(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		url, _ := issuer(t, 3600)
		release := make(chan struct{})
		silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
		t.Cleanup(silent.Close)
		t.Cleanup(func() { close(release) })
		redirect := httptest.NewServer(http.RedirectHandler(url, http.StatusTemporaryRedirect))
		t.Cleanup(redirect.Close)
		receiver := testkit.NewReceiver(t, nil)
		wrong := oauth2(url)
		wrong["client_secret"] = "s3cret-wrong"
		private := oauth2("http://private.test.invalid/token")
		for want, auth := range map[string]object{
			"answered 401 invalid_client": wrong, "in time": oauth2(silent.URL), "answered 307": oauth2(redirect.URL),
			"private.test.invalid": private,
		} {
			hook := c.NewEndpoint(t, receiver.URL, object{"auth": auth, "timeout": "2s"})
			a := c.Call(t, http.MethodPost, "/api/v1/webhooks/"+hook.ID+"/test", object{}).Want(t, http.StatusOK)
			result := testkit.Into[api.WebhookTestResult](t, a)
			code, _ := result.ErrorCode.Get()
			if message, _ := result.Error.Get(); result.Succeeded || code != "auth_failed" ||
				!strings.Contains(message, want) ||
				strings.Contains(string(a.Body), "s3cret") {
				t.Errorf("test: got %s, want auth_failed with %q and no secret", a.Body, want)
			}
		}
		hook := c.NewEndpoint(t, receiver.URL, object{"auth": wrong, "retry_policy": atOnce(2), "name": "dead"})
		c.NewLead(t, "ada@example.com")
		p.Await(
			t,
			"a dead letter",
			func() bool { return len(c.Deliveries(t, "&status=dead&webhook_id="+hook.ID)) == 1 },
		)
		d := c.Delivery(t, c.Deliveries(t, "&webhook_id="+hook.ID)[0].ID)
		if code, _ := d.Attempts[0].ErrorCode.Get(); len(d.Attempts) != 2 || code != "auth_failed" ||
			receiver.Count() != 0 {
			t.Errorf(
				"got %+v and %d requests, want 2 attempts that are auth_failed and no request",
				d.Attempts,
				receiver.Count(),
			)
		}
	})
}

func TestHowAClientAuthenticatesAtItsTokenEndpointIsFoundOutOnceOrSaid(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	c := p.NewTenant(t, "business")
	for method, want := range map[string][]string{
		"":                   {"basic", "post", "post", "post"},
		"client_secret_post": {"post", "post", "post"},
	} {
		var mu sync.Mutex
		var logins []string
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			w.Header().Set("Content-Type", "application/json")
			if _, _, basic := r.BasicAuth(); basic { // which this one does not understand
				logins = append(logins, "basic")
				w.WriteHeader(http.StatusUnauthorized)
				_, _ = io.WriteString(w, `{"error":"invalid_client"}`)
				return
			}
			if logins = append(logins, "post"); r.FormValue("client_secret") != "s3cret-client" {
				logins = append(logins, "with another secret")
			}
			// too short to be kept
			_, _ = io.WriteString(w, `{"access_token":"t","token_type":"bearer","expires_in":1}`)
		}))
		t.Cleanup(server.Close)
		auth := oauth2(server.URL)
		if method != "" {
			auth["token_endpoint_auth_method"] = method
		}
		hook := c.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, object{"auth": auth})
		for range 3 {
			result := testkit.Post[api.WebhookTestResult](t, c, "/api/v1/webhooks/"+hook.ID+"/test", object{},
				http.StatusOK)
			if !result.Succeeded {
				t.Errorf("test with the method %q: got %+v, want success", method, result)
			}
		}
		mu.Lock()
		if !slices.Equal(logins, want) {
			t.Errorf("logins with the method %q: got %v, want %v", method, logins, want)
		}
		mu.Unlock()
		shown := testkit.Get[api.Webhook](t, c, "/api/v1/webhooks/"+hook.ID).Auth
		if got := shown.TokenEndpointAuthMethod; method != "" && (got == nil || string(*got) != method) {
			t.Errorf("endpoint: got the method %v, want %s", got, method)
		}
	}
}

func TestTheTokenEndpointIsGuardedLikeAnyOther(t *testing.T) {
	t.Parallel()
	p := testkit.Start(
		t,
		testkit.Embedded,
		testkit.WithoutEgress(testkit.DefaultConfig(testkit.Services{}).EncryptionKeys),
	) // of its own: it may call no address here
	c := p.NewTenant(t, "business")
	for _, url := range []string{"http://127.0.0.1/token", "https://169.254.169.254/token",
		"https://[::ffff:10.0.0.1]/", "file:///etc/passwd", "https://user:pw@example.com/"} {
		a := c.Call(
			t,
			http.MethodPost,
			"/api/v1/webhooks",
			object{"url": "https://example.com", "events": []string{"*"}, "auth": oauth2(url)},
		)
		if details := a.Want(t, http.StatusBadRequest).Problem(t).Error.Details; len(details) != 1 ||
			details[0].Field != "auth.token_url" {
			t.Errorf("%s: got %s, want one violation at auth.token_url", url, a.Body)
		}
	}
}

func TestAClientCertificateIsShownToAServerThatAsksForIt(t *testing.T) {
	t.Parallel()
	authority := fake.NewAuthority(t)
	p := testkit.Start(t, testkit.Servers, fake.WithAuthority(authority)) // of its own: it trusts another authority
	c := p.NewTenant(t, "business")
	clients := make(chan int, 10)
	server := httptest.NewUnstartedServer(
		http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { clients <- len(r.TLS.PeerCertificates) }),
	)
	server.TLS = authority.TLS(t)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	certificate, key := authority.Issue(t, time.Now().Add(time.Hour))
	mtls := object{"type": "mtls", "certificate": certificate, "private_key": key}

	with := c.NewEndpoint(t, server.URL, object{"auth": mtls})
	without := c.NewEndpoint(t, server.URL, nil)
	for id, want := range map[string]string{with.ID: "", without.ID: "tls"} {
		result := testkit.Post[api.WebhookTestResult](t, c, "/api/v1/webhooks/"+id+"/test", object{}, http.StatusOK)
		if code, _ := result.ErrorCode.Get(); code != want || result.Succeeded != (want == "") {
			t.Errorf("test: got %+v, want %q", result, want)
		}
	}
	if len(clients) != 1 || <-clients != 1 {
		t.Errorf("clients that reached the server: got %d more, want one with one certificate", len(clients))
	}
	shown := c.Call(t, http.MethodGet, "/api/v1/webhooks/"+with.ID, nil).Want(t, http.StatusOK)
	if strings.Contains(string(shown.Body), "PRIVATE KEY") ||
		testkit.Into[api.Webhook](t, shown).Auth.CertificateExpiresAt == nil {
		t.Errorf("endpoint: got %s, want when its certificate expires and no key", shown.Body)
	}

	expired, expiredKey := authority.Issue(t, time.Now().Add(-time.Hour))
	for field, bad := range map[string]object{
		"auth.certificate":  {"type": "mtls", "certificate": expired, "private_key": expiredKey},
		"auth.private_key":  {"type": "mtls", "certificate": certificate, "private_key": expiredKey},
		"auth.private_key ": {"type": "mtls", "certificate": certificate, "private_key": "no key"},
		"auth.certificate ": {"type": "mtls", "certificate": "none", "private_key": key},
		"auth.username":     {"type": "mtls", "certificate": certificate, "private_key": key, "username": "a"},
		"auth.username  ":   {"type": "basic", "username": "", "password": ""},
		"auth.username ":    {"type": "basic", "username": "a:b", "password": "c"},
		"auth.password ":    {"type": "basic", "username": "a", "password": "********"},
	} {
		a := c.Call(t, http.MethodPost, "/api/v1/webhooks", object{"url": server.URL, "events": []string{"*"},
			"auth": bad}).
			Want(t, http.StatusBadRequest)
		if details := a.Problem(t).Error.Details; len(details) != 1 || details[0].Field != strings.TrimSpace(field) {
			t.Errorf("got %s, want one violation at %s", a.Body, field)
		}
	}
}

func TestBasicAuthMayHaveAnEmptyNameOrPassword(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	c := p.NewTenant(t, "business")
	for credentials, auth := range map[string]object{
		"key:":    {"type": "basic", "username": "key", "password": ""},
		"key2:":   {"type": "basic", "username": "key2"},
		":s3cret": {"type": "basic", "username": "", "password": "s3cret"},
	} {
		receiver := testkit.NewReceiver(t, nil)
		hook := c.NewEndpoint(t, receiver.URL, object{"auth": auth})
		path := "/api/v1/webhooks/" + hook.ID
		shown := testkit.Get[api.Webhook](t, c, path).Auth
		c.Call(t, http.MethodPatch, path, object{"auth": shown}).Want(t, http.StatusOK) // sent back as it was shown
		testkit.Post[api.WebhookTestResult](t, c, path+"/test", object{}, http.StatusOK)
		want := "Basic " + base64.StdEncoding.EncodeToString([]byte(credentials))
		if got := receiver.Next(t).Header.Get("Authorization"); got != want {
			t.Errorf("Authorization of %q: got %q, want %q", credentials, got, want)
		}
	}
}

func TestBasicAuthIsSentAndNotBesideAnOwnHeader(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		basic := object{"type": "basic", "username": "ada", "password": "s3cret:pass"}
		hook := c.NewEndpoint(t, receiver.URL, object{"auth": basic})
		c.NewLead(t, "ada@example.com")
		if got := receiver.Next(t).Header.Get("Authorization"); got != "Basic YWRhOnMzY3JldDpwYXNz" {
			t.Errorf("Authorization: got %q, want that of ada", got)
		}
		if d := p.AwaitDelivery(t, c,
			api.DeliveryStatusSucceeded); d.Attempts[0].RequestHeaders["Authorization"] != "********" {
			t.Errorf("headers: got %v, want Authorization masked", d.Attempts[0].RequestHeaders)
		}
		path := "/api/v1/webhooks/" + hook.ID
		c.Call(t, http.MethodPatch, path, object{"headers": object{"authorization": "x"}}).
			Want(t, http.StatusBadRequest)
		c.Call(t, http.MethodPatch, path, object{"headers": object{"authorization": "x"},
			"auth": object{"type": "none"}}).
			Want(t, http.StatusOK)
		c.NewLead(t, "grace@example.com")
		if got := receiver.Next(t).Header.Get("Authorization"); got != "x" {
			t.Errorf("Authorization: got %q, want x", got)
		}
	})
}
