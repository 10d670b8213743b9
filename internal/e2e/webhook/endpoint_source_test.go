package webhook_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func TestAToolThatSubscribesAgainGetsTheSameEndpoint(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		body := object{"url": "https://example.com/hooks", "events": []string{"lead.*", "job.failed"},
			"source": "zapier"}
		var group sync.WaitGroup
		answers := make([]testkit.Answer, 6)
		for i := range answers {
			group.Go(func() { answers[i] = c.Call(t, http.MethodPost, hooks, body) })
		}
		group.Wait()
		made, id := 0, ""
		for _, a := range answers {
			w := testkit.Into[api.WebhookCreated](t, a)
			if a.Status == http.StatusCreated {
				made++
			} else if a.Status != http.StatusOK || strings.Contains(string(a.Body), `"secret"`) {
				t.Errorf("same source again: got %d %s, want 200 without the secret", a.Status, a.Body)
			}
			if id = w.ID; id != testkit.Into[api.WebhookCreated](t, answers[0]).ID {
				t.Error("endpoints of one source: got several, want one")
			}
		}
		if made != 1 {
			t.Errorf("created endpoints: got %d, want 1", made)
		}
		body["events"] = []string{"job.failed", "lead.*"}
		c.Call(t, http.MethodPost, hooks, body).Want(t, http.StatusOK)
		log := testkit.Get[api.AuditEntryList](t, c, "/api/v1/audit-log?action=webhook.created")
		if len(log.Data) != 1 {
			t.Errorf("audit entries: got %d, want 1", len(log.Data))
		}
		for i, other := range []object{
			{"source": "make"}, {"url": "https://example.com/other"}, {"events": []string{"lead.*"}}, {"source": nil},
		} {
			differs := object{}
			for _, part := range []object{body, other} {
				for k, v := range part {
					if differs[k] = v; v == nil {
						delete(differs, k)
					}
				}
			}
			if w := testkit.Post[object](t, c, hooks, differs, http.StatusCreated); w["id"] == id {
				t.Errorf("endpoint %d: got the same, want another", i)
			}
		}
		// One that became the same by a change is refused, and one that was deleted is made anew.
		only := testkit.Post[api.WebhookCreated](t, c, hooks, object{"url": "https://example.com/x",
			"events": []string{"*"}, "source": "zapier"}, http.StatusCreated)
		c.Call(t, http.MethodPatch, hooks+"/"+only.ID, object{"url": body["url"], "events": body["events"]}).
			Want(t, http.StatusConflict)
		c.Call(t, http.MethodDelete, hooks+"/"+id, nil).Want(t, http.StatusNoContent)
		c.Call(t, http.MethodPatch, hooks+"/"+only.ID, object{"url": body["url"], "events": body["events"]}).
			Want(t, http.StatusOK)
		c.Call(t, http.MethodPost, hooks, body).Want(t, http.StatusOK)
		for _, field := range []string{"source", "secret"} {
			replace := object{"url": "https://example.com", "events": []string{"*"}, field: "zapier-0123456789abcdef"}
			a := c.Call(t, http.MethodPut, hooks+"/"+only.ID, replace).Want(t, http.StatusBadRequest)
			if !strings.Contains(string(a.Body), field) {
				t.Errorf("got %s, want the field %s", a.Body, field)
			}
		}
	})
}

func TestDeletingAndEnablingTwiceAreOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		_, path := create(t, c, object{
			"url": "https://example.com", "events": []string{"*"}, "enabled": false, "name": "CRM",
			"description": "of the north", "metadata": object{"team": "north"},
		})
		want := object{"name": "CRM", "description": "of the north", "metadata": object{"team": "north"}}
		has(t, "off", testkit.Get[object](t, c, path), object{"enabled": false, "disabled_reason": "manual"})
		for range 2 {
			got := testkit.Post[object](t, c, path+"/enable", nil, http.StatusOK)
			has(t, "on", got, object{"enabled": true, "disabled_reason": nil})
			has(t, "on", got, want)
		}
		for range 2 {
			c.Call(t, http.MethodDelete, path, nil).Want(t, http.StatusNoContent)
		}
		c.Call(t, http.MethodPost, path+"/enable", nil).Want(t, http.StatusNotFound)
		c.Call(t, http.MethodDelete, hooks+"/whe_never", nil).Want(t, http.StatusNotFound)
	})
}

func TestHeadersThatAreNotTheOwnersToSetAreRefused(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		many := object{}
		for i := range 21 {
			many[fmt.Sprint("X-", i)] = "a"
		}
		bad := []object{many, {"X-A": strings.Repeat("a", 4097)}, {"X-A": "a", "x-a": "b"}, {"": "a"}}
		for _, name := range []string{
			"Connection", "keep-alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Proxy-Authorization",
			"proxy-connection", "Host",
			"Content-Length", "Content-Type", "webhook-id", "Webhook-Signature", "webhook-anything", "X A", "X:A",
			"X-A\r\nX-B", "Ünicode",
		} {
			bad = append(bad, object{name: "a"})
		}
		for _, value := range []string{"a\r\nX-B: c", "a\nb", "a\rb", "a\x00b", "a\x7fb"} {
			bad = append(bad, object{"X-A": value})
		}
		for _, headers := range bad {
			a := c.Call(t, http.MethodPost, hooks, object{"url": "https://example.com", "events": []string{"*"},
				"headers": headers})
			if a.Status != http.StatusBadRequest {
				t.Errorf("%.60v: got %d, want 400", headers, a.Status)
			}
		}
		create(t, c, object{"url": "https://example.com", "events": []string{"*"},
			"headers": object{"X-A": strings.Repeat("a", 4096)}})
	})
}

