package webhook_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/testkit"
)

// diesAndAlerts checks that a delivery that used up its retries is a dead letter, and that somebody hears of it.
func diesAndAlerts(eventType string, data object) func(t *testing.T, c *customer) {
	return func(t *testing.T, c *customer) {
		t.Helper()
		failing := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) {
			w.WriteHeader(http.StatusInternalServerError)
		})
		alerts := testkit.NewReceiver(t, nil)
		c.Call(t, http.MethodPost, "/api/v1/alert-channels", object{"name": "On call", "type": "webhook",
			"target": alerts.URL, "conditions": []string{"delivery.dead"}}).Want(t, http.StatusCreated)
		hook := c.NewEndpoint(t, failing.URL, object{"name": "Failing", "events": []string{eventType},
			"retry_policy": object{"schedule": []string{"1s"}}})
		c.Call(t, http.MethodPost, "/api/v1/events", object{"type": eventType, "data": data}).
			Want(t, http.StatusAccepted)
		c.p.Await(t, "a dead letter", func() bool {
			list := testkit.Get[api.DeliveryList](t, c.Client, "/api/v1/dead-letters").Data
			return len(list) == 1 && list[0].WebhookID == hook.ID && list[0].AttemptCount == 2
		})
		if got := alerts.Next(t); !strings.Contains(string(got.Body), "delivery.dead") {
			t.Errorf("alert: got %s, want one about the dead letter", got.Body)
		}
		c.Call(t, http.MethodDelete, hooks+"/"+hook.ID, nil).Want(t, http.StatusNoContent)
	}
}

// publishes has the document of the caller's product name operations and events.
func publishes(paths, events []string) func(t *testing.T, c *customer) {
	return func(t *testing.T, c *customer) {
		t.Helper()
		a := c.Call(t, http.MethodGet, "/api/v1/openapi.json", nil).Want(t, http.StatusOK)
		doc := testkit.Into[struct {
			OpenAPI  string `json:"openapi"`
			Paths    map[string]any
			Webhooks map[string]any
		}](t, a)
		for _, path := range paths {
			if doc.Paths[path] == nil {
				t.Errorf("document: got %d paths without %s, want it", len(doc.Paths), path)
			}
		}
		for _, name := range events {
			if doc.Webhooks[name] == nil {
				t.Errorf("document: got the events %v without %s, want it", doc.Webhooks, name)
			}
		}
		if !strings.HasPrefix(doc.OpenAPI, "3.1") {
			t.Errorf("version of the document: got %q, want OpenAPI 3.1", doc.OpenAPI)
		}
	}
}

// tooMany checks the answer to a request over a product's limit, on a program with the limits of production.
func tooMany(profile string, requests int) func(t *testing.T, c *customer) {
	return func(t *testing.T, c *customer) {
		t.Helper()
		asConfigured := func(l ratelimit.Limit) ratelimit.Limit { return l }
		p := testkit.Start(t, testkit.Embedded, testkit.WithLimits(asConfigured))
		caller := p.NewOwner(t, profile)
		for range requests {
			caller.Call(t, http.MethodGet, "/api/v1/me", nil).Want(t, http.StatusOK)
		}
		a := caller.Call(t, http.MethodGet, "/api/v1/me", nil).Want(t, http.StatusTooManyRequests)
		after, err := strconv.Atoi(a.Header.Get("Retry-After"))
		seconds := testkit.Into[api.Error](t, a).RetryAfterSeconds
		if err != nil || after < 1 || after > 60 || seconds == nil || *seconds != after {
			t.Errorf("request %d: got Retry-After %q and %s, want the seconds in both", requests+1,
				a.Header.Get("Retry-After"), a.Body)
		}
	}
}

