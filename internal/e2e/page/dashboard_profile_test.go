package page_test

import (
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/testkit"
)

// TestPagesAreWhereTheProductsDocumentsSayThatTheyAre follows their ways from Settings and from /admin.
func TestPagesAreWhereTheProductsDocumentsSayThatTheyAre(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	v := visit(t, p, p.NewTenantOf(t, "leadhooks"), map[string]any{})
	v.get(t, "/app/settings", `href="/app/settings/api-keys"`, `href="/app/settings/integrations/webhooks"`)
	for from, to := range map[string]string{
		"/app/settings/api": "/app/keys", "/app/settings/api-keys": "/app/keys",
		"/app/settings/webhooks": "/app/endpoints", "/app/settings/integrations/webhooks": "/app/endpoints",
		"/app/settings/integrations": "/app/endpoints", "/admin": "/app/endpoints",
	} {
		if got := v.send(t, http.MethodGet, from, nil); got.status != http.StatusOK || got.path != to {
			t.Errorf("GET %s: got %d at %s, want 200 at %s", from, got.status, got.path, to)
		}
	}
}

// resourceWords are what pages say about each resource of the contract.
var resourceWords = map[string]string{"leads": "[Ll]eads?", "content": "[Bb]log|[Pp]osts", "support": "[Tt]ickets?",
	"tracking": "[Ff]ollowers?|[Tt]racked accounts?", "billing": "[Ii]nvoices?"}

// class is what nobody sees of an element.
var class = regexp.MustCompile(` class="[^"]*"`)

// foreignWords are the events, and the words for resources, that a product has not.
func foreignWords(rules profile.Profile) []string {
	var out []string
	for resource, words := range resourceWords {
		if !rules.Sells(resource) {
			out = append(out, words)
		}
	}
	for _, et := range testkit.Contract().EventTypes {
		// Alerts have conditions of the same names as Hookline's own events.
		if !event.Operational(et.Name) && (!rules.Offers(et.Name, et.Resource) ||
			rules.EventName(et.Name) != et.Name) {
			out = append(out, regexp.QuoteMeta(et.Name))
		}
	}
	for _, other := range profile.All() {
		for _, called := range profile.Of(other).Names {
			if !slices.Contains(rules.OwnTypes(), called) {
				out = append(out, called)
			}
		}
	}
	return out
}

// TestATenantSeesNothingOfOtherProducts looks for their names and permissions on pages, and tries to use them.
func TestATenantSeesNothingOfOtherProducts(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	c := testkit.Contract()
	for _, name := range profile.All() {
		if name == profile.Default {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules := profile.Of(name)
			var foreign []string
			mine := c.PermissionsOf(rules.Sells)
			for _, permission := range c.Permissions() {
				if !slices.Contains(mine, permission) {
					foreign = append(foreign, permission)
				}
			}
			for _, other := range profile.All() {
				if !slices.Contains(rules.Choices(), other) {
					foreign = append(foreign, other)
				}
			}
			word := regexp.MustCompile(`\b(` + strings.Join(append(foreignWords(rules), foreign...), "|") + `)\b`)
			tenant := p.NewOwner(t, name)
			v := visit(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "admin",
				"member_id": ownerOf(t, tenant)})
			types := testkit.Get[gen.EventTypeList](t, tenant, "/api/v1/event-types").Data
			hook := tenant.NewEndpoint(t, "https://example.com", map[string]any{"name": "CRM", "events": []string{"*"}})
			for _, path := range []string{"", "/endpoints", "/endpoints/new", "/endpoints/" + hook.ID,
				"/endpoints/" + hook.ID + "/edit",
				"/keys", "/keys/new",
				"/members", "/members/new", "/event-types", "/event-types/" + types[0].Type, "/settings",
				"/usage", "/audit", "/deliveries", "/events", "/dead-letters"} {
				seen := class.ReplaceAllString(v.get(t, "/app"+path), "")
				if found := word.FindAllString(seen, -1); found != nil {
					t.Errorf("/app%s: got %v, want nothing of other products", path, found)
				}
			}
			for path, body := range map[string]map[string]any{
				"/api/v1/keys": {"name": "x", "permissions": foreign[:1]},
				"/api/v1/webhooks": {"name": "x", "url": "https://example.com", "events": []string{"*"},
					"profile": foreign[len(foreign)-1]},
			} {
				tenant.Call(t, http.MethodPost, path, body).Want(t, http.StatusBadRequest)
			}
			key := testkit.Post[gen.KeyCreated](t, tenant, "/api/v1/keys", map[string]any{"name": "x",
				"role": "developer"}, http.StatusCreated)
			me := testkit.NewClient(p.URL, key.Key).Call(t, http.MethodGet, "/api/v1/me", nil).Want(t, http.StatusOK)
			if word.Match(me.Body) || !strings.Contains(string(me.Body), mine[0]) {
				t.Errorf("GET /me of a developer's key: got %s, want only the permissions that the product has", me.Body)
			}
		})
	}
}

