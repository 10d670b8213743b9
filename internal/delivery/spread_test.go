package delivery_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/testkit"
)

func withoutWorker(_ *config.Config, o *app.Options) { o.Worker = false }

func TestAnAcceptedEventHasItsDeliveriesInTheSameCommit(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		tenant := testkit.Start(t, e, withoutWorker).NewTenant(t, "business")
		tenant.NewEndpoint(t, "http://127.0.0.1:1/all", nil)
		tenant.NewEndpoint(t, "http://127.0.0.1:1/off", map[string]any{"enabled": false})
		tenant.NewEndpoint(t, "http://127.0.0.1:1/other", map[string]any{"events": []string{"lead.*"}})
		var all sync.WaitGroup
		for i := range 40 { // that share commits, half of them repeating another
			all.Go(func() {
				body := map[string]any{"id": fmt.Sprintf("evt-%d", i%20), "type": "dm.sent", "data": map[string]any{"platform": "x", "tracked_username": "a", "target_username": "b", "occurred_at": "2026-01-28T09:00:00Z", "message": "hi", "device_id": "d"}}
				tenant.Call(t, http.MethodPost, "/api/v1/events", body).Want(t, http.StatusAccepted)
			})
		}
		all.Wait()
		for i := range 20 {
			event := fmt.Sprintf("evt-%d", i)
			if all := tenant.Deliveries(t, "&event_id="+event); len(all) != 2 {
				t.Errorf("%s: %d deliveries", event, len(all))
			}
		}
		if all := tenant.Deliveries(t, ""); len(all) != 40 {
			t.Errorf("%d deliveries of 20 events for two endpoints", len(all))
		}
	})
}

func TestAnEventForVeryManyEndpointsIsFannedOutAfterItWasAccepted(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		const n = 120
		p := testkit.Start(t, e)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		for range n {
			tenant.NewEndpoint(t, receiver.URL, nil)
		}
		tenant.NewLead(t, "ada@example.com")
		for range n {
			receiver.Next(t)
		}
		list := testkit.Get[api.EventList](t, tenant, "/api/v1/events")
		if len(list.Data) != 1 {
			t.Errorf("%+v", list.Data)
		}
	})
}
