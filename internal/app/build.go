package app

import (
	"context"
	"net"
	"net/netip"
	"time"

	"github.com/hookline/hookline/internal/alert"
	"github.com/hookline/hookline/internal/apikey"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/credit"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/deadletter"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/deliverylog"
	"github.com/hookline/hookline/internal/egress"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/idempotency"
	"github.com/hookline/hookline/internal/job"
	"github.com/hookline/hookline/internal/listener"
	"github.com/hookline/hookline/internal/member"
	"github.com/hookline/hookline/internal/metrics"
	"github.com/hookline/hookline/internal/operator"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/resource/billing"
	"github.com/hookline/hookline/internal/resource/content"
	"github.com/hookline/hookline/internal/resource/tracking"
	"github.com/hookline/hookline/internal/role"
	"github.com/hookline/hookline/internal/rotation"
	"github.com/hookline/hookline/internal/secret"
	"github.com/hookline/hookline/internal/sender"
	"github.com/hookline/hookline/internal/session"
	"github.com/hookline/hookline/internal/tenant"
	"github.com/hookline/hookline/internal/tracing"
	"github.com/hookline/hookline/internal/usage"
)

// builder builds an App. Its own fields are needed only during the construction.
type builder struct {
	*App

	contract *contract.Contract
	ring     *secret.Ring
	now      clock.Clock
	metrics  *metrics.Metrics
	tracer   *tracing.Tracer
	queue    *queue.Queue

	egress   *egress.Client // for addresses that tenants chose
	internal *egress.Client // for addresses that operators chose

	outbox      *event.Outbox
	dispatcher  *delivery.Dispatcher
	requests    *sender.Sender
	listeners   *listener.Relay
	dead        *deadletter.Store
	log         *deliverylog.Store
	counter     *deliverylog.Counter
	notices     *deliverylog.Notices
	alerts      *alert.Store
	reporter    *alert.Reporter
	sender      *alert.Sender
	audit       *audit.Log
	idempotency *idempotency.Store
	usage       *usage.Store
	roles       role.Roles
	members     *member.Store
	jobs        *job.Store
	tracking    *tracking.Store
	billing     *billing.Store
	content     *content.Store
}

func (a *App) build(ctx context.Context, doc *contract.Contract) error {
	ring, err := secret.ParseRing(a.config.EncryptionKeys)
	if err != nil {
		return err
	}
	if err := checkRing(ctx, a.db, ring); err != nil {
		return err
	}
	a.keyIDs = ring.IDs()
	b := &builder{
		App: a, contract: doc, ring: ring, now: clock.System, metrics: metrics.New(Version),
		queue: queue.New(a.redis, a.config.TaskTimeout),
	}
	if a.options.Now != nil {
		b.now = a.options.Now
	}
	a.permissions = doc.Permissions()
	if err := b.buildTracer(ctx); err != nil {
		return err
	}
	if err := b.buildClients(); err != nil {
		return err
	}
	heartbeat, err := rotation.NewHeartbeat(b.db, ring, clock.System, b.options.command())
	if err != nil {
		return err
	}
	b.lifecycle.add("heartbeat", heartbeat)
	b.buildAccess()
	if err := b.buildDeliveries(); err != nil {
		return err
	}
	b.buildResources()
	b.lifecycle.add("live-log notices", b.notices)
	b.lifecycle.add("delivery counter", b.counter)
	b.lifecycle.add("dispatcher", b.dispatcher)
	b.lifecycle.add("listeners", b.listeners)
	b.lifecycle.add("reconciler", delivery.NewReconciler(b.dispatcher, b.queue, b.dead.Newest))
	_, limit := a.generator()
	b.lifecycle.add("agent scheduler", content.NewSchedule(b.content, b.queue, limit))
	b.lifecycle.add("queue watch", queue.NewWatch(b.queue))
	if a.replica != nil {
		b.lifecycle.add("read replica", a.replica)
	}
	if err := b.buildMetrics(); err != nil {
		return err
	}
	if a.options.Worker {
		b.buildWorker()
	}
	if a.options.API {
		return b.buildAPI(ctx)
	}
	return nil
}

