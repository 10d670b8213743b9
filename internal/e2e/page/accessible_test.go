package page_test

import (
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/dashboard"
	"github.com/hookline/hookline/internal/dashboard/admin"
	"github.com/hookline/hookline/internal/testkit"
)

var everyLook = flag.Bool("looks", false, "check every page in the dark and on a phone, not the first ones alone")

// heaviest is how many bytes a page may have before it is compressed.
const heaviest = 60 << 10

// TestInTheBrowserEveryPageIsAccessibleAndLight looks at each page that the program serves with the rules of axe for
// WCAG 2.2 AA, and at the first ones in the dark and on a phone; `make looks` does that with all.
func TestInTheBrowserEveryPageIsAccessibleAndLight(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	id := testkit.TenantOf(t, tenant)
	objects := pageObjects(t, p, tenant)
	groups := map[string][]string{}
	for _, pattern := range pagePatterns(t) {
		path := pattern
		for prefix, object := range objects {
			path = strings.Replace(path, prefix, object, 1)
		}
		if strings.Contains(path, ":") {
			t.Errorf("page %s: got no object for it in pageObjects, want one", pattern)
			continue
		}
		parts := strings.Split(pattern+"//", "/")
		name := "keys and settings"
		switch {
		case parts[1] == "admin":
			name = "operators"
		case slices.Contains([]string{"", "endpoints", "deliveries", "dead-letters", "jobs"}, parts[2]):
			name = "endpoints and deliveries"
		}
		groups[name] = append(groups[name], path)
	}
	for name, paths := range groups {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := openTab(t, p.URL)
			switch name {
			case "operators":
				b.looksWell("/admin/login", true)
				b.fill("key", p.Operator.Key())
				b.leave("Sign in")
			case "endpoints and deliveries":
				b.open(portal(t, p, id, map[string]any{"role": "owner"}).URL)
			default:
				b.allow("401")
				b.looksWell("/app/login", true)
				b.open(portal(t, p, id, map[string]any{"role": "owner", "frame": "bare"}).URL)
			}
			for _, path := range paths {
				b.looksWell(path, path == paths[0])
			}
			b.allow("404")
			b.looksWell("/"+strings.Split(paths[0], "/")[1]+"/nothing", false)
		})
	}
}

// pagePatterns are the routes of all pages of tenants and operators, in order. What is no page is left out:
// files, streams, and the redirects below /app/settings.
func pagePatterns(t *testing.T) []string {
	t.Helper()
	c, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	rules := map[string]contract.Rule{}
	for _, rule := range c.Rules {
		rules[rule.OperationID] = rule
	}
	e := echo.New()
	dashboard.New(dashboard.Options{}).Register(e)
	admin.New(admin.Options{Rules: rules}).Register(e)
	var out []string
	for _, r := range e.Routes() {
		if r.Method == http.MethodGet && !strings.HasSuffix(r.Path, "/") && !strings.HasSuffix(r.Path, "*") &&
			!strings.Contains(r.Path, "/assets/") &&
			!strings.HasPrefix(r.Path, "/app/settings/") && !slices.Contains([]string{"/app/deliveries/stream",
			"/app/deliveries/export", "/app/endpoints/suggest", "/app/look/style.css", "/app/look/logo",
			"/app/look/favicon"}, r.Path) {
			out = append(out, r.Path)
		}
	}
	slices.Sort(out)
	return out
}

// pageObjects makes one of everything that has a page, and returns their pages by their routes.
func pageObjects(t *testing.T, p *testkit.Program, tenant *testkit.Client) map[string]string {
	t.Helper()
	type made struct{ ID string }
	post := func(c *testkit.Client, path string, status int, body map[string]any) string {
		t.Helper()
		return testkit.Post[made](t, c, path, body, status).ID
	}
	tenant.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, map[string]any{"name": "CRM"})
	ill := tenant.NewEndpoint(t, testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) {
		w.WriteHeader(http.StatusServiceUnavailable)
	}).URL, map[string]any{"name": "Warehouse", "retry_policy": map[string]any{"schedule": []string{"1s"}}})
	tenant.NewLead(t, "ada@example.com")
	p.Await(t, "a dead letter", func() bool { return p.Counts(t, tenant)["dead"] == 1 })
	dead := tenant.Deliveries(t, "&status=dead")[0]
	post(tenant, "/api/v1/event-types", http.StatusCreated, map[string]any{"type": "order.created",
		"description": "An order was placed.", "schema": map[string]any{"type": "object"}, "sample": map[string]any{}})
	of := "/tenants/" + testkit.TenantOf(t, tenant)
	operatorKey := p.NewOperatorKey(t, "support", map[string]any{"name": "Night"})
	none := map[string]any{"filter": map[string]any{"reason": "tls"}}
	key := post(tenant, "/api/v1/keys", http.StatusCreated, map[string]any{"name": "Backend"})
	invoice := post(p.Operator, "/admin/v1"+of+"/invoices", http.StatusCreated, map[string]any{"number": t.Name(),
		"amount": 100, "currency": "eur"})
	return map[string]string{
		"/app/endpoints/:id": "/app/endpoints/" + ill.ID, "/app/deliveries/:id": "/app/deliveries/" + dead.ID,
		"/app/events/:id": "/app/events/" + dead.EventID, "/app/keys/:id": "/app/keys/" + key,
		"/app/event-types/:type": "/app/event-types/order.created",
		"/app/members/:id":       "/app/members/" + tenant.NewMember(t, "grace@example.com").ID,
		"/app/alerts/channels/:id": "/app/alerts/channels/" + post(tenant, "/api/v1/alert-channels", http.StatusCreated,
			map[string]any{"type": "slack", "target": testkit.NewReceiver(t, nil).URL}),
		"/app/jobs/:id": "/app/jobs/" + post(tenant, "/api/v1/dead-letters/replay", http.StatusAccepted, none),
		"/admin/jobs/:id": "/admin/jobs/" + post(p.Operator, "/admin/v1/dead-letters/replay", http.StatusAccepted,
			none),
		"/admin/tenants/:id": "/admin" + of, "/keys/:key": "/keys/" + key, "/invoices/:invoice": "/invoices/" + invoice,
		"/admin/queues/:queue": "/admin/queues/webhooks", "/operator-keys/:key": "/operator-keys/" + operatorKey.ID,
	}
}

