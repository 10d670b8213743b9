package webhook_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/pkg/webhook"
)

// TestOneTenantsEndpointsEachSpeakTheirProfile with the same event, which is encoded once for each form.
func TestOneTenantsEndpointsEachSpeakTheirProfile(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewOwner(t, "hookline")
		receiver := testkit.NewReceiver(t, nil)
		secrets := map[string]string{}
		add := func(path string, settings object) {
			hook := tenant.NewEndpoint(t, receiver.URL+"/"+path, settings)
			secrets["/"+path] = hook.Secret
		}
		for _, name := range profile.All() {
			add(name, object{"name": name, "profile": name})
		}
		add("twin", object{"profile": "leadhooks"})
		add("cloudevents", object{"profile": "hookline", "envelope": "cloudevents"})
		add("default", object{})
		tenant.NewLead(t, "ada@example.com")
		sample, _ := findType("stats.updated")
		testkit.Post[api.Event](t, tenant, "/api/v1/events", object{"type": "stats.updated",
			"data": json.RawMessage(sample)}, http.StatusAccepted)

		endpoints := len(secrets)
		p.Await(t, "all deliveries", func() bool {
			return len(tenant.Deliveries(t, "&status=succeeded")) == 2*endpoints-1
		})
		got := map[string][]string{}
		bodies := map[string]map[string]string{} // by path and event
		for _, r := range receiver.All() {
			var body struct{ Event, Type string }
			if err := json.Unmarshal(r.Body, &body); err != nil {
				t.Fatal(err)
			}
			name := body.Event + body.Type
			got[r.Path] = append(got[r.Path], name)
			if bodies[r.Path] == nil {
				bodies[r.Path] = map[string]string{}
			}
			bodies[r.Path][name] = string(r.Body)
			got := r.Header.Get("Content-Type")
			if (r.Path == "/cloudevents") != (got == "application/cloudevents+json") {
				t.Errorf("content type at %s: got %s, want CloudEvents at /cloudevents only", r.Path, got)
			}
			if r.Path == "/cloudevents" {
				isCloudEvent(t, r, secrets[r.Path])
			}
		}
		for path, want := range map[string]string{
			"/hookline": "lead.created stats.updated", "/leadmetrics": "lead.created stats.updated",
			"/inboxops":  "lead.created stats.updated",
			"/leadhooks": "new_lead stats.updated", "/twin": "new_lead stats.updated",
			"/leadie":   "lead.created stats.updated",
			"/savelead": "", "/cloudevents": "lead.created stats.updated", "/default": "lead.created stats.updated",
		} {
			slices.Sort(got[path])
			if arrived := strings.Join(got[path], " "); arrived != want {
				t.Errorf("at %s: %q instead of %q", path, arrived, want)
			}
		}
		for a, b := range map[string]string{"/leadhooks": "/twin", "/hookline": "/default"} {
			if fmt.Sprint(bodies[a]) != fmt.Sprint(bodies[b]) {
				t.Errorf("bodies at %s and %s: got %v and %v, want the same data", a, b, bodies[a], bodies[b])
			}
		}
	})
}

func findType(name string) ([]byte, bool) {
	for _, et := range testkit.Contract().EventTypes {
		if et.Name == name {
			return et.Sample, true
		}
	}
	return nil, false
}

func isCloudEvent(t *testing.T, r testkit.Received, secret string) {
	t.Helper()
	var body struct {
		SpecVersion, ID, Source, Type, DataContentType string
		Time                                           time.Time
		Data                                           object
	}
	if err := json.Unmarshal(r.Body, &body); err != nil {
		t.Fatal(err)
	}
	if r.Header.Get("Content-Type") != "application/cloudevents+json" || body.SpecVersion != "1.0" ||
		body.ID != r.Header.Get("webhook-id") ||
		!strings.HasPrefix(body.Source, "/tenants/tnt_") || body.DataContentType != "application/json" ||
		body.Time.IsZero() || len(body.Data) == 0 {
		t.Errorf("CloudEvent: got %v %s, want version 1.0 with its id, source, time and data", r.Header, r.Body)
	}
	if err := webhook.Verify(r.Header, r.Body, time.Now(), secret); err != nil {
		t.Error(err)
	}
}

