package webhook_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// sentence is one sentence of a product's document, shortened, and its check on the running program.
type sentence struct {
	quote string
	holds func(t *testing.T, c *customer)
}

// customer is somebody who knows only the product's document.
type customer struct {
	*testkit.Client
	p        *testkit.Program
	tenant   string
	receiver *testkit.Receiver
	hook     api.WebhookCreated // subscribes to all that the product has
}

// holds checks a document sentence by sentence, in its order, and what every document says or takes for granted, on
// both engines.
func holds(t *testing.T, profile string, events []string, document func() []sentence) {
	t.Helper()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		owner := p.NewOwner(t, profile)
		c := &customer{Client: owner, p: p, tenant: testkit.TenantOf(t, owner), receiver: testkit.NewReceiver(t, nil)}
		c.hook = owner.NewEndpoint(t, c.receiver.URL, object{"name": profile, "events": events})
		for _, s := range append(document(), sentence{"401: Missing or invalid API key", unauthorized},
			sentence{"403: Ownership / access denied", forbidden}) {
			t.Run(s.quote, func(t *testing.T) { s.holds(t, c) })
		}
		t.Run("its consumers' code understands all that arrived", func(t *testing.T) {
			c.understood(t, consumers[profile].signature)
		})
	})
}

// understood runs the consumers' verification, and their reading of times, on every request that arrived.
func (c *customer) understood(t *testing.T, header string) {
	t.Helper()
	var all []signed
	for _, got := range c.receiver.All() {
		all = append(all, signed{c.hook.Secret, got.Header.Get(header), got.Body})
	}
	if len(all) == 0 {
		t.Fatal("requests: got none, want those of the document's events")
	}
	runs := map[script]string{{"python3", "python3", "times.py"}: "read"}
	if header != "" {
		runs[script{"python3", "python3", "verify.py"}], runs[script{"node", "nodejs", "verify.js"}] = "valid", "valid"
	}
	for s, each := range runs {
		if got, want := s.run(t, all), strings.TrimSpace(strings.Repeat(each+" ", len(all))); got != want {
			t.Errorf("%s: got %q, want %q", s.file, got, want)
		}
	}
}

// unauthorized checks requests without a key, and with one that is not known.
func unauthorized(t *testing.T, c *customer) {
	t.Helper()
	for _, key := range []string{"", "nobodys"} {
		got := testkit.NewClient(c.p.URL, key).Call(t, http.MethodGet, hooks, nil).Want(t, http.StatusUnauthorized)
		if e := got.Problem(t).Error; e.Code != "unauthorized" || e.Message == "" {
			t.Errorf("error with the key %q: got %+v, want unauthorized and a message", key, e)
		}
	}
}

// forbidden checks a request that a key has no permission for.
func forbidden(t *testing.T, c *customer) {
	t.Helper()
	made := testkit.Post[api.KeyCreated](t, c.Client, "/api/v1/keys", object{"name": "Reports",
		"permissions": []string{"read:webhooks"}}, http.StatusCreated)
	of := testkit.NewClient(c.p.URL, made.Key)
	of.Call(t, http.MethodGet, hooks, nil).Want(t, http.StatusOK)
	got := of.Call(t, http.MethodPost, hooks, object{"url": c.receiver.URL}).Want(t, http.StatusForbidden)
	if e := got.Problem(t).Error; e.Code != "forbidden" || !strings.Contains(e.Message, "write:webhooks") {
		t.Errorf("error: got %+v, want forbidden that names write:webhooks", e)
	}
}

// gated checks that a request needs an entitlement of the plan.
func gated(entitlement, path string) func(t *testing.T, c *customer) {
	return func(t *testing.T, c *customer) {
		t.Helper()
		own := func(overrides object) {
			c.p.Operator.Call(t, http.MethodPatch, "/admin/v1/tenants/"+c.tenant,
				object{"entitlement_overrides": overrides}).Want(t, http.StatusOK)
		}
		own(object{entitlement: false})
		c.p.Await(t, "the entitlement to end", func() bool {
			got := c.Call(t, http.MethodGet, path, nil)
			return got.Status == http.StatusForbidden && got.Problem(t).Error.Code == "entitlement_required"
		})
		own(object{})
		c.p.Await(t, "the entitlement to be back", func() bool {
			return c.Call(t, http.MethodGet, path, nil).Status == http.StatusOK
		})
	}
}

// answers checks the status of a request.
func answers(method, path string, body any, status int) func(t *testing.T, c *customer) {
	return func(t *testing.T, c *customer) {
		t.Helper()
		c.Call(t, method, path, body).Want(t, status)
	}
}

