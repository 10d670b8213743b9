package delivery_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/testkit"
)

// atOnce retries without waiting, so that tests need not wait either.
func atOnce(attempts int) map[string]any {
	return map[string]any{"schedule": slices.Repeat([]string{"0s"}, attempts-1)}
}

func answerWith(statuses ...int) func(http.ResponseWriter, testkit.Received, int) {
	return func(w http.ResponseWriter, _ testkit.Received, n int) {
		w.WriteHeader(statuses[min(n, len(statuses))-1])
	}
}

func TestALeadArrivesAsASignedWebhookThatTheOfficialLibraryVerifies(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		hook := tenant.NewEndpoint(
			t,
			receiver.URL+"/hooks?a=1",
			map[string]any{"headers": map[string]string{"Authorization": "Bearer s3cret-token"}},
		)
		lead := tenant.NewLead(t, "ada@example.com")

		got := receiver.Next(t)
		official, err := standardwebhooks.NewWebhook(hook.Secret)
		if err != nil {
			t.Fatal(err)
		}
		if err := official.Verify(got.Body, got.Header); err != nil {
			t.Fatalf("the official library: got %v, want it verified", err)
		}
		if got.Method != http.MethodPost || got.Path != "/hooks" ||
			got.Header.Get("Authorization") != "Bearer s3cret-token" ||
			got.Header.Get("Content-Type") != "application/json" {
			t.Errorf(
				"request: got %s %s %v, want POST /hooks with the header of its own",
				got.Method,
				got.Path,
				got.Header,
			)
		}
		var body struct {
			Type      string
			Timestamp time.Time
			Data      api.Lead
		}
		if err := json.Unmarshal(got.Body, &body); err != nil {
			t.Fatal(err)
		}
		if body.Type != "lead.created" || body.Data.ID != lead.ID || time.Since(body.Timestamp) > time.Minute {
			t.Errorf("body: got %s, want lead.created of %s", got.Body, lead.ID)
		}

		d := p.AwaitDelivery(t, tenant, api.DeliveryStatusSucceeded)
		if d.Body != string(got.Body) {
			t.Errorf("stored body: got %q, want what was sent, %q", d.Body, got.Body)
		}
		if len(d.Attempts) != 1 || d.Attempts[0].RequestHeaders["Authorization"] != "********" ||
			d.Attempts[0].RequestHeaders["webhook-id"] != d.EventID {
			t.Errorf("attempts: got %+v, want one that is masked, with webhook-id %s", d.Attempts, d.EventID)
		}
		event := testkit.Get[api.Event](t, tenant, "/api/v1/events/"+d.EventID)
		if event.Status != api.EventStatusDispatched || event.Deliveries != 1 ||
			got.Header.Get("webhook-id") != event.ID {
			t.Errorf("event: got %+v, want it dispatched to one endpoint", event)
		}
	})
}

func TestAFailingDeliveryIsRetriedWithTheSameIDAndBytesUntilItSucceeds(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, answerWith(500, 302, 200))
		hook := tenant.NewEndpoint(
			t,
			receiver.URL,
			map[string]any{"retry_policy": map[string]any{"schedule": []string{"500ms", "0s", "1h"}, "jitter": 0}},
		)
		tenant.NewLead(t, "ada@example.com")

		first, second, third := receiver.Next(t), receiver.Next(t), receiver.Next(t)
		official, err := standardwebhooks.NewWebhook(hook.Secret)
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range []testkit.Received{first, second, third} {
			if err := official.Verify(got.Body, got.Header); err != nil {
				t.Errorf("the official library: got %v, want it verified", err)
			}
			if got.Header.Get("webhook-id") != first.Header.Get("webhook-id") ||
				string(got.Body) != string(first.Body) {
				t.Errorf("a retry: got %q %s, want what came first, %q %s",
					got.Header.Get("webhook-id"), got.Body, first.Header.Get("webhook-id"), first.Body)
			}
		}
		if waited := second.At.Sub(first.At); waited < 500*time.Millisecond {
			t.Errorf("the first retry: got it after %s, want it after 500ms", waited)
		}
		d := p.AwaitDelivery(t, tenant, api.DeliveryStatusSucceeded)
		var statuses []int
		for _, a := range d.Attempts {
			statuses = append(statuses, a.ResponseStatus.MustGet())
		}
		if !slices.Equal(statuses, []int{500, 302, 200}) {
			t.Errorf("answers: got %v, want 500, 302, 200", statuses)
		}
	})
}