// looksWell opens a page and fails the test unless it is light and accessible, on request in every look.
func (b *tab) looksWell(path string, inEveryLook bool) {
	b.t.Helper()
	b.open(path)
	if b.path() != strings.SplitN(path, "?", 2)[0] {
		b.t.Errorf("%s: got the page %s, want that one", path, b.path())
	}
	size, _ := js[int](b, "performance.getEntriesByType('navigation')[0].decodedBodySize")
	if size > heaviest {
		b.t.Errorf("%s: got %d bytes, want at most %d", path, size, heaviest)
	}
	b.accessible(path, wcag)
	if inEveryLook || *everyLook {
		b.accessibleInEveryLook(path)
	}
}

// accessibleInEveryLook asks the rules that the dark theme and a phone can break.
func (b *tab) accessibleInEveryLook(where string) {
	b.t.Helper()
	b.system("dark")
	b.accessible(where+" in the dark", `{type: 'rule', values: ['color-contrast']}`)
	b.system("light")
	b.size(390, 844)
	b.accessible(where+" on a phone", `{type: 'rule', values: ['target-size', 'scrollable-region-focusable', 'label',
		'aria-hidden-focus']}`)
	if wide, _ := js[bool](b, "document.documentElement.scrollWidth > innerWidth"); wide {
		b.t.Errorf("%s on a phone: got a page that is wider than the window, want it to fit", where)
	}
	b.size(1360, 900)
}

// TestInTheBrowserTheDocumentationIsAccessible looks at one page of each kind, and at two of them in the
// dark and on a phone; make looks does that with all.
func TestInTheBrowserTheDocumentationIsAccessible(t *testing.T) {
	t.Parallel()
	b := openTab(t, testkit.Shared(t, testkit.Embedded).URL)
	kinds := []string{"/docs", "/docs/leadie", "/docs/reference/jobs", "/docs/search?q=replay"}
	if *everyLook {
		kinds = append(kinds, "/docs/receive", "/docs/reference/webhooks", "/docs/savelead/reference/payloads")
	}
	for _, path := range kinds {
		b.open(path)
		b.accessible(path, wcag)
		if *everyLook || path == "/docs/leadie" || path == "/docs/reference/jobs" {
			b.accessibleInEveryLook(path)
		}
	}
	b.allow("404")
	b.open("/docs/quikstart")
	b.sees("There is no such page")
	b.accessible("a page that is not there", wcag)
}

// TestInTheBrowserALanguageIsChosenOnce for all samples, and stays chosen on the next page.
func TestInTheBrowserALanguageIsChosenOnce(t *testing.T) {
	t.Parallel()
	b := openTab(t, testkit.Shared(t, testkit.Embedded).URL)
	b.open("/docs/reference/keys")
	// what no SDK has a method for, a stream or what strangers report, is shown for curl alone
	shown := `[...document.querySelectorAll('.tabs:has([data-tab=TypeScript])')].every((tabs) => tabs.innerText.includes('hookline.') &&
		!tabs.innerText.includes('curl -X') && tabs.querySelector(':checked').dataset.tab === 'TypeScript')`
	if chosen, _ := js[bool](b, `document.querySelector('[data-tab=TypeScript]').click(), `+shown); !chosen {
		t.Error("samples after a choice of TypeScript: got other languages, want TypeScript everywhere")
	}
	b.open("/docs/reference/leads")
	b.await(shown)
}

// wcag are axe's rules for WCAG 2.2 AA, and what it calls best practice.
const wcag = `['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']`

// accessible fails the test for each of axe's rules that the page breaks. axe comes from the npm registry and is not
// part of the repository.
func (b *tab) accessible(where, rules string) {
	b.t.Helper()
	if loaded, _ := js[bool](b, "typeof axe !== 'undefined'"); !loaded {
		axe, err := os.ReadFile(filepath.Join(testkit.NodePackage(b.t, "axe-core", "4"), "axe-core", "axe.min.js"))
		if err != nil {
			b.t.Fatal(err)
		}
		if _, ok := js[bool](b, string(axe)+"\ntrue"); !ok {
			b.t.Fatalf("%s: axe could not be loaded", where)
		}
	}
	if _, ok := js[bool](b, `window.found = undefined, axe.run(document, {resultTypes: ['violations'], runOnly: `+rules+
		`}).then((r) => {
		window.found = JSON.stringify(r.violations.map((v) => ({rule: v.id, help: v.help,
			nodes: v.nodes.map((n) => n.target.join(' ') + ': ' + n.html.slice(0, 160)).slice(0, 5)})))}), true`); !ok {
		b.t.Fatalf("%s: axe did not run", where)
	}
	b.await("window.found !== undefined")
	text, _ := js[string](b, "window.found")
	var broken []struct {
		Rule, Help string
		Nodes      []string
	}
	if err := json.Unmarshal([]byte(text), &broken); err != nil {
		b.t.Fatal(err)
	}
	for _, v := range broken {
		b.t.Errorf("%s: got %s (%s) broken by\n%s\nwant no violation", where, v.Rule, v.Help,
			strings.Join(v.Nodes, "\n"))
	}
}