// waits checks when the attempts of an endpoint are made.
func waits(want ...string) func(t *testing.T, c *customer) {
	return func(t *testing.T, c *customer) {
		t.Helper()
		var at time.Duration
		got := make([]string, 0, len(want))
		for _, text := range c.hook.RetryPreview[1:] {
			d, err := time.ParseDuration(text)
			if err != nil {
				t.Fatal(err)
			}
			got, at = append(got, (d-at).String()), d
		}
		if !slices.Equal(got, want) {
			t.Errorf("waits before retries: got %v, want %v", got, want)
		}
	}
}

// limit checks the rate limit that answers name, which the program under test has a thousand times as high.
func limit(requests int, window string) func(t *testing.T, c *customer) {
	return func(t *testing.T, c *customer) {
		t.Helper()
		want := fmt.Sprintf("q=%d000;w=%s", requests, window)
		got := c.Call(t, http.MethodGet, "/api/v1/me", nil).Want(t, http.StatusOK).Header.Get("RateLimit-Policy")
		if !strings.Contains(got, want) {
			t.Errorf("RateLimit-Policy: got %q, want %q in it", got, want)
		}
	}
}

// arrives waits for a request with the body, whose data is returned.
func (c *customer) arrives(t *testing.T, keys ...string) (body map[string]any, data map[string]any) {
	t.Helper()
	got := c.receiver.Next(t)
	if err := json.Unmarshal(got.Body, &body); err != nil {
		t.Fatal(err)
	}
	if len(body) != len(keys) {
		t.Errorf("body: got %s, want the keys %v", got.Body, keys)
	}
	for _, key := range keys {
		if _, there := body[key]; !there {
			t.Errorf("body: got %s, want the key %s", got.Body, key)
		}
	}
	if fraction.Match(got.Body) {
		t.Errorf("times: got %s, want whole seconds", got.Body)
	}
	data, _ = body["data"].(map[string]any)
	return body, data
}

// fires waits until requests of all the events arrived, in any order; the ids of their data, by event, are returned.
func (c *customer) fires(t *testing.T, names ...string) map[string]any {
	t.Helper()
	ids := map[string]any{}
	for {
		missing := slices.DeleteFunc(slices.Clone(names), func(name string) bool { _, ok := ids[name]; return ok })
		if len(missing) == 0 {
			return ids
		}
		var body struct {
			Event string
			Data  map[string]any
		}
		if err := json.Unmarshal(c.receiver.Next(t).Body, &body); err != nil {
			t.Fatal(err)
		}
		ids[body.Event] = body.Data["id"]
	}
}

// written checks the events of a kind of posts, which an agent writes.
func written(kind string, brief object) func(t *testing.T, c *customer) {
	return func(t *testing.T, c *customer) {
		t.Helper()
		path := "/api/v1/" + kind + "-posts"
		run := testkit.Post[api.AgentRun](t, c.Client, path+"/generate", brief, http.StatusAccepted)
		ids := c.fires(t, kind+".created", "agent.completed")
		if ids[kind+".created"] != run.PostID || ids["agent.completed"] != run.ID {
			t.Errorf("ids in the events: got %v, want those of %+v", ids, run)
		}
		for _, step := range []string{"approve", "publish"} {
			c.Call(t, http.MethodPost, path+"/"+run.PostID+"/"+step, nil).Want(t, http.StatusOK)
		}
		c.fires(t, kind+".approved", kind+".published")
	}
}

// secretOnce checks that a signing secret is shown at creation and never again.
func secretOnce(t *testing.T, c *customer) {
	t.Helper()
	if c.hook.Secret == "" {
		t.Error("secret at creation: got none, want it")
	}
	c.Call(t, http.MethodGet, hooks+"/"+c.hook.ID+"/secret", nil).Want(t, http.StatusForbidden)
}

// keyOnce checks that a key begins with a prefix, is shown once, and is refused when it is revoked.
func keyOnce(prefix string) func(t *testing.T, c *customer) {
	return func(t *testing.T, c *customer) {
		t.Helper()
		made := testkit.Post[api.KeyCreated](t, c.Client, "/api/v1/keys", object{"name": "Zapier Integration"},
			http.StatusCreated)
		if !strings.HasPrefix(made.Key, prefix) {
			t.Errorf("key: got %s, want one that begins with %s", made.Key, prefix)
		}
		list := c.Call(t, http.MethodGet, "/api/v1/keys", nil).Want(t, http.StatusOK)
		if strings.Contains(string(list.Body), made.Key) || !strings.Contains(string(list.Body), made.KeyPrefix) {
			t.Errorf("list of keys: got %s, want the key's beginning and never the key", list.Body)
		}
		of := testkit.NewClient(c.p.URL, made.Key)
		of.Call(t, http.MethodGet, "/api/v1/me", nil).Want(t, http.StatusOK)
		c.Call(t, http.MethodDelete, "/api/v1/keys/"+made.ID, nil).Want(t, http.StatusNoContent)
		c.p.Await(t, "the key to be refused", func() bool {
			return of.Call(t, http.MethodGet, "/api/v1/me", nil).Status == http.StatusUnauthorized
		})
	}
}
