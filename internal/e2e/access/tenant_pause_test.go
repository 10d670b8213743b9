package access_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func TestATenantSeesThatItsDeliveriesArePausedSinceWhenAndWhy(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c, other := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		me := func(c *testkit.Client) api.Me { t.Helper(); return testkit.Get[api.Me](t, c, "/api/v1/me") }
		path := "/admin/v1/tenants/" + me(c).Tenant.ID
		change := func(body map[string]any, status int) testkit.Answer {
			t.Helper()
			return p.Operator.Call(t, http.MethodPatch, path, body).Want(t, status)
		}
		sees := func(what string, paused bool, reason string) time.Time {
			t.Helper()
			m := me(c).Tenant
			since, _ := m.DeliveriesPausedSince.Get()
			got, _ := m.DeliveriesPausedReason.Get()
			if m.DeliveriesPaused != paused || since.IsZero() == paused || got != reason ||
				m.DeliveriesPausedReason.IsNull() != (reason == "") {
				t.Errorf("%s: got %+v, want paused: %t for the reason %q", what, m, paused, reason)
			}
			return since
		}
		sees("at first", false, "")
		change(map[string]any{"deliveries_paused_reason": "of what?"}, http.StatusBadRequest)
		change(map[string]any{"deliveries_paused": true}, http.StatusOK)
		first := sees("without a reason", true, "")
		shown := testkit.Into[api.Tenant](t, change(map[string]any{"deliveries_paused": true,
			"deliveries_paused_reason": "Your endpoint floods us. Write to support."}, http.StatusOK))
		again := sees("with one", true, "Your endpoint floods us. Write to support.")
		if since, _ := shown.DeliveriesPausedSince.Get(); !again.Equal(first) || !since.Equal(first) ||
			time.Since(first) > time.Minute {
			t.Errorf("paused since: got %s, %s again, and %s for operators, want the same", first, again, since)
		}
		change(map[string]any{"name": "Acme"}, http.StatusOK)
		sees("after another change", true, "Your endpoint floods us. Write to support.")
		if m := me(other).Tenant; m.DeliveriesPaused || !m.DeliveriesPausedSince.IsNull() {
			t.Errorf("another tenant: got %+v, want it not paused", m)
		}
		change(map[string]any{"deliveries_paused": false}, http.StatusOK)
		sees("at the end", false, "")
		change(map[string]any{"deliveries_paused": true}, http.StatusOK)
		if next := sees("paused again", true, ""); !next.After(first) {
			t.Errorf("paused again since: got %s, want it after %s", next, first)
		}
	})
}