func TestAnExhaustedDeliveryBecomesADeadLetterAndReplayDeliversIt(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, answerWith(503, 503, 503, 200))
		tenant.NewEndpoint(t, receiver.URL, map[string]any{"retry_policy": atOnce(3)})
		tenant.NewLead(t, "ada@example.com")

		dead := p.AwaitDelivery(t, tenant, api.DeliveryStatusDead)
		if dead.Reason.MustGet() != "exhausted" || dead.AttemptCount != 3 || dead.ResponseStatus.MustGet() != 503 {
			t.Errorf("dead letter: got %+v, want it exhausted after 3 answers of 503", dead)
		}
		list := testkit.Get[api.DeliveryList](t, tenant, "/api/v1/dead-letters").Data
		if len(list) != 1 || list[0].ID != dead.ID {
			t.Fatalf("dead letters: got %+v, want %s", list, dead.ID)
		}
		archived(t, p, dead.ID)

		replayed := testkit.Post[api.Delivery](
			t,
			tenant,
			"/api/v1/dead-letters/"+dead.ID+"/replay",
			nil,
			http.StatusAccepted,
		)
		if replayed.Status != api.DeliveryStatusPending {
			t.Errorf("replayed: got %+v, want it pending", replayed)
		}
		d := p.AwaitDelivery(t, tenant, api.DeliveryStatusSucceeded)
		if d.AttemptCount != 4 || d.Body != dead.Body || string(receiver.All()[3].Body) != dead.Body {
			t.Errorf("after the replay: got %+v, want a fourth attempt with the same body", d)
		}
		again := tenant.Call(t, http.MethodPost, "/api/v1/dead-letters/"+dead.ID+"/replay", nil).
			Want(t, http.StatusConflict)
		if again.Problem(t).Error.Code != api.ErrorErrorCodeConflict {
			t.Errorf("a second replay: got %s, want a conflict", again.Body)
		}
	})
}

// archived waits until Asynq's own tools see the delivery among the archived tasks.
func archived(t *testing.T, p *testkit.Program, deliveryID string) *asynq.Inspector {
	t.Helper()
	inspector := asynq.NewInspectorFromRedisClient(p.App.Redis().UniversalClient)
	p.Await(t, "the archived task", func() bool {
		task, err := inspector.GetTaskInfo(queue.Fast, deliveryID)
		return err == nil && task.State == asynq.TaskStateArchived
	})
	return inspector
}

func TestAnArchivedTaskThatIsRunWithAsynqsOwnToolsRedelivers(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, answerWith(500, 500, 500, 204))
		tenant.NewEndpoint(t, receiver.URL, map[string]any{"retry_policy": atOnce(2)})
		tenant.NewLead(t, "ada@example.com")
		dead := p.AwaitDelivery(t, tenant, api.DeliveryStatusDead)

		if err := archived(t, p, dead.ID).RunTask(queue.Fast, dead.ID); err != nil {
			t.Fatal(err)
		}
		d := p.AwaitDelivery(t, tenant, api.DeliveryStatusSucceeded)
		if d.AttemptCount != 4 {
			t.Errorf("attempts, as the run starts the whole policy again: got %d, want 4", d.AttemptCount)
		}
	})
}

