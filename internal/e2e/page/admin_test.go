package page_test

import (
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/testkit"
)

// browser follows redirects only on request, keeps cookies, and runs no script.
type browser struct {
	base string
	http *http.Client
}

func newBrowser(t *testing.T, p *testkit.Program) *browser {
	t.Helper()
	client := testkit.NewBrowser(t)
	client.CheckRedirect = testkit.NoRedirects
	return &browser{p.URL, client}
}

type answer struct {
	status int
	header http.Header
	body   string
	to     string // where it leads
}

func (b *browser) send(t *testing.T, method, path string, form url.Values, headers ...string) answer {
	t.Helper()
	response, body := testkit.Submit(t, b.http, method, b.base+path, form, headers...)
	return answer{response.StatusCode, response.Header, html.UnescapeString(body),
		strings.TrimPrefix(response.Header.Get("Location"), b.base)}
}

// see reads a page, which must contain all the texts and nothing that its policy forbids.
func (b *browser) see(t *testing.T, path string, status int, texts ...string) answer {
	t.Helper()
	a := b.send(t, http.MethodGet, path, nil)
	if a.status != status {
		t.Errorf("%s: got %d to %q, want %d", path, a.status, a.to, status)
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			t.Errorf("%s: got a page without %q, want it", path, text)
		}
	}
	if strings.Contains(a.body, " style=") || strings.Contains(a.body, "<script>") ||
		!strings.Contains(a.header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
		t.Errorf("%s: got inline code or the policy %s, want neither inline code nor frames", path,
			a.header.Get("Content-Security-Policy"))
	}
	return a
}

var hiddenInput = regexp.MustCompile(`<input type="hidden" name="(csrf_token|once|form)" value="([^"]*)">`)

// fill sends a form of a page, as the page has it.
func (b *browser) fill(t *testing.T, page, action string, values ...string) answer {
	t.Helper()
	form := url.Values{}
	for _, field := range hiddenInput.FindAllStringSubmatch(b.send(t, http.MethodGet, page, nil).body, -1) {
		form.Set(field[1], field[2])
	}
	for i := 0; i+1 < len(values); i += 2 {
		form.Add(values[i], values[i+1])
	}
	return b.send(t, http.MethodPost, action, form)
}

func (b *browser) signIn(t *testing.T, key string) {
	t.Helper()
	if a := b.send(t, http.MethodPost, "/admin/login",
		url.Values{"key": {" " + key + "\n"}}); a.status != http.StatusSeeOther || a.to != "/admin" {
		t.Fatalf("sign-in: got %d to %q, want 303 to /admin", a.status, a.to)
	}
}

func (a answer) leads(t *testing.T, to string) {
	t.Helper()
	if a.status != http.StatusSeeOther || a.to != to {
		t.Errorf("got %d to %q, want 303 to %q: %.600s", a.status, a.to, to, a.body)
	}
}

// recorded returns the newest entry of the audit log with the action. Tests that share the program narrow it to their
// tenant, operator key or target, such as "tenant_id=tnt_…".
func recorded(t *testing.T, p *testkit.Program, action string, narrowed ...string) gen.AuditEntry {
	t.Helper()
	log := testkit.Get[gen.AuditEntryList](t, p.Operator, "/admin/v1/audit-log?"+
		strings.Join(append(narrowed, "action="+action), "&")).Data
	if len(log) == 0 {
		t.Fatalf("audit log: got no %s, want one", action)
	}
	return log[0]
}

func newKey(t *testing.T, p *testkit.Program, name string) gen.OperatorKeyCreated {
	t.Helper()
	return p.NewOperatorKey(t, "admin", map[string]any{"name": name})
}

