package app

import (
	"context"

	"github.com/hookline/hookline/internal/alert"
	"github.com/hookline/hookline/internal/deadletter"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/job"
	"github.com/hookline/hookline/internal/livelog"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/resource/content"
)

func (b *builder) buildWorker() {
	b.buildTasks()
	b.lifecycle.add("reconciler", delivery.NewReconciler(b.dispatcher, b.queue, b.redis.Alive))
	b.lifecycle.add("releaser", delivery.NewPump(b.Delivered, b.queue.Run, b.redis.Alive))
	b.lifecycle.add("janitor", b.janitor())
	steps := deadletter.Steps(b.Delivered, b.queue, b.config.RetentionDeliveries, b.options.JobStep)
	steps[job.CompareFollowers] = b.tracking.Compare
	b.lifecycle.add("job runner", job.NewRunner(b.jobs, steps))
	b.Alerts = alert.NewMonitor(b.reporter, b.Endpoints)
	b.lifecycle.add("alert monitor", b.Alerts)
	b.Watch = alert.NewWatch(b.alerts, b.redis.Alive, b.Delivered.OldestWaiting)
	b.lifecycle.add("system alerts", b.Watch)
	b.lifecycle.add("alert notifier", alert.NewNotifier(b.alerts, b.sender))
}

// buildTasks builds the services that run tasks: deliveries and agent runs.
func (b *builder) buildTasks() {
	notices := livelog.NewNotices(b.redis.UniversalClient)
	b.lifecycle.add("live-log notices", notices)
	completer := delivery.NewCompleter(b.Delivered, b.Endpoints, b.reporter)
	worker := delivery.NewWorker(completer, b.requests, b.queue, func(o delivery.Observation) {
		delivery.LogAttempt(o)
		b.metrics.attempted(o)
		notices.Changed(o.Delivery.Scope())
		if b.options.Attempted != nil {
			b.options.Attempted(o)
		}
	})
	bulk := (b.config.WorkerServers + 1) / 2
	b.Delivered.Limit(queue.Fast, b.config.WorkerServers*b.config.WorkerConcurrency)
	b.Delivered.Limit(queue.Bulk, bulk*b.config.WorkerConcurrency)
	b.Delivered.Limit(queue.Slow, b.config.WorkerSlow)
	b.lifecycle.add("delivery tasks", queue.NewServers(b.redis, queue.ServerConfig{
		Servers: b.config.WorkerServers, Bulk: bulk, Concurrency: b.config.WorkerConcurrency, Slow: b.config.WorkerSlow,
		Shutdown: b.config.ShutdownTimeout,
	}, worker.Handle))
	write, limit := b.generator()
	agents := content.NewWorker(b.content, write, limit, b.config.WorkerAgents)
	servers := queue.NewAgentServers(b.redis, b.config.WorkerAgents, b.config.ShutdownTimeout, agents.Handle)
	b.lifecycle.add("agent tasks", agentTasks{servers, agents})
}

// agentTasks are the servers of agent runs, whose tasks a stop does not wait for but puts back on the queue.
type agentTasks struct {
	*queue.Servers

	worker *content.Worker
}

// Stop implements service.
func (t agentTasks) Stop(ctx context.Context) error {
	t.worker.Release()
	return t.Servers.Stop(ctx)
}

func (b *builder) janitor() *delivery.Janitor {
	return delivery.NewJanitor(b.Delivered, b.Events,
		delivery.Retention{
			Deliveries: b.config.RetentionDeliveries, DeadLetters: b.config.RetentionDeadLetters,
			Events: b.config.RetentionEvents,
		},
		delivery.Sweeper{Name: "idempotency keys", Delete: b.idempotency.DeleteOlder},
		delivery.Sweeper{Name: "usage counts", Delete: b.usage.DeleteOlder},
		delivery.Sweeper{Name: "sessions", Delete: b.Sessions.DeleteOlder},
		delivery.Sweeper{Name: "jobs", Delete: b.jobs.DeleteOlder},
		delivery.Sweeper{Name: "alerts", Delete: b.alerts.DeleteOlder},
		delivery.Sweeper{Name: "snapshots", Delete: b.tracking.Sweep},
		delivery.Sweeper{Name: "Stripe events", Delete: b.billing.DeleteOlder},
	)
}
