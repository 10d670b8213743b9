package access_test

import (
	"crypto/rand"
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
	"github.com/hookline/hookline/internal/testkit/fake"
)

// person makes up a user of the provider whom no other test knows.
func person(name string) string { return name + strings.ToLower(rand.Text()) }

// atProvider goes from where Hookline sent the browser, signs in, and returns where the provider sends it back to.
func (b *browser) atProvider(t *testing.T, to, name string) string {
	t.Helper()
	form := b.send(t, http.MethodGet, to, nil)
	u, err := url.Parse(form.location)
	if err != nil || u.Query().Get("authRequestID") == "" {
		t.Fatalf("provider: got %d to %s, %s, want its form", form.status, form.location, form.body)
	}
	done := b.send(t, http.MethodPost, form.location, url.Values{"id": {u.Query().Get("authRequestID")},
		"username": {name}, "password": {fake.Password}})
	back := b.send(t, http.MethodGet, done.location, nil)
	if !strings.HasPrefix(back.location, b.base+"/app/login/oidc/callback?") {
		t.Fatalf("provider: got a redirect to %q, %d %s, want the callback", back.location, back.status, back.body)
	}
	return back.location
}

// signIn goes the whole way.
func (b *browser) signIn(t *testing.T, start, name string) answer {
	t.Helper()
	return b.navigate(t, b.atProvider(t, b.navigate(t, start).location, name))
}

func newMember(t *testing.T, p *testkit.Program, tenantID, email, role string) gen.Member {
	t.Helper()
	return testkit.Post[gen.Member](t, p.Operator, "/admin/v1/tenants/"+tenantID+"/members",
		map[string]any{"email": email, "name": "Ada", "role": role}, http.StatusCreated)
}

const start = "/app/login/oidc"

func TestAMemberSignsInWithOpenIDConnect(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := newTenant(t, p)
		ada := person("ada")
		m := newMember(t, p, tenant.ID, strings.ToUpper(ada)+"@example.com", "viewer")
		b := newBrowser(t, p)
		if a := b.navigate(t, "/app/login"); !strings.Contains(a.body, `href="/app/login/oidc"`) {
			t.Errorf("/app/login: got %s, want a link to single sign-on", a.body)
		}
		out := b.navigate(t, start)
		q, _ := url.Parse(out.location)
		if q.Query().Get("code_challenge_method") != "S256" || q.Query().Get("nonce") == "" || q.Query().
			Get("state") == "" || q.Query().Get("response_type") != "code" {
			t.Errorf("authorization request: got %s, want the code flow with PKCE, nonce and state", out.location)
		}
		if c := out.cookies[0]; !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" ||
			c.MaxAge != 600 || strings.Contains(out.location, c.Value) {
			t.Errorf("cookie of a sign-in under way: got %+v, want HttpOnly, Lax, of ten minutes and not in the "+
				"URL", c)
		}
		a := b.navigate(t, b.atProvider(t, out.location, ada))
		if a.status != http.StatusSeeOther || a.location != b.base+"/app" {
			t.Fatalf("sign-in: got %d to %s: %s, want 303 to /app", a.status, a.location, a.body)
		}
		who := b.whoami(t)
		if who.Member.ID != m.ID || who.Tenant.ID != tenant.ID || *who.Environment != "live" || who.Operator != nil ||
			!slices.Equal(who.Capabilities, role.New(testkit.Contract().Permissions(), nil).Permissions(role.Viewer)) {
			t.Errorf("session: got %+v, want the member's with the permissions of a viewer", who)
		}
		log := testkit.Get[gen.AuditEntryList](t, p.Operator, "/admin/v1/audit-log?action=session.created&tenant_id="+
			tenant.ID).Data
		if len(log) != 1 || log[0].Actor.Type != gen.AuditEntryActorTypeMember || log[0].Actor.ID != m.ID ||
			log[0].Address != "127.0.0.1" || log[0].RequestID == "" {
			t.Errorf("audit log: got %+v, want the member's sign-in with its address", log)
		}
		if list := testkit.Get[gen.MemberList](t, p.Operator, "/admin/v1/tenants/"+tenant.ID+
			"/members"); list.Data[0].LastSignInAt.IsNull() {
			t.Error("last sign-in: got none, want the time")
		}
	})
}

func TestAMemberOfSeveralTenantsChooses(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	one, two, other := newTenant(t, p), newTenant(t, p), newTenant(t, p)
	ada := person("ada")
	newMember(t, p, one.ID, ada+"@example.com", "owner")
	newMember(t, p, two.ID, ada+"@example.com", "viewer")
	b := newBrowser(t, p)
	a := b.signIn(t, start, ada)
	if a.status != http.StatusOK || !strings.Contains(a.body, "tenant="+one.ID) || !strings.Contains(a.body,
		"tenant="+two.ID) || strings.Contains(a.body, other.ID) {
		t.Errorf("choice of tenants: got %d %s, want both of the member", a.status, a.body)
	}
	b.outside(t)
	b.signIn(t, start+"?environment=test&tenant="+two.ID, ada)
	if who := b.whoami(t); who.Tenant.ID != two.ID || *who.Environment != "test" || who.Member.Role != "viewer" {
		t.Errorf("session: got %+v, want a viewer's of the second tenant, in test", who)
	}
	stranger := newBrowser(t, p)
	if a := stranger.signIn(t, start+"?tenant="+other.ID, ada); a.status != http.StatusForbidden {
		t.Errorf("another's tenant: got %d %s, want 403", a.status, a.body)
	}
	stranger.outside(t)
}

