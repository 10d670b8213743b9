package page_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// entry is a line of the navigation at the side.
var entry = regexp.MustCompile(`<li><a href="(/[^"]*)"[^>]*>(?:<svg[^>]*><use[^>]*/></svg>)?([^<]+?)( <span class="note">not in your plan</span>)?</a></li>`)

// agree gives a tenant entitlements, or takes them away, whatever its plan.
func agree(t *testing.T, p *testkit.Program, tenantID string, overrides map[string]bool) {
	t.Helper()
	p.Operator.Call(t, http.MethodPatch, "/admin/v1/tenants/"+tenantID,
		map[string]any{"entitlement_overrides": overrides}).Want(t, http.StatusOK)
}

func TestTheNavigationMarksWhatThePlanLacksAndLeadsToWhatToDo(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	for _, c := range []struct {
		plan      string
		overrides map[string]bool
		marked    map[string]string // sections, with the entitlement they need
	}{
		{"business", nil, nil},
		{"pro", nil, map[string]string{
			"Endpoints": "webhooks", "Deliveries": "webhooks", "Dead letters": "webhooks", "Events": "public_api",
			"Alerts": "webhooks", "API keys": "public_api", "Event catalogue": "public_api",
			"Credits": "public_api", "Usage": "public_api", "Members": "public_api", "Audit log": "public_api",
		}},
		{"pro", map[string]bool{"public_api": true}, map[string]string{"Endpoints": "webhooks",
			"Deliveries": "webhooks", "Dead letters": "webhooks", "Alerts": "webhooks"}},
		{"business", map[string]bool{"public_api": false}, map[string]string{
			"Events": "public_api", "API keys": "public_api", "Event catalogue": "public_api",
			"Credits": "public_api", "Usage": "public_api", "Members": "public_api", "Audit log": "public_api",
		}},
	} {
		id := testkit.TenantOf(t, p.NewTenant(t, c.plan))
		if c.overrides != nil {
			agree(t, p, id, c.overrides)
		}
		v := enter(t, p, portal(t, p, id, map[string]any{"role": "owner"}).URL)
		sections := entry.FindAllStringSubmatch(v.last, -1)
		if len(sections) != 14 {
			t.Fatalf("sections of the navigation: got %d, want 14: %s", len(sections), v.last)
		}
		for _, s := range sections {
			path, name := s[1], s[2]
			needs := c.marked[name]
			if (s[3] != "") != (needs != "") {
				t.Errorf("%s %v: got %s marked: %t, want %t", c.plan, c.overrides, name, s[3] != "", needs != "")
			}
			if path == "/docs" {
				continue
			}
			if needs == "" {
				v.sees(path, http.StatusOK, name) // nothing that it reads is refused
				if name != "Overview" {
					v.hasNot("What your plan includes</a>")
				}
				continue
			}
			v.sees(path, http.StatusOK, "<h1>"+name+"</h1>", "needs <code>"+needs+"</code>", "/app/settings")
			if c.plan == "business" {
				v.has("it is disabled for your organisation")
			} else {
				v.has("It is included in the plan business and higher plans")
			}
		}
	}
}

func TestMissingEntitlementsAreExplainedOnPagesAndRefusedOnForms(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	id := testkit.TenantOf(t, tenant)
	hook := tenant.NewEndpoint(t, "http://127.0.0.1:1", map[string]any{"name": "CRM"})
	v := enter(t, p, portal(t, p, id, map[string]any{"role": "owner"}).URL)
	v.sees("/app/endpoints/"+hook.ID, http.StatusOK, "Disable")
	agree(t, p, id, map[string]bool{"webhooks": false})
	p.Await(t, "the change", func() bool {
		v.get("/app/endpoints")
		return strings.Contains(v.last, "not in your plan")
	})
	for _, path := range []string{"/app/endpoints/new", "/app/endpoints/" + hook.ID, "/app/endpoints/" + hook.ID +
		"/delete", "/app/deliveries/dlv_1", "/app/dead-letters/purge", "/app/jobs/job_1"} {
		v.sees(path, http.StatusOK, "This needs <code>webhooks</code>")
		v.hasNot("CRM")
	}
	v.sees("/app", http.StatusOK, "Deliveries and their metrics need <code>webhooks</code>")
	v.sees("/app/event-types/lead.created", http.StatusOK, "JSON Schema")
	v.hasNot("CRM", "Send a test")
	v.submits("/app/endpoints/"+hook.ID+"/disable", nil, http.StatusForbidden, "Your plan does not include this",
		"webhooks")
	if got := v.get("/app/deliveries/stream", "Sec-Fetch-Mode", "cors"); got.StatusCode != http.StatusForbidden {
		t.Errorf("script's request for the stream: got %d, want 403", got.StatusCode)
	}
	viewer := enter(t, p, portal(t, p, id, map[string]any{"capabilities": []string{"read:keys"}}).URL)
	viewer.hasNot("not in your plan") // what the session may not see anyway is not praised
	viewer.sees("/app/endpoints", http.StatusForbidden, "You have no permission to do this")
	agree(t, p, id, map[string]bool{})
	p.Await(t, "the change", func() bool {
		v.get("/app/endpoints")
		return strings.Contains(v.last, "CRM")
	})
	if w := testkit.Get[gen.Webhook](t, tenant, "/api/v1/webhooks/"+hook.ID); !w.Enabled {
		t.Error("endpoint without the plan for it: got it disabled, want it enabled")
	}
	v.sees("/app/endpoints/"+hook.ID, http.StatusOK, "Disable")
	v.submits("/app/endpoints/"+hook.ID+"/disable", url.Values{}, http.StatusOK, "The endpoint is disabled")
}

func TestInTheBrowserAPlanWithoutWebhooksIsExplained(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	id := testkit.TenantOf(t, p.NewTenant(t, "pro"))
	b := openTab(t, p.URL)
	b.open(portal(t, p, id, map[string]any{"role": "owner"}).URL)
	b.sees("not in your plan")
	b.shoot("plan-overview")
	b.open("/app/endpoints")
	b.sees("It is included in the plan business and higher plans.")
	b.shoot("plan-endpoints")
	b.leave("What your plan includes")
	b.sees("missing")
	b.shoot("plan-settings")
}
