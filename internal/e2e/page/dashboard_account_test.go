package page_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// guest is a user who is signed in to the dashboard, with a browser that runs no scripts.
type guest struct {
	base string
	http *http.Client
}

func visit(t *testing.T, p *testkit.Program, tenantID string, session map[string]any) *guest {
	t.Helper()
	v := &guest{p.URL, testkit.NewBrowser(t)}
	if session["environment"] == nil {
		session["environment"] = "live"
	}
	link := testkit.Post[gen.PortalSession](t, p.Operator, "/admin/v1/tenants/"+tenantID+"/portal-sessions", session,
		http.StatusCreated)
	_, once, _ := strings.Cut(link.URL, "?once=")
	v.send(t, http.MethodPost, "/app/login", url.Values{"once": {once}})
	return v
}

type seen struct {
	status int
	header http.Header
	path   string // where it led
	body   string
}

func (v *guest) send(t *testing.T, method, path string, form url.Values) seen {
	t.Helper()
	response, body := testkit.Submit(t, v.http, method, v.base+path, form)
	return seen{response.StatusCode, response.Header, response.Request.URL.Path, body}
}

// get reads a page that must be one, with nothing in it that its policy forbids.
func (v *guest) get(t *testing.T, path string, wants ...string) string {
	t.Helper()
	return v.status(t, path, http.StatusOK, wants...)
}

func (v *guest) status(t *testing.T, path string, status int, wants ...string) string {
	t.Helper()
	a := v.send(t, http.MethodGet, path, nil)
	if a.status != status {
		t.Fatalf("%s: got %d, want %d\n%s", path, a.status, status, a.body)
	}
	if found := inline.FindString(a.body); found != "" {
		t.Errorf("%s: got the inline code %q, want none", path, found)
	}
	has(t, path, a.body, wants...)
	return a.body
}

func has(t *testing.T, what, body string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(body, want) {
			_, main, _ := strings.Cut(body, "<main")
			t.Errorf("%s lacks %q in\n%.3000s", what, want, main)
		}
	}
}

var guards = regexp.MustCompile(`name="(csrf_token|once|form)" value="([^"]*)"`)

// post sends a form of a page, as that page would.
func (v *guest) post(t *testing.T, page, path string, form url.Values, wants ...string) seen {
	t.Helper()
	for _, m := range guards.FindAllStringSubmatch(v.send(t, http.MethodGet, page, nil).body, -1) {
		form.Set(m[1], m[2])
	}
	a := v.send(t, http.MethodPost, path, form)
	has(t, path, a.body, wants...)
	return a
}

func TestTheCatalogueShowsEachTypeAndSendsATestOfIt(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	receiver := testkit.NewReceiver(t, nil)
	hook := tenant.NewEndpoint(t, receiver.URL, map[string]any{"name": "CRM", "events": []string{"lead.*"}})
	v := visit(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "owner"})
	all := v.get(t, "/app/event-types", `href="/app/event-types" aria-current="page">`)
	for _, et := range testkit.Contract().EventTypes {
		has(t, "the catalogue", all, `href="/app/event-types/`+et.Name+`"`)
	}
	found := v.get(t, "/app/event-types?q=new_lead", "lead.created")
	if strings.Contains(found, "invoice.paid") {
		t.Error("search: got invoice.paid, want matches only")
	}
	v.get(t, "/app/event-types?q=nothing+like+it", "No event type matches")
	page := v.get(t, "/app/event-types/lead.created", "<code>email</code>", "webhook-signature", "new_lead",
		"save_lead",
		"JSON Schema", "&#34;type&#34;: &#34;lead.created&#34;", "hmac.compare_digest", "hash_equals", "MessageDigest",
		"secure_compare", "timingSafeEqual", "func Verify", ">CRM<")
	if strings.Contains(page, "X-Leadie") {
		t.Error("page of another profile: got X-Leadie, want its own headers only")
	}
	v.get(t, "/app/event-types/lead.created?profile=leadie", "X-Leadie-Signature", "user_id")
	v.get(t, "/app/event-types/invoice.paid?profile=savelead", "don’t get this type")
	v.status(t, "/app/event-types/lead.created?profile=none", http.StatusNotFound)
	v.status(t, "/app/event-types/no.such", http.StatusNotFound)
	v.post(t, "/app/event-types/lead.created", "/app/endpoints/"+hook.ID+"/test",
		url.Values{"event_type": {"lead.updated"}}, "Succeeded.", "lead.updated")
	if got := receiver.Next(t); !strings.Contains(string(got.Body), `"type":"lead.updated"`) {
		t.Errorf("test event: got %s, want lead.updated", got.Body)
	}
	few := visit(t, p, testkit.TenantOf(t, tenant), map[string]any{"capabilities": []string{"read:leads"}})
	few.status(t, "/app/event-types", http.StatusForbidden)
	if strings.Contains(few.get(t, "/app/settings"), "/app/event-types") {
		t.Error("navigation: got /app/event-types, want pages that the session may see")
	}
}

