package webhook_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// spend makes n calls that are paid, and returns the status of the last.
func spend(t *testing.T, tenant *testkit.Client, n int, headers ...string) (status int) {
	t.Helper()
	for range n {
		status = tenant.Call(t, http.MethodPost, "/api/v1/leads", map[string]any{"name": "Ada"}, headers...).Status
	}
	return status
}

// warnings are the conditions of the alerts about credits, the newest first, that are in a state.
func warnings(t *testing.T, tenant *testkit.Client, state string) string {
	t.Helper()
	var out []string
	for _, a := range testkit.Get[api.AlertList](t, tenant, "/api/v1/alerts?state="+state).Data {
		out = append(out, string(a.Condition))
	}
	return strings.Join(out, " ")
}

func TestCreditsThatRunOutRaiseOneAlertEachAndAgainAfterAGrant(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e, testkit.WithPrice("createLead", 900)) // of 10,000
		tenant := p.NewTenant(t, "business")
		slack := testkit.NewReceiver(t, nil)
		testkit.Post[api.AlertChannel](t, tenant, channels, map[string]any{"type": "slack", "target": slack.URL},
			http.StatusCreated)

		spend(t, tenant, 10) // 1,000 are left, which is a tenth and not less
		if got := warnings(t, tenant, "open"); got != "" {
			t.Errorf("alerts with a tenth left: got %s, want none", got)
		}
		spend(t, tenant, 1)
		p.Await(t, "the first message", func() bool {
			return len(posts(t, slack, "100 credits are left, less than a tenth of this month's 10000")) == 1
		})
		for range 2 { // what is refused leaves its own transaction, and the one of an Idempotency-Key, undone
			if status := spend(t, tenant, 2); status != http.StatusForbidden {
				t.Fatalf("paid call: got %d, want 403", status)
			}
			spend(t, tenant, 1, "Idempotency-Key", "once")
		}
		p.Await(t, "the second message", func() bool { return len(posts(t, slack, "The credits are used up")) == 1 })
		if got := warnings(t, tenant, "open"); got != "credits.exhausted credits.low" {
			t.Errorf("open alerts: got %s, want credits.exhausted and credits.low", got)
		}

		id := testkit.Get[api.Me](t, tenant, "/api/v1/me").Tenant.ID
		p.Operator.Call(t, http.MethodPost, "/admin/v1/tenants/"+id+"/credits", map[string]any{"amount": 2600,
			"reason": "more"}).Want(t, http.StatusCreated)
		if got := warnings(t, tenant, "open"); got != "" {
			t.Errorf("open alerts after a grant: got %s, want none", got)
		}
		spend(t, tenant, 2) // 900 are left
		if got := warnings(t, tenant, "open"); got != "credits.low" {
			t.Errorf("open alerts: got %s, want credits.low", got)
		}
		spend(t, tenant, 1) // nothing is left
		p.Await(t, "all messages", func() bool { return len(slack.All()) == 4 })
		if got := warnings(t, tenant, "open"); got != "credits.exhausted credits.low" ||
			len(posts(t, slack, "The credits are used up")) != 2 {
			t.Errorf("open alerts: got %s, want credits.exhausted and credits.low, notified again", got)
		}
	})
}
