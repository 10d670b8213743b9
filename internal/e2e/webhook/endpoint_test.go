package webhook_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

const hooks = "/api/v1/webhooks"

// defaultPolicy is the hookline profile's: ten attempts.
const defaultPolicy = `{"jitter":0.2,"schedule":["5s","5m","30m","2h","5h","10h","14h","20h","24h"]}`

// asJSON writes a value with sorted keys, so that two can be compared.
func asJSON(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// has compares an endpoint's fields, null and absent apart.
func has(t *testing.T, where string, got, want object) {
	t.Helper()
	for name, value := range want {
		actual, ok := got[name]
		if wanted := asJSON(t, value); !ok || asJSON(t, actual) != wanted {
			t.Errorf("%s: %s is %s (there: %t) instead of %s", where, name, asJSON(t, actual), ok, wanted)
		}
	}
}

func create(t *testing.T, c *testkit.Client, settings object) (hook object, path string) {
	t.Helper()
	hook = testkit.Post[object](t, c, hooks, settings, http.StatusCreated)
	return hook, hooks + "/" + hook["id"].(string)
}

func change(t *testing.T, c *testkit.Client, method, path string, settings object) object {
	t.Helper()
	return testkit.Into[object](t, c.Call(t, method, path, settings).Want(t, http.StatusOK))
}

func TestAnEndpointHasDefaultsThatPutRestoresAndPatchLeaves(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		defaults := object{
			"name": "", "url": "https://example.com/hooks", "events": []string{"*"}, "method": "POST",
			"headers": object{},
			"profile": "hookline", "retry_policy": json.RawMessage(defaultPolicy), "enabled": true,
			"environment": "live", "disabled_reason": nil,
		}
		hook, path := create(t, c, object{"url": "https://example.com/hooks", "events": []string{"*"}})
		has(t, "created", hook, defaults)
		has(t, "get", testkit.Get[object](t, c, path), defaults)

		all := object{
			"name": "CRM", "url": "https://example.com/other", "events": []string{"lead.*", "job.failed"},
			"method": "PUT", "headers": object{"X-A": "1"},
			"profile": "hookline", "retry_policy": object{"schedule": []string{"1s"}, "jitter": 0.5}, "enabled": false,
		}
		shown := object{"headers": object{"X-A": "********"}, "disabled_reason": "manual"}
		for name, value := range all {
			if name != "headers" {
				shown[name] = value
			}
		}
		has(t, "put with everything", change(t, c, http.MethodPut, path, all), shown)
		has(t, "get after it", testkit.Get[object](t, c, path), shown)

		shown["name"] = "ERP"
		has(t, "patch of the name", change(t, c, http.MethodPatch, path, object{"name": "ERP"}), shown)
		shown["enabled"], shown["disabled_reason"] = true, nil
		has(t, "patch of enabled", change(t, c, http.MethodPatch, path, object{"enabled": true}), shown)
		shown["headers"] = object{}
		has(t, "patch of headers", change(t, c, http.MethodPatch, path, object{"headers": object{}}), shown)
		shown["retry_policy"] = json.RawMessage(defaultPolicy)
		has(t, "patch to the default policy", change(t, c, http.MethodPatch, path, object{"retry_policy": object{}}),
			shown)
		has(t, "get after all", testkit.Get[object](t, c, path), shown)

		put := change(t, c, http.MethodPut, path, object{"url": "https://example.com/hooks", "events": []string{"*"}})
		has(t, "put with nothing else", put, defaults)
		has(t, "get after it", testkit.Get[object](t, c, path), defaults)
		has(t, "and it is the same endpoint", put, object{"id": hook["id"], "created_at": hook["created_at"]})
	})
}

