package delivery_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/retention"
	plans "github.com/hookline/hookline/internal/tenant"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/fake"
)

func scopeOf(t *testing.T, c *testkit.Client) principal.Scope {
	t.Helper()
	me := testkit.Get[api.Me](t, c, "/api/v1/me")
	return principal.Scope{TenantID: me.Tenant.ID, Environment: principal.Environment(me.Environment)}
}

func TestAnEventWhoseProcessDiedRightAfterTheCommitIsDelivered(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		tenant.NewEndpoint(t, receiver.URL, nil)

		dead := event.NewOutbox(p.App.Database(), clock.System, nil, func([]event.Event) {}, nil)
		stored, err := dead.Publish(
			t.Context(),
			scopeOf(t, tenant),
			event.New{Type: "lead.created", Data: json.RawMessage(`{"id":"x"}`)},
		)
		if err != nil {
			t.Fatal(err)
		}
		if got := receiver.Next(t); got.Header.Get("webhook-id") != stored.ID {
			t.Errorf("webhook-id: got %s, want %s", got.Header.Get("webhook-id"), stored.ID)
		}
	})
}

func TestWhileTheQueueIsAsleepEventsAreAcceptedAndLaterDelivered(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p, cut, restore := fake.StartWithRedis(t, e)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		tenant.NewEndpoint(t, receiver.URL, nil)

		cut()
		const events = 5
		for i := range events {
			tenant.NewLead(t, fmt.Sprintf("%d@example.com", i))
		}
		if got := p.Ready(t, http.StatusOK).Checks["redis"]; got != "failing" {
			t.Errorf("redis in readyz: got %s, want failing", got)
		}
		restore()
		for range events {
			receiver.Next(t)
		}
		p.AwaitCount(t, tenant, api.DeliveryStatusSucceeded, events)
	})
}

func TestWhenRedisLosesEverythingInMidBacklogNothingElseIsLost(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e, patient) // of its own: its Redis loses everything
		tenant := p.NewTenant(t, "business")
		receiver, answer := answerLater(t)
		tenant.NewEndpoint(t, receiver.URL, nil)
		inspector := asynq.NewInspectorFromRedisClient(p.App.Redis().UniversalClient)
		// Some are under way, some wait in the queue and some for the throttle; another endpoint's waits for its retry.
		const events = 40
		flood(t, tenant, events)
		failing := testkit.NewReceiver(t, answerWith(500, 200))
		own := p.NewTenant(t, "business")
		own.NewEndpoint(
			t,
			failing.URL,
			map[string]any{"retry_policy": map[string]any{"schedule": []string{"2s"}, "jitter": 0}},
		)
		own.NewLead(t, "retried@example.com")
		p.Await(t, "a backlog and a first attempt", func() bool {
			counts := p.Counts(t, tenant)
			return counts[api.DeliveryStatusDelivering] > 0 && counts[api.DeliveryStatusPending] > 0 &&
				len(p.Attempts(t, own)) > 0
		})
		if err := p.App.Redis().FlushDB(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		answer()
		p.AwaitCount(t, tenant, api.DeliveryStatusSucceeded, events)
		p.AwaitCount(t, own, api.DeliveryStatusSucceeded, 1)
		tenant.NewLead(t, "after@example.com")
		p.AwaitCount(t, tenant, api.DeliveryStatusSucceeded, events+1)
		if queues, err := inspector.Queues(); err != nil || !slices.Contains(queues, queue.Fast) ||
			!slices.Contains(queues, queue.Slow) {
			t.Errorf("queues that Asynq's tools see: got %v, %v, want all of ours", queues, err)
		}
	})
}

func TestAnAttemptWhoseLeaseExpiredSaysSoAndIsMadeAgain(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		services := testkit.NewServices(t, e)
		p := testkit.StartOn(t, services, testkit.WithoutWorker()) // of its own: the test is the worker that vanishes
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		tenant.NewEndpoint(t, receiver.URL, nil)
		tenant.NewLead(t, "ada@example.com")

		endpoints, events := p.App.Endpoints.Store, p.App.Events
		vanishing := delivery.NewStore(p.App.Database(), endpoints, events, clock.System,
			delivery.Config{Lease: time.Millisecond, Covers: plans.HaveWebhooks})
		published := testkit.Get[api.EventList](t, tenant, "/api/v1/events").Data[0]
		if err := delivery.LeaseOnly(t.Context(), vanishing, published.ID); err != nil {
			t.Fatal(err)
		}
		id := tenant.Deliveries(t, "")[0].ID
		testkit.StartOn(t, services, testkit.WithKeys(p.Config.EncryptionKeys), withoutAPI)
		p.AwaitCount(t, tenant, api.DeliveryStatusSucceeded, 1)
		d := tenant.Delivery(t, id)
		if len(d.Attempts) != 2 || d.Attempts[0].Status != api.AttemptStatusLeaseExpired ||
			d.Attempts[1].Status != api.AttemptStatusSucceeded {
			t.Errorf("attempts: got %+v, want one whose lease expired and one that succeeded", d.Attempts)
		}
	})
}

