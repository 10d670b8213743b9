package webhook_test

import (
	"fmt"
	"net/http"
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
