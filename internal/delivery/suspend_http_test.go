package delivery_test

import (
	"cmp"
	"net/http"
	"slices"
	"testing"

	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/testkit"
)

// Were it suspended meanwhile, an upgrade that has looked for what to resume already would not see it. Only PostgreSQL
// has two writers at a time.
func TestNothingIsSuspendedWhileItsTenantIsBeingChanged(t *testing.T) {
	t.Parallel()
	p := testkit.Start(t, testkit.Servers, testkit.WithoutWorker()) // of its own: the test is the worker
	tenant := p.NewTenant(t, "business")
	tenant.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, nil)
	tenant.NewLead(t, "ada@example.com")
	id := testkit.TenantOf(t, tenant)
	p.PauseDeliveries(t, id, true)
	published := testkit.Get[api.EventList](t, tenant, "/api/v1/events").Data[0]
	if err := delivery.GiveRow(t.Context(), p.App.Delivered, published.ID); err != nil {
		t.Fatal(err)
	}
	reason := func() string {
		t.Helper()
		d := tenant.Deliveries(t, "")[0]
		if err := delivery.ClaimOnly(t.Context(), p.App.Delivered, d.ID); err != nil {
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
			t.Errorf("suspended as: got %q, want nothing", r)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if r := reason(); r != "paused" {
		t.Errorf("suspended afterwards as: got %q, want paused", r)
	}
}

func TestTheKillSwitchSuspendsATenantsDeliveriesAndResumesThemWithARamp(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		services := testkit.NewServices(t, e)
		p := testkit.StartOn(t, services) // of its own: it is restarted
		tenant, other := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		receiver, neighbour := testkit.NewReceiver(t, nil), testkit.NewReceiver(t, nil)
		hook := tenant.NewEndpoint(t, receiver.URL, nil)
		other.NewEndpoint(t, neighbour.URL, nil)
		id := testkit.TenantOf(t, tenant)
		pause := func(p *testkit.Program, paused bool) {
			t.Helper()
			if got := p.PauseDeliveries(t, id, paused); got.DeliveriesPaused != paused {
				t.Errorf("tenant: got %+v, want paused: %t", got, paused)
			}
		}
		pause(p, true)
		const events = 10
		flood(t, tenant, events)
		other.NewLead(t, "ada@example.com")
		neighbour.Next(t)
		p.Await(t, "all to be suspended, and say so", func() bool {
			all := tenant.Deliveries(t, "&status=pending")
			return len(all) == events &&
				!slices.ContainsFunc(all, func(d api.Delivery) bool { r, _ := d.Reason.Get(); return r != "paused" })
		})
		p.Stop()

		p = testkit.StartOn(t, services, testkit.WithKeys(p.Config.EncryptionKeys))
		tenant = testkit.NewClient(p.URL, tenant.Key())
		if n := receiver.Count(); n != 0 {
			t.Fatalf("requests while paused: got %d, want none", n)
		}
		pause(p, false)
		if !throttled(t, tenant, hook.ID) {
			t.Errorf("ramp: got no concurrency limit, want one")
		}
		for range events {
			receiver.Next(t)
		}
		p.AwaitCount(t, tenant, api.DeliveryStatusSucceeded, events)
		log := testkit.Get[api.AuditEntryList](t, p.Operator, "/admin/v1/audit-log").Data
		slices.SortFunc(
			log,
			func(a, b api.AuditEntry) int { return cmp.Compare(a.CreatedAt.UnixMicro(), b.CreatedAt.UnixMicro()) },
		)
		if last := log[len(log)-1]; last.Action != "tenant.unpaused" {
			t.Errorf("last entry of the audit log: got %+v, want tenant.unpaused", last)
		}
	})
}

func TestDeferredDeliveriesFollowTheirTenantAndEndpoint(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		id := testkit.TenantOf(t, tenant)
		receiver := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, n int) {
			if n == 1 { // nothing is admitted for the rest of the test
				w.Header().Set("Retry-After", "3600")
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		})
		hook := tenant.NewEndpoint(t, receiver.URL, nil)
		tenant.NewLead(t, "first@example.com")
		p.Await(t, "the throttle", func() bool { return throttled(t, tenant, hook.ID) })
		const events = 10
		flood(t, tenant, events)
		p.AwaitCount(t, tenant, api.DeliveryStatusPending, events)

		change := func(c *testkit.Client, path string, body map[string]any) {
			t.Helper()
			c.Call(t, http.MethodPatch, path, body).Want(t, http.StatusOK)
		}
		p.PauseDeliveries(t, id, true)
		change(tenant, "/api/v1/webhooks/"+hook.ID, object{"name": "looked at"})
		p.Await(t, "what is deferred to be suspended", func() bool {
			all := tenant.Deliveries(t, "&status=pending")
			return !slices.ContainsFunc(all, func(d api.Delivery) bool { r, _ := d.Reason.Get(); return r != "paused" })
		})
		p.PauseDeliveries(t, id, false)
		if reason, _ := tenant.Deliveries(t, "&status=pending")[0].Reason.Get(); reason != "throttled" {
			t.Errorf("reason after the pause: got %q, want throttled", reason)
		}
		change(tenant, "/api/v1/webhooks/"+hook.ID, object{"enabled": false})
		p.Await(
			t,
			"what is deferred to be cancelled",
			func() bool { return p.Counts(t, tenant)[api.DeliveryStatusCancelled] >= events },
		)
		if got := tenant.Deliveries(t, "&status=cancelled")[0].Reason.MustGet(); got != "endpoint_disabled" ||
			receiver.Count() != 1 {
			t.Errorf("cancelled as %s after %d requests, want endpoint_disabled after 1", got, receiver.Count())
		}
	})
}