func TestAnOperatorSignsInByVerifiedAddressOnlyWhileItIsListed(t *testing.T) {
	t.Parallel()
	services := testkit.NewServices(t, testkit.Embedded)
	p := testkit.StartOn(t, services, fake.WithProvider(sharedIssuer, "http://"+publicHost))
	tenant := newTenant(t, p)
	m := newMember(t, p, tenant.ID, "op@example.com", "viewer")
	b := newBrowser(t, p)
	if a := b.signIn(t, start, "op"); a.location != b.base+"/admin" {
		t.Errorf("operator's sign-in: got %d to %s: %s, want /admin", a.status, a.location, a.body)
	}
	if who := b.whoami(t); *who.Operator != "op@example.com" || who.Tenant != nil || who.Member != nil ||
		who.Environment != nil || len(who.Capabilities) != 0 {
		t.Errorf("session: got %+v, want the operator's only", who)
	}
	log := testkit.Get[gen.AuditEntryList](t, p.Operator, "/admin/v1/audit-log?action=session.created").Data
	if len(log) != 1 || log[0].Actor.Type != gen.AuditEntryActorTypeOperator ||
		log[0].Actor.ID != "op@example.com" {
		t.Errorf("audit log: got %+v, want the operator's sign-in", log)
	}
	asMember := newBrowser(t, p)
	asMember.signIn(t, start+"?tenant="+tenant.ID, "op")
	if who := asMember.whoami(t); who.Operator != nil || who.Member.ID != m.ID {
		t.Errorf("operator who is a member: got %+v, want the member's session", who)
	}
	later := testkit.StartOn(t, services, fake.WithProvider(sharedIssuer, "http://"+publicHost), func(c *config.Config,
		_ *app.Options) {
		c.EncryptionKeys, c.OIDCOperatorEmails = p.Config.EncryptionKeys, []string{"somebody@example.com"}
	})
	moved := newBrowser(t, later)
	moved.http.Jar = b.http.Jar
	moved.outside(t)
}

func TestUnknownAndUnverifiedAddressesCantSignIn(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	unverified := person("unverified")
	newMember(t, p, newTenant(t, p).ID, unverified+"@example.com", "owner")
	for name, says := range map[string]string{person("stranger"): "not a member", unverified: "not verified"} {
		b := newBrowser(t, p)
		a := b.signIn(t, start, name)
		if a.status != http.StatusForbidden || !strings.Contains(a.body, says) {
			t.Errorf("%s: got %d %s, want 403 and %q", name, a.status, a.body, says)
		}
		b.outside(t)
	}
}

// change sets a parameter of an address.
func withQuery(t *testing.T, address, name, value string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if q.Get(name) == "" {
		t.Fatalf("%s: got no %s, want one", address, name)
	}
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String()
}

func TestASignInThatWasTamperedWithFails(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	ada := person("ada")
	newMember(t, p, newTenant(t, p).ID, ada+"@example.com", "owner")
	for name, c := range map[string]struct {
		out, back string // the parameter that is changed on the way out or back
		status    int
	}{
		"nonce":    {out: "nonce", status: http.StatusForbidden},
		"verifier": {out: "code_challenge", status: http.StatusForbidden},
		"state":    {back: "state", status: http.StatusBadRequest},
		"code":     {back: "code", status: http.StatusForbidden},
	} {
		b := newBrowser(t, p)
		out := b.navigate(t, start).location
		if c.out != "" {
			out = withQuery(t, out, c.out, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
		}
		back := b.atProvider(t, out, ada)
		if c.back != "" {
			back = withQuery(t, back, c.back, "x")
		}
		if a := b.navigate(t, back); a.status != c.status || strings.Contains(a.header.Get("Set-Cookie"),
			"hookline_session") {
			t.Errorf("%s: got %d %v %s, want %d and no session", name, a.status, a.cookies, a.body, c.status)
		}
		b.outside(t)
	}
}

func TestACallbackIsAcceptedOnceAndInTheSameBrowserOnly(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		ada := person("ada")
		newMember(t, p, newTenant(t, p).ID, ada+"@example.com", "owner")
		attacker, victim := newBrowser(t, p), newBrowser(t, p)
		back := attacker.atProvider(t, attacker.navigate(t, start).location, ada)
		victim.navigate(t, start)
		if a := victim.navigate(t, back); a.status != http.StatusBadRequest {
			t.Errorf("callback in another browser: got %d %s, want 400", a.status, a.body)
		}
		victim.outside(t)
		if a := attacker.navigate(t, back); a.status != http.StatusSeeOther {
			t.Errorf("callback in the same browser: got %d %s, want 303", a.status, a.body)
		}
		if a := attacker.navigate(t, back); a.status != http.StatusBadRequest {
			t.Errorf("callback a second time: got %d %s, want 400", a.status, a.body)
		}
	})
}

func TestAnUnavailableOpenIDProviderDoesNotPreventTheStart(t *testing.T) {
	t.Parallel()
	p := testkit.Start(t, testkit.Embedded, fake.WithProvider("http://127.0.0.1:1", "http://"+publicHost))
	b := newBrowser(t, p)
	if a := b.navigate(t, start); a.status != http.StatusServiceUnavailable {
		t.Errorf("sign-in without a provider: got %d %s, want 503", a.status, a.body)
	}
	b.navigate(t, newLink(t, p, newTenant(t, p).ID, map[string]any{}).URL)
	b.whoami(t)
}
