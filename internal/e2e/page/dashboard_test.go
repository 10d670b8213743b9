package page_test

import (
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/testkit"
)

// visitor is a browser without JavaScript.
type visitor struct {
	t    *testing.T
	base string
	http *http.Client
	last string // the page that was shown last
}

func enter(t *testing.T, p *testkit.Program, link string) *visitor {
	t.Helper()
	v := &visitor{t: t, base: p.URL, http: testkit.NewBrowser(t)}
	if got := v.get(link, "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest",
		"document"); got.StatusCode != http.StatusOK || got.Request.URL.Path != "/app" {
		t.Fatalf("link: got %d at %s, want 200 at /app", got.StatusCode, got.Request.URL.Path)
	}
	return v
}

func (v *visitor) send(r *http.Request) *http.Response {
	v.t.Helper()
	response, err := v.http.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	v.last = string(body)
	if strings.HasPrefix(response.Header.Get("Content-Type"), "text/html") {
		if got := response.Header.Get("Content-Security-Policy"); got != ui.CSP {
			v.t.Errorf("Content-Security-Policy of %s: got %q, want %q", r.URL.Path, got, ui.CSP)
		}
		if response.Header.Get("Cache-Control") != "no-store" {
			v.t.Errorf("Cache-Control of %s: got %q, want no-store", r.URL.Path, response.Header.Get("Cache-Control"))
		}
		if inline.MatchString(v.last) {
			v.t.Errorf("%s: got the inline code %s, want none", r.URL.Path, inline.FindString(v.last))
		}
	}
	return response
}

var inline = regexp.MustCompile(`<script[^>]*>[^<]|<style| style=| on[a-z]+="|href="javascript:`)

func (v *visitor) get(to string, headers ...string) *http.Response {
	v.t.Helper()
	if strings.HasPrefix(to, "/") {
		to = v.base + to
	}
	r, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, to, http.NoBody)
	if err != nil {
		v.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return v.send(r)
}

// sees shows a page and looks for texts on it.
func (v *visitor) sees(path string, status int, texts ...string) {
	v.t.Helper()
	if got := v.get(path); got.StatusCode != status {
		v.t.Errorf("%s: got %d, want %d", path, got.StatusCode, status)
	}
	v.has(texts...)
}

func (v *visitor) has(texts ...string) {
	v.t.Helper()
	for _, text := range texts {
		if !strings.Contains(html.UnescapeString(v.last), text) {
			v.t.Errorf("page: got no %q, want it:\n%s", text, v.last)
		}
	}
}

func (v *visitor) hasNot(texts ...string) {
	v.t.Helper()
	for _, text := range texts {
		if strings.Contains(html.UnescapeString(v.last), text) {
			v.t.Errorf("page: got %q, want it left out", text)
		}
	}
}

var hidden = regexp.MustCompile(`name="(csrf_token|once)" value="([^"]*)"`)

// guards are the hidden fields of the last page's forms.
func (v *visitor) guards() url.Values {
	out := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(v.last, -1) {
		out.Set(m[1], m[2])
	}
	return out
}

// submit sends a form of the last page, with its hidden fields.
func (v *visitor) submit(path string, fields url.Values) *http.Response {
	v.t.Helper()
	form := v.guards()
	for name, values := range fields {
		form[name] = values
	}
	r, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.send(r)
}

func (v *visitor) submits(path string, fields url.Values, status int, texts ...string) *http.Response {
	v.t.Helper()
	got := v.submit(path, fields)
	if got.StatusCode != status {
		v.t.Errorf("%s: got %d, want %d:\n%s", path, got.StatusCode, status, v.last)
	}
	v.has(texts...)
	return got
}