func TestOnlyOperatorsGetInAndOnlyAsLongAsTheirKeyWorks(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	key := newKey(t, p, "On-call")
	b := newBrowser(t, p)
	b.send(t, http.MethodGet, "/admin/tenants", nil).leads(t, "/admin/login")
	b.see(t, "/admin/login", http.StatusOK, "Operator key")
	if a := b.send(t, http.MethodGet, "/admin", nil, "Sec-Fetch-Mode",
		"cors"); a.status != http.StatusUnauthorized {
		t.Errorf("script's request without a session: got %d, want 401", a.status)
	}
	for _, wrong := range []string{"", "hk_op_" + strings.Repeat("a", 48), key.Key[:30], p.NewTenant(t, "business").
		Key()} {
		a := b.send(t, http.MethodPost, "/admin/login", url.Values{"key": {wrong}})
		if a.status != http.StatusUnauthorized || strings.Contains(a.header.Get("Set-Cookie"),
			"hookline_operator") || wrong != "" &&
			strings.Contains(a.body, wrong) {
			t.Errorf("sign-in with %q: got %d %s, want 401 without a session, the key not repeated", wrong, a.status,
				a.header)
		}
	}
	if a := b.send(t, http.MethodPost, "/admin/login", url.Values{"key": {key.Key}}, "Sec-Fetch-Site",
		"cross-site"); a.status != http.StatusForbidden {
		t.Errorf("sign-in from another site: got %d, want 403", a.status)
	}
	b.signIn(t, key.Key)
	b.see(t, "/admin", http.StatusOK, "System health", "On-call")
	if begun := recorded(t, p, "session.created", "actor_id="+
		key.ID); begun.Actor.Type != gen.AuditEntryActorTypeOperator ||
		begun.Actor.ID != key.ID || !begun.TenantID.IsNull() {
		t.Errorf("audit entry: got %+v, want the operator's sign-in", begun)
	}
	for site, want := range map[string]string{"cross-site": "The form has expired",
		"same-origin": "Send what you typed?"} {
		a := b.send(t, http.MethodPost, "/admin/tenants/new", url.Values{"name": {"Forged"}}, "Sec-Fetch-Site", site)
		if a.status != http.StatusForbidden || !strings.Contains(a.body, want) {
			t.Errorf("form without a token, %s: got %d, want 403 and %q", site, a.status, want)
		}
	}
	other := newBrowser(t, p)
	other.signIn(t, key.Key)
	b.fill(t, "/admin", "/admin/logout").leads(t, "/admin/login")
	b.send(t, http.MethodGet, "/admin", nil).leads(t, "/admin/login")
	other.see(t, "/admin", http.StatusOK)
	p.Operator.Call(t, http.MethodDelete, "/admin/v1/operator-keys/"+key.ID, nil).Want(t, http.StatusNoContent)
	other.send(t, http.MethodGet, "/admin", nil).leads(t, "/admin/login")
}

func TestKeysCantBeTriedForLong(t *testing.T) {
	t.Parallel()
	p := testkit.Start(t, testkit.Servers, testkit.WithLimits(func(l ratelimit.Limit) ratelimit.Limit { return l }))
	b := newBrowser(t, p)
	for range 10 {
		if a := b.send(t, http.MethodPost, "/admin/login",
			url.Values{"key": {"hk_op_guess"}}); a.status != http.StatusUnauthorized {
			t.Fatalf("wrong key: got %d, want 401", a.status)
		}
	}
	if a := b.send(t, http.MethodPost, "/admin/login",
		url.Values{"key": {p.Operator.Key()}}); a.status != http.StatusTooManyRequests ||
		a.header.Get("Retry-After") == "" {
		t.Errorf("too many attempts: got %d %s, want 429 with Retry-After", a.status, a.header)
	}
}

