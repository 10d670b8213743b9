package page_test

import (
	"net/http"
	"strings"
	"testing"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// twoWithDeadLetters makes two tenants with a dead letter each, of an endpoint that fails.
func twoWithDeadLetters(t *testing.T, p *testkit.Program, endpoint *testkit.Receiver) []*testkit.Client {
	t.Helper()
	tenants := []*testkit.Client{p.NewTenant(t, "business"), p.NewTenant(t, "business")}
	for _, c := range tenants {
		c.NewEndpoint(t, endpoint.URL, map[string]any{"retry_policy": map[string]any{"initial": "1s",
			"max_attempts": 1}})
		c.NewLead(t, "ada@example.com")
		p.AwaitDelivery(t, c, gen.DeliveryStatusDead)
	}
	return tenants
}

func TestDeadLettersOfAllTenantsAreCountedBeforeTheyAreReplayed(t *testing.T) {
	t.Parallel()
	p := testkit.Start(t, testkit.Servers)
	b := newBrowser(t, p)
	b.signIn(t, p.Operator.Key())
	receiver := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, n int) {
		if n <= 2 {
			w.WriteHeader(http.StatusBadGateway)
		}
	})
	tenants := twoWithDeadLetters(t, p, receiver)
	const action = "/admin/dead-letters/replay"
	one := testkit.TenantOf(t, tenants[0])
	if a := b.fill(t, "/admin/dead-letters", action, "tenant_id", one); a.status != http.StatusOK ||
		!strings.Contains(a.body, "Replay 1 dead letter of") {
		t.Errorf("dead letters of one tenant: got %d, want 200 and 1 counted", a.status)
	}
	if a := b.fill(t, "/admin/dead-letters", action); a.status != http.StatusOK || !strings.Contains(a.body,
		"Replay 2 dead letters of all tenants?") {
		t.Errorf("dead letters of all tenants: got %d, want 200 and 2 counted", a.status)
	}
	if n := len(receiver.All()); n != 2 {
		t.Errorf("requests after counting: got %d, want 2", n)
	}
	a := b.fill(t, "/admin/dead-letters", action, "do", "replay")
	if a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "/admin/jobs/") {
		t.Fatalf("replay: got %d to %q, want 303 to the job", a.status, a.to)
	}
	b.see(t, a.to, http.StatusOK, "Replay of dead letters", "all tenants")
	for _, c := range tenants {
		p.AwaitDelivery(t, c, gen.DeliveryStatusSucceeded)
	}
	p.Await(t, "the job to be done", func() bool {
		return strings.Contains(b.send(t, http.MethodGet, a.to, nil).body, `<b>2</b> of 2 done`)
	})
	b.see(t, "/admin/dead-letters", http.StatusOK, "No dead letters", a.to)
	recorded(t, p, "dead_letters.replayed")
}
