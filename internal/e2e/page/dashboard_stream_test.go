package page_test

import (
	"bufio"
	"net/http"
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/testkit"
)

// lines reads a stream line by line until it ends.
func (v *visitor) lines(path string) <-chan string {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, v.base+path, http.NoBody)
	if err != nil {
		v.t.Fatal(err)
	}
	response, err := v.http.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	v.t.Cleanup(func() { _ = response.Body.Close() })
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "text/event-stream" {
		v.t.Fatalf("stream: got %d, want 200 and text/event-stream", response.StatusCode)
	}
	out := make(chan string, 1000)
	go func() {
		defer close(out)
		for s := bufio.NewScanner(response.Body); s.Scan(); {
			out <- s.Text()
		}
	}()
	return out
}

// awaitLine reads until a line contains a text.
func awaitLine(t *testing.T, lines <-chan string, text string) {
	t.Helper()
	for line := range lines {
		if strings.Contains(line, text) {
			return
		}
	}
	t.Fatalf("stream: got its end, want %q before", text)
}

func TestTheLiveLogIsOfTheSessionsTenantAndEndsWithTheSession(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant, other := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		consumer := testkit.NewReceiver(t, nil)
		theirs := other.NewEndpoint(t, consumer.URL, nil).ID
		ours := tenant.NewEndpoint(t, consumer.URL, nil).ID
		link := portal(t, p, testkit.TenantOf(t, tenant), map[string]any{})
		lines := enter(t, p, link.URL).lines("/app/deliveries/stream?event_type=lead.created")
		awaitLine(t, lines, "event: ready")
		other.NewLead(t, "eve@example.com")
		tenant.NewLead(t, "ada@example.com")
		for line := range lines {
			if strings.Contains(line, theirs) {
				t.Fatal("stream: got another tenant's delivery, want the own ones only")
			}
			if strings.Contains(line, ours) {
				break
			}
		}
		p.Operator.Call(t, http.MethodDelete, "/admin/v1/tenants/"+testkit.TenantOf(t, tenant)+"/portal-sessions/"+
			link.ID, nil).Want(t, http.StatusNoContent)
		awaitLine(t, lines, "not_allowed")
		for range lines { // until it is closed
		}
	})
}

func TestACookieOfTheDashboardOpensNothingOfTheAPI(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	v := enter(t, p, portal(t, p, testkit.TenantOf(t, tenant), map[string]any{"capabilities": []string{"*"}}).URL)
	for _, path := range []string{"/api/v1/me", "/api/v1/webhooks", "/admin/v1/tenants"} {
		if got := v.get(path, "X-Session-Id", "ses_1", "X-Principal", testkit.TenantOf(t,
			tenant)); got.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s without a session: got %d, want 401", path, got.StatusCode)
		}
	}
}
