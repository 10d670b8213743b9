package webhook_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/testkit"
)

func TestOperatorsSeeAndReplayDeadLettersOfAllTenantsOrOfOne(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e)
		one, two := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		for _, tenant := range []*testkit.Client{one, two} {
			insertDead(t, p.App.Database(), scopeOf(t, tenant), tenant.NewEndpoint(t, receiver.URL, nil).ID, 4, nil)
		}
		id := scopeOf(t, one).TenantID
		list := func(query string) []api.TenantDeadLetter {
			return testkit.Get[api.TenantDeadLetterList](t, p.Operator, "/admin/v1/dead-letters?"+query).Data
		}
		if everybody, his := list(""), list("tenant_id="+id); len(everybody) != 8 || len(his) != 4 ||
			his[0].TenantID != id {
			t.Errorf("dead letters: got %d, and %d of one tenant, want 8 and 4", len(everybody), len(his))
		}
		if test := list("environment=test"); len(test) != 0 {
			t.Errorf("dead letters in test: got %+v, want none", test)
		}
		ended := func(body map[string]any) api.TenantJob {
			t.Helper()
			j := testkit.Post[api.TenantJob](t, p.Operator, "/admin/v1/dead-letters/replay", body, http.StatusAccepted)
			p.Await(t, "the job's end", func() bool {
				j = testkit.Get[api.TenantJob](t, p.Operator, "/admin/v1/jobs/"+j.ID)
				return j.Status == api.TenantJobStatusDone
			})
			return j
		}
		if j := ended(map[string]any{"tenant_id": id, "environment": "live",
			"filter": map[string]any{}}); j.Done != 4 || j.TenantID.MustGet() != id {
			t.Errorf("job of one tenant: got %+v, want 4 done", j)
		}
		if j := ended(all()); j.Done != 4 || !j.TenantID.IsNull() {
			t.Errorf("job of all tenants: got %+v, want the other 4 done", j)
		}
		for range 8 {
			receiver.Next(t)
		}
		p.Operator.Call(t, http.MethodPost, "/admin/v1/dead-letters/replay", map[string]any{"tenant_id": "tnt_none",
			"filter": map[string]any{}}).Want(t, http.StatusNotFound)
	})
}

func TestAPausedQueueDeliversNothingUntilItIsUnpaused(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		tenant.NewEndpoint(t, receiver.URL, nil)
		tenant.NewLead(t, "first@example.com")
		receiver.Next(t)
		const name = queue.Fast
		fast := func(q api.Queues) api.Queue {
			at := slices.IndexFunc(q.Queues, func(one api.Queue) bool { return one.Name == name })
			if at < 0 {
				return api.Queue{}
			}
			return q.Queues[at]
		}
		p.Await(t, "the queue's statistics", func() bool {
			q := testkit.Get[api.Queues](t, p.Operator, "/admin/v1/queues")
			return fast(q).ProcessedToday == 1 && !fast(q).Paused && slices.ContainsFunc(q.Servers,
				func(s api.QueueServer) bool { return s.Concurrency == 32 })
		})
		for range 2 {
			if q := testkit.Post[api.Queue](t, p.Operator, "/admin/v1/queues/"+name+"/pause", nil,
				http.StatusOK); !q.Paused {
				t.Errorf("the queue is %+v, want it paused", q)
			}
		}
		tenant.NewLead(t, "second@example.com")
		p.Await(t, "the task to be pending", func() bool {
			q := fast(testkit.Get[api.Queues](t, p.Operator, "/admin/v1/queues"))
			return q.Pending == 1 && q.Active == 0
		})
		if n := len(receiver.All()); n != 1 {
			t.Errorf("%d requests while the queue is paused, want only the first", n)
		}
		testkit.Post[api.Queue](t, p.Operator, "/admin/v1/queues/"+name+"/unpause", nil, http.StatusOK)
		receiver.Next(t)
		p.Operator.Call(t, http.MethodPost, "/admin/v1/queues/none/pause", nil).Want(t, http.StatusNotFound)
	})
}

func TestWithoutRedisTheQueuesAreUnavailableAtOnce(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	p.App.Redis().Embedded().SetError("asleep")
	defer p.App.Redis().Embedded().SetError("")
	p.Operator.Call(t, http.MethodGet, "/admin/v1/queues", nil).Want(t, http.StatusServiceUnavailable)
	p.Operator.Call(t, http.MethodPost, "/admin/v1/queues/webhooks/pause", nil).Want(t, http.StatusServiceUnavailable)
}
