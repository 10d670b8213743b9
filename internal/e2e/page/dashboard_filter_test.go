package page_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/testkit"
)

// TestPagesSayWhatTheyDidNotUnderstandOfTheirAddress in a sentence, and show what is left of the filter.
func TestPagesSayWhatTheyDidNotUnderstandOfTheirAddress(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	tenant.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, map[string]any{"name": "CRM"})
	tenant.NewLead(t, "ada@example.com")
	p.AwaitDelivery(t, tenant, "succeeded")
	v := enter(t, p, portal(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "owner"}).URL)
	const unknown, hook = "“foo” is no filter of this page.", "whe_01jd4x2m9qe4fv0w3n7q1x5z8k"
	noHook := "Endpoint: no endpoint has the id “" + hook + "”; it may have been deleted."
	check := func(path string, texts ...string) {
		t.Helper()
		v.sees(path, http.StatusBadRequest, append(texts, `<div class="fault" role="alert">`)...)
		if n := strings.Count(v.last, `role="alert"`); n != 1 {
			t.Errorf("%s: got %d notices, want one", path, n)
		}
	}
	for _, path := range []string{"/app", "/app/endpoints", "/app/deliveries", "/app/dead-letters", "/app/events",
		"/app/alerts", "/app/keys", "/app/event-types", "/app/credits", "/app/usage", "/app/members", "/app/audit"} {
		v.sees(path+"?done=&utm_source=mail", http.StatusOK)
		v.hasNot(`role="alert"`)
		check(path+"?foo=1", unknown)
	}
	check("/app?period=9y", "Period: “9y” is none of 1h, 24h, 7d, 30d.", "lead.created")
	check("/app/usage?days=8", "Days: “8” is none of 7, 30, 90.")
	check("/app/endpoints?state=lost&foo=1", "State:", unknown, "CRM")
	check("/app/endpoints?page=x", "Page: “x” is no number of a page.", "CRM")
	check("/app/deliveries?webhook_id="+hook, noHook)
	check("/app/dead-letters?webhook_id="+hook, noHook, "No dead letter matches")
	check("/app/events?sent=maybe&foo=1", "neither true nor false", unknown, "lead.created")
	if a := v.get("/app?foo=1", "Hookline-Part", "live"); a.StatusCode != http.StatusOK {
		t.Errorf("part of a page that says what it did not understand: got %d, want 200", a.StatusCode)
	}

	operator := newBrowser(t, p)
	operator.signIn(t, p.Operator.Key())
	ofTenant := "/admin/tenants/" + testkit.TenantOf(t, tenant)
	v = &visitor{t: t, base: p.URL, http: operator.http}
	for _, path := range []string{"/admin", "/admin/tenants", "/admin/queues", "/admin/dead-letters",
		"/admin/operator-keys", "/admin/audit-log", ofTenant + "/invoices", ofTenant + "/keys", ofTenant + "/credits"} {
		v.sees(path, http.StatusOK)
		check(path+"?foo=1", unknown)
	}
	check("/admin/tenants?paused=perhaps", "Paused: “perhaps” is none of yes, no.")
	check(ofTenant+"/invoices?status=lost", "Status: “lost” is none of open, paid.")
}
