package webhook_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/testkit"
)

func since(ago time.Duration) map[string]any {
	return map[string]any{"since": time.Now().Add(-ago).UTC().Format(time.RFC3339)}
}

func TestRecoverSendsWhatAnEndpointMissedForAnyReasonOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		before := tenant.NewLead(t, "before@example.com") // the endpoint does not exist yet
		p.Await(t, "the fan-out", func() bool {
			return count(t, p.App.Database(), "events", "dispatched_at IS NULL") == 0
		})

		hook := tenant.NewEndpoint(t, receiver.URL, map[string]any{"events": []string{"lead.created"}})
		path := "/api/v1/webhooks/" + hook.ID
		tenant.NewLead(t, "arrives@example.com")
		receiver.Next(t)
		// not subscribed to
		tenant.Call(t, http.MethodPatch, "/api/v1/leads/"+before.ID, map[string]any{"score": 5}).Want(t, http.StatusOK)
		tenant.Call(t, http.MethodPatch, path, map[string]any{"enabled": false}).Want(t, http.StatusOK)
		tenant.NewLead(t, "off@example.com")
		dead := insertDead(t, p.App.Database(), scopeOf(t, tenant), hook.ID, 1, nil)[0]
		insertDead(t, p.App.Database(), scopeOf(t, tenant), hook.ID, 1, func(_ int, d *delivery.Delivery) {
			d.Status, d.Reason = delivery.Cancelled, "filtered"
		})
		p.Await(t, "the cancelled delivery", func() bool { return len(tenant.Deliveries(t, "&status=cancelled")) == 2 })

		tenant.Call(t, http.MethodPost, path+"/recover", since(2*time.Hour)).Want(t, http.StatusConflict)
		tenant.Call(t, http.MethodPatch, path, map[string]any{"enabled": true}).Want(t, http.StatusOK)
		body := since(2 * time.Hour)
		body["dry_run"] = true
		expected := testkit.Post[api.BulkPreview](t, tenant, path+"/recover", body, http.StatusOK)
		if expected.Total != 3 || len(expected.SampleIds) != 3 {
			t.Errorf("the dry run counts %+v, want 3", expected)
		}
		delete(body, "dry_run")
		one := testkit.Post[api.Job](t, tenant, path+"/recover", body, http.StatusAccepted)
		two := testkit.Post[api.Job](t, tenant, path+"/recover", body, http.StatusAccepted)
		got := map[string]bool{}
		for range 3 {
			got[receiver.Next(t).Header.Get("webhook-id")] = true
		}
		if !got[dead] || len(got) != 3 {
			t.Errorf("the requests were of %v, want 3 events with the dead one", got)
		}
		a, b := awaitJob(t, p, tenant, one.ID), awaitJob(t, p, tenant, two.ID)
		if a.Done+b.Done != 3 {
			t.Errorf("the jobs sent %d and %d, want 3 in all", a.Done, b.Done)
		}
		p.Await(t, "all to succeed", func() bool { return len(tenant.Deliveries(t, "&status=succeeded")) == 4 })
		if n := len(receiver.All()); n != 4 {
			t.Errorf("%d requests, want 4", n)
		}
		var events []event.Event
		err := db.Tenant(p.App.Database().Read(t.Context()), testkit.TenantOf(t, tenant)).
			Where("type = 'lead.created'").Find(&events).Error
		if err != nil || len(events) != 5 {
			t.Errorf("events: got %d, %v, want 5", len(events), err)
		}
		for _, e := range events {
			if !slices.Equal(e.Endpoints, event.Endpoints{uuidOf(t, hook.ID)}) {
				t.Errorf("endpoints of %+v: got %v, want %s", e, e.Endpoints, hook.ID)
			}
		}
		body["event_types"] = []string{"invoice.*"}
		if none := testkit.Post[api.Job](t, tenant, path+"/recover", body, http.StatusAccepted); none.Total != 0 {
			t.Errorf("the job for another type is %+v, want nothing to send", none)
		}
	})
}