func TestPagesShowDataAndEmptyStates(t *testing.T) {
	t.Parallel()
	p := testkit.Start(t, testkit.Servers)
	b := newBrowser(t, p)
	b.signIn(t, p.Operator.Key())
	for path, text := range map[string]string{
		"/admin": "No alerts in the retained history", "/admin/tenants": "No tenants yet",
		"/admin/dead-letters":                      "No dead letters",
		"/admin/tenants?q=nobody":                  "No tenant matches",
		"/admin/dead-letters?event_type=dm.failed": "No dead letter matches",
		"/admin/audit-log?action=none":             "No entry matches",
	} {
		b.see(t, path, http.StatusOK, text)
	}
	b.see(t, "/admin/dead-letters?http_class=5xx&event_type=lead.creatd", http.StatusBadRequest,
		"did you mean lead.created?", `<option selected>5xx`)
	receiver := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) {
		w.WriteHeader(http.StatusBadGateway)
	})
	owner := p.NewTenant(t, "business")
	id := testkit.TenantOf(t, owner)
	path := "/admin/tenants/" + id
	b.see(t, path+"/invoices", http.StatusOK, "No invoices yet")
	b.see(t, path+"/members", http.StatusOK, "No members yet")
	b.see(t, path+"/keys?environment=test", http.StatusOK, "No test keys")
	testkit.Post[gen.Invoice](t, p.Operator, "/admin/v1/tenants/"+id+"/invoices",
		map[string]any{"number": "2026-117", "amount": 4900, "currency": "eur"}, http.StatusCreated)
	testkit.Post[gen.Member](t, p.Operator, "/admin/v1/tenants/"+id+"/members",
		map[string]any{"email": "ada@example.com", "name": "Ada & <b>", "role": "owner"}, http.StatusCreated)
	endpoint := owner.NewEndpoint(t, receiver.URL, map[string]any{"retry_policy": map[string]any{"initial": "1s",
		"max_attempts": 1}})
	owner.NewLead(t, "ada@example.com")
	dead := p.AwaitDelivery(t, owner, gen.DeliveryStatusDead)
	if err := p.App.Watch.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.see(t, "/admin", http.StatusOK, "answers", "webhooks-slow", "Deliveries became dead letters")
	b.see(t, "/admin/tenants", http.StatusOK, id, "business")
	b.see(t, "/admin/tenants?q="+id+"&plan=business&paused=no", http.StatusOK, id)
	b.see(t, "/admin/tenants?plan=free", http.StatusOK, "No tenant matches")
	b.see(t, "/admin/tenants?plan=none", http.StatusBadRequest, `role="alert"`)
	b.see(t, path, http.StatusOK, "Open as this tenant", "Kill switch", "write:webhooks")
	b.see(t, path+"/keys", http.StatusOK, "hk_live_", "Revoke")
	b.see(t, path+"/credits", http.StatusOK, "10000", "Credits of the plan business")
	b.see(t, path+"/invoices", http.StatusOK, "2026-117", "4900 eur")
	b.see(t, path+"/invoices?status=paid", http.StatusOK, "No paid invoices")
	b.see(t, path+"/members", http.StatusOK, "Ada & <b>", "ada@example.com")
	b.see(t, "/admin/queues", http.StatusOK, "webhooks", "agents", "Servers")
	b.see(t, "/admin/dead-letters", http.StatusOK, dead.ID, id, endpoint.ID, "502")
	b.see(t, "/admin/dead-letters?http_class=4xx", http.StatusOK, "No dead letter matches")
	b.see(t, "/admin/dead-letters?died_from=yesterday", http.StatusBadRequest, "is not a time")
	b.see(t, "/admin/audit-log?target="+endpoint.ID, http.StatusOK, "webhook.created", "key")
	for _, missing := range []string{"/admin/nothing", "/admin/tenants/tnt_x", path + "/keys/key_x/revoke",
		"/admin/queues/none/pause", "/admin/jobs/job_x"} {
		b.see(t, missing, http.StatusNotFound, "Not found")
	}
}