func TestATaskThatRunsAgainAfterSuccessOrBeforeItsTimeSendsNothing(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, func(w http.ResponseWriter, r testkit.Received, n int) {
			if r.Path == "/waits" && n <= 2 {
				w.WriteHeader(500)
			}
		})
		tenant.NewEndpoint(t, receiver.URL+"/succeeds", nil)
		tenant.NewEndpoint(
			t,
			receiver.URL+"/waits",
			map[string]any{"retry_policy": map[string]any{"schedule": []string{"1h"}}},
		)
		tenant.NewLead(t, "ada@example.com")
		p.Await(t, "both first attempts", func() bool { return len(p.Attempts(t, tenant)) == 2 })

		client := asynq.NewClientFromRedisClient(p.App.Redis().UniversalClient)
		inspector := asynq.NewInspectorFromRedisClient(p.App.Redis().UniversalClient)
		for _, d := range tenant.Deliveries(t, "") {
			payload, _ := json.Marshal(map[string][]string{"deliveries": {d.ID}})
			again := "again-" + d.ID
			_, err := client.Enqueue(
				asynq.NewTask(queue.TaskType, payload),
				asynq.TaskID(again),
				asynq.Queue(queue.Fast),
				asynq.MaxRetry(9),
			)
			if err != nil {
				t.Fatal(err)
			}
			p.Await(t, "the task to be done or sent back", func() bool {
				task, err := inspector.GetTaskInfo(queue.Fast, again)
				if d.Status == api.DeliveryStatusSucceeded {
					return errors.Is(err, asynq.ErrTaskNotFound)
				}
				return err == nil && task.State == asynq.TaskStateRetry
			})
		}
		if n := receiver.Count(); n != 2 {
			t.Errorf("requests: got %d, want 2", n)
		}
	})
}

func TestDisabledAndDeletedEndpointsGetNothingAndSayWhy(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, answerWith(500))
		slow := map[string]any{"retry_policy": map[string]any{"schedule": []string{"1h"}}}
		hook := tenant.NewEndpoint(t, receiver.URL, slow)
		path := "/api/v1/webhooks/" + hook.ID

		tenant.NewLead(t, "first@example.com")
		p.AwaitDelivery(t, tenant, api.DeliveryStatusRetrying)
		tenant.Call(t, http.MethodPatch, path, map[string]any{"enabled": false}).Want(t, http.StatusOK)
		tenant.NewLead(t, "second@example.com")
		p.Await(t, "a cancelled delivery", func() bool {
			all := tenant.Deliveries(t, "&status=cancelled")
			return len(all) == 1 && all[0].Reason.MustGet() == "endpoint_disabled"
		})

		tenant.Call(t, http.MethodDelete, path, nil).Want(t, http.StatusNoContent)
		tenant.Call(t, http.MethodDelete, path, nil).Want(t, http.StatusNoContent)
		deleted := tenant.Deliveries(t, "&status=cancelled")
		if len(deleted) != 2 || deleted[1].Reason.MustGet() != "endpoint_deleted" {
			t.Errorf("after deleting: got %+v, want 2, the second endpoint_deleted", deleted)
		}
		lead := tenant.NewLead(t, "third@example.com")
		p.Await(t, "the event's reason", func() bool {
			newest := testkit.Get[api.EventList](t, tenant, "/api/v1/events?limit=1").Data[0]
			reason, _ := newest.Reason.Get()
			return newest.Status == api.EventStatusDispatched && reason == "no_endpoint" && string(newest.Data) != "" &&
				lead.ID != ""
		})
		if n := receiver.Count(); n != 1 {
			t.Errorf("requests: got %d, want 1", n)
		}
	})
}

func TestAPrivateAddressIsNeverCalledWhateverTheEndpointSays(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		services := testkit.NewServices(t, e)
		receiver := testkit.NewReceiver(t, nil)
		p := testkit.StartOn(t, services,
			testkit.WithoutWorker()) // of its own: another with another configuration follows it
		tenant := p.NewTenant(t, "business")
		tenant.NewEndpoint(t, receiver.URL, map[string]any{"retry_policy": atOnce(2)})

		strict := testkit.StartOn(t, services, testkit.WithoutEgress(p.Config.EncryptionKeys))
		p.Stop()
		testkit.NewClient(strict.URL, tenant.Key()).NewLead(t, "ada@example.com")
		d := strict.AwaitDelivery(t, testkit.NewClient(strict.URL, tenant.Key()), api.DeliveryStatusDead)
		if d.Attempts[0].ErrorCode.MustGet() != "blocked_address" || receiver.Count() != 0 {
			t.Errorf("got %+v and %d requests, want blocked_address and none", d.Attempts[0], receiver.Count())
		}
	})
}