func TestEverythingWorksWithoutJavaScript(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	tenant := p.NewTenant(t, "business")
	consumer := testkit.NewReceiver(t, func(w http.ResponseWriter, r testkit.Received, _ int) {
		if !strings.Contains(r.Header.Get("webhook-id"), "evt_test_") {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	v := enter(t, p, portal(t, p, testkit.TenantOf(t, tenant), map[string]any{"capabilities": []string{"*"}}).URL)
	v.has("Your first webhook")
	v.sees("/app/endpoints/new", http.StatusOK, "lead.*", "Everything")
	v.submits("/app/endpoints/new", url.Values{"url": {"nonsense"}, "name": {"CRM"}}, http.StatusBadRequest, "CRM",
		`class="wrong"`)
	form := url.Values{"url": {consumer.URL}, "name": {"CRM"}, "event": {"lead.created"},
		"events_more": {"ticket.*"}, "retry": {"schedule"}, "schedule": {"1s"}, "headers": {"X-Team: crm"}}
	form.Set("do", "preview")
	v.submits("/app/endpoints/new", form, http.StatusOK, "after 1 s")
	form.Set("do", "sample")
	form.Set("profile", "leadhooks")
	v.submits("/app/endpoints/new", form, http.StatusOK, "X-Webhook-Signature", "new_lead")
	form.Del("profile")
	form.Set("do", "try")
	form.Set("filter", "data.score > 5")
	form.Set("sample", `{"score": 6}`)
	v.submits("/app/endpoints/new", form, http.StatusOK, "The sample passes")
	form.Del("do")
	form.Del("filter")
	guard := v.guards()
	made := v.submits("/app/endpoints/new", form, http.StatusOK, "The endpoint was created.", "lead.created",
		"ticket.*", "X-Team")
	path := made.Request.URL.Path
	form["once"], form["csrf_token"] = guard["once"], guard["csrf_token"]
	if again := v.submit("/app/endpoints/new", form); again.Request.URL.Path != path {
		t.Errorf("form sent twice: got %s and %s, want one endpoint", path, again.Request.URL.Path)
	}
	v.submits(path+"/test", nil, http.StatusOK, "Succeeded.", "200")
	v.submits(path+"/secret", nil, http.StatusOK, "whsec_")
	v.submits(path+"/rotate", url.Values{"grace": {"1h"}}, http.StatusOK, "This is the new secret",
		"A previous secret is valid until")
	v.sees(path+"/edit", http.StatusOK, "X-Team: ********", "keeps the stored value")
	v.submits(path+"/edit", url.Values{"url": {consumer.URL}, "name": {"Sales"}, "event": {"lead.*"},
		"method": {"POST"}, "profile": {"hookline"}}, http.StatusOK, "Your changes were saved.", "Sales", "X-Team")
	v.submits(path+"/disable", nil, http.StatusOK, "The endpoint is disabled", "disabled by a user")
	v.submits(path+"/enable", nil, http.StatusOK, "The endpoint is enabled")
	tenant.NewLead(t, "ada@example.com")
	p.Await(t, "a delivery that is dead", func() bool { return p.Counts(t, tenant)["dead"] == 1 })
	d := tenant.Delivery(t, tenant.Deliveries(t, "&status=dead")[0].ID)
	v.sees("/app/deliveries", http.StatusOK, d.ID, "Sales")
	v.sees("/app/deliveries?status=succeeded", http.StatusOK, "test")
	v.sees("/app/deliveries?status=cancelled", http.StatusOK, "No delivery matches")
	v.sees("/app/deliveries?from=yesterday", http.StatusBadRequest, "is not a time")
	v.sees("/app/deliveries?cursor=x", http.StatusBadRequest)
	for path, keeps := range map[string]string{"deliveries?status=dead&event_type": `<option selected>dead`,
		"dead-letters?http_class=5xx&event_type": `<option selected>5xx`, "events?type": ""} {
		v.sees("/app/"+path+"=lead.creatd", http.StatusBadRequest, "did you mean lead.created?", `value="lead.creatd"`,
			keeps)
	}
	v.sees("/app/deliveries?id="+d.ID, http.StatusOK, "Attempt 2", "Dead:", "curl -X", "500 Internal Server Error")
	v.sees("/app/events", http.StatusOK, "lead.created", "1 delivery")
	v.sees("/app", http.StatusOK, "Success rate", "Sales")
	v.sees("/app/dead-letters", http.StatusOK, d.ID)
	v.submits("/app/dead-letters/replay", url.Values{"reason": {"exhausted"}}, http.StatusOK,
		"Replay 1 dead letter?")
	job := v.submits("/app/dead-letters/replay", url.Values{"reason": {"exhausted"}, "do": {"replay"}},
		http.StatusOK, "of 1 done")
	p.Await(t, "the job's end", func() bool {
		v.get(job.Request.URL.Path)
		return strings.Contains(v.last, "s-done")
	})
	v.sees(path, http.StatusOK)
	v.submits(path+"/recover", url.Values{"since": {time.Now().UTC().Add(-time.Hour).Format("2006-01-02T15:04")}},
		http.StatusOK, "would be sent")
	v.submits(path+"/delete", url.Values{"name": {"wrong"}}, http.StatusUnprocessableEntity,
		"This is not the name.")
	v.submits(path+"/delete", url.Values{"name": {"Sales"}}, http.StatusOK, "No endpoints yet")
	v.sees(path, http.StatusNotFound, "Not found", "Back to the overview")
	v.sees("/app/nothing/here", http.StatusNotFound, "Not found")
	actors := map[string]bool{}
	for _, entry := range testkit.Get[gen.AuditEntryList](t, p.Operator, "/admin/v1/audit-log?limit=100&tenant_id="+
		testkit.TenantOf(t, tenant)).Data {
		if strings.HasPrefix(entry.Action, "webhook.") {
			actors[string(entry.Actor.Type)] = true
		}
	}
	if !actors["session"] || len(actors) != 1 {
		t.Errorf("actors in the audit log: got %v, want the session", actors)
	}
}

func TestASessionWithoutACapabilityNeitherSeesTheControlNorGetsThePage(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	id := tenant.NewEndpoint(t, "http://127.0.0.1:1", map[string]any{"name": "CRM"}).ID
	v := enter(t, p, portal(t, p, testkit.TenantOf(t, tenant),
		map[string]any{"capabilities": []string{"read:webhooks"}}).URL)
	v.hasNot("Deliveries", "API keys", "Success rate")
	v.sees("/app/endpoints", http.StatusOK, "CRM")
	v.hasNot("Add an endpoint")
	v.sees("/app/endpoints/"+id, http.StatusOK, "CRM")
	v.hasNot("Edit", "Delete", "Rotate", "Disable", "Recover", "Send a test")
	for _, path := range []string{"/app/endpoints/new", "/app/endpoints/" + id + "/edit", "/app/endpoints/" + id +
		"/delete", "/app/deliveries", "/app/deliveries/dlv_1", "/app/dead-letters", "/app/keys", "/app/keys/new",
		"/app/events"} {
		v.sees(path, http.StatusForbidden, "You have no permission to do this")
	}
	v.sees("/app", http.StatusOK)
	for _, path := range []string{"/app/endpoints/" + id + "/delete", "/app/endpoints/" + id + "/disable",
		"/app/endpoints/" + id + "/secret", "/app/keys/new", "/app/dead-letters/replay"} {
		v.submits(path, url.Values{"name": {"CRM"}}, http.StatusForbidden, "You have no permission to do this")
	}
	if w := testkit.Get[gen.Webhook](t, tenant, "/api/v1/webhooks/"+id); !w.Enabled {
		t.Error("endpoint after a viewer disabled it: got it disabled, want it enabled")
	}
	if got := v.get("/app/deliveries/stream"); got.StatusCode != http.StatusForbidden {
		t.Errorf("stream without the permission: got %d, want 403", got.StatusCode)
	}
}

func TestNothingOfAnotherTenantIsShownOrChanged(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant, other := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		id := other.NewEndpoint(t, "http://127.0.0.1:1", map[string]any{"name": "Theirs"}).ID
		v := enter(t, p, portal(t, p, testkit.TenantOf(t, tenant), map[string]any{"capabilities": []string{"*"}}).URL)
		v.sees("/app/endpoints", http.StatusOK, "No endpoints yet")
		v.sees("/app/endpoints/"+id, http.StatusNotFound)
		v.submits("/app/endpoints/"+id+"/disable", nil, http.StatusNotFound)
		v.sees("/app", http.StatusOK)
		v.submits("/app/endpoints/"+id+"/delete", url.Values{"name": {"Theirs"}}, http.StatusNotFound)
		testkit.Get[gen.Webhook](t, other, "/api/v1/webhooks/"+id)
	})
}

func TestAFormNeedsTheTokenOfItsPageAndAValidSession(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	tenant := p.NewTenant(t, "business")
	tenantID := testkit.TenantOf(t, tenant)
	id := tenant.NewEndpoint(t, "http://127.0.0.1:1", nil).ID
	link := portal(t, p, tenantID, map[string]any{"capabilities": []string{"*"}})
	v := enter(t, p, link.URL)
	v.sees("/app/endpoints/"+id, http.StatusOK)
	for _, token := range []string{"", "made-up"} {
		v.submits("/app/endpoints/"+id+"/disable", url.Values{"csrf_token": {token}}, http.StatusForbidden,
			"has expired")
		v.sees("/app/endpoints/"+id, http.StatusOK, "Disable")
	}
	p.Operator.Call(t, http.MethodDelete, "/admin/v1/tenants/"+tenantID+"/portal-sessions/"+link.ID, nil).
		Want(t, http.StatusNoContent)
	if got := v.get("/app/endpoints"); got.Request.URL.Path != "/app/login" {
		t.Errorf("revoked session: got %s, want /app/login", got.Request.URL.Path)
	}
	if got := v.get("/app/endpoints", "Sec-Fetch-Mode", "cors"); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("script of a revoked session: got %d, want 401", got.StatusCode)
	}
}

