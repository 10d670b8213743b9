package delivery_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/queue"
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
		stored, err := dead.Publish(t.Context(), scopeOf(t, tenant), event.New{Type: "lead.created",
			Data: json.RawMessage(`{"id":"x"}`)})
		if err != nil {
			t.Fatal(err)
		}
		if got := receiver.Next(t); got.Header.Get("webhook-id") != stored.ID {
			t.Errorf("%s arrived instead of %s", got.Header.Get("webhook-id"), stored.ID)
		}
	})
}

func TestWhileTheQueueIsAsleepEventsAreAcceptedAndLaterDelivered(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		services := testkit.NewServices(t, e)
		var p *testkit.Program
		sleep := func() { p.App.Redis().Embedded().SetError("asleep") }
		wake := func() { p.App.Redis().Embedded().SetError("") }
		if e == testkit.Servers {
			proxy, through := fake.NewProxy(t, services.RedisURL)
			services.RedisURL = through
			sleep, wake = proxy.Cut, proxy.Restore
		}
		p = testkit.StartOn(t, services)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		tenant.NewEndpoint(t, receiver.URL, nil)

		sleep()
		const events = 20
		for i := range events {
			tenant.NewLead(t, fmt.Sprintf("%d@example.com", i))
		}
		ready := p.Operator.Call(t, http.MethodGet, "/readyz", nil).Want(t, http.StatusOK)
		if got := testkit.Into[api.Health](t, ready).Checks["redis"]; got != "failing" {
			t.Errorf("readyz says that Redis is %s", got)
		}
		wake()
		for range events {
			receiver.Next(t)
		}
		p.Await(t, "all to succeed", func() bool { return len(tenant.Deliveries(t, "&status=succeeded")) == events })
	})
}

func TestWhenRedisLosesEverythingInMidBacklogNothingElseIsLost(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e, func(c *config.Config, _ *app.Options) { c.WorkerConcurrency = 4 })
		tenant := p.NewTenant(t, "business")
		open := make(chan struct{})
		receiver := testkit.NewReceiver(t, func(http.ResponseWriter, testkit.Received, int) { <-open })
		tenant.NewEndpoint(t, receiver.URL, map[string]any{"retry_policy": atOnce(5)})
		const events = 60
		for i := range events {
			tenant.NewLead(t, fmt.Sprintf("%d@example.com", i))
		}
		inspector := asynq.NewInspectorFromRedisClient(p.App.Redis().UniversalClient)
		p.Await(t, "a backlog", func() bool {
			info, err := inspector.GetQueueInfo(queue.Fast)
			return err == nil && info.Active > 0 && len(tenant.Deliveries(t, "&status=pending")) > events/2
		})
		if err := p.App.Redis().FlushDB(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		close(open)
		p.Await(t, "all to succeed", func() bool { return len(tenant.Deliveries(t, "&status=succeeded")) == events })
		tenant.NewLead(t, "after@example.com")
		p.Await(t, "what comes after to succeed", func() bool {
			return len(tenant.Deliveries(t, "&status=succeeded")) == events+1
		})
		if queues, err := inspector.Queues(); err != nil || !slices.Contains(queues, queue.Fast) ||
			!slices.Contains(queues, queue.Slow) {
			t.Errorf("Asynq's tools see the queues %v, %v", queues, err)
		}
	})
}

func TestAnAttemptWhoseWorkerVanishedIsMarkedLostAndMadeAgain(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		services := testkit.NewServices(t, e)
		p := testkit.StartOn(t, services, func(_ *config.Config, o *app.Options) { o.Worker = false })
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		tenant.NewEndpoint(t, receiver.URL, nil)
		tenant.NewLead(t, "ada@example.com")
		p.Await(t, "the delivery", func() bool { return len(tenant.Deliveries(t, "")) == 1 })
		id := tenant.Deliveries(t, "")[0].ID

		vanishing := delivery.NewStore(p.App.Database(), p.App.Endpoints.Store, clock.System, time.Millisecond,
			plans.HaveWebhooks)
		if _, err := vanishing.Claim(context.Background(), id); err != nil {
			t.Fatal(err)
		}
		worker := testkit.StartOn(t, testkit.Services{DatabaseURL: services.DatabaseURL, RedisURL: services.RedisURL},
			func(c *config.Config, o *app.Options) {
				c.EncryptionKey, o.API = p.Config.EncryptionKey, false
			})
		worker.Await(t, "success", func() bool {
			return tenant.Deliveries(t, "")[0].Status == api.DeliveryStatusSucceeded
		})
		d := tenant.Delivery(t, id)
		if len(d.Attempts) != 2 || d.Attempts[0].Status != api.AttemptStatusLost ||
			d.Attempts[1].Status != api.AttemptStatusSucceeded {
			t.Errorf("attempts %+v", d.Attempts)
		}
	})
}

func TestWhatOutlivesItsRetentionIsDeletedAndTheRestStays(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, answerWith(200, 500))
		tenant.NewEndpoint(t, receiver.URL, map[string]any{"retry_policy": map[string]any{"initial": "1s",
			"max_attempts": 1}})
		tenant.NewLead(t, "succeeds@example.com")
		p.AwaitDelivery(t, tenant, api.DeliveryStatusSucceeded)
		tenant.NewLead(t, "dies@example.com")
		p.Await(t, "a dead letter", func() bool { return len(tenant.Deliveries(t, "&status=dead")) == 1 })

		later := func() time.Time { return clock.System().Add(48 * time.Hour) }
		store := delivery.NewStore(p.App.Database(), p.App.Endpoints.Store, later, time.Minute, plans.HaveWebhooks)
		sweep := func(r delivery.Retention) {
			t.Helper()
			if err := delivery.NewJanitor(store, p.App.Events, r).Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		sweep(delivery.Retention{Deliveries: 72 * time.Hour, DeadLetters: 72 * time.Hour, Events: 72 * time.Hour})
		if n := len(tenant.Deliveries(t, "")); n != 2 {
			t.Fatalf("%d deliveries instead of 2: too much was deleted", n)
		}
		sweep(delivery.Retention{Deliveries: 24 * time.Hour, DeadLetters: 72 * time.Hour, Events: 24 * time.Hour})
		left := tenant.Deliveries(t, "")
		events := testkit.Get[api.EventList](t, tenant, "/api/v1/events").Data
		if len(left) != 1 || left[0].Status != api.DeliveryStatusDead || len(events) != 1 ||
			events[0].ID != left[0].EventID {
			t.Errorf("left are the deliveries %+v and the events %+v", left, events)
		}
	})
}
