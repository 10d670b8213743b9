package page_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// failing is an endpoint that never works, with a dead letter for each of the leads.
func failing(t *testing.T, p *testkit.Program, tenant *testkit.Client, emails ...string) gen.WebhookCreated {
	t.Helper()
	consumer := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) {
		w.WriteHeader(http.StatusBadGateway)
	})
	hook := tenant.NewEndpoint(t, consumer.URL, map[string]any{"retry_policy": map[string]any{"initial": "1s",
		"max_attempts": 1}})
	for _, email := range emails {
		tenant.NewLead(t, email)
	}
	p.Await(t, "the dead letters", func() bool { return len(tenant.Deliveries(t, "&status=dead")) == len(emails) })
	return hook
}

func TestDeadLettersAreDeletedWhenTheirNumberIsTypedAndOnlyThoseThatMatch(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	tenant := p.NewTenant(t, "business")
	dead := func() int { return len(tenant.Deliveries(t, "&status=dead")) }
	id := testkit.TenantOf(t, tenant)
	v := enter(t, p, portal(t, p, id, map[string]any{"role": "owner"}).URL)
	v.sees("/app/dead-letters/purge", http.StatusOK, "No dead letters") // there is nothing to ask about
	first := failing(t, p, tenant, "a@example.com", "b@example.com")
	tenant.Call(t, http.MethodPatch, "/api/v1/webhooks/"+first.ID, map[string]any{"enabled": false}).
		Want(t, http.StatusOK)
	consumer := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) {
		w.WriteHeader(http.StatusTeapot)
	})
	second := tenant.NewEndpoint(t, consumer.URL, map[string]any{"retry_policy": map[string]any{"initial": "1s",
		"max_attempts": 1}})
	tenant.NewLead(t, "c@example.com")
	p.Await(t, "the third", func() bool { return dead() == 3 })

	const purge = "/app/dead-letters/purge"
	v.sees("/app/dead-letters?webhook_id="+first.ID, http.StatusOK, purge+"?webhook_id="+first.ID,
		"Delete all that match")
	filter := url.Values{"webhook_id": {first.ID}}
	typed := func(text string) url.Values { return url.Values{"webhook_id": {first.ID}, "name": {text}} }
	v.sees(purge+"?"+filter.Encode(), http.StatusOK, "Delete 2 dead letters?", first.ID)
	// an address deletes nothing
	v.sees(purge+"?"+typed("2").Encode(), http.StatusBadRequest, "Delete 2 dead letters?",
		"“name” is no filter of this page.")
	for _, wrong := range []string{"", "3", "all"} {
		v.submits(purge, typed(wrong), http.StatusUnprocessableEntity, "This is not the number.")
	}
	tenant.Call(t, http.MethodPatch, "/api/v1/webhooks/"+first.ID, map[string]any{"enabled": true}).
		Want(t, http.StatusOK)
	tenant.NewLead(t, "d@example.com")
	p.Await(t, "one more at each", func() bool { return dead() == 5 })
	// it has changed
	v.submits(purge, typed("2"), http.StatusUnprocessableEntity, "Delete 3 dead letters?",
		"This is not the number.")
	guard := v.guards()
	job := v.submits(purge, typed("3"), http.StatusOK, "Purge of dead letters")
	p.Await(t, "the job's end", func() bool {
		v.get(job.Request.URL.Path)
		return strings.Contains(v.last, "s-done")
	})
	v.has("<b>3</b> of 3 done")
	form := typed("3")
	form["once"], form["csrf_token"] = guard["once"], guard["csrf_token"]
	if again := v.submit(purge, form); again.Request.URL.Path != job.Request.URL.Path {
		t.Errorf("form sent twice: got %s and %s, want one job", job.Request.URL.Path, again.Request.URL.Path)
	}
	left := tenant.Deliveries(t, "&status=dead")
	if len(left) != 2 || left[0].WebhookID != second.ID || left[1].WebhookID != second.ID {
		t.Errorf("dead letters: got %+v, want the two of the other endpoint", left)
	}
	v.sees(purge+"?died_from=yesterday", http.StatusBadRequest, "is not a time")

	viewer := enter(t, p, portal(t, p, id, map[string]any{"role": "viewer"}).URL)
	viewer.sees("/app/dead-letters", http.StatusOK, left[0].ID)
	viewer.hasNot("Delete all", "Replay all")
	viewer.sees(purge, http.StatusForbidden, "You have no permission to do this")
	viewer.sees("/app", http.StatusOK)
	viewer.submits(purge, url.Values{"name": {"2"}}, http.StatusForbidden)
	if dead() != 2 {
		t.Errorf("dead letters after a viewer's purge: got %d, want 2", dead())
	}
}

func TestInTheBrowserDeadLettersAreDeletedAfterTypingTheirNumber(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	failing(t, p, tenant, "a@example.com", "b@example.com", "c@example.com")
	b := openTab(t, p.URL)
	b.open(portal(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "owner"}).URL)
	b.open("/app/dead-letters")
	b.shoot("dead-letters-all")
	b.leave("Delete all…")
	b.sees("Delete 3 dead letters?")
	b.shoot("dead-letters-delete")
	if disabled, _ := js[bool](b, "document.querySelector('main button[type=submit]').disabled"); !disabled {
		t.Error("delete button before the number is typed: got it enabled, want it disabled")
	}
	b.fill("name", "3")
	b.leave("Delete permanently")
	b.sees("3 of 3 done")
	b.shoot("job-purge")
	b.open("/app/dead-letters")
	b.sees("No dead letters")
	if n := len(tenant.Deliveries(t, "&status=dead")); n != 0 {
		t.Errorf("dead letters: got %d, want 0", n)
	}
}

func TestDeadLettersAreFilteredByAnEndpointsName(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	tenant := p.NewTenant(t, "business")
	consumer := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) {
		w.WriteHeader(http.StatusGone)
	})
	for _, name := range []string{"CRM west", "CRM east"} {
		tenant.NewEndpoint(t, consumer.URL, map[string]any{"name": name})
	}
	tenant.NewLead(t, "ada@example.com")
	p.AwaitCount(t, tenant, gen.DeliveryStatusDead, 2)
	v := enter(t, p, portal(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "owner"}).URL)
	rows := func(query string, want int, say ...string) {
		t.Helper()
		v.sees("/app/dead-letters?"+query, http.StatusOK, say...)
		if got := strings.Count(v.last, `href="/app/deliveries/dlv_`); got != want {
			t.Errorf("dead letters with %s: got %d, want %d", query, got, want)
		}
	}
	rows("webhook_id=west", 1, `value="CRM west"`, "Replay all that match")
	rows("webhook_id=CRM", 2, "Choose one", "CRM east</a>")
	v.hasNot("Replay all")
	rows("webhook_id=nowhere", 2, "no endpoint has")
	v.hasNot("Replay all")
}