func TestUntrustedTextIsEscaped(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	consumer := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) {
		w.Header().Set("X-Evil", evil)
		_, _ = io.WriteString(w, evil)
	})
	tenant.NewEndpoint(t, consumer.URL, map[string]any{"name": evil})
	testkit.Post[gen.Lead](t, tenant, "/api/v1/leads", map[string]any{"name": evil, "email": "ada@example.com"},
		http.StatusCreated)
	d := p.AwaitDelivery(t, tenant, gen.DeliveryStatus("succeeded"))
	v := enter(t, p, portal(t, p, testkit.TenantOf(t, tenant), map[string]any{"capabilities": []string{"*"}}).URL)
	for _, path := range []string{"/app", "/app/deliveries?event_type=" + url.QueryEscape(evil), "/app/deliveries?id=" +
		url.QueryEscape(evil), "/app/deliveries/" + d.ID, "/app/events", "/app/endpoints", "/app/endpoints/new?event=" +
		url.QueryEscape(evil)} {
		v.get(path)
		if strings.Contains(v.last, "<script>") || strings.Contains(v.last, "<img src=x") {
			t.Errorf("%s: got strangers' HTML as it is, want it escaped", path)
		}
	}
}

func TestASiteMayShowTheDashboardInAFrameOnlyWhenItIsConfigured(t *testing.T) {
	t.Parallel()
	p := testkit.Start(t, testkit.Embedded, func(c *config.Config, _ *app.Options) {
		c.PublicURL, c.EmbedOrigins = "https://hooks.test", []string{"https://app.example.com"}
	})
	tenant := p.NewTenant(t, "business")
	link := strings.Replace(portal(t, p, testkit.TenantOf(t, tenant), map[string]any{}).URL, "https://hooks.test",
		p.URL, 1)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Mode", "navigate")
	r.Header.Set("Sec-Fetch-Dest", "iframe")
	plain := &http.Client{CheckRedirect: testkit.NoRedirects}
	response, err := plain.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if len(response.Cookies()) != 1 {
		t.Fatalf("sign-in in a frame: got %d %v, want one cookie", response.StatusCode, response.Header)
	}
	c := response.Cookies()[0]
	if c.SameSite != http.SameSiteNoneMode || !c.Secure || !c.Partitioned || !c.HttpOnly {
		t.Errorf("cookie in a frame: got %+v, want SameSite=None, Secure, Partitioned and HttpOnly", c)
	}
	if r, err = http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL+"/app", http.NoBody); err != nil {
		t.Fatal(err)
	}
	r.AddCookie(c)
	if response, err = plain.Do(r); err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if csp := response.Header.Get("Content-Security-Policy"); !strings.HasSuffix(csp,
		"frame-ancestors https://app.example.com") || response.Header.Get("X-Frame-Options") != "" {
		t.Errorf("frame: got %d %v, want app.example.com in frame-ancestors and no X-Frame-Options",
			response.StatusCode, response.Header)
	}
}
