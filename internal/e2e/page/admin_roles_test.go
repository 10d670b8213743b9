package page_test

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/testkit"
)

// offers says what a page offers, by a piece of its HTML, and to which roles.
type offers struct{ page, html, to string }

func TestPagesOfferWhatTheRoleMayDoAndRefuseTheRest(t *testing.T) {
	t.Parallel()
	p := testkit.Start(t, testkit.Servers) // of its own: it lists the dead letters of all tenants
	receiver := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) {
		w.WriteHeader(http.StatusBadGateway)
	})
	tenant := "/admin/tenants/" + testkit.TenantOf(t, twoWithDeadLetters(t, p, receiver)[0])
	testkit.Post[struct{}](t, p.Operator, strings.Replace(tenant, "/admin/", "/admin/v1/", 1)+"/invoices",
		map[string]any{"number": "1", "amount": 100, "currency": "eur"}, http.StatusCreated)
	paused := "/admin/tenants/" + testkit.TenantOf(t, p.NewTenant(t, "business"))
	p.PauseDeliveries(t, strings.TrimPrefix(paused, "/admin/tenants/"), true)
	all := []offers{
		{tenant, `href="/admin"`, "admin support backend"}, // the start, which leads on
		{"/admin", `href="` + tenant + `"`, "admin support"},
		{"/admin", `href="` + strings.Replace(tenant, "/tenants/", "/dead-letters?tenant_id=", 1) + `"`, "admin support"},
		{"/admin", `href="` + paused + `/pause"`, "admin support"},
		{tenant, `href="/admin/tenants"`, "admin support backend"},
		{tenant, `href="/admin/queues"`, "admin support"},
		{tenant, `href="/admin/dead-letters"`, "admin support"},
		{tenant, `href="/admin/audit-log"`, "admin support"},
		{tenant, `href="/admin/operator-keys"`, "admin"},
		{tenant, `action="` + tenant + `"`, "admin backend"},
		{tenant, `action="` + tenant + `/open"`, "admin backend"},
		{tenant, `href="` + tenant + `/pause"`, "admin support"},
		{paused, `href="` + paused + `/pause"`, "admin support"},
		{tenant, `/admin/dead-letters?tenant_id=`, "admin support"},
		{"/admin/tenants", `/admin/tenants/new`, "admin backend"},
		{tenant + "/keys", `action="` + tenant + `/keys"`, "admin backend"},
		{tenant + "/keys", `/revoke?environment=live`, "admin backend"},
		{tenant + "/credits", `action="` + tenant + `/credits"`, "admin backend"},
		{tenant + "/invoices", `action="` + tenant + `/invoices"`, "admin backend"},
		{tenant + "/invoices", `/pay"`, "admin backend"},
		{tenant + "/members", `Members`, "admin support backend"},
		{"/admin/queues", `/pause"`, "admin support"},
		{"/admin/dead-letters", `action="/admin/dead-letters/replay"`, "admin support"},
		{"/admin/dead-letters", `/admin/dead-letters/purge`, "admin"},
		{"/admin/audit-log", `Audit log`, "admin support"},
		{"/admin/operator-keys", `Create the key`, "admin"},
		{"/admin/tenants/new", `Create the tenant`, "admin backend"},
		{tenant + "/pause", `Pause deliveries`, "admin support"},
	}
	for _, role := range []string{"admin", "support", "backend"} {
		b := newBrowser(t, p)
		b.signIn(t, p.NewOperatorKey(t, role, nil).Key)
		for _, o := range all {
			a := b.send(t, http.MethodGet, o.page, nil)
			_, main, _ := strings.Cut(a.body, `<body`)
			if want := strings.Contains(o.to, role); strings.Contains(main, o.html) != want {
				t.Errorf("%s for %s: got %d with %s: %t, want %t", o.page, role, a.status, o.html, !want, want)
			}
		}
		for path, to := range map[string]string{ // forms that nobody is offered
			tenant: "admin backend", tenant + "/open": "admin backend", tenant + "/unpause": "admin support",
			tenant + "/credits": "admin backend", "/admin/tenants/new": "admin backend",
			"/admin/operator-keys": "admin", "/admin/dead-letters/purge": "admin",
			"/admin/queues/none/unpause": "admin support",
		} {
			a := b.fill(t, "/admin/tenants", path)
			refused := a.status == http.StatusForbidden && strings.Contains(a.body, "It takes the role")
			if strings.Contains(to, role) == refused {
				t.Errorf("form to %s as %s: got %d, refused: %t, want it allowed to %s", path, role, a.status, refused, to)
			}
		}
	}
	b := newBrowser(t, p)
	b.signIn(t, p.NewOperatorKey(t, "backend", nil).Key)
	b.send(t, http.MethodGet, "/admin", nil).leads(t, "/admin/tenants")
}

func TestASessionOfAnOperatorHasTheLimitsOfItsKey(t *testing.T) {
	t.Parallel()
	clock := &testkit.Clock{}
	p := testkit.Start(t, testkit.Embedded, testkit.WithClock(clock), func(c *config.Config, _ *app.Options) {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	made := p.NewOperatorKey(t, "admin", map[string]any{"allowed_cidrs": []string{"203.0.113.0/24"},
		"expires_at": clock.Now().Add(time.Hour)})
	const inside, outside = "203.0.113.7", "192.0.2.7"
	b := newBrowser(t, p)
	from := func(method, path, address string, form url.Values) answer {
		return b.send(t, method, path, form, "X-Forwarded-For", address)
	}
	key := url.Values{"key": {made.Key}}
	if a := from(http.MethodPost, "/admin/login", outside, key); a.status != http.StatusForbidden ||
		!strings.Contains(a.body, "This key may not be used from "+outside) ||
		strings.Contains(strings.Join(a.header.Values("Set-Cookie"), " "), "hookline_operator") {
		t.Errorf("sign-in from elsewhere: got %d, want 403 with the reason and no session", a.status)
	}
	from(http.MethodPost, "/admin/login", inside, key).leads(t, "/admin")
	for _, path := range []string{"/admin", "/admin/tenants/new", "/admin/operator-keys"} {
		if a := from(http.MethodGet, path, inside, nil); a.status != http.StatusOK {
			t.Errorf("%s from inside: got %d, want 200", path, a.status)
		}
		if a := from(http.MethodGet, path, outside, nil); a.status != http.StatusForbidden ||
			!strings.Contains(a.body, "may not be used from "+outside) {
			t.Errorf("%s from elsewhere: got %d, want 403 with the reason", path, a.status)
		}
	}
	p.Operator.Call(t, http.MethodPatch, "/admin/v1/operator-keys/"+made.ID, map[string]any{"role": "support"}).
		Want(t, http.StatusOK)
	if a := from(http.MethodGet, "/admin/operator-keys", inside, nil); a.status != http.StatusForbidden {
		t.Errorf("page for admins after the key was demoted: got %d, want 403", a.status)
	}
	clock.Advance(time.Hour)
	from(http.MethodGet, "/admin", inside, nil).leads(t, "/admin/login")
	if a := from(http.MethodPost, "/admin/login", inside, key); a.status != http.StatusUnauthorized {
		t.Errorf("sign-in with an expired key: got %d, want 401", a.status)
	}
}