func TestOperatorsChangesTakeEffectAndAreAudited(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	b := newBrowser(t, p)
	b.signIn(t, p.Operator.Key())
	if a := b.fill(t, "/admin/tenants/new", "/admin/tenants/new", "name", "", "plan",
		"pro"); a.status != http.StatusBadRequest || !strings.Contains(a.body, `class="wrong"`) {
		t.Errorf("tenant without a name: got %d, want 400 and the field marked", a.status)
	}
	a := b.fill(t, "/admin/tenants/new", "/admin/tenants/new", "name", "Acme", "plan", "pro", "profile", "hookline")
	path, _, _ := strings.Cut(a.to, "?")
	id := strings.TrimPrefix(path, "/admin/tenants/")
	a.leads(t, path+"?done=created")
	b.see(t, a.to, http.StatusOK, "The tenant was created.")
	tenant := func() gen.Tenant { return testkit.Get[gen.Tenant](t, p.Operator, "/admin/v1/tenants/"+id) }

	b.fill(t, path, path, "name", "Acme Ltd", "plan", "business", "entitlement.public_api", "",
		"entitlement.webhooks", "no").leads(t, path+"?done=saved")
	if got := tenant(); got.Name != "Acme Ltd" || got.Plan != "business" || len(got.Entitlements) != 1 ||
		got.EntitlementOverrides["webhooks"] {
		t.Errorf("saved tenant: got %+v, want Acme Ltd on business without webhooks", got)
	}
	if a := b.fill(t, path, path, "name", "Acme Ltd", "plan", "business", "quota.endpoints",
		"many"); a.status != http.StatusBadRequest || !strings.Contains(a.body, "must be a whole number") {
		t.Errorf("quota that is no number: got %d, want 400 and the field marked", a.status)
	}
	b.fill(t, path, path, "name", "Acme Ltd", "plan", "business", "quota.endpoints", "7", "quota.keys", "").
		leads(t, path+"?done=saved")
	if got := tenant().QuotaOverrides; len(got) != 1 || got["endpoints"] != 7 {
		t.Errorf("quotas: got %v, want 7 endpoints and nothing else", got)
	}
	b.see(t, path, http.StatusOK, `name="quota.endpoints" value="7" placeholder="200"`,
		`name="quota.keys" value="" placeholder="100"`)
	if a := b.fill(t, path+"/pause", path+"/pause", "name",
		"acme"); a.status != http.StatusUnprocessableEntity || tenant().DeliveriesPaused {
		t.Errorf("pausing with a wrong name: got %d, want 422 and nothing paused", a.status)
	}
	b.fill(t, path+"/pause", path+"/pause", "name", "Acme Ltd", "reason", "Overload").
		leads(t, path+"?done=paused")
	if got := tenant(); !got.DeliveriesPaused || got.DeliveriesPausedReason.MustGet() != "Overload" {
		t.Errorf("paused tenant: got %+v, want it paused with the reason", got)
	}
	b.see(t, "/admin/tenants?paused=yes", http.StatusOK, "Acme Ltd", "Overload")
	if a := b.fill(t, path+"/pause", path+"/unpause", "name",
		"acme"); a.status != http.StatusUnprocessableEntity || !tenant().DeliveriesPaused {
		t.Errorf("resuming with a wrong name: got %d, want 422 and still paused", a.status)
	}
	b.fill(t, path+"/pause", path+"/unpause", "name", "Acme Ltd").leads(t, path+"?done=resumed")
	if entry := recorded(t, p, "tenant.unpaused", "tenant_id="+id); tenant().DeliveriesPaused || entry.Target != id ||
		entry.Actor.Type != gen.AuditEntryActorTypeOperator {
		t.Errorf("resumed tenant: got the audit entry %+v, want the operator's, and the tenant not paused", entry)
	}

	if a := b.fill(t, path+"/credits", path+"/credits", "amount", "many", "reason",
		"x"); a.status != http.StatusBadRequest {
		t.Errorf("credits that are no number: got %d, want 400", a.status)
	}
	b.fill(t, path+"/credits", path+"/credits", "amount", "500", "reason", "Goodwill").
		leads(t, path+"/credits?done=granted")
	if got := testkit.Get[gen.Credits](t, p.Operator, "/admin/v1/tenants/"+id+
		"/credits"); got.Data[0].Amount != 500 || got.Data[0].Reason != "Goodwill" {
		t.Errorf("ledger: got %+v, want 500 for Goodwill", got.Data)
	}
	b.keys(t, p, id)
	b.opens(t, p, path)
	b.pausesQueues(t, p)
}

var liveKey = regexp.MustCompile(`hk_live_[A-Za-z0-9]{20,}`)