func TestARetryPolicyIsEchoedInTheFormItWasGiven(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		program := testkit.Shared(t, e)
		c := program.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		for i, p := range []struct {
			given, shown string
			attempts     int
		}{
			{`{"schedule":["1.5s","0s","500ms","1h","7d"],"jitter":0}`,
				`{"jitter":0,"schedule":["1.5s","0s","500ms","1h","7d"]}`, 6},
			{`{"schedule":["60s"]}`, `{"jitter":0.2,"schedule":["60s"]}`, 2},
			{`{"initial":"1s","multiplier":1.5,"max_attempts":4,"max_interval":"1h","jitter":0.1}`,
				`{"initial":"1s","jitter":0.1,"max_attempts":4,"max_interval":"1h","multiplier":1.5}`, 4},
			{`{"initial":"90s"}`, `{"initial":"90s","jitter":0.2,"max_attempts":6,"multiplier":2}`, 6},
			{`{"initial":"1s","max_attempts":1}`, `{"initial":"1s","jitter":0.2,"max_attempts":1,"multiplier":2}`, 1},
			{`{"jitter":0}`, strings.Replace(defaultPolicy, "0.2", "0", 1), 10},
			{`{}`, defaultPolicy, 10},
		} {
			want := object{"retry_policy": json.RawMessage(p.shown)}
			hook, path := create(t, c, object{"url": receiver.URL, "events": []string{"*"},
				"retry_policy": json.RawMessage(p.given)})
			has(t, "created with "+p.given, hook, want)
			has(t, "get", testkit.Get[object](t, c, path), want)
			has(t, "patched to "+p.given, change(t, c, http.MethodPatch, path,
				object{"retry_policy": json.RawMessage(p.given)}), want)
			has(t, "list", testkit.Get[struct{ Data []object }](t, c, hooks).Data[0], want)

			c.NewLead(t, fmt.Sprintf("%d@example.com", i))
			receiver.Next(t)
			var d []api.Delivery
			program.Await(t, "the success to be recorded", func() bool {
				d = c.Deliveries(t, "&webhook_id="+hook["id"].(string))
				return len(d) > 0
			})
			if len(d) != 1 || d[0].MaxAttempts != p.attempts {
				t.Errorf("%s: got %+v, want one of at most %d attempts", p.given, d, p.attempts)
			}
			c.Call(t, http.MethodDelete, path, nil).Want(t, http.StatusNoContent)
		}
	})
}

func TestSecretAndHeadersAreShownOnceOrNever(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e)
		c := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		settings := object{"url": receiver.URL, "events": []string{"*"},
			"headers": object{"Authorization": "Bearer s3cret-token", "X-Team": "s3cret-team"}}
		created := c.Call(t, http.MethodPost, hooks, settings).Want(t, http.StatusCreated)
		hook := testkit.Into[api.WebhookCreated](t, created)
		path := hooks + "/" + hook.ID
		raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(hook.Secret, "whsec_"))
		if err != nil || len(raw) < 24 || !strings.HasPrefix(hook.Secret, "whsec_") {
			t.Errorf("secret: got %q (%v), want whsec_ and at least 24 bytes in base64", hook.Secret, err)
		}
		masked := `{"Authorization":"********","X-Team":"********"}`
		settings["headers"] = json.RawMessage(masked)
		answers := map[string]testkit.Answer{
			"get":  c.Call(t, http.MethodGet, path, nil),
			"list": c.Call(t, http.MethodGet, hooks, nil), "patch": c.Call(t, http.MethodPatch, path,
				object{"name": "x"}),
			"put": c.Call(t, http.MethodPut, path, settings),
		}
		for name, a := range answers {
			if strings.Contains(string(a.Want(t, http.StatusOK).Body), hook.Secret) || strings.Contains(string(a.Body),
				`"secret"`) {
				t.Errorf("%s: got the secret in %s, want it left out", name, a.Body)
			}
		}
		answers["post"] = created
		for name, a := range answers {
			if strings.Contains(string(a.Body), "s3cret") || !strings.Contains(string(a.Body), masked) {
				t.Errorf("%s: got %s, want the values of headers masked", name, a.Body)
			}
		}

		// Neither the endpoint nor what a delivery leaves behind has them in the clear, and yet both still work.
		c.NewLead(t, "ada@example.com")
		got := receiver.Next(t)
		official, err := standardwebhooks.NewWebhook(hook.Secret)
		if err != nil || official.Verify(got.Body, got.Header) != nil || got.Header.Get("X-Team") != "s3cret-team" {
			t.Errorf("webhook: got %v (%v), want it signed, with the endpoint's header", got.Header, err)
		}
		p.AwaitDelivery(t, c, api.DeliveryStatusSucceeded)
		for _, table := range []string{"endpoints", "deliveries", "attempts", "events"} {
			for column, value := range row(t, p, table) {
				for _, text := range []string{"s3cret", "Bearer", hook.Secret, strings.TrimPrefix(hook.Secret,
					"whsec_"), string(raw)} {
					if strings.Contains(value, text) {
						t.Errorf("%s.%s: got %q in it, want it encrypted", table, column, text)
					}
				}
			}
		}
	})
}