// leaseOf is when the lease of a delivery ends.
func leaseOf(t *testing.T, p *testkit.Program, deliveryID string) time.Time {
	t.Helper()
	u, err := id.Parse(deliveryID)
	if err != nil {
		t.Fatal(err)
	}
	var at db.Time
	err = p.App.Database().Read(t.Context()).Raw("SELECT deadline_at FROM deliveries WHERE id = ?", u).Row().Scan(&at)
	if err != nil {
		t.Fatal(err)
	}
	return at.Time
}

func TestALongAttemptKeepsItsLeaseAlsoWhenTheClockJumpsAnHourForthAndBack(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		clock := &testkit.Clock{}
		p := testkit.Start(t, e, patient, testkit.WithClock(clock)) // of its own: it sets the clock
		slow, quick := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		h := newHanging(t)
		slow.NewEndpoint(t, h.url, nil)
		receiver := testkit.NewReceiver(t, nil)
		quick.NewEndpoint(t, receiver.URL, nil)
		slow.NewLead(t, "under-way@example.com")
		p.AwaitCount(t, slow, api.DeliveryStatusDelivering, 1)
		deliveryID := slow.Deliveries(t, "")[0].ID
		for i, jump := range []time.Duration{time.Hour, -time.Hour, time.Hour} {
			clock.Advance(jump)
			quick.NewLead(t, fmt.Sprintf("%d@example.com", i))
			receiver.Next(t)
			p.Await(t, "a lease by the clock as it is", func() bool {
				left := leaseOf(t, p, deliveryID).Sub(clock.Now())
				return left > 0 && left < time.Minute
			})
		}
		h.answer()
		p.AwaitCount(t, slow, api.DeliveryStatusSucceeded, 1)
		p.AwaitCount(t, quick, api.DeliveryStatusSucceeded, 3)
		if got := h.begun.Load(); got != 1 {
			t.Errorf("requests for the delivery that was under way: got %d, want 1", got)
		}
	})
}

func TestRowsPastTheirRetentionAreDeletedAndTheRestStays(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e) // of its own: it deletes what is old of all tenants
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, answerWith(200, 500))
		tenant.NewEndpoint(
			t,
			receiver.URL,
			map[string]any{"retry_policy": map[string]any{"initial": "1s", "max_attempts": 1}},
		)
		tenant.NewLead(t, "succeeds@example.com")
		p.AwaitDelivery(t, tenant, api.DeliveryStatusSucceeded)
		tenant.NewLead(t, "dies@example.com")
		p.AwaitCount(t, tenant, api.DeliveryStatusDead, 1)

		later := func() time.Time { return clock.System().Add(48 * time.Hour) }
		sweep := func(r retention.Retention) {
			t.Helper()
			if err := retention.NewJanitor(p.App.Database(), later, r).Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		sweep(retention.Retention{Deliveries: 72 * time.Hour, DeadLetters: 72 * time.Hour, Events: 72 * time.Hour})
		if n := len(tenant.Deliveries(t, "")); n != 2 {
			t.Fatalf("deliveries before their retention is over: got %d, want 2", n)
		}
		sweep(retention.Retention{Deliveries: 24 * time.Hour, DeadLetters: 72 * time.Hour, Events: 24 * time.Hour})
		left := tenant.Deliveries(t, "")
		events := testkit.Get[api.EventList](t, tenant, "/api/v1/events").Data
		if len(left) != 1 || left[0].Status != api.DeliveryStatusDead || len(events) != 1 ||
			events[0].ID != left[0].EventID {
			t.Errorf(
				"left: got the deliveries %+v and the events %+v, want the dead letter and its event",
				left,
				events,
			)
		}
	})
}