// TestASubscriptionGivenAgainWakesItsEndpoint because a tool that attaches again after its URL was gone expects events,
// whichever operation it uses.
func TestASubscriptionGivenAgainWakesItsEndpoint(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		gone := testkit.NewReceiver(t, func(w http.ResponseWriter, r testkit.Received, _ int) {
			if strings.Contains(string(r.Body), "gone@example.com") {
				w.WriteHeader(http.StatusGone)
			}
		})
		for name, again := range map[string]struct{ method, path string }{
			"POST": {http.MethodPost, hooks}, "PUT": {http.MethodPut, ""}, "PATCH": {http.MethodPatch, ""},
		} {
			c := p.NewTenant(t, "business")
			body := object{"url": gone.URL + "/" + name, "events": []string{"lead.created"}}
			given := object{"source": "make"}
			for k, v := range body {
				given[k] = v
			}
			made := testkit.Post[api.WebhookCreated](t, c, hooks, given, http.StatusCreated)
			if again.path == "" {
				again.path = hooks + "/" + made.ID
			} else {
				body = given
			}
			c.NewLead(t, "gone@example.com")
			disabled := func() bool { return !testkit.Get[api.Webhook](t, c, hooks+"/"+made.ID).Enabled }
			p.Await(t, "the endpoint to be disabled", disabled)
			if again.method == http.MethodPatch {
				c.Call(t, again.method, again.path, object{"name": "CRM"}).Want(t, http.StatusOK)
				if !disabled() {
					t.Error("a new name: got the endpoint enabled, want it to stay disabled")
				}
			}
			w := testkit.Into[api.Webhook](t, c.Call(t, again.method, again.path, body).Want(t, http.StatusOK))
			if w.ID != made.ID || !w.Enabled || !w.DisabledReason.IsNull() {
				t.Errorf("%s again: got %+v, want the endpoint enabled", name, w)
			}
			c.NewLead(t, "back@example.com")
			p.Await(t, "the delivery after "+name, func() bool { return p.Counts(t, c)[api.DeliveryStatusSucceeded] == 1 })

			c.Call(t, http.MethodPatch, hooks+"/"+made.ID, object{"enabled": false}).Want(t, http.StatusOK)
			a := c.Call(t, http.MethodPost, hooks, given).Want(t, http.StatusConflict)
			if !strings.Contains(a.Problem(t).Error.Message, "disabled by its owner") {
				t.Errorf("a subscription that its owner disabled: got %s, want the reason", a.Body)
			}
		}
	})
}

// TestURLsAreStoredAsTheyAreSent wherever one is saved.
func TestURLsAreStoredAsTheyAreSent(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	c := p.NewTenant(t, "business")
	receiver := testkit.NewReceiver(t, nil)
	given := " " + receiver.URL + "/ü b?name=Ada Lovelace&city=München\n"
	want := receiver.URL + "/%C3%BC%20b?name=Ada%20Lovelace&city=M%C3%BCnchen"
	w := testkit.Post[api.WebhookCreated](t, c, hooks, object{"url": given, "events": []string{"lead.created"},
		"auth":    object{"type": "oauth2", "token_url": given, "client_id": "a", "client_secret": "b"},
		"enabled": false}, http.StatusCreated)
	if w.URL != want || w.Auth.TokenURL == nil || *w.Auth.TokenURL != want {
		t.Errorf("URLs: got %q and %+v, want %q", w.URL, w.Auth, want)
	}
	found := testkit.Get[api.WebhookList](t, c, hooks+"?url="+url.QueryEscape(given))
	if len(found.Data) != 1 {
		t.Errorf("endpoints with the URL as it was given: got %d, want 1", len(found.Data))
	}
	c.Call(t, http.MethodPatch, hooks+"/"+w.ID, object{"url": given, "enabled": true,
		"auth": object{"type": "none"}}).Want(t, http.StatusOK)
	c.NewLead(t, "ada@example.com")
	p.AwaitDelivery(t, c, api.DeliveryStatusSucceeded)
	hidden := receiver.URL + "/\u200b"
	for field, body := range map[string]object{
		"url": {"url": hidden, "events": []string{"*"}},
		"auth.token_url": {"url": receiver.URL, "events": []string{"*"}, "auth": object{"type": "oauth2",
			"token_url": hidden, "client_id": "a", "client_secret": "b"}},
	} {
		a := c.Call(t, http.MethodPost, hooks, body).Want(t, http.StatusBadRequest)
		if d := a.Problem(t).Error.Details; len(d) != 1 || d[0].Field != field ||
			!strings.Contains(d[0].Message, "U+200B") {
			t.Errorf("an invisible character in %s: got %s, want it named", field, a.Body)
		}
	}
	channels := "/api/v1/alert-channels"
	c.Call(t, http.MethodPost, channels, object{"type": "slack", "target": hidden}).Want(t, http.StatusBadRequest)
	c.Call(t, http.MethodPost, channels, object{"type": "slack", "target": given}).Want(t, http.StatusCreated)
}
