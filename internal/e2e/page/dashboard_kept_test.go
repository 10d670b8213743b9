package page_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// sendFrom sends a form as a browser does from a page of the site.
func (v *guest) sendFrom(t *testing.T, site, path string, form url.Values) (status int, body string) {
	t.Helper()
	response, body := testkit.Submit(t, v.http, http.MethodPost, v.base+path, form, "Sec-Fetch-Site", site)
	return response.StatusCode, body
}

var keptField = regexp.MustCompile(`<textarea name="([^"]*)" hidden>\n([^<]*)</textarea>`)

// keptIn are the fields that a page keeps, with its tokens.
func keptIn(page string) url.Values {
	out := url.Values{}
	for _, m := range keptField.FindAllStringSubmatch(page, -1) {
		out.Add(m[1], html.UnescapeString(m[2]))
	}
	for _, m := range guards.FindAllStringSubmatch(page, -1) {
		out.Set(m[1], m[2])
	}
	return out
}

func TestASessionThatEndsInMidFormLosesNothingTyped(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	id := testkit.TenantOf(t, tenant)
	v := visit(t, p, id, map[string]any{"role": "owner"})
	form := keptIn(v.get(t, "/app/endpoints/new"))
	form.Set("url", "http://127.0.0.1:1/hook")
	form.Set("description", "one\n<two> & \"three\"")
	form["event"] = []string{"lead.created", "lead.updated"}
	sessions := testkit.Get[gen.SessionList](t, tenant, "/api/v1/sessions").Data
	tenant.Call(t, http.MethodDelete, "/api/v1/sessions/"+sessions[0].ID, nil).Want(t, http.StatusNoContent)

	if _, page := v.sendFrom(t, "cross-site", "/app/endpoints/new", form); len(keptField.FindAllString(page, -1)) > 0 {
		t.Errorf("form of another site: got it kept, want it dropped: %s", page)
	}
	status, page := v.sendFrom(t, "same-origin", "/app/endpoints/new", form)
	has(t, "the page after the session ended", page, "What you typed is kept", `target="_blank"`)
	if status != http.StatusUnauthorized {
		t.Errorf("form after the session ended: got %d, want 401", status)
	}
	again := visit(t, p, id, map[string]any{"role": "owner"})
	_, page = again.sendFrom(t, "same-origin", "/app/endpoints/new", keptIn(page))
	has(t, "the page that asks", page, "Send what you typed?")
	if got := testkit.Get[gen.WebhookList](t, tenant, "/api/v1/webhooks").Data; len(got) != 0 {
		t.Errorf("endpoints before the answer: got %+v, want none", got)
	}
	again.sendFrom(t, "same-origin", "/app/endpoints/new", keptIn(page))
	got := testkit.Get[gen.WebhookList](t, tenant, "/api/v1/webhooks").Data
	if len(got) != 1 || strings.ReplaceAll(got[0].Description, "\r", "") != form.Get("description") ||
		len(got[0].Events) != 2 {
		t.Errorf("endpoints: got %+v, want one as it was typed", got)
	}
}

func TestAnEndpointThatVanishesInMidFormCanBeMadeAnew(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	hook := tenant.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, map[string]any{"name": "CRM"})
	v := visit(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "owner"})
	path := "/app/endpoints/" + hook.ID + "/edit"
	form := keptIn(v.get(t, path))
	tenant.Call(t, http.MethodDelete, "/api/v1/webhooks/"+hook.ID, nil).Want(t, http.StatusNoContent)
	form.Set("url", "https://typed.example.com/hook")
	form.Set("event", "lead.*")
	a := v.send(t, http.MethodPost, path, form)
	has(t, "the page of a vanished endpoint", a.body, "was deleted meanwhile", "https://typed.example.com/hook",
		`action="/app/endpoints/new"`, "Create the endpoint")
	if a.status != http.StatusNotFound {
		t.Errorf("form of a vanished endpoint: got %d, want 404", a.status)
	}
}