// TestPagesShowDataAsTheProductWritesThem in the catalogue, the event log and samples, and for another profile's
// endpoint as that one does.
func TestPagesShowDataAsTheProductWritesThem(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	for product, want := range map[string]struct{ name, shown, ours string }{
		"leadhooks": {"lead_update", "&#34;status&#34;: &#34;contacted&#34;", "&#34;old&#34;"},
		"savelead":  {"save_lead", "&#34;first_name&#34;", "&#34;external_id&#34;"},
	} {
		tenant := p.NewOwner(t, product)
		v := visit(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "admin"})
		hook := tenant.NewEndpoint(t, "https://example.com", map[string]any{"name": "CRM",
			"events": []string{want.name}})
		et := testkit.Get[gen.EventType](t, tenant, "/api/v1/event-types/"+want.name)
		e := testkit.Post[gen.Event](t, tenant, "/api/v1/events", map[string]any{"type": want.name, "data": et.Sample},
			http.StatusAccepted)
		for _, path := range []string{"/app/events", "/app/events/" + e.ID} {
			if page := v.get(t, path, want.name); strings.Contains(page, want.ours) {
				t.Errorf("%s of %s: got %s in it, want data as the product writes them", path, product, want.ours)
			}
		}
		for _, path := range []string{"/app/event-types/" + want.name, "/app/events/publish?from=" + e.ID} {
			if page := v.get(t, path, want.shown); strings.Contains(page, want.ours) {
				t.Errorf("%s of %s: got %s in it, want data as the product writes them", path, product, want.ours)
			}
		}
		v.get(t, "/app/event-types/"+want.name, "/app/endpoints/"+hook.ID, `<h3>Body</h3>`)
		v.get(t, "/app/event-types/"+want.name+"?profile=hookline", `<h3>Body</h3>`, "&#34;type&#34;: &#34;lead.")
	}
}

// TestFormsAndFirstStepsAreTheProducts: what a page tells somebody to enter or to call is what the product's API takes.
func TestFormsAndFirstStepsAreTheProducts(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	for name, want := range map[string][]string{
		"hookline":    {"lead.created", "/api/v1/leads", "hk_live_…"},
		"leadmetrics": {"lead.created", "/api/v1/leads", "lm_live_…"},
		"leadhooks":   {"new_lead", "/api/v1/leads", "wk_live_…"},
		"savelead":    {"save_lead", "/api/v1/leads", "hk_live_…"},
		"inboxops":    {"ticket.created", "/api/v1/events", "ixk_…"},
		"leadie":      {"stats.updated", "/api/v1/events", "ld_live_…"},
	} {
		tenant := p.NewOwner(t, name)
		v := visit(t, p, testkit.TenantOf(t, tenant), map[string]any{"member_id": ownerOf(t, tenant)})
		page := html.UnescapeString(v.get(t, "/app", "that fires <code>"+want[0]+"</code>", want[1], want[2]))
		_, body, found := strings.Cut(page, "-d '")
		body, _, ended := strings.Cut(body, "'</code>")
		if !found || !ended {
			t.Fatalf("overview of %s: got %s, want a call to copy", name, page)
		}
		if a := tenant.Call(t, http.MethodPost, want[1], body); a.Status/100 != 2 {
			t.Errorf("POST %s of %s with %s: got %s, want it taken", want[1], name, body, a.Body)
		}
		form := v.get(t, "/app/endpoints/new", `placeholder="`+want[0]+`"`)
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodGet} {
			offered := strings.Contains(form, ">"+method+"</option>")
			a := tenant.Call(t, http.MethodPost, "/api/v1/webhooks", map[string]any{"name": method,
				"url": "https://example.com", "events": []string{"*"}, "method": method})
			if taken := a.Status == http.StatusCreated; offered != taken {
				t.Errorf("method %s of %s: the form offers it: %t, the API takes it: %t, want the same", method, name,
					offered, taken)
			}
		}
		if got := v.get(t, "/app/event-types/"+want[0]); strings.Contains(got, "get this type") {
			t.Errorf("the page of %s under %s: got that nobody gets it, want a request", want[0], name)
		}
	}
}