// charged checks what paid calls and reads do to the balance, and what a call does that it does not cover.
func charged(t *testing.T, c *customer) {
	t.Helper()
	small := testkit.Post[api.Tenant](t, c.p.Operator, "/admin/v1/tenants", object{"name": "Small", "plan": "free",
		"profile": "leadie"}, http.StatusCreated).ID
	c.p.Operator.Call(t, http.MethodPatch, "/admin/v1/tenants/"+small, object{"entitlement_overrides": object{
		"public_api": true}}).Want(t, http.StatusOK)
	ada := testkit.Post[api.Member](t, c.p.Operator, "/admin/v1/tenants/"+small+"/members", object{
		"email": "ada@example.com", "name": "Ada", "role": "owner"}, http.StatusCreated)
	key := testkit.Post[api.KeyCreated](t, c.p.Operator, "/admin/v1/tenants/"+small+"/keys", object{"name": "x",
		"environment": "live", "permissions": []string{"*"}, "user_id": ada.ID}, http.StatusCreated)
	of := testkit.NewClient(c.p.URL, key.Key)
	balance := func() int64 {
		return testkit.Get[api.Credits](t, of, "/api/v1/credits").Balance
	}
	for _, read := range []string{"/api/v1/me", "/api/v1/credits", "/api/v1/stats", "/api/v1/tracker"} {
		of.Call(t, http.MethodGet, read, nil).Want(t, http.StatusOK)
	}
	if got := balance(); got != 100 {
		t.Errorf("balance after reads: got %d, want all 100", got)
	}
	job := object{"job_type": "hashtag"}
	for left := int64(90); left >= 0; left -= 10 {
		of.Call(t, http.MethodPost, "/api/v1/tracker/jobs", job).Want(t, http.StatusAccepted)
		if got := balance(); got != left {
			t.Errorf("balance after a paid call: got %d, want %d", got, left)
		}
	}
	e := of.Call(t, http.MethodPost, "/api/v1/tracker/jobs", job).Want(t, http.StatusForbidden).Problem(t).Error
	if e.Code != api.ErrorErrorCodeInsufficientCredits || balance() != 0 {
		t.Errorf("paid call without credits: got %+v and the balance %d, want insufficient_credits and 0", e, balance())
	}
}

// logged checks that the log has the requests and answers of a delivery.
func logged(t *testing.T, c *customer) {
	t.Helper()
	c.p.Await(t, "a delivery in the log", func() bool { return len(c.Deliveries(t, "&status=succeeded")) > 0 })
	d := c.Delivery(t, c.Deliveries(t, "&status=succeeded")[0].ID)
	sent := slices.ContainsFunc(c.receiver.All(), func(r testkit.Received) bool { return string(r.Body) == d.Body })
	if !sent || len(d.Attempts) != 1 || d.Attempts[0].ResponseStatus.MustGet() != http.StatusOK {
		t.Errorf("log: got %+v, want the body that arrived and the answer to it", d)
	}
}

// live checks that the log tells of a delivery without being asked again.
func live(t *testing.T, c *customer) {
	t.Helper()
	s := open(t, c.Client, "")
	testkit.Post[api.WebhookTestResult](t, c.Client, hooks+"/"+c.hook.ID+"/test", nil, http.StatusOK)
	s.Until(t, in(t, api.DeliveryStatusSucceeded, c.hook.ID))
}

// rolesDiffer checks keys with two roles: one may write, the other only read.
func rolesDiffer(t *testing.T, c *customer) {
	t.Helper()
	for role, status := range map[string]int{"developer": http.StatusCreated, "read_only": http.StatusForbidden} {
		key := testkit.Post[api.KeyCreated](t, c.Client, "/api/v1/keys", object{"name": role, "role": role},
			http.StatusCreated)
		of := testkit.NewClient(c.p.URL, key.Key)
		of.Call(t, http.MethodGet, "/api/v1/webhooks", nil).Want(t, http.StatusOK)
		of.Call(t, http.MethodPost, "/api/v1/webhooks", object{"name": role, "enabled": false,
			"url": c.receiver.URL, "events": []string{"new_lead"}}).Want(t, status)
	}
}

// rotated checks that a key is replaced, and ends when it says.
func rotated(t *testing.T, c *customer) {
	t.Helper()
	ends := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	made := testkit.Post[api.KeyCreated](t, c.Client, "/api/v1/keys", object{"name": "Zapier Integration",
		"expires_at": ends.Format(time.RFC3339)}, http.StatusCreated)
	if !made.ExpiresAt.MustGet().Equal(ends) {
		t.Errorf("expiry: got %v, want %v", made.ExpiresAt, ends)
	}
	next := testkit.Post[api.KeyCreated](t, c.Client, "/api/v1/keys/"+made.ID+"/rotate", object{"grace": "0s"},
		http.StatusCreated)
	testkit.NewClient(c.p.URL, next.Key).Call(t, http.MethodGet, "/api/v1/me", nil).Want(t, http.StatusOK)
	c.p.Await(t, "the key before to be refused", func() bool {
		return testkit.NewClient(c.p.URL, made.Key).Call(t, http.MethodGet, "/api/v1/me", nil).Status ==
			http.StatusUnauthorized
	})
}
