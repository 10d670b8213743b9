package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/testkit"
)

// replicated is two APIs and two workers on a Redis of several servers.
type replicated struct {
	*testkit.Replicated
	processes []*testkit.Process
	bases     []string
	tenant    *testkit.Client // of the first API
	other     *testkit.Client // the same key at the second
	operator  *testkit.Client
}

func newReplicated(t *testing.T, redis *testkit.Replicated) *replicated {
	t.Helper()
	services := testkit.NewServices(t, testkit.Servers)
	services.RedisURL = redis.URL
	env := testkit.Production(services)
	r := &replicated{Replicated: redis}
	for range 2 {
		serve, base := testkit.Serve(t, env)
		r.processes, r.bases = append(r.processes, serve, testkit.Work(t, env)), append(r.bases, base)
	}
	r.operator = testkit.NewClient(r.bases[0], testkit.OperatorKey)
	r.tenant = r.operator.NewTenant(t, "enterprise", nil)
	r.other = testkit.NewClient(r.bases[1], r.tenant.Key())
	return r
}

func (r *replicated) queue(t *testing.T, name string) api.Queue {
	t.Helper()
	all := testkit.Get[api.Queues](t, r.operator, "/admin/v1/queues").Queues
	i := slices.IndexFunc(all, func(q api.Queue) bool { return q.Name == name })
	if i < 0 {
		return api.Queue{}
	}
	return all[i]
}

// replicas are the forms of Redis in which another server takes over.
var replicas = map[string]func(testing.TB) *testkit.Replicated{
	"cluster": testkit.NewCluster, "sentinel": testkit.NewSentinels,
}

func TestOnClusterAndSentinelThePromisesHold(t *testing.T) {
	t.Parallel()
	for name, start := range replicas {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReplicated(t, start(t))
			t.Run("retries", r.retries)
			t.Run("dead letters", r.deadLetters)
			t.Run("rate limits", r.rateLimits)
			t.Run("listeners", r.listeners)
			t.Run("live log", r.liveLog)
			t.Run("wake-ups", r.wakeUps)
			t.Run("paused queue", r.pausedQueue)
			t.Run("all data lost", func(t *testing.T) { r.forgets(t, "") })
			if name == "cluster" {
				t.Run("one server's data lost", func(t *testing.T) { r.forgets(t, "asynq:{"+queue.Fast+"}:scheduled") })
			}
			t.Run("a master that may evict", r.mayEvict)
			for _, p := range r.processes {
				if !p.Running() {
					t.Errorf("process: got it ended, want it running:\n%s", p.Stderr())
				}
				if log := p.Stderr(); strings.Contains(log, "CROSSSLOT") || strings.Contains(log, "MOVED") {
					t.Errorf("log: got an error of a Cluster's slots, want none:\n%s", log)
				}
			}
		})
	}
}

