package main

import (
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/testkit"
)

func TestPoolsOfWorkersTakeTheirQueuesAndAQueueWithoutOneIsSeen(t *testing.T) {
	t.Parallel()
	env := testkit.Production(testkit.NewServices(t, testkit.Servers))
	serve, base := testkit.Serve(t, env)
	pool := func(queues string) { testkit.Work(t, env.With("HOOKLINE_WORKER_QUEUES", queues)) }
	operator := testkit.NewClient(base, testkit.OperatorKey)
	servers := func(name string) int {
		for _, q := range testkit.Get[api.Queues](t, operator, "/admin/v1/queues").Queues {
			if q.Name == name {
				return q.Servers
			}
		}
		return -1
	}
	pool(queue.Fast)
	tenant := operator.NewTenant(t, "enterprise", nil)
	healthy, limited := testkit.NewReceiver(t, nil), testkit.NewReceiver(t, nil)
	tenant.NewEndpoint(t, healthy.URL, nil)
	limit := map[string]any{"requests": 50, "per": "second"} // the deliveries go through the slow queue
	tenant.NewEndpoint(t, limited.URL, map[string]any{"rate_limit": limit})
	tenant.NewLead(t, "ada@example.com")
	healthy.Next(t)
	testkit.Await(t, "a slow queue without a server", func() bool { return servers(queue.Slow) == 0 })
	testkit.Await(t, "the metric of the slow queue", func() bool {
		return metric(t, serve, `hookline_queue_servers{queue="`+queue.Slow+`"}`) == 0 &&
			metric(t, serve, `hookline_queue_servers{queue="`+queue.Fast+`"}`) == 1
	})
	// A worker of one queue releases deferred deliveries for the workers of another.
	testkit.Await(t, "a task in the slow queue", func() bool {
		for _, q := range testkit.Get[api.Queues](t, operator, "/admin/v1/queues").Queues {
			if q.Name == queue.Slow {
				return q.Pending > 0
			}
		}
		return false
	})
	if n := limited.Count(); n != 0 {
		t.Errorf("requests to the rate-limited endpoint without a worker of %s: got %d, want 0", queue.Slow, n)
	}
	pool(strings.Join([]string{queue.Bulk, queue.Slow, queue.Agents}, ","))
	limited.Next(t)
	for _, name := range queue.Names() {
		if n := servers(name); n != 1 {
			t.Errorf("servers of %s: got %d, want 1", name, n)
		}
	}
}

func TestAWorkerRefusesAQueueThatDoesNotExist(t *testing.T) {
	t.Parallel()
	env := testkit.Production(testkit.NewServices(t, testkit.Servers)).With("HOOKLINE_WORKER_QUEUES", "webhooks,fast")
	p := testkit.Run(t, env.List(), "worker")
	if code := p.Exit(t); code == 0 || !strings.Contains(p.Stderr(), `names the queue "fast"`) ||
		!strings.Contains(p.Stderr(), "webhooks, webhooks-bulk, webhooks-slow, agents") {
		t.Errorf("worker with an unknown queue: got exit code %d and %q, want a failure that lists the queues", code,
			p.Stderr())
	}
}
