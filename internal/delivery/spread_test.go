package delivery_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/testkit"
)

func TestAnAcceptedEventHasItsDeliveriesInTheSameCommit(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		// Of its own: a worker would make later what is missing.
		tenant := testkit.Start(t, e, testkit.WithoutWorker()).NewTenant(t, "business")
		tenant.NewEndpoint(t, "http://127.0.0.1:1/all", nil)
		tenant.NewEndpoint(t, "http://127.0.0.1:1/off", map[string]any{"enabled": false})
		tenant.NewEndpoint(t, "http://127.0.0.1:1/other", map[string]any{"events": []string{"lead.*"}})
		var all sync.WaitGroup
		for i := range 40 { // that share commits, half of them repeating another
			all.Go(func() {
				body := map[string]any{
					"id":   fmt.Sprintf("evt-%d", i%20),
					"type": "dm.sent",
					"data": map[string]any{
						"platform":         "x",
						"tracked_username": "a",
						"target_username":  "b",
						"occurred_at":      "2026-01-28T09:00:00Z",
						"message":          "hi",
						"device_id":        "d",
					},
				}
				tenant.Call(t, http.MethodPost, "/api/v1/events", body).Want(t, http.StatusAccepted)
			})
		}
		all.Wait()
		for i := range 20 {
			event := fmt.Sprintf("evt-%d", i)
			if all := tenant.Deliveries(t, "&event_id="+event); len(all) != 2 {
				t.Errorf("deliveries of %s: got %d, want 2", event, len(all))
			}
		}
		if all := tenant.Deliveries(t, ""); len(all) != 40 {
			t.Errorf("deliveries of 20 events for two endpoints: got %d, want 40", len(all))
		}
	})
}

func TestAThrottledFloodSharesCommitsWithItsDeliveries(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		receiver := testkit.NewReceiver(t, nil)
		scopes := map[string]principal.Scope{}
		for _, name := range []string{"flood", "calm"} {
			tenant := p.NewTenant(t, "business")
			tenant.NewEndpoint(t, receiver.URL, map[string]any{"rate_limit": 1000}) // so it is throttled
			scopes[name] = scopeOf(t, tenant)
		}
		now := clock.System() // it stands still, so that all are of one second
		dispatcher := delivery.NewDispatcher(p.App.Delivered, p.App.Events, nil)
		outbox := event.NewOutbox(
			p.App.Database(),
			func() time.Time { return now },
			dispatcher.FanOutInTx,
			func([]event.Event) {},
			nil,
		)
		publish := func(name string, n int) (dispatched int64) {
			var count atomic.Int64
			var all sync.WaitGroup
			for range n {
				all.Go(func() {
					stored, err := outbox.Publish(
						t.Context(),
						scopes[name],
						event.New{Type: "lead.created", Data: json.RawMessage(`{"id":"x"}`)},
					)
					if err != nil {
						t.Errorf("publishing: got %v, want no error", err)
					}
					count.Add(int64(stored.DeliveryCount))
				})
			}
			all.Wait()
			return count.Load()
		}
		for _, step := range []struct {
			name string
			n    int
			with int64 // of those, how many are stored with their deliveries
		}{{"flood", 250, 0}, {"flood", 30, 30}, {"calm", 10, 0}, {"flood", 1, 1}} {
			if got := publish(step.name, step.n); got != step.with {
				t.Errorf(
					"%d events of %s that are stored with their deliveries: got %d, want %d",
					step.n,
					step.name,
					got,
					step.with,
				)
			}
		}
		seen := map[string]bool{}
		for len(seen) < 291 {
			seen[receiver.Next(t).Header.Get("webhook-id")] = true
		}
	})
}

func TestAnEventForVeryManyEndpointsIsFannedOutAfterItWasAccepted(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		const n = 101
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		for range n {
			tenant.NewEndpoint(t, receiver.URL, nil)
		}
		tenant.NewLead(t, "ada@example.com")
		p.AwaitCount(t, tenant, api.DeliveryStatusSucceeded, n)
		if got := receiver.Count(); got != n {
			t.Errorf("requests: got %d, want %d", got, n)
		}
		if list := testkit.Get[api.EventList](t, tenant, "/api/v1/events"); len(list.Data) != 1 {
			t.Errorf("events: got %+v, want one", list.Data)
		}
	})
}