func TestCreditsAndUsageAreShownWithTheirLedgerAndChart(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	tenant := p.NewTenant(t, "business")
	id := testkit.TenantOf(t, tenant)
	v := visit(t, p, id, map[string]any{"role": "viewer"})
	v.get(t, "/app/usage", "No calls in this period", "Quotas of your plan", "0 of 200", "1 of 100", "at most 4,000")
	for range 31 {
		p.Operator.Call(t, http.MethodPost, "/admin/v1/tenants/"+id+"/credits", map[string]any{"amount": 1,
			"reason": "Thanks <b>"}).Want(t, http.StatusCreated)
	}
	first := v.get(t, "/app/credits", "10,031", "10,000", "Thanks &lt;b&gt;", ">&#43;1<", `rel="next"`)
	next := regexp.MustCompile(`href="(/app/credits\?cursor=[^"]*)" rel="next"`).FindStringSubmatch(first)
	v.get(t, strings.ReplaceAll(next[1], "&amp;", "&"), "monthly", "Back to the newest")
	tenant.NewLead(t, "ada@example.com")
	tenant.Call(t, http.MethodGet, "/api/v1/leads/lead_none", nil).Want(t, http.StatusNotFound)
	p.Await(t, "the calls to be counted", func() bool {
		return strings.Contains(v.send(t, http.MethodGet, "/app/usage", nil).body, "1 rejected")
	})
	v.get(t, "/app/usage?days=7", `role="img"`, "1 succeeded, 1 rejected", "As a table", "404", "Not Found")
	key := testkit.Get[gen.Me](t, tenant, "/api/v1/me").Key
	v.get(t, "/app/usage?key_id="+key.ID, "all keys", key.Name)
	v.get(t, "/app/keys/"+key.ID, "/app/usage?key_id="+key.ID)
}

func TestMembersAreAddedChangedAndRemoved(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	id := testkit.TenantOf(t, tenant)
	v := visit(t, p, id, map[string]any{"role": "owner"})
	v.get(t, "/app/members", "No members yet", "full access except changing members")
	v.post(t, "/app/members/new", "/app/members/new", url.Values{"email": {"nonsense"}, "name": {"Ada"},
		"role": {"owner"}}, "must be an email address", `value="Ada"`)
	made := v.post(t, "/app/members/new", "/app/members/new", url.Values{"email": {"ada@example.com"},
		"name": {"Ada"}, "role": {"owner"}}, "The member was added.", "ada@example.com")
	v.post(t, "/app/members/new", "/app/members/new", url.Values{"email": {"ada@example.com"}, "name": {"Ada"},
		"role": {"owner"}}, `role="alert"`)
	// the last owner
	v.post(t, made.path, made.path, url.Values{"name": {"Ada"}, "role": {"viewer"}}, `role="alert"`)
	second := v.post(t, "/app/members/new", "/app/members/new", url.Values{"email": {"grace@example.com"},
		"name": {"Grace"}, "role": {"developer"}}, "Grace")
	member := strings.TrimPrefix(second.path, "/app/members/")
	testkit.Post[gen.KeyCreated](t, p.Operator, "/admin/v1/tenants/"+id+"/keys",
		map[string]any{"name": "Grace's own", "environment": "live", "permissions": []string{"read:leads"},
			"user_id": member}, http.StatusCreated)
	v.get(t, second.path, "Grace&#39;s own")
	v.post(t, second.path, second.path, url.Values{"name": {"Grace H"}, "role": {"viewer"}},
		"The member was changed.", "Grace H")
	v.post(t, second.path+"/remove", second.path+"/remove", url.Values{"name": {"Grace H"}}, "This is not the name")
	v.post(t, second.path+"/remove", second.path+"/remove", url.Values{"name": {"grace@example.com"}},
		"The member was removed.")
	v.status(t, second.path, http.StatusNotFound)

	viewer := visit(t, p, id, map[string]any{"role": "viewer"})
	if strings.Contains(viewer.get(t, "/app/members", "Ada"), "/app/members/new") {
		t.Error("members for a viewer: got a button to add one, want none")
	}
	viewer.status(t, "/app/members/new", http.StatusForbidden)
	if a := viewer.post(t, "/app/members", made.path+"/remove",
		url.Values{"name": {"ada@example.com"}}); a.status != http.StatusForbidden {
		t.Errorf("removal by a viewer: got %d, want 403", a.status)
	}
	visit(t, p, id, map[string]any{"role": "owner", "environment": "test"}).status(t, "/app/members",
		http.StatusForbidden, "live environment")
}