func TestRecoverDoesNotRepeatADeliveryThatRetentionDeleted(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		scope := scopeOf(t, tenant)
		hook := tenant.NewEndpoint(t, "https://example.com", nil)
		at := db.At(time.Now().Add(-p.Config.RetentionDeliveries - 24*time.Hour))
		old := event.Event{TenantID: scope.TenantID, Environment: scope.Environment,
			ID:   uuidAt(at.Time).TypeID(id.Event),
			Type: "lead.created", Data: "{}", OccurredAt: at, CreatedAt: at, DispatchedAt: at}
		if err := p.App.Database().Tx(t.Context(), func(tx *gorm.DB) error {
			if p.App.Database().Postgres() { // its day has no partition any more
				day := at.UTC().Format(time.DateOnly)
				if err := tx.Exec("SELECT make_partitions(?, ?)", day, day).Error; err != nil {
					return err
				}
			}
			return tx.Create(&old).Error
		}); err != nil {
			t.Fatal(err)
		}
		body := since(p.Config.RetentionEvents - time.Hour)
		body["dry_run"] = true
		path := "/api/v1/webhooks/" + hook.ID + "/recover"
		if s := testkit.Post[api.BulkPreview](t, tenant, path, body, http.StatusOK); s.Total != 0 {
			t.Errorf("recover would send %+v, want nothing", s)
		}
		for field, wrong := range map[string]map[string]any{
			"since": since(p.Config.RetentionEvents + time.Hour),
			"until": {"since": time.Now().UTC().Format(time.RFC3339), "until": "2026-01-01T00:00:00Z"},
		} {
			if a := tenant.Call(t, http.MethodPost, path, wrong).
				Want(t, http.StatusBadRequest); a.Problem(t).Error.Details[0].Field != field {
				t.Errorf("%s: got %s, want the field named", field, a.Body)
			}
		}
	})
}

func TestAFinalDeliveryIsReplayedWithTheSameIDAndBytes(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, n int) {
			if n == 3 {
				w.WriteHeader(http.StatusInternalServerError)
			}
		})
		hook := tenant.NewEndpoint(t, receiver.URL,
			map[string]any{"retry_policy": map[string]any{"schedule": []string{"1h"}}})
		tenant.NewLead(t, "ada@example.com")
		first := receiver.Next(t)
		d := p.AwaitDelivery(t, tenant, api.DeliveryStatusSucceeded)
		path := "/api/v1/deliveries/" + d.ID + "/replay"
		if again := testkit.Post[api.Delivery](t, tenant, path, nil,
			http.StatusAccepted); again.Status != api.DeliveryStatusPending {
			t.Errorf("the replayed delivery is %+v, want it pending", again)
		}
		second := receiver.Next(t)
		if second.Header.Get("webhook-id") != first.Header.Get("webhook-id") ||
			string(second.Body) != string(first.Body) {
			t.Errorf("the replay sent %v %s, want the id and bytes of the first request", second.Header, second.Body)
		}
		p.Await(t, "the second success", func() bool {
			d = tenant.Delivery(t, d.ID)
			return d.Status == api.DeliveryStatusSucceeded && len(d.Attempts) == 2
		})
		tenant.Call(t, http.MethodPost, path, nil).Want(t, http.StatusAccepted)
		receiver.Next(t)
		p.Await(t, "a failure", func() bool { return tenant.Delivery(t, d.ID).Status == api.DeliveryStatusRetrying })
		if a := tenant.Call(t, http.MethodPost, path, nil).
			Want(t,
				http.StatusConflict); a.Problem(t).Error.Message != "Only a delivery that is over can be replayed; "+
			"this one is retrying." {
			t.Errorf("replay of a retrying delivery: got %s, want that it is not over", a.Body)
		}

		tenant.Call(t, http.MethodPatch, "/api/v1/webhooks/"+hook.ID, map[string]any{"enabled": false}).
			Want(t, http.StatusOK)
		tenant.NewLead(t, "off@example.com")
		p.Await(t, "the cancelled delivery", func() bool { return len(tenant.Deliveries(t, "&status=cancelled")) == 1 })
		cancelled := "/api/v1/deliveries/" + tenant.Deliveries(t, "&status=cancelled")[0].ID
		tenant.Call(t, http.MethodPost, cancelled+"/replay", nil).Want(t, http.StatusConflict) // still disabled
		tenant.Call(t, http.MethodPatch, "/api/v1/webhooks/"+hook.ID, map[string]any{"enabled": true}).
			Want(t, http.StatusOK)
		tenant.Call(t, http.MethodPost, cancelled+"/replay", nil).Want(t, http.StatusAccepted)
		p.Await(t, "it to succeed", func() bool {
			return testkit.Get[api.DeliveryDetail](t, tenant, cancelled).Status == api.DeliveryStatusSucceeded
		})
	})
}