func (b *browser) keys(t *testing.T, p *testkit.Program, tenantID string) {
	t.Helper()
	path := "/admin/tenants/" + tenantID + "/keys"
	a := b.fill(t, path, path, "name", "Backend", "environment", "live", "role", "admin")
	text := liveKey.FindString(a.body)
	holder := testkit.NewClient(p.URL, text)
	id := testkit.Get[gen.Me](t, holder, "/api/v1/me").Key.ID
	if strings.Contains(b.see(t, path, http.StatusOK, "Backend").body, text) {
		t.Error("keys: got the secret in the list, want it left out")
	}
	revoke := path + "/" + id + "/revoke?environment=live"
	if a := b.fill(t, revoke, revoke, "name", "backend"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("revoking with a wrong name: got %d, want 422", a.status)
	}
	holder.Call(t, http.MethodGet, "/api/v1/me", nil).Want(t, http.StatusOK)
	b.fill(t, revoke, revoke, "name", "Backend").leads(t, path+"?done=revoked&environment=live")
	holder.Call(t, http.MethodGet, "/api/v1/me", nil).Want(t, http.StatusUnauthorized)
	if entry := recorded(t, p, "key.revoked", "tenant_id="+tenantID); entry.Target != id ||
		entry.TenantID.MustGet() != tenantID {
		t.Errorf("audit entry: got %+v, want key.revoked of %s", entry, id)
	}
}

// opens looks into the tenant's dashboard and stays an operator.
func (b *browser) opens(t *testing.T, p *testkit.Program, path string) {
	t.Helper()
	a := b.fill(t, path, path+"/open", "environment", "test", "role", "", "permission", "read:webhooks", "do", "open")
	if a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "/app/login?once=") {
		t.Fatalf("opening the dashboard: got %d to %q, want 303 to a link", a.status, a.to)
	}
	b.send(t, http.MethodGet, a.to, nil, "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document").leads(t, "/app")
	var who struct {
		Tenant       struct{ Name string }
		Environment  string
		Capabilities []string
	}
	if err := json.Unmarshal([]byte(b.send(t, http.MethodGet, "/app/session", nil).body), &who); err != nil ||
		who.Tenant.Name != "Acme Ltd" || who.Environment != "test" || strings.Join(who.Capabilities,
		" ") != "read:webhooks" {
		t.Errorf("session: got %+v, %v, want read:webhooks of Acme Ltd in test", who, err)
	}
	b.see(t, "/admin", http.StatusOK, "System health")
	if entry := recorded(t, p, "portal_session.created",
		"tenant_id="+path[strings.LastIndexByte(path, '/')+1:]); entry.Actor.Type != gen.AuditEntryActorTypeOperator ||
		"/admin/tenants/"+entry.TenantID.MustGet() != path {
		t.Errorf("audit entry: got %+v, want the operator's of the tenant", entry)
	}
	if a := b.fill(t, path, path+"/open", "environment", "live", "role", "viewer", "do",
		"link"); a.status != http.StatusOK || !strings.Contains(a.body, "/app/login?once=") {
		t.Errorf("dashboard link: got %d, want 200 and the URL", a.status)
	}
	if a := b.fill(t, path, path+"/open", "environment", "live", "role", "", "do",
		"open"); a.status != http.StatusBadRequest || !strings.Contains(a.body, `role="alert"`) {
		t.Errorf("session without capabilities: got %d, want 400 and an alert", a.status)
	}
}

func (b *browser) pausesQueues(t *testing.T, p *testkit.Program) {
	t.Helper()
	paused := func() bool {
		for _, q := range testkit.Get[gen.Queues](t, p.Operator, "/admin/v1/queues").Queues {
			if q.Name == "webhooks-slow" {
				return q.Paused
			}
		}
		t.Fatal("queue webhooks: got none, want it")
		return false
	}
	const pause = "/admin/queues/webhooks-slow/pause"
	if a := b.fill(t, pause, pause, "name", "webhooks"); a.status != http.StatusUnprocessableEntity || paused() {
		t.Errorf("pausing with a wrong name: got %d, want 422 and the queue running", a.status)
	}
	b.fill(t, pause, pause, "name", "webhooks-slow").leads(t, "/admin/queues?done=queue-paused")
	if !paused() {
		t.Error("queue: got it running, want it paused")
	}
	b.fill(t, "/admin/queues", "/admin/queues/webhooks-slow/unpause").leads(t, "/admin/queues?done=queue-unpaused")
	if paused() {
		t.Error("queue: got it paused, want it running")
	}
	recorded(t, p, "queue.unpaused")
}