// Events of leadie carry a member's number as user_id; nothing of the other products does.
func TestMembersShowTheNumberThatEventsOfTheirProductCarry(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	for product, shown := range map[string]bool{"leadie": true, "hookline": false} {
		id := testkit.TenantOf(t, p.NewOwner(t, product))
		member := testkit.Post[gen.Member](t, p.Operator, "/admin/v1/tenants/"+id+"/members", map[string]any{
			"email": product + "@example.com", "name": "Grace", "role": "owner"}, http.StatusCreated)
		v := visit(t, p, id, map[string]any{"member_id": member.ID})
		for page, text := range map[string]string{
			"/app/members":              fmt.Sprintf("user id %d<", member.Number),
			"/app/members/" + member.ID: fmt.Sprintf("<dt>User id in events</dt><dd>%d</dd>", member.Number),
		} {
			if got := v.get(t, page, "Grace"); strings.Contains(got, text) != shown {
				t.Errorf("%s of %s: got %v for %q, want %v", page, product, !shown, text, shown)
			}
		}
	}
}

func TestTheAuditLogIsFilteredAndTellsWhatChangedWithoutSecrets(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	tenant := p.NewTenant(t, "business")
	id := testkit.TenantOf(t, tenant)
	hook := tenant.NewEndpoint(t, "https://example.com/hooks",
		map[string]any{"headers": map[string]string{"Authorization": "Bearer s3cret"}})
	tenant.Call(t, http.MethodPatch, "/api/v1/webhooks/"+hook.ID, map[string]any{"description": "mine"}).
		Want(t, http.StatusOK)
	v := visit(t, p, id, map[string]any{"role": "owner"})
	page := v.get(t, "/app/audit?action=webhook.updated", "description", "<ins>mine</ins>", `href="/app/endpoints/`+
		hook.ID+`"`, `<option value="webhook.updated">`)
	if strings.Contains(page, "s3cret") || strings.Contains(page, hook.Secret) || strings.Contains(page,
		"<b>webhook.created") {
		t.Errorf("audit log: got a secret or HTML in it, want neither:\n%s", page)
	}
	key := testkit.Get[gen.Me](t, tenant, "/api/v1/me").Key.ID
	v.get(t, "/app/audit?actor_id="+key, "webhook.created", "webhook.updated")
	day := func(ago time.Duration) string { return time.Now().Add(ago).UTC().Format("2006-01-02T15:04") }
	v.get(t, "/app/audit?from="+day(time.Hour), "No entry matches")
	v.get(t, "/app/audit?to="+day(-time.Hour), "No entry matches")
	v.get(t, "/app/audit?from="+day(-time.Hour)+"&to="+day(time.Hour), "webhook.updated")
	v.status(t, "/app/audit?from=yesterday", http.StatusBadRequest, "is not a time")
	v.status(t, "/app/audit?cursor=nonsense", http.StatusBadRequest, `role="alert"`)
}

func TestSettingsTellThePlanAndASessionMadeForItChangesTheEnvironment(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "pro")
	id := testkit.TenantOf(t, tenant)
	v := visit(t, p, id, map[string]any{"role": "owner"})
	v.get(t, "/app/settings", id, "missing", "It is included in the plan business", "1,000 credits a month",
		"100 requests in any minute for each key, and 400 in any minute with all keys together",
		"This session is for one environment", `href="/docs"`, "Sign out")
	if a := v.post(t, "/app/settings", "/app/settings/environment",
		url.Values{"environment": {"test"}}); a.status != http.StatusForbidden {
		t.Errorf("other environment in a session for one: got %d, want 403", a.status)
	}
	both := visit(t, p, testkit.TenantOf(t, p.NewTenant(t, "business")), map[string]any{"role": "owner",
		"may_switch": true})
	both.get(t, "/app/settings", "included", "Change to test")
	both.post(t, "/app/settings", "/app/settings/environment", url.Values{"environment": {"test"}},
		"You see the test environment.", `env-test">test`, "Change to live")
	both.get(t, "/app/audit?action=session.switched", "<del>live</del>", "<ins>test</ins>")
	if a := both.post(t, "/app/settings", "/app/settings/environment",
		url.Values{"environment": {"moon"}}); a.status != http.StatusBadRequest {
		t.Errorf("unknown environment: got %d, want 400", a.status)
	}
	both.post(t, "/app/settings", "/app/settings/environment", url.Values{"environment": {"live"}},
		"Change to test")
	a := both.post(t, "/app/settings", "/app/logout", url.Values{})
	if a.path != "/app/login" {
		t.Errorf("sign-out: got %s, want /app/login", a.path)
	}
}
