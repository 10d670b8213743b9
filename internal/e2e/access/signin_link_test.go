package access_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/role"
	"github.com/hookline/hookline/internal/testkit"
)

// publicHost is where the program believes to be; browser finds it.
const publicHost = "hookline.test"

// browser goes where it is sent step by step, and keeps cookies.
type browser struct {
	base string
	http *http.Client
}

func newBrowser(t *testing.T, p *testkit.Program) *browser {
	t.Helper()
	client := testkit.NewBrowser(t)
	client.CheckRedirect = testkit.NoRedirects
	client.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if strings.HasPrefix(addr, publicHost+":") {
			addr = strings.TrimPrefix(p.URL, "http://")
		}
		return (&net.Dialer{}).DialContext(ctx, network, addr)
	}
	return &browser{base: "http://" + publicHost, http: client}
}

type answer struct {
	status   int
	header   http.Header
	cookies  []*http.Cookie
	body     string
	location string
}

func (b *browser) send(t *testing.T, method, to string, form url.Values, headers ...string) answer {
	t.Helper()
	if strings.HasPrefix(to, "/") {
		to = b.base + to
	}
	response, body := testkit.Submit(t, b.http, method, to, form, headers...)
	a := answer{status: response.StatusCode, header: response.Header, cookies: response.Cookies(), body: body}
	if to, err := response.Location(); err == nil {
		a.location = to.String()
	}
	return a
}

// session returns the cookie of a session that the answer sets, or nil.
func (a answer) session() *http.Cookie {
	for _, c := range a.cookies {
		if strings.HasSuffix(c.Name, "hookline_session") && c.Value != "" {
			return c
		}
	}
	return nil
}

func (b *browser) navigate(t *testing.T, to string) answer {
	t.Helper()
	return b.send(t, http.MethodGet, to, nil, "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document")
}

type whoami struct {
	Tenant       *struct{ ID, Name string }
	Environment  *string
	Member       *struct{ ID, Email, Role string }
	Operator     *string
	Capabilities []string
	CSRFToken    string `json:"csrf_token"`
}

func (b *browser) whoami(t *testing.T) whoami {
	t.Helper()
	a := b.send(t, http.MethodGet, "/app/session", nil)
	if a.status != http.StatusOK {
		t.Fatalf("/app/session: got %d %s, want 200", a.status, a.body)
	}
	return testkit.Into[whoami](t, testkit.Answer{Body: []byte(a.body)})
}

func (b *browser) outside(t *testing.T) {
	t.Helper()
	if a := b.send(t, http.MethodGet, "/app/session", nil); a.status != http.StatusUnauthorized {
		t.Errorf("/app/session: got %d %s, want 401", a.status, a.body)
	}
}

func atHost(publicURL string) testkit.Option {
	return func(c *config.Config, _ *app.Options) { c.PublicURL = publicURL }
}

func newTenant(t *testing.T, p *testkit.Program) gen.Tenant {
	t.Helper()
	return testkit.Post[gen.Tenant](t, p.Operator, "/admin/v1/tenants", map[string]any{"name": "Acme",
		"plan": "business"}, http.StatusCreated)
}

func newLink(t *testing.T, p *testkit.Program, tenantID string, body map[string]any) gen.PortalSession {
	t.Helper()
	if body["environment"] == nil {
		body["environment"] = "live"
	}
	return testkit.Post[gen.PortalSession](t, p.Operator, "/admin/v1/tenants/"+tenantID+"/portal-sessions", body,
		http.StatusCreated)
}

func TestALinkSignsOneBrowserInOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := newTenant(t, p)
		link := newLink(t, p, tenant.ID, map[string]any{"environment": "test"})
		if !strings.HasPrefix(link.URL, "http://"+publicHost+"/app/login?once=") ||
			link.SessionExpiresAt.Sub(link.ExpiresAt).Minutes() != 50 {
			t.Errorf("link: got %+v, want one of the host, 50 minutes shorter than its session", link)
		}
		b := newBrowser(t, p)
		b.outside(t)
		a := b.navigate(t, link.URL)
		if a.status != http.StatusSeeOther || a.location != b.base+"/app" || len(a.cookies) != 1 {
			t.Fatalf("sign-in: got %d to %s with %v, want 303 to /app with a cookie", a.status, a.location, a.cookies)
		}
		c := a.cookies[0]
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Secure || c.Path != "/" || c.MaxAge < 3500 ||
			c.MaxAge > 3600 || len(c.Value) < 43 {
			t.Errorf("cookie: got %+v, want HttpOnly, Lax, of an hour and hard to guess", c)
		}
		who := b.whoami(t)
		developer := role.New(testkit.Contract().Permissions(), nil).Permissions(role.Developer)
		if who.Tenant.ID != tenant.ID || *who.Environment != "test" || who.Member != nil || who.Operator != nil ||
			!slices.Equal(who.Capabilities, developer) {
			t.Errorf("session: got %+v, want a developer's in test, of no member", who)
		}
		if a := b.navigate(t, "/app"); a.status != http.StatusOK || !strings.Contains(a.body, "Acme") {
			t.Errorf("/app: got %d, want 200 and the tenant's name", a.status)
		}
		other := newBrowser(t, p)
		if a := other.navigate(t, link.URL); a.status != http.StatusUnauthorized || !strings.Contains(a.body,
			"has been used or has expired") || len(a.cookies) != 0 {
			t.Errorf("used link: got %d %s, want 401 without a cookie", a.status, a.body)
		}
		other.outside(t)
		b.whoami(t)
	})
}

func TestPrefetchingDoesNotConsumeALink(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	link := newLink(t, p, newTenant(t, p).ID, map[string]any{})
	b := newBrowser(t, p)
	for name, headers := range map[string][]string{
		"a scanner": nil,
		"a script":  {"Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty"},
		"a frame":   {"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"},
		"a prefetch": {"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Sec-Purpose",
			"prefetch;prerender"},
		"an older prefetch": {"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Purpose", "prefetch"},
	} {
		a := b.send(t, http.MethodGet, link.URL, nil, headers...)
		if a.status != http.StatusOK || a.session() != nil || !strings.Contains(a.body, `method="post"`) {
			t.Errorf("%s: got %d %s, want a page with a button and no session", name, a.status, a.body)
		}
		if csp := a.header.Get("Content-Security-Policy"); a.header.Get("Referrer-Policy") != "no-referrer" ||
			a.header.Get("Cache-Control") != "no-store" || !strings.Contains(csp, "form-action 'self'") {
			t.Errorf("%s: got %v, want no referrer, no cache and forms to this site only", name, a.header)
		}
	}
	_, once, _ := strings.Cut(link.URL, "?once=")
	if a := b.send(t, http.MethodPost, "/app/login", url.Values{"once": {once}}); a.status != http.StatusSeeOther ||
		a.location != b.base+"/app" {
		t.Errorf("button: got %d %s, want 303 to /app", a.status, a.body)
	}
	b.whoami(t)
}