// command is the command that starts a process with these options.
func (o Options) command() string {
	switch {
	case o.API == o.Worker:
		return "dev"
	case o.API:
		return "serve"
	}
	return "worker"
}

// buildTracer builds the tracer, whose spans are sent last when the process stops.
func (b *builder) buildTracer(ctx context.Context) error {
	var err error
	b.tracer, err = tracing.New(ctx, tracing.Config{URL: b.config.TracesURL, Headers: b.config.TracesHeaders,
		Sample: b.config.TracesSample, Version: Version, Role: b.options.command()})
	if err == nil {
		b.lifecycle.add("tracer", b.tracer)
	}
	return err
}

// buildMetrics adds the metrics that are read at a scrape, and their address.
func (b *builder) buildMetrics() error {
	pool, err := metrics.Database(b.db)
	if err != nil {
		return err
	}
	if b.replica != nil {
		b.metrics.RegisterScraped(metrics.Replica(b.replica)...)
	}
	b.metrics.Register(metrics.Deliveries(b.Delivered)...)
	b.metrics.RegisterScraped(metrics.Reconciler(b.Events), metrics.Queues(b.queue), metrics.Retention(b.db),
		metrics.Traces(b.tracer), pool)
	b.redis.AddHook(b.metrics.Hook())
	b.probes = metrics.Probes{Version: Version, Database: db.NewWriteProbe(b.db).Check, Redis: b.redis.Alive,
		Stopping: b.stopping.Load}
	b.metrics.RegisterScraped(metrics.Dependencies(b.probes))
	b.lifecycle.add("metrics server", metrics.NewServer(func() net.Listener { return b.monitoring }, b.metrics, b.probes))
	return nil
}

func (b *builder) buildClients() error {
	roots, err := authorities(b.config.EgressCAFile)
	if err != nil {
		return err
	}
	proxy, err := egressProxy(b.config, b.metrics.Connected)
	if err != nil {
		return err
	}
	if proxy != nil {
		b.metrics.ProxyUsed()
	}
	b.egress = egress.New(egress.Config{
		Proxy: proxy, Roots: roots, Allow: b.config.EgressAllow, AllowHTTP: b.config.AllowHTTPEndpoints,
		Timeout: b.config.DeliveryTimeout, MaxIdlePerHost: b.config.WorkerConcurrency + b.config.WorkerSlow,
	})
	b.internal = egress.New(egress.Config{Roots: roots, Allow: anywhere, AllowHTTP: true})
	b.lifecycle.opened("HTTP clients", func() error {
		b.egress.Close()
		b.internal.Close()
		return nil
	})
	return nil
}

// buildAccess builds the stores of tenants, keys and members that need no other stores.
func (b *builder) buildAccess() {
	b.roles = role.New(b.permissions, b.permissionsOfProfiles())
	b.Keys, b.Operators = apikey.NewStore(b.db, b.now, b.roles), operator.NewStore(b.db, b.now)
	b.audit, b.idempotency = audit.New(b.db, b.now), idempotency.NewStore(b.db, b.ring, b.now)
	b.usage = usage.NewStore(b.db, b.now)
	b.Usage, b.Stored = usage.NewCounter(b.usage, b.now), usage.NewMeter(b.usage, b.now)
	b.members = member.NewStore(b.db, b.now)
	b.jobs = job.NewStore(b.db, b.now)
}

// permissionsOfProfiles lists the permissions that exist for tenants of each profile.
func (b *builder) permissionsOfProfiles() map[string][]string {
	out := map[string][]string{}
	for _, name := range profile.All() {
		out[name] = b.contract.PermissionsOf(profile.Of(name).Sells)
	}
	return out
}

