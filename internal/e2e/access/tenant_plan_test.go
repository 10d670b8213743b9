package access_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/testkit"
)

func TestADowngradeSuspendsDeliveriesAndAnUpgradeResumesThem(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		id := testkit.Get[api.Me](t, tenant, "/api/v1/me").Tenant.ID
		receiver := testkit.NewReceiver(t, nil)
		tenant.NewEndpoint(t, receiver.URL, map[string]any{"events": []string{"lead.*"}})
		change := func(body map[string]any) {
			t.Helper()
			p.Operator.Call(t, http.MethodPatch, "/admin/v1/tenants/"+id, body).Want(t, http.StatusOK)
		}

		// which leads need
		change(map[string]any{"plan": "pro", "entitlement_overrides": map[string]bool{"public_api": true}})
		tenant.NewLead(t, "ada@example.com")
		var events api.EventList
		p.Await(t, "the event to be fanned out", func() bool {
			events = testkit.Get[api.EventList](t, tenant, "/api/v1/events?type=lead.created")
			return events.Data[0].Status == api.EventStatusDispatched
		})
		p.Await(t, "the delivery to be held back", func() bool {
			var reasons []string
			err := db.Tenant(p.App.Database().Read(t.Context()).Table("deliveries"), id).
				Pluck("reason", &reasons).Error
			return err == nil && slices.Equal(reasons, []string{"entitlement_required"})
		})
		if n := len(receiver.All()); n != 0 {
			t.Fatalf("requests without the entitlement: got %d, want 0", n)
		}
		tenant.Call(t, http.MethodGet, "/api/v1/webhooks", nil).Want(t, http.StatusForbidden)

		change(map[string]any{"plan": "business", "entitlement_overrides": map[string]bool{}})
		receiver.Next(t)
		p.AwaitDelivery(t, tenant, api.DeliveryStatusSucceeded)
		if changes := testkit.Get[api.EventList](t, tenant,
			"/api/v1/events?type=subscription.changed").Data; len(changes) != 2 {
			t.Errorf("subscription.changed of two changes: got %d, want 2", len(changes))
		}
	})
}

func TestANewPlanFiresSubscriptionChanged(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		id := testkit.Get[api.Me](t, tenant, "/api/v1/me").Tenant.ID
		for _, body := range []map[string]any{{"plan": "enterprise"}, {"plan": "enterprise"}, {"name": "Other"}} {
			p.Operator.Call(t, http.MethodPatch, "/admin/v1/tenants/"+id, body).Want(t, http.StatusOK)
		}
		events := testkit.Get[api.EventList](t, tenant, "/api/v1/events?type=subscription.changed").Data
		if len(events) != 1 {
			t.Fatalf("events: got %d, want 1", len(events))
		}
		for _, et := range testkit.Contract().EventTypes {
			if et.Name == "subscription.changed" {
				if err := et.Validate(events[0].Data); err != nil {
					t.Errorf("data %s: got %v, want it to match the schema", events[0].Data, err)
				}
			}
		}
	})
}
