package page_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func TestTheMostFailingEndpointsAreListedFirstWhereverTheyAre(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	bad := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) { w.WriteHeader(500) })
	once := map[string]any{"initial": "1s", "max_attempts": 1}
	tenant.NewEndpoint(t, bad.URL, map[string]any{"name": "Broken", "retry_policy": once}) // on the last page by age
	for i := range 51 {
		tenant.NewEndpoint(t, bad.URL, map[string]any{"name": fmt.Sprintf("Idle %02d", i), "enabled": i > 0,
			"events": []string{"ticket.created"}})
	}
	tenant.NewLead(t, "ada@example.com")
	p.Await(t, "the count of the dead letter", func() bool {
		return testkit.Get[api.DeliveryStats](t, tenant, "/api/v1/webhooks/stats").Dead == 1
	})
	b := visit(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "viewer"})
	if newest := b.get(t, "/app/endpoints", "52 endpoints"); strings.Contains(newest, "Broken") {
		t.Error("newest first: got the oldest endpoint on the first page, want it on the second")
	}
	first := b.get(t, "/app/endpoints?sort=failure_rate", `value="failure_rate" selected`, "0.0 %",
		"/app/endpoints?page=2&amp;sort=failure_rate")
	if at := strings.Index(first, "Broken"); at < 0 || at > strings.Index(first, "Idle 50") {
		t.Error("by failure rate: got the failing endpoint behind others, want it first")
	}
	if second := b.get(t, "/app/endpoints?page=2&sort=failure_rate", "Idle 00",
		"Idle 01"); strings.Contains(second, "Broken") {
		t.Error("second page by failure rate: got the failing endpoint again, want it on the first only")
	}
	if found := b.get(t, "/app/endpoints?search=idle&state=disabled&sort=failure_rate", "1 endpoint matches",
		"Idle 00"); strings.Contains(found, "Idle 01") {
		t.Error("search, state and order: got an enabled endpoint, want the disabled one")
	}
}