// buildDeliveries builds events, deliveries and alerts. Endpoints and deliveries each have a store, which the outbox
// needs to fan out events, and a type that embeds the store and publishes events through the outbox.
func (b *builder) buildDeliveries() error {
	endpoints := endpoint.NewStore(b.db, b.ring, b.now)
	b.Events = event.NewStore(b.db)
	b.counter, b.notices = deliverylog.NewCounter(b.db), deliverylog.NewNotices(b.redis.UniversalClient)
	b.Delivered = delivery.NewStore(b.db, endpoints, b.Events, b.now, delivery.Config{
		Covers: tenant.HaveWebhooks, Changed: b.changed, WakeReleasers: b.queue.WakeReleasers,
	})
	b.dead = deadletter.NewStore(b.db, b.Events, endpoints, b.now, deadletter.Config{
		Suspended: b.Delivered.Suspended, Changed: b.changed, WakeReleasers: b.queue.WakeReleasers,
	})
	b.log = deliverylog.NewStore(b.db, b.Events, endpoints, b.now)
	relay, err := b.redis.Impatient()
	if err != nil {
		return err
	}
	b.lifecycle.opened("Redis of listeners", relay.Close)
	b.listeners = listener.NewRelay(relay)
	b.requests = sender.New(endpoints, b.egress, b.listeners, b.now, sender.Config{UserAgent: "Hookline/" + Version,
		Timeout: b.config.DeliveryTimeout, MaxTimeout: longest(b.config)})
	b.dispatcher = delivery.NewDispatcher(b.Delivered, b.queue)
	b.alerts = alert.NewStore(b.db, b.ring, b.now,
		alert.Limits{After: b.config.DisableAfter, Failures: b.config.DisableFailures},
		alert.OperatorTargets{Email: b.config.AlertEmail, SlackURL: b.config.AlertWebhookURL})
	b.outbox = event.NewOutbox(b.db, b.now, b.Delivered.FanOutInTx, b.committed, b.alerts)
	b.reporter = alert.NewReporter(b.alerts, b.outbox)
	b.Endpoints = endpoint.NewEditor(endpoints, b.Delivered, b.reporter)
	server, err := b.config.Mail()
	if err != nil {
		return err
	}
	var mailer *alert.Mailer
	if server != nil {
		mailer = alert.NewMailer(alert.MailConfig(*server))
	}
	b.sender = alert.NewSender(b.alerts, b.egress, b.internal, mailer, b.config.PublicURL)
	return nil
}

// committed handles events after the commit of their transaction.
func (b *builder) committed(events []event.Event) {
	b.dispatcher.Committed(events)
	b.metrics.Committed(events)
	if b.options.Committed != nil {
		b.options.Committed(events)
	}
}

// changed handles deliveries that were stored or changed without an attempt, after the commit.
func (b *builder) changed(rows []delivery.Delivery) {
	for _, d := range rows {
		b.notices.Changed(d.Scope(), d.ID)
		b.metrics.Ended(d.Status)
		if d.Status.Final() {
			b.counter.Add(deliverylog.Outcome{Scope: d.Scope(), EndpointID: d.EndpointID, EventType: d.EventType,
				Status: d.Status, CreatedAt: d.CreatedAt.Time, At: d.FinishedAt.Time})
		}
	}
}

func (b *builder) buildResources() {
	b.Tenants = tenant.NewStore(b.db, b.outbox, b.now, b.Delivered.Resume, b.Keys.Forget,
		func(name string) bool { return profile.Of(name).Sells(profile.Billing) })
	b.Sessions = session.NewStore(b.db, b.Tenants, b.members, b.Operators, b.roles, b.audit, b.now)
	b.Credits = credit.NewStore(b.db, b.Tenants, b.now, b.alerts)
	b.billing = billing.NewStore(b.db, b.outbox, b.Tenants, b.audit, b.config.StripePrices, b.now)
	b.tracking = tracking.NewStore(b.db, b.outbox, b.Credits, b.jobs, b.now)
	b.content = content.NewStore(b.db, b.outbox, b.Credits, b.now)
}

// anywhere allows operators' alerts to go to any address: operators configure it, as they do the database's. Time and
// size of the answer are still limited, and redirects are not followed.
var anywhere = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}

// attemptMargin is the part of the task timeout that is left for SQL before and after the request.
const attemptMargin = 5 * time.Second

// longest is the longest timeout that an endpoint may set: timeouts nest.
func longest(c config.Config) time.Duration {
	return max(c.TaskTimeout-attemptMargin, c.DeliveryTimeout)
}
