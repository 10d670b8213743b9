package page_test

import (
	"encoding/json"
	"flag"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/testkit"
)

var everyLook = flag.Bool("looks", false, "check every page in the dark and on a phone, not the first ones alone")

// heaviest is how many bytes a page may have before it is compressed.
const heaviest = 60 << 10

// TestInTheBrowserEveryPageIsAccessibleAndLight looks at each page with the rules of axe for WCAG 2.2 AA, and at the
// first ones in the dark and on a phone; `make looks` does that with all.
func TestInTheBrowserEveryPageIsAccessibleAndLight(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	id := testkit.TenantOf(t, tenant)
	well := tenant.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, map[string]any{"name": "CRM"})
	ill := tenant.NewEndpoint(t, testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) {
		w.WriteHeader(http.StatusServiceUnavailable)
	}).URL, map[string]any{"name": "Warehouse", "retry_policy": map[string]any{"schedule": []string{"1s"}}})
	tenant.NewLead(t, "ada@example.com")
	p.Await(t, "a dead letter", func() bool { return p.Counts(t, tenant)["dead"] == 1 })
	dead := tenant.Deliveries(t, "&status=dead")[0]
	key := testkit.Post[struct{ ID string }](t, tenant, "/api/v1/keys", map[string]any{"name": "Backend"},
		http.StatusCreated)
	ofTenant := "/admin/tenants/" + url.PathEscape(id)
	for name, paths := range map[string][]string{
		"endpoints and deliveries": {"/app", "/app/endpoints", "/app/endpoints/new", "/app/endpoints/" + well.ID,
			"/app/endpoints/" + ill.ID, "/app/endpoints/" + ill.ID + "/edit", "/app/endpoints/" + ill.ID + "/delete",
			"/app/deliveries", "/app/deliveries/" + dead.ID, "/app/dead-letters"},
		"events, keys and settings": {"/app/events", "/app/event-types", "/app/event-types/lead.created", "/app/keys",
			"/app/keys/new", "/app/keys/" + key.ID, "/app/credits", "/app/usage", "/app/members", "/app/members/new",
			"/app/audit", "/app/settings"},
		"operators": {"/admin", "/admin/tenants", "/admin/tenants/new", ofTenant, ofTenant + "/members",
			ofTenant + "/keys", ofTenant + "/invoices", ofTenant + "/credits", "/admin/queues", "/admin/dead-letters",
			"/admin/operator-keys", "/admin/audit-log"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := openTab(t, p.URL)
			if name == "operators" {
				b.open("/admin/login")
				b.fill("key", p.Operator.Key())
				b.leave("Sign in")
			} else {
				b.open(portal(t, p, id, map[string]any{"role": "owner"}).URL)
			}
			for _, path := range paths {
				b.looksWell(path, path == paths[0])
			}
		})
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