// failing answers the first n requests with 500.
func failing(first int) func(http.ResponseWriter, testkit.Received, int) {
	return func(w http.ResponseWriter, _ testkit.Received, n int) {
		if n <= first {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}
}

func (r *replicated) endpoint(t *testing.T, url string, settings map[string]any) api.WebhookCreated {
	t.Helper()
	e := r.tenant.NewEndpoint(t, url, settings)
	t.Cleanup(func() {
		r.tenant.Call(t, http.MethodDelete, "/api/v1/webhooks/"+e.ID, nil).Want(t, http.StatusNoContent)
	})
	return e
}

func schedule(waits ...string) map[string]any {
	return map[string]any{"retry_policy": map[string]any{"schedule": waits}}
}

// awaitOne waits until an endpoint has one delivery in a status, and returns it.
func (r *replicated) awaitOne(t *testing.T, endpointID, status string) api.Delivery {
	t.Helper()
	var found []api.Delivery
	defer func() {
		if t.Failed() {
			for _, d := range r.other.Deliveries(t, "&webhook_id="+endpointID) {
				t.Logf("delivery: got %+v", r.other.Delivery(t, d.ID))
			}
		}
	}()
	testkit.Await(t, "a delivery that is "+status, func() bool {
		found = r.other.Deliveries(t, "&webhook_id="+endpointID+"&status="+status)
		return len(found) == 1
	})
	return found[0]
}

func (r *replicated) retries(t *testing.T) {
	e := r.endpoint(t, testkit.NewReceiver(t, failing(2)).URL, schedule("1s", "1s"))
	r.tenant.NewLead(t, "retried@example.com")
	d := r.awaitOne(t, e.ID, "succeeded")
	if n := len(r.tenant.Delivery(t, d.ID).Attempts); n != 3 {
		t.Errorf("attempts: got %d, want 3", n)
	}
}

// deadLetters checks that Asynq's archive shows a dead letter, and that running it there replays the delivery.
func (r *replicated) deadLetters(t *testing.T) {
	receiver := testkit.NewReceiver(t, failing(2))
	e := r.endpoint(t, receiver.URL, schedule("1s"))
	r.tenant.NewLead(t, "dead@example.com")
	d := r.awaitOne(t, e.ID, "dead")
	testkit.Await(t, "the dead letter in the archive", func() bool { return r.queue(t, queue.Fast).Archived > 0 })
	client, err := queue.Open(r.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	if err := asynq.NewInspectorFromRedisClient(client.UniversalClient).RunTask(queue.Fast, d.ID); err != nil {
		t.Fatalf("running the archived task: got %v, want nil", err)
	}
	r.awaitOne(t, e.ID, "succeeded")
}

// rateLimits checks that both APIs count in one log: of a key, and of its tenant, whose two logs one script changes.
func (r *replicated) rateLimits(t *testing.T) {
	const limit = 10
	limited := r.operator.NewTenant(t, "business", map[string]any{"rate_limit": map[string]any{"requests": limit}})
	both := []*testkit.Client{limited, testkit.NewClient(r.bases[1], limited.Key())}
	allowed := 0
	for i := range 2 * limit {
		if both[i%2].Call(t, http.MethodGet, "/api/v1/leads", nil).Status == http.StatusOK {
			allowed++
		}
	}
	if allowed != limit {
		t.Errorf("requests allowed at two APIs: got %d, want %d", allowed, limit)
	}
}

func (r *replicated) listeners(t *testing.T) {
	l := testkit.Post[api.Listener](t, r.tenant, "/api/v1/webhooks/listeners", map[string]any{}, http.StatusCreated)
	s := r.tenant.Listen(t, l.ID)
	s.Until(t, func(e testkit.StreamEvent) bool { return e.Name == "ready" })
	r.other.NewLead(t, "listened@example.com")
	var got api.ListenerRequest
	e := s.Until(t, func(e testkit.StreamEvent) bool { return e.Name == "request" })
	if err := json.Unmarshal([]byte(e.Data), &got); err != nil {
		t.Fatal(err)
	}
	r.other.Call(t, http.MethodPost, "/api/v1/webhooks/listeners/"+l.ID+"/responses",
		map[string]any{"request_id": got.RequestID, "status": 200}).Want(t, http.StatusNoContent)
	r.awaitOne(t, l.ID, "succeeded")
	r.tenant.Call(t, http.MethodDelete, "/api/v1/webhooks/"+l.ID, nil).Want(t, http.StatusNoContent)
}

func (r *replicated) liveLog(t *testing.T) {
	e := r.endpoint(t, testkit.NewReceiver(t, nil).URL, nil)
	s := r.other.Stream(t, "", "")
	s.Until(t, func(e testkit.StreamEvent) bool { return e.Name == "ready" })
	r.tenant.NewLead(t, "live@example.com")
	s.Until(t, func(change testkit.StreamEvent) bool {
		return change.Name == "delivery" && strings.Contains(change.Data, e.ID) &&
			strings.Contains(change.Data, "succeeded")
	})
}

// wakeUps checks that a worker is told of a task at once. One that only polled would take half a second for each.
func (r *replicated) wakeUps(t *testing.T) {
	receiver := testkit.NewReceiver(t, nil)
	r.endpoint(t, receiver.URL, nil)
	const leads, rounds = 10, 4
	quickest := time.Hour
	for round := range rounds {
		begun := time.Now()
		for n := range leads {
			r.tenant.NewLead(t, fmt.Sprintf("%d-%d@example.com", round, n))
			receiver.Next(t)
		}
		quickest = min(quickest, time.Since(begun))
	}
	if quickest > leads*250*time.Millisecond {
		t.Errorf("%d leads, one after the other: got %s at the quickest of %d times, want less than 250 ms each", leads,
			quickest.Round(time.Millisecond), rounds)
	}
}

// mayEvict checks that one master that may evict tasks is enough to be refused at the start.
func (r *replicated) mayEvict(t *testing.T) {
	client, err := queue.Open(r.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	if err := client.CheckServer(t.Context()); err != nil {
		t.Errorf("servers of which none evicts: got %v, want nil", err)
	}
	for _, name := range queue.Names() { // whichever master a command without a key is sent to
		key := "asynq:{" + name + "}:pending"
		r.Configure(t, key, "maxmemory-policy", "allkeys-lru")
		if err := client.CheckServer(t.Context()); err == nil || !strings.Contains(err.Error(), "allkeys-lru") {
			t.Errorf("the master of %s may evict: got %v, want it refused", name, err)
		}
		r.Configure(t, key, "maxmemory-policy", "noeviction")
	}
}

func (r *replicated) pausedQueue(t *testing.T) {
	receiver := testkit.NewReceiver(t, nil)
	r.endpoint(t, receiver.URL, nil)
	path := "/admin/v1/queues/" + queue.Fast
	testkit.Post[api.Queue](t, r.operator, path+"/pause", nil, http.StatusOK)
	r.tenant.NewLead(t, "paused@example.com")
	testkit.Await(t, "a pending task", func() bool { return r.queue(t, queue.Fast).Pending > 0 })
	if n := receiver.Count(); n != 0 || !r.queue(t, queue.Fast).Paused {
		t.Errorf("paused queue: got %d requests, want none", n)
	}
	testkit.Post[api.Queue](t, r.operator, path+"/unpause", nil, http.StatusOK)
	receiver.Next(t)
}

// forgets empties all servers, or the one that has a key, while a retry is scheduled, and checks that the retry is made
// and that the archive shows dead letters again.
func (r *replicated) forgets(t *testing.T, key string) {
	settings := schedule("1s")
	settings["events"] = []string{"lead.created"} // nothing is archived after the data are lost but what was
	dying := r.endpoint(t, testkit.NewReceiver(t, failing(1000)).URL, settings)
	lead := r.tenant.NewLead(t, "archived@example.com")
	r.awaitOne(t, dying.ID, "dead")
	testkit.Await(t, "the dead letter in the archive", func() bool { return r.queue(t, queue.Fast).Archived > 0 })
	retrying := r.endpoint(t, testkit.NewReceiver(t, failing(1)).URL, schedule("5s"))
	r.tenant.Call(t, http.MethodPatch, "/api/v1/leads/"+lead.ID, map[string]any{"score": 7}).Want(t, http.StatusOK)
	r.awaitOne(t, retrying.ID, "retrying")
	r.Empty(t, key)
	r.awaitOne(t, retrying.ID, "succeeded")
	testkit.Await(t, "the dead letter in the archive again", func() bool { return r.queue(t, queue.Fast).Archived > 0 })
}
