package access_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/testkit"
)

var formToken = regexp.MustCompile(`name="form" value="([^"]+)"`)

func TestAnotherSiteSignsNobodyInToItsOwnTenant(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	victim, attacker := newTenant(t, p), newTenant(t, p)
	theirs := newLink(t, p, attacker.ID, map[string]any{})
	_, once, _ := strings.Cut(theirs.URL, "?once=")
	b := newBrowser(t, p)
	b.navigate(t, newLink(t, p, victim.ID, map[string]any{}).URL)
	for name, headers := range map[string][]string{
		"cross-site form":           {"Sec-Fetch-Site", "cross-site"},
		"form of a sibling host":    {"Sec-Fetch-Site", "same-site"},
		"form without any metadata": {"Sec-Fetch-Site", ""},
		"form of another origin":    {"Sec-Fetch-Site", "", "Origin", "https://attacker.example"},
	} {
		a := b.send(t, http.MethodPost, "/app/login", url.Values{"once": {once}, "form": {"guessed"}}, headers...)
		if a.status != http.StatusForbidden || a.session() != nil {
			t.Errorf("%s: got %d and the cookies %v, want 403 and no session", name, a.status, a.cookies)
		}
	}
	for _, site := range []string{"cross-site", "same-site"} {
		a := b.send(t, http.MethodGet, theirs.URL, nil, "Sec-Fetch-Site", site, "Sec-Fetch-Mode", "navigate",
			"Sec-Fetch-Dest", "document")
		if a.status != http.StatusOK || a.session() != nil || !strings.Contains(a.body, "Sign in to another account?") {
			t.Errorf("%s link to another tenant: got %d %s, want a question", site, a.status, a.body)
		}
	}
	if got := b.whoami(t).Tenant.ID; got != victim.ID {
		t.Errorf("tenant of the browser: got %s, want %s as before", got, victim.ID)
	}
	page := b.send(t, http.MethodGet, theirs.URL, nil) // the person's own decision, in a browser that says nothing
	token := formToken.FindStringSubmatch(page.body)
	if token == nil {
		t.Fatalf("page with a button: got %s, want a form with a token", page.body)
	}
	a := b.send(t, http.MethodPost, "/app/login", url.Values{"once": {once}, "form": {token[1]}}, "Sec-Fetch-Site", "",
		"Origin", "null")
	if a.status != http.StatusSeeOther || b.whoami(t).Tenant.ID != attacker.ID {
		t.Errorf("button of the page: got %d %s, want 303 and the link's tenant", a.status, a.body)
	}
}

func TestALinkFromAProductGoesThereWhenItReplacesNoOtherTenant(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := newTenant(t, p)
	b := newBrowser(t, p)
	for _, when := range []string{"signed out", "signed in to the same tenant"} {
		a := b.send(t, http.MethodGet, newLink(t, p, tenant.ID, map[string]any{}).URL, nil, "Sec-Fetch-Site",
			"cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document")
		if a.status != http.StatusSeeOther || a.session() == nil {
			t.Errorf("%s: got %d, want 303 and a session", when, a.status)
		}
	}
}

func TestAnotherSiteSignsNoOperatorIn(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	b := newBrowser(t, p)
	form := url.Values{"key": {p.Operator.Key()}}
	for name, headers := range map[string][]string{
		"cross-site form":           {"Sec-Fetch-Site", "cross-site"},
		"form without any metadata": {"Sec-Fetch-Site", ""},
	} {
		if a := b.send(t, http.MethodPost, "/admin/login", form, headers...); a.status != http.StatusForbidden {
			t.Errorf("%s: got %d, want 403", name, a.status)
		}
	}
	token := formToken.FindStringSubmatch(b.send(t, http.MethodGet, "/admin/login", nil).body)
	if token == nil {
		t.Fatal("operators' page: got no token in its form, want one")
	}
	form.Set("form", token[1])
	if a := b.send(t, http.MethodPost, "/admin/login", form, "Sec-Fetch-Site", ""); a.status != http.StatusSeeOther {
		t.Errorf("form of the page: got %d, want 303", a.status)
	}
}

func TestEveryAnswerTellsBrowsersWhatItsPagesNeverDo(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	b := newBrowser(t, p)
	for _, path := range []string{"/app/login", "/admin/login", "/docs", "/api/v1/leads", "/nothing"} {
		h := b.send(t, http.MethodGet, path, nil).header
		for name, want := range map[string]string{
			"Cross-Origin-Opener-Policy": "same-origin",
			"Permissions-Policy":         "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
			"X-Content-Type-Options":     "nosniff", "Referrer-Policy": "no-referrer",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s of %s: got %q, want %q", name, path, got, want)
			}
		}
	}
}
