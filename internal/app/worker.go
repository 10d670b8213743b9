package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hookline/hookline/internal/alert"
	"github.com/hookline/hookline/internal/background"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/deadletter"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/deliverylog"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/job"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/resource/content"
	"github.com/hookline/hookline/internal/retention"
	"github.com/hookline/hookline/internal/rotation"
)

func (b *builder) buildWorker() {
	b.buildTasks()
	b.lifecycle.add("releaser", delivery.NewReleaser(b.Delivered, b.queue))
	b.lifecycle.add("releaser's wake-up", background.New(func(ctx context.Context) {
		b.queue.OnReleasers(ctx, b.Delivered.Wake)
	}))
	b.lifecycle.add("listeners' end", background.Every(b.listenerGrace()/graceParts, "ending listeners failed",
		func(ctx context.Context) error { return b.Endpoints.EndListeners(ctx, b.Delivered) }))
	b.lifecycle.add("janitor", b.janitor())
	steps := deadletter.Steps(b.dead, b.queue, b.config.RetentionDeliveries, b.options.JobStep)
	steps[job.CompareFollowers] = b.tracking.Compare
	steps[rotation.Kind] = rotation.New(b.db, b.ring, b.jobs, b.audit, b.now, b.options.JobStep).Step
	b.lifecycle.add("job runner", job.NewRunner(b.jobs, steps))
	b.Alerts = alert.NewMonitor(b.reporter, b.Endpoints)
	b.lifecycle.add("alert monitor", b.Alerts)
	b.Watch = alert.NewWatch(b.alerts, b.redis.Alive, b.Delivered.OldestWaiting)
	b.lifecycle.add("system alerts", b.Watch)
	b.lifecycle.add("alert notifier", alert.NewNotifier(b.alerts, b.sender))
}

// graceParts is how often, within the time that a listener exists without a connection, listeners are looked at.
const graceParts = 12

// listenerGrace is how long a listener exists without a connection.
func (b *builder) listenerGrace() time.Duration {
	return cmp.Or(b.options.ListenerGrace, endpoint.ListenerGrace)
}

// buildTasks builds the services that run tasks: deliveries and agent runs.
func (b *builder) buildTasks() {
	completer := delivery.NewCompleter(b.Delivered, b.Endpoints, b.reporter)
	worker := delivery.NewWorker(completer, b.requests, b.dead, b.queue, b.tracer, b.attempted)
	limits := map[string]int{
		queue.Fast: b.config.WorkerConcurrency, queue.Bulk: max(1, b.config.WorkerConcurrency/2),
		queue.Slow: b.config.WorkerSlow,
	}
	for name, limit := range limits {
		b.Delivered.Limit(name, limit)
	}
	b.lifecycle.add("lease renewer", worker.Renewer()) // it stops after the attempts
	only := func(name string, n int) int {
		if !works(b.config, name) {
			return 0
		}
		return n
	}
	b.lifecycle.add("delivery tasks", deliveryTasks{queue.NewServers(b.redis, queue.ServerConfig{
		Servers: only(queue.Fast, 1), Bulk: only(queue.Bulk, 1), Slow: only(queue.Slow, b.config.WorkerSlow),
		Concurrency: b.config.WorkerConcurrency, Shutdown: b.config.ShutdownTimeout,
		Room: func(name string) bool { return b.Delivered.Load(name) < limits[name] },
	}, worker.Handle), worker})
	if !works(b.config, queue.Agents) {
		return
	}
	write, limit := b.generator()
	agents := content.NewWorker(b.content, write, limit, b.config.WorkerAgents)
	servers := queue.NewAgentServers(b.redis, b.config.WorkerAgents, b.config.ShutdownTimeout, agents.Handle)
	b.lifecycle.add("agent tasks", agentTasks{servers, agents})
}

// works says whether a worker takes tasks from a queue.
func works(c config.Config, name string) bool {
	return len(c.WorkerQueues) == 0 || slices.Contains(c.WorkerQueues, name)
}

// checkQueues refuses names that no queue has.
func checkQueues(c config.Config) error {
	for _, name := range c.WorkerQueues {
		if !slices.Contains(queue.Names(), name) {
			return &config.Error{Text: fmt.Sprintf("HOOKLINE_WORKER_QUEUES names the queue %q, which does not exist. "+
				"List some of %s, separated by commas, or leave it out for all.", name,
				strings.Join(queue.Names(), ", "))}
		}
	}
	return nil
}

// attempted handles an attempt that has been recorded.
func (b *builder) attempted(o delivery.Observation) {
	delivery.LogAttempt(o)
	b.metrics.Attempted(o)
	b.notices.Changed(o.Delivery.Scope(), o.Delivery.ID)
	b.counter.Add(deliverylog.OutcomeOf(o))
	if b.options.Attempted != nil {
		b.options.Attempted(o)
	}
}

// deliveryTasks are the servers of deliveries, and the attempts whose tasks are over.
type deliveryTasks struct {
	*queue.Servers

	worker *delivery.Worker
}

// Stop implements service.
func (t deliveryTasks) Stop(ctx context.Context) error {
	t.worker.StopBefore(ctx)
	return errors.Join(t.Servers.Stop(ctx), t.worker.Stop(ctx))
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

func (b *builder) janitor() *retention.Janitor {
	return retention.NewJanitor(b.db, b.now,
		retention.Retention{
			Deliveries: b.config.RetentionDeliveries, DeadLetters: b.config.RetentionDeadLetters,
			Events: b.config.RetentionEvents,
		},
		retention.Sweeper{Name: "delivery counts", Delete: b.log.DeleteOlder},
		retention.Sweeper{Name: "idempotency keys", Delete: b.idempotency.DeleteOlder},
		retention.Sweeper{Name: "usage counts", Delete: b.usage.DeleteOlder},
		retention.Sweeper{Name: "stored bytes", Delete: b.usage.DeleteOlderBytes},
		retention.Sweeper{Name: "sessions", Delete: b.Sessions.DeleteOlder},
		retention.Sweeper{Name: "jobs", Delete: b.jobs.DeleteOlder},
		retention.Sweeper{Name: "alerts", Delete: b.alerts.DeleteOlder},
		retention.Sweeper{Name: "snapshots", Delete: b.tracking.Sweep},
		retention.Sweeper{Name: "Stripe events", Delete: b.billing.DeleteOlder},
		retention.Sweeper{Name: "audit entries", Delete: func(ctx context.Context, limit int) (int64, error) {
			return b.audit.DeleteOlder(ctx, b.config.RetentionAudit, limit)
		}},
		retention.Sweeper{Name: "ended API keys", Delete: func(ctx context.Context, limit int) (int64, error) {
			return b.Keys.DeleteOlder(ctx, b.config.RetentionAudit, limit)
		}},
		retention.Sweeper{Name: "ended operator keys", Delete: func(ctx context.Context, limit int) (int64, error) {
			return b.Operators.DeleteOlder(ctx, b.config.RetentionAudit, limit)
		}},
	)
}
