package page_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/testkit"
)

// TestPagesNameTheEndpointsThatTheyShow, also those that are older than the hundred newest, and stay light with so many
// endpoints with long names.
func TestPagesNameTheEndpointsThatTheyShow(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	bad := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) { w.WriteHeader(500) })
	oldest := tenant.NewEndpoint(t, bad.URL, map[string]any{"name": "The oldest", "events": []string{"lead.created"},
		"retry_policy": map[string]any{"initial": "1s", "max_attempts": 1}})
	for i := range 100 {
		tenant.NewEndpoint(t, fmt.Sprintf("%s/%02d/%s", bad.URL, i, strings.Repeat("long/", 20)), map[string]any{
			"name":   fmt.Sprintf("Endpoint %02d with a %slong name", i, strings.Repeat("very ", 12)),
			"events": []string{"ticket.created", []string{"lead.updated", "message.received"}[min(1, i%3)]}})
	}
	lead := tenant.NewLead(t, "ada@example.com")
	tenant.Call(t, http.MethodPatch, "/api/v1/leads/"+lead.ID, map[string]any{"name": "Ada"}).Want(t, http.StatusOK)
	p.Await(t, "34 retries", func() bool { return p.Counts(t, tenant)["retrying"] == 34 })
	tenant.NewLead(t, "grace@example.com")
	p.Await(t, "the dead letters", func() bool { return p.Counts(t, tenant)["dead"] == 2 })
	dead := tenant.Deliveries(t, "&status=dead")[0]
	v := enter(t, p, portal(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "owner"}).URL)
	for _, path := range []string{"/app", "/app/deliveries?status=dead", "/app/dead-letters",
		"/app/events/" + dead.EventID, "/app/deliveries/" + dead.ID} {
		v.sees(path, http.StatusOK, "The oldest")
	}
	if strings.Contains(v.last, ">"+oldest.ID+"<") {
		t.Error("delivery: got the endpoint's id as its name, want the name")
	}
	for _, path := range []string{"/app", "/app/endpoints", "/app/deliveries", "/app/dead-letters",
		"/app/events/publish", "/app/event-types/ticket.created"} {
		v.get(path)
		if got := len(v.last); got > heaviest {
			t.Errorf("%s: got %d bytes, want at most %d", path, got, heaviest)
		}
		t.Logf("%s: %d bytes", path, len(v.last))
	}
}