func TestSettingsThatAProfileDoesNotHaveAreRefusedByName(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		tenant := testkit.Shared(t, e).NewOwner(t, "hookline")
		good := tenant.NewEndpoint(t, "https://example.com/hooks", object{"envelope": "cloudevents",
			"headers": object{"X-Webhook-Signature": "mine"}})
		if good.Envelope != "cloudevents" || good.Signing != "hmac" {
			t.Errorf("endpoint: got %+v, want cloudevents and hmac", good)
		}
		for _, c := range []struct {
			settings object
			field    string
		}{
			{object{"profile": "leadie", "envelope": "cloudevents"}, "envelope"},
			{object{"profile": "savelead", "envelope": "cloudevents", "events": []string{"save_lead"}}, "envelope"},
			{object{"profile": "inboxops", "signing": "ed25519"}, "signing"},
			{object{"signing": "none"}, "signing"},
			{object{"profile": "leadhooks", "signing": "none"}, "signing"},
			{object{"events": []string{"new_lead"}}, "events[0]"},
			{object{"profile": "leadhooks", "events": []string{"lead.*", "save_lead"}}, "events[1]"},
			{object{"profile": "savelead", "events": []string{"save_lead", "stats.updated"}}, "events[1]"},
			{object{"profile": "leadhooks", "headers": object{"x-webhook-signature": "a"}},
				"headers.x-webhook-signature"},
			{object{"profile": "leadie", "headers": object{"X-LEADIE-TIMESTAMP": "1"}}, "headers.X-LEADIE-TIMESTAMP"},
			{object{"profile": "inboxops", "headers": object{"X-InboxOps-Signature-Previous": "1"}},
				"headers.X-InboxOps-Signature-Previous"},
			{object{"profile": "savelead", "headers": object{"Webhook-Signature": "1"}}, "headers.Webhook-Signature"},
		} {
			body := object{"url": "https://example.com/hooks", "name": "CRM", "events": []string{"*"}}
			for k, v := range c.settings {
				body[k] = v
			}
			for method, path := range map[string]string{http.MethodPost: hooks, http.MethodPut: hooks + "/" + good.ID} {
				details := tenant.Call(t, method, path, body).Want(t, http.StatusBadRequest).Problem(t).Error.Details
				if len(details) != 1 || details[0].Field != c.field {
					t.Errorf("%s %v: got %+v, want the field %s", method, c.settings, details, c.field)
				}
			}
		}
		// What the endpoint has and the new profile does not is named too.
		details := tenant.Call(t, http.MethodPatch, hooks+"/"+good.ID, object{"profile": "leadhooks"}).
			Want(t, http.StatusBadRequest).Problem(t).Error.Details
		if len(details) != 2 || details[0].Field != "envelope" || details[1].Field != "headers.X-Webhook-Signature" {
			t.Errorf("got %+v, want envelope and headers.X-Webhook-Signature", details)
		}
	})
}

func TestANewProfileBringsItsDefaultsUnlessTheOwnerChoseOthers(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		tenant := testkit.Shared(t, e).NewOwner(t, "hookline")
		hook := tenant.NewEndpoint(t, "https://example.com/hooks", object{"name": "CRM", "profile": "savelead",
			"events": []string{"*"}})
		path := hooks + "/" + hook.ID
		patch := func(settings object, profileName, signing string, preview ...string) {
			t.Helper()
			got := testkit.Into[api.Webhook](t, tenant.Call(t, http.MethodPatch, path, settings).Want(t, http.StatusOK))
			if string(got.Profile) != profileName || string(got.Signing) != signing ||
				!slices.Equal(got.RetryPreview[:len(preview)], preview) {
				t.Errorf("%v: got %s, %s, %v, want %s, %s, %v", settings, got.Profile, got.Signing, got.RetryPreview,
					profileName, signing, preview)
			}
		}
		if hook.Signing != "none" || string(hook.Profile) != "savelead" {
			t.Errorf("endpoint: got %+v, want savelead without signing", hook)
		}
		patch(object{"profile": "leadie"}, "leadie", "hmac", "0s", "1m0s", "6m0s", "36m0s", "2h36m0s",
			"14h36m0s")
		patch(object{"profile": "leadmetrics"}, "leadmetrics", "hmac", "0s", "1m0s", "6m0s", "31m0s")
		patch(object{"profile": "leadhooks"}, "leadhooks", "hmac", "0s", "1s", "3s", "7s", "15s", "31s")
		patch(object{"profile": "inboxops", "retry_policy": object{"schedule": []string{"1.5s"}}}, "inboxops", "hmac",
			"0s", "1.5s")
		patch(object{"profile": "savelead"}, "savelead", "none", "0s", "1.5s")
		patch(object{"profile": "hookline", "signing": "both"}, "hookline", "both", "0s", "1.5s")
		patch(object{"profile": "savelead"}, "savelead", "both", "0s", "1.5s")
		patch(object{"retry_policy": object{}}, "savelead", "both", "0s", "5s", "5m5s")
	})
}