func TestASessionMayDoWhatItsLinkSaysAndNoMore(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	tenant := newTenant(t, p)
	roles := role.New(testkit.Contract().Permissions(), nil)
	viewer := testkit.Post[gen.Member](t, p.Operator, "/admin/v1/tenants/"+tenant.ID+"/members",
		map[string]any{"email": "ada@example.com", "name": "Ada", "role": "viewer"}, http.StatusCreated)
	for name, c := range map[string]struct {
		body map[string]any
		may  []string
	}{
		"permissions": {map[string]any{"capabilities": []string{"write:leads", "read:leads", "read:leads"}},
			[]string{"read:leads", "write:leads"}},
		"everything": {map[string]any{"capabilities": []string{"*"}}, roles.Known()},
		"a role":     {map[string]any{"role": "viewer"}, roles.Permissions(role.Viewer)},
		"a member":   {map[string]any{"member_id": viewer.ID}, roles.Permissions(role.Viewer)},
		"part of a one": {map[string]any{"member_id": viewer.ID, "capabilities": []string{"read:leads"}},
			[]string{"read:leads"}},
	} {
		b := newBrowser(t, p)
		b.navigate(t, newLink(t, p, tenant.ID, c.body).URL)
		if who := b.whoami(t); !slices.Equal(who.Capabilities, c.may) ||
			(c.body["member_id"] != nil) != (who.Member != nil) {
			t.Errorf("%s: got %+v, want the capabilities %v", name, who, c.may)
		}
	}
	path := "/admin/v1/tenants/" + tenant.ID + "/portal-sessions"
	for name, body := range map[string]map[string]any{
		"role":            {"role": "viewer", "capabilities": []string{"read:leads"}},
		"capabilities[0]": {"capabilities": []string{"write:everything"}},
		"capabilities[1]": {"member_id": viewer.ID, "capabilities": []string{"read:leads", "write:leads"}},
		"member_id":       {"member_id": "usr_nobody"},
		"expires_in":      {"expires_in": 59},
		"environment":     {"environment": "staging"},
	} {
		if body["environment"] == nil {
			body["environment"] = "live"
		}
		a := p.Operator.Call(t, http.MethodPost, path, body).Want(t, http.StatusBadRequest)
		if d := a.Problem(t).Error.Details; len(d) != 1 || d[0].Field != name {
			t.Errorf("%s: got %s, want the field %s", name, a.Body, name)
		}
	}
	p.Operator.Call(t, http.MethodPost, path, map[string]any{"environment": "live", "role": "admin",
		"member_id": viewer.ID}).Want(t, http.StatusBadRequest)
	other := newTenant(t, p)
	p.Operator.Call(t, http.MethodPost, "/admin/v1/tenants/"+other.ID+"/portal-sessions",
		map[string]any{"environment": "live", "member_id": viewer.ID}).Want(t, http.StatusBadRequest)
	p.Operator.Call(t, http.MethodPost, "/admin/v1/tenants/tnt_nothing/portal-sessions",
		map[string]any{"environment": "live"}).Want(t, http.StatusNotFound)
}

func TestRevokingEndsTheSessionAndTheLinkAtOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant, other := newTenant(t, p), newTenant(t, p)
		used, unused := newLink(t, p, tenant.ID, map[string]any{}), newLink(t, p, tenant.ID, map[string]any{})
		b, late := newBrowser(t, p), newBrowser(t, p)
		b.navigate(t, used.URL)
		path := "/admin/v1/tenants/" + tenant.ID + "/portal-sessions/"
		p.Operator.Call(t, http.MethodDelete, "/admin/v1/tenants/"+other.ID+"/portal-sessions/"+used.ID, nil).
			Want(t, http.StatusNotFound)
		b.whoami(t)
		for _, id := range []string{used.ID, unused.ID, used.ID} {
			p.Operator.Call(t, http.MethodDelete, path+id, nil).Want(t, http.StatusNoContent)
		}
		b.outside(t)
		if a := late.navigate(t, unused.URL); a.status != http.StatusUnauthorized {
			t.Errorf("link of a revoked session: got %d, want 401", a.status)
		}
		actions := map[string]int{}
		for _, entry := range testkit.Get[gen.AuditEntryList](t, p.Operator, "/admin/v1/audit-log?limit=100&tenant_id="+
			tenant.ID).Data {
			actions[entry.Action]++
		}
		if actions["portal_session.created"] != 2 || actions["session.created"] != 1 ||
			actions["portal_session.revoked"] != 3 {
			t.Errorf("audit log: got %v, want 2 created, 1 opened and 3 revoked", actions)
		}
	})
}

