package delivery_test

import (
	"cmp"
	"net/http"
	"slices"
	"testing"

	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/testkit"
)

// Were it held meanwhile, an upgrade that has looked for what to resume already would not see it. Only PostgreSQL has
// two writers at a time.
func TestNothingIsHeldBackWhileItsTenantIsBeingChanged(t *testing.T) {
	t.Parallel()
	p := testkit.Start(t, testkit.Servers, func(_ *config.Config, o *app.Options) { o.Worker = false })
	tenant := p.NewTenant(t, "business")
	tenant.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, nil)
	tenant.NewLead(t, "ada@example.com")
	id := testkit.Get[api.Me](t, tenant, "/api/v1/me").Tenant.ID
	p.Operator.Call(t, http.MethodPatch, "/admin/v1/tenants/"+id, map[string]any{"deliveries_paused": true}).
		Want(t, http.StatusOK)
	reason := func() string {
		t.Helper()
		d := tenant.Deliveries(t, "")[0]
		if _, err := p.App.Delivered.Claim(t.Context(), d.ID); err != nil {
			t.Fatal(err)
		}
		held, _ := tenant.Delivery(t, d.ID).Reason.Get()
		return held
	}
	database := p.App.Database()
	err := database.Tx(t.Context(), func(tx *gorm.DB) error {
		if err := database.ForUpdate(tx.Table("tenants")).Where("id = ?", id).Select("id").
			Take(new(string)).Error; err != nil {
			return err
		}
		if r := reason(); r != "" {
			t.Errorf("held as %s", r)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if r := reason(); r != "paused" {
		t.Errorf("afterwards %q", r)
	}
}

func TestTheKillSwitchHoldsATenantsDeliveriesAndLetsThemGoWithARamp(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		services := testkit.NewServices(t, e)
		p := testkit.StartOn(t, services)
		tenant, other := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		receiver, neighbour := testkit.NewReceiver(t, nil), testkit.NewReceiver(t, nil)
		hook := tenant.NewEndpoint(t, receiver.URL, nil)
		other.NewEndpoint(t, neighbour.URL, nil)
		id := testkit.Get[api.Me](t, tenant, "/api/v1/me").Tenant.ID
		pause := func(p *testkit.Program, paused bool) {
			t.Helper()
			a := p.Operator.Call(t, http.MethodPatch, "/admin/v1/tenants/"+id,
				map[string]any{"deliveries_paused": paused}).Want(t, http.StatusOK)
			if testkit.Into[api.Tenant](t, a).DeliveriesPaused != paused {
				t.Errorf("%s", a.Body)
			}
		}
		pause(p, true)
		const events = 30
		flood(t, tenant, events)
		other.NewLead(t, "ada@example.com")
		neighbour.Next(t)
		p.Await(t, "all to be held, and say so", func() bool {
			all := tenant.Deliveries(t, "&status=pending")
			return len(all) == events && !slices.ContainsFunc(all, func(d api.Delivery) bool {
				r, _ := d.Reason.Get()
				return r != "paused"
			})
		})
		p.Stop()

		p = testkit.StartOn(t, services, testkit.WithKey(p.Config.EncryptionKey))
		tenant = testkit.NewClient(p.URL, tenant.Key())
		if n := len(receiver.All()); n != 0 {
			t.Fatalf("%d requests while paused", n)
		}
		pause(p, false)
		if c := circuit(t, tenant, hook.ID); c.ConcurrencyLimit.IsNull() {
			t.Errorf("no ramp: %+v", c)
		}
		for range events {
			receiver.Next(t)
		}
		p.Await(t, "all to succeed", func() bool { return len(tenant.Deliveries(t, "&status=succeeded")) == events })
		log := testkit.Get[api.AuditEntryList](t, p.Operator, "/admin/v1/audit-log").Data
		slices.SortFunc(log, func(a, b api.AuditEntry) int {
			return cmp.Compare(a.CreatedAt.UnixMicro(), b.CreatedAt.UnixMicro())
		})
		if last := log[len(log)-1]; last.Action != "tenant.updated" {
			t.Errorf("%+v", last)
		}
	})
}

func TestWhatIsParkedFollowsItsTenantAndItsEndpoint(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		id := testkit.Get[api.Me](t, tenant, "/api/v1/me").Tenant.ID
		receiver := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, n int) {
			if n == 1 { // nothing passes its gate for the rest of the test
				w.Header().Set("Retry-After", "3600")
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		})
		hook := tenant.NewEndpoint(t, receiver.URL, nil)
		tenant.NewLead(t, "first@example.com")
		p.Await(t, "the gate", func() bool { return !circuit(t, tenant, hook.ID).ConcurrencyLimit.IsNull() })
		const events = 20
		flood(t, tenant, events)
		count := func(query string) int { return len(tenant.Deliveries(t, query)) }
		p.Await(t, "the events to be parked", func() bool { return count("&status=pending") == events })

		change := func(c *testkit.Client, path string, body map[string]any) {
			t.Helper()
			c.Call(t, http.MethodPatch, path, body).Want(t, http.StatusOK)
		}
		change(p.Operator, "/admin/v1/tenants/"+id, map[string]any{"deliveries_paused": true})
		change(tenant, "/api/v1/webhooks/"+hook.ID, map[string]any{"name": "looked at"})
		p.Await(t, "what is parked to be held", func() bool {
			all := tenant.Deliveries(t, "&status=pending")
			return !slices.ContainsFunc(all, func(d api.Delivery) bool { r, _ := d.Reason.Get(); return r != "paused" })
		})
		change(p.Operator, "/admin/v1/tenants/"+id, map[string]any{"deliveries_paused": false})
		if reason := tenant.Deliveries(t, "&status=pending")[0].Reason; !reason.IsNull() {
			t.Errorf("no longer paused, but %s", reason.MustGet())
		}
		change(tenant, "/api/v1/webhooks/"+hook.ID, map[string]any{"enabled": false})
		p.Await(t, "what is parked to be cancelled", func() bool { return count("&status=cancelled") == events })
		if got := tenant.Deliveries(t, "&status=cancelled")[0].Reason.MustGet(); got != "endpoint_disabled" ||
			len(receiver.All()) != 1 {
			t.Errorf("cancelled as %s after %d requests", got, len(receiver.All()))
		}
	})
}