func TestAnEndpointSignsWithItsOwnKeyPair(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewOwner(t, "hookline")
		receiver := testkit.NewReceiver(t, nil)
		hook := tenant.NewEndpoint(t, receiver.URL, object{"signing": "ed25519"})
		path := hooks + "/" + hook.ID
		public := hook.PublicKey.MustGet()
		next := func(what string, byKey, bySecret bool) {
			t.Helper()
			tenant.NewLead(t, "ada@example.com")
			got := receiver.Next(t)
			official, err := standardwebhooks.NewWebhook(hook.Secret)
			if err != nil {
				t.Fatal(err)
			}
			if err := webhook.Verify(got.Header, got.Body, time.Now(), public); (err == nil) != byKey {
				t.Errorf("%s: got %v with the public key, want valid: %t", what, err, byKey)
			}
			if err := official.Verify(got.Body, got.Header); (err == nil) != bySecret {
				t.Errorf("%s: got %v with the secret, want valid: %t", what, err, bySecret)
			}
		}
		next("as created", true, false)
		key := testkit.Get[api.PublicKey](t, tenant, path+"/public-key")
		if key.PublicKey != public || key.Algorithm != "ed25519" || !strings.HasPrefix(public, "whpk_") {
			t.Errorf("public key: got %+v, want ed25519 and %s", key, public)
		}
		change := func(settings object) api.Webhook {
			t.Helper()
			return testkit.Into[api.Webhook](t, tenant.Call(t, http.MethodPatch, path, settings).Want(t, http.StatusOK))
		}
		change(object{"signing": "both"})
		next("with both", true, true)
		if w := change(object{"signing": "hmac"}); !w.PublicKey.IsNull() {
			t.Errorf("endpoint with hmac: got %+v, want no public key", w)
		}
		next("with the secret alone", false, true)
		tenant.Call(t, http.MethodGet, path+"/public-key", nil).Want(t, http.StatusNotFound)
		if w := change(object{"signing": "both", "envelope": "cloudevents"}); w.PublicKey.MustGet() != public {
			t.Errorf("public key: got %s, want still %s", w.PublicKey.MustGet(), public)
		}
		next("with both again", true, true)
		if w := change(object{"name": "CRM", "profile": "savelead", "envelope": "standard"}); w.Signing != "both" {
			t.Errorf("endpoint of savelead: got %+v, want still both", w)
		}
		next("under savelead", true, true)

		// The private key is kept encrypted: its seed would be 32 bytes.
		var row struct {
			Ed25519Key []byte
			PublicKey  string
		}
		if err := p.App.Database().Read(t.Context()).Table("endpoints").Where("id = ?", hook.ID).
			Take(&row).Error; err != nil {
			t.Fatal(err)
		}
		if len(row.Ed25519Key) <= 32 || row.PublicKey != public {
			t.Errorf("stored key pair: got %d bytes and %s, want the private key encrypted and %s",
				len(row.Ed25519Key), row.PublicKey, public)
		}
	})
}

func TestTheCatalogueListsProfilesNamesOfAType(t *testing.T) {
	t.Parallel()
	tenant := testkit.Shared(t, testkit.Embedded).NewOwner(t, "hookline")
	et := testkit.Get[api.EventType](t, tenant, "/api/v1/event-types/lead.created")
	if et.Names["leadhooks"] != "new_lead" || et.Names["savelead"] != "save_lead" || len(et.Names) != 2 {
		t.Errorf("names of lead.created: got %v, want new_lead and save_lead", et.Names)
	}
	if other := testkit.Get[api.EventType](t, tenant, "/api/v1/event-types/stats.updated"); len(other.Names) != 0 {
		t.Errorf("names of stats.updated: got %v, want none", other.Names)
	}
}