func TestSigningOutNeedsTheTokenOfThePage(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := newTenant(t, p)
	b, other := newBrowser(t, p), newBrowser(t, p)
	b.navigate(t, newLink(t, p, tenant.ID, map[string]any{}).URL)
	other.navigate(t, newLink(t, p, tenant.ID, map[string]any{}).URL)
	for name, token := range map[string]string{"none": "", "made up": "x",
		"another session's": other.whoami(t).CSRFToken} {
		if a := b.send(t, http.MethodPost, "/app/logout",
			url.Values{"csrf_token": {token}}); a.status != http.StatusForbidden {
			t.Errorf("sign-out with %s: got %d %s, want 403", name, a.status, a.body)
		}
	}
	a := b.send(t, http.MethodPost, "/app/logout", url.Values{"csrf_token": {b.whoami(t).CSRFToken}})
	if a.status != http.StatusSeeOther || len(a.cookies) != 1 || a.cookies[0].MaxAge >= 0 {
		t.Errorf("sign-out: got %d, %v, want 303 and the cookie removed", a.status, a.cookies)
	}
	b.outside(t)
	other.whoami(t)
	if a := b.send(t, http.MethodPost, "/app/logout", nil); a.status != http.StatusSeeOther {
		t.Errorf("sign-out without a session: got %d, want 303", a.status)
	}
}

func TestTheCookieIsSecureOverHTTPS(t *testing.T) {
	t.Parallel()
	p := testkit.Start(t, testkit.Embedded, atHost("https://"+publicHost))
	link := newLink(t, p, newTenant(t, p).ID, map[string]any{})
	if !strings.HasPrefix(link.URL, "https://"+publicHost+"/") {
		t.Errorf("link: got %s, want https:// and the public host", link.URL)
	}
	a := newBrowser(t, p).navigate(t, strings.Replace(link.URL, "https:", "http:", 1))
	if c := a.session(); c == nil || !c.Secure || c.Name != "__Host-hookline_session" || c.Path != "/" ||
		c.Domain != "" {
		t.Errorf("cookie on https://: got %v, want __Host-hookline_session, Secure, for this host alone", a.cookies)
	}
	if got := a.header.Get("Strict-Transport-Security"); got != "max-age=31536000" {
		t.Errorf("Strict-Transport-Security on https://: got %q, want a year", got)
	}
	plain := testkit.Start(t, testkit.Embedded)
	link = newLink(t, plain, newTenant(t, plain).ID, map[string]any{})
	if !strings.HasPrefix(link.URL, plain.URL+"/app/login?") {
		t.Errorf("link without HOOKLINE_PUBLIC_URL: got %s, want this server's", link.URL)
	}
	a = newBrowser(t, plain).send(t, http.MethodGet, link.URL, nil, "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest",
		"document", "X-Forwarded-Proto", "https")
	if c := a.session(); c == nil || !c.Secure {
		t.Errorf("cookie behind a proxy with TLS: got %v, want it Secure", a.cookies)
	}
	if got := a.header.Get("Strict-Transport-Security"); got != "" {
		t.Errorf("Strict-Transport-Security without a public URL: got %q, want none", got)
	}
}

func TestNeitherLinkNorCookieIsInTheDatabase(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := newTenant(t, p)
		a := p.Operator.Call(t, http.MethodPost, "/admin/v1/tenants/"+tenant.ID+"/portal-sessions",
			map[string]any{"environment": "live"}, "Idempotency-Key", "k").Want(t, http.StatusCreated)
		waiting := newLink(t, p, tenant.ID, map[string]any{})
		b := newBrowser(t, p)
		cookie := b.navigate(t, testkit.Into[gen.PortalSession](t, a).URL).cookies[0].Value
		_, used, _ := strings.Cut(testkit.Into[gen.PortalSession](t, a).URL, "once=")
		_, unused, _ := strings.Cut(waiting.URL, "once=")
		for _, table := range []string{"sessions", "audit_log", "idempotency_keys", "members", "settings"} {
			var rows []map[string]any
			if err := p.App.Database().Read(t.Context()).Table(table).Find(&rows).Error; err != nil {
				t.Fatal(err)
			}
			if len(rows) == 0 && table != "members" {
				t.Errorf("rows of %s: got none, want some to search", table)
			}
			for _, row := range rows {
				for column, v := range row {
					text := fmt.Sprint(v)
					if raw, ok := v.([]byte); ok {
						text = string(raw)
					}
					for _, secret := range []string{cookie, used, unused} {
						if strings.Contains(text, secret) || strings.Contains(text,
							hex.EncodeToString([]byte(secret))) {
							t.Errorf("%s.%s: got a token in it, want none", table, column)
						}
					}
				}
			}
		}
	})
}