// row reads the only row of a table as text.
func row(t *testing.T, p *testkit.Program, table string) map[string]string {
	t.Helper()
	var rows []map[string]any
	if err := p.App.Database().Read(t.Context()).Table(table).Find(&rows).Error; err != nil || len(rows) != 1 {
		t.Fatalf("rows of %s: got %d, %v, want 1", table, len(rows), err)
	}
	out := map[string]string{}
	for column, value := range rows[0] {
		if b, ok := value.([]byte); ok {
			value = string(b)
		}
		out[column] = fmt.Sprint(value)
	}
	return out
}

func TestAnEditTakesEffectForTheNextDelivery(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		_, path := create(t, c, object{"url": receiver.URL + "/a", "events": []string{"lead.*"},
			"headers": object{"X-A": "one", "X-B": "two"}})
		next := func(what, wantMethod, wantPath, wantA, wantB, wantC string) {
			t.Helper()
			c.NewLead(t, "ada@example.com")
			got := receiver.Next(t)
			h := got.Header
			if got.Method != wantMethod || got.Path != wantPath || h.Get("X-A") != wantA || h.Get("X-B") != wantB ||
				h.Get("X-C") != wantC {
				t.Errorf("%s: got %s %s %v, want %s %s with the headers %q, %q and %q", what, got.Method, got.Path,
					h, wantMethod, wantPath, wantA, wantB, wantC)
			}
		}
		next("as created", "POST", "/a", "one", "two", "")
		change(t, c, http.MethodPatch, path, object{"method": "PUT", "url": receiver.URL + "/b"})
		next("method and URL", "PUT", "/b", "one", "two", "")
		change(t, c, http.MethodPatch, path, object{"headers": object{"X-A": "********", "X-C": "three"}})
		next("one kept, one dropped, one new", "PUT", "/b", "one", "", "three")
		change(t, c, http.MethodPut, path, object{"url": receiver.URL + "/c", "events": []string{"lead.*"},
			"method": "PATCH", "headers": object{"X-A": "********", "X-C": "new"}})
		next("put keeps what is masked", "PATCH", "/c", "one", "", "new")
		c.Call(t, http.MethodPatch, path, object{"headers": object{"X-B": "********"}}).Want(t, http.StatusBadRequest)
		next("what was refused changed nothing", "PATCH", "/c", "one", "", "new")
		change(t, c, http.MethodPut, path, object{"url": receiver.URL + "/d", "events": []string{"lead.*"}})
		next("put drops what is left out", "POST", "/d", "", "", "")

		change(t, c, http.MethodPatch, path, object{"events": []string{"job.*"}})
		lead := c.NewLead(t, "unheard@example.com")
		p.Await(t, "the reason why nobody gets it", func() bool {
			newest := testkit.Get[api.EventList](t, c, "/api/v1/events?limit=1").Data[0]
			reason, _ := newest.Reason.Get()
			return strings.Contains(string(newest.Data), lead.ID) && reason == "no_endpoint"
		})
		change(t, c, http.MethodPatch, path, object{"events": []string{"lead.created"}})
		next("subscribed again", "POST", "/d", "", "", "")
		if n := len(receiver.All()); n != 7 {
			t.Errorf("requests: got %d, want 7", n)
		}
	})
}

