package webhook_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func TestAnEndpointOfSaveleadNeedsAMethodWithABody(t *testing.T) {
	t.Parallel()
	tenant := testkit.Shared(t, testkit.Embedded).NewOwner(t, "savelead")
	for method, status := range map[string]int{"POST": http.StatusCreated, "PUT": http.StatusCreated,
		"GET": http.StatusBadRequest} {
		a := tenant.Call(t, http.MethodPost, hooks, object{"url": "https://example.com", "name": method,
			"events": []string{"save_lead"}, "method": method})
		if a.Status != status {
			t.Errorf("endpoint with the method %s: got %d %s, want %d", method, a.Status, a.Body, status)
		}
		if status == http.StatusBadRequest && a.Problem(t).Error.Details[0].Field != "method" {
			t.Errorf("refusal: got %s, want the field method", a.Body)
		}
	}
}

func TestAWebhookOfSaveleadHasAUniqueNameAndNeedsNoEvents(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant, other := p.NewOwner(t, "savelead"), p.NewOwner(t, "savelead")
		add := func(c *testkit.Client, name string) testkit.Answer {
			return c.Call(t, http.MethodPost, hooks, object{"url": "https://example.com", "name": name})
		}
		first := testkit.Into[api.WebhookCreated](t, add(tenant, "Lead Tracking Webhook").Want(t, http.StatusCreated))
		if !slices.Equal(first.Events, []string{"save_lead"}) {
			t.Errorf("events by default: got %v, want save_lead", first.Events)
		}
		for _, same := range []string{"lead tracking webhook", " LEAD TRACKING WEBHOOK "} {
			a := add(tenant, same).Want(t, http.StatusConflict)
			if d := a.Problem(t).Error.Details; len(d) != 1 || d[0].Field != "name" {
				t.Errorf("refusal of %q: got %s, want the field name", same, a.Body)
			}
		}
		add(other, "Lead Tracking Webhook").Want(t, http.StatusCreated)
		second := testkit.Into[api.WebhookCreated](t, add(tenant, "Second").Want(t, http.StatusCreated))
		path := hooks + "/" + second.ID
		tenant.Call(t, http.MethodPatch, path, object{"name": first.Name}).Want(t, http.StatusConflict)
		tenant.Call(t, http.MethodPatch, path, object{"name": "Second", "enabled": false}).Want(t, http.StatusOK)
		tenant.Call(t, http.MethodPut, path, object{"name": first.Name, "url": "https://example.com"}).
			Want(t, http.StatusConflict)
		tenant.Call(t, http.MethodDelete, hooks+"/"+first.ID, nil).Want(t, http.StatusNoContent)
		tenant.Call(t, http.MethodPatch, path, object{"name": first.Name}).Want(t, http.StatusOK)
		for _, pair := range [][2]string{{"Ärger", "ärger"}, {"Cafe\u0301", "café"}, {"Straße", "STRASSE"},
			{"ΟΔΟΣ", "οδος"}} {
			add(tenant, pair[0]).Want(t, http.StatusCreated)
			add(tenant, pair[1]).Want(t, http.StatusConflict)
		}
		a := p.NewOwner(t, "hookline").Call(t, http.MethodPost, hooks, object{"url": "https://example.com"}).
			Want(t, http.StatusBadRequest)
		if d := a.Problem(t).Error.Details; len(d) != 1 || d[0].Field != "events" {
			t.Errorf("an endpoint of hookline without events: got %s, want the field events", a.Body)
		}
	})
}

// TestAnEndpointOfSaveleadHasAName also where the tenant has another profile, since the endpoint's own counts. Tools,
// which can't choose another name, get a unique one.
func TestAnEndpointOfSaveleadHasAName(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	for _, product := range []string{"savelead", "hookline"} {
		tenant := p.NewOwner(t, product)
		path := hooks + "/" + tenant.NewEndpoint(t, "https://example.com", object{"name": "First",
			"profile": "savelead"}).ID
		plain := hooks + "/" + tenant.NewEndpoint(t, "https://example.com", object{"profile": "hookline",
			"events": []string{"lead.*"}}).ID
		body := func(name string) object {
			return object{"url": "https://example.com", "profile": "savelead", "name": name}
		}
		for _, c := range []struct {
			method, path string
			body         object
		}{
			{http.MethodPost, hooks, object{"url": "https://example.com", "profile": "savelead"}},
			{http.MethodPost, hooks, body(" ")}, {http.MethodPut, path, body("")},
			{http.MethodPatch, path, object{"name": " "}}, {http.MethodPatch, plain, object{"profile": "savelead"}},
		} {
			a := tenant.Call(t, c.method, c.path, c.body).Want(t, http.StatusBadRequest)
			if d := a.Problem(t).Error.Details; len(d) != 1 || d[0].Field != "name" {
				t.Errorf("%s %v in %s: got %s, want the field name alone", c.method, c.body, product, a.Body)
			}
		}
		tenant.Call(t, http.MethodPatch, plain, object{"profile": "savelead", "name": "Second"}).
			Want(t, http.StatusOK)
		names := map[string]bool{}
		for url, name := range map[string]string{"https://example.com/a": "First", "https://example.com/b": "First",
			"https://example.com/c": "", "https://example.com/d": ""} {
			w := body(name)
			w["url"], w["source"] = url, "zapier"
			names[testkit.Post[api.WebhookCreated](t, tenant, hooks, w, http.StatusCreated).Name] = true
		}
		if len(names) != 4 || names["First"] || names[""] {
			t.Errorf("names of a tool's endpoints in %s: got %v, want four that nobody has", product, names)
		}
	}
}

func TestListenersOfSaveleadShareTheirName(t *testing.T) {
	t.Parallel()
	tenant := testkit.Shared(t, testkit.Embedded).NewOwner(t, "savelead")
	for range 2 {
		tenant.Call(t, http.MethodPost, listeners, object{}).Want(t, http.StatusCreated)
	}
}
