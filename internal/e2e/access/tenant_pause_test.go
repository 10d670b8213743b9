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
		change := func(method, below string, body map[string]any, status int) testkit.Answer {
			t.Helper()
			return p.Operator.Call(t, method, path+below, body).Want(t, status)
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
		change(http.MethodPatch, "", map[string]any{"deliveries_paused": true}, http.StatusBadRequest)
		p.PauseDeliveries(t, me(c).Tenant.ID, true)
		first := sees("without a reason", true, "")
		shown := testkit.Into[api.Tenant](t, change(http.MethodPost, "/pause",
			map[string]any{"reason": "Your endpoint floods us. Write to support."}, http.StatusOK))
		again := sees("with one", true, "Your endpoint floods us. Write to support.")
		if since, _ := shown.DeliveriesPausedSince.Get(); !again.Equal(first) || !since.Equal(first) ||
			time.Since(first) > time.Minute {
			t.Errorf("paused since: got %s, %s again, and %s for operators, want the same", first, again, since)
		}
		change(http.MethodPatch, "", map[string]any{"name": "Acme"}, http.StatusOK)
		sees("after another change", true, "Your endpoint floods us. Write to support.")
		change(http.MethodPost, "/pause", map[string]any{}, http.StatusOK)
		sees("paused again without a reason", true, "Your endpoint floods us. Write to support.")
		change(http.MethodPost, "/pause", map[string]any{"reason": ""}, http.StatusOK)
		sees("with an empty reason", true, "")
		if m := me(other).Tenant; m.DeliveriesPaused || !m.DeliveriesPausedSince.IsNull() {
			t.Errorf("another tenant: got %+v, want it not paused", m)
		}
		p.PauseDeliveries(t, me(c).Tenant.ID, false)
		sees("at the end", false, "")
		p.PauseDeliveries(t, me(c).Tenant.ID, false)
		sees("resumed again", false, "")
		p.PauseDeliveries(t, me(c).Tenant.ID, true)
		if next := sees("paused again", true, ""); !next.After(first) {
			t.Errorf("paused again since: got %s, want it after %s", next, first)
		}
	})
}