func TestSubscriptionsDecideWhatArrives(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		want := map[string]string{ // by path; what arrives there
			"/all":   "follower.gained job.completed job.failed lead.created lead.updated",
			"/group": "lead.created lead.updated", "/exact": "lead.updated",
			"/several": "job.failed lead.created lead.updated", "/none": "",
		}
		for path, patterns := range map[string][]string{
			"/all": {"*"}, "/group": {"lead.*"}, "/exact": {"lead.updated"}, "/several": {"job.failed", "lead.*",
				"lead.created"}, "/none": {"dm.*", "stats.updated"},
		} {
			create(t, c, object{"url": receiver.URL + path, "events": patterns})
		}
		for _, et := range testkit.Contract().EventTypes {
			if strings.Contains(want["/all"], et.Name) {
				testkit.Post[api.Event](t, c, "/api/v1/events", object{"type": et.Name,
					"data": json.RawMessage(et.Sample)}, http.StatusAccepted)
			}
		}
		p.Await(t, "all events to be fanned out", func() bool {
			events, count := testkit.Get[api.EventList](t, c, "/api/v1/events").Data, 0
			for _, event := range events {
				if event.Status != api.EventStatusDispatched {
					return false
				}
				count += event.Deliveries
			}
			return len(events) == 5 && len(c.Deliveries(t, "&status=succeeded")) == count
		})
		got := map[string][]string{}
		for _, r := range receiver.All() {
			var body struct{ Type string }
			if err := json.Unmarshal(r.Body, &body); err != nil {
				t.Fatal(err)
			}
			got[r.Path] = append(got[r.Path], body.Type)
		}
		for path, types := range want {
			slices.Sort(got[path])
			if arrived := strings.Join(got[path], " "); arrived != types {
				t.Errorf("events at %s: got %s, want %s", path, arrived, types)
			}
		}
	})
}

func TestEndpointsAreListedNewestFirstAndFoundByTheirURL(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		for i, u := range []string{"https://example.com/a", "https://example.com/a?b=c&d=%20", "https://example.com/a",
			"https://example.com/deleted"} {
			_, path := create(t, c, object{"name": fmt.Sprint(i), "url": u, "events": []string{"*"}})
			if strings.HasSuffix(u, "deleted") {
				c.Call(t, http.MethodDelete, path, nil).Want(t, http.StatusNoContent)
				c.Call(t, http.MethodGet, path, nil).Want(t, http.StatusNotFound)
				c.Call(t, http.MethodPatch, path, object{"name": "x"}).Want(t, http.StatusNotFound)
			}
		}
		for query, want := range map[string]string{
			"": "2 1 0 of 3", "?per_page=2&page=2": "0 of 3", "?url=https://example.com/a": "2 0 of 2",
			"?url=https://example.com/":                                  " of 0",
			"?per_page=1&url=https://example.com/a":                      "2 of 2",
			"?url=" + url.QueryEscape("https://example.com/a?b=c&d=%20"): "1 of 1",
			"?url=https://example.com/deleted":                           " of 0",
		} {
			list := testkit.Get[api.WebhookList](t, c, hooks+query)
			var names []string
			for _, hook := range list.Data {
				names = append(names, hook.Name)
			}
			if got := fmt.Sprintf("%s of %d", strings.Join(names, " "), list.Meta.Total); got != want {
				t.Errorf("%s: %s instead of %s", query, got, want)
			}
		}
	})
}
