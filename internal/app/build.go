package app

import (
	"context"
	"crypto/x509"
	"net/http"
	"net/netip"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/alert"
	"github.com/hookline/hookline/internal/api"
	"github.com/hookline/hookline/internal/apikey"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/credit"
	"github.com/hookline/hookline/internal/dashboard"
	"github.com/hookline/hookline/internal/dashboard/admin"
	"github.com/hookline/hookline/internal/deadletter"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/docsui"
	"github.com/hookline/hookline/internal/egress"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/eventtype"
	"github.com/hookline/hookline/internal/idempotency"
	"github.com/hookline/hookline/internal/job"
	"github.com/hookline/hookline/internal/leak"
	"github.com/hookline/hookline/internal/livelog"
	"github.com/hookline/hookline/internal/member"
	"github.com/hookline/hookline/internal/operator"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/resource/analytics"
	"github.com/hookline/hookline/internal/resource/billing"
	"github.com/hookline/hookline/internal/resource/content"
	"github.com/hookline/hookline/internal/resource/lead"
	"github.com/hookline/hookline/internal/resource/tracking"
	"github.com/hookline/hookline/internal/role"
	"github.com/hookline/hookline/internal/secret"
	"github.com/hookline/hookline/internal/session"
	"github.com/hookline/hookline/internal/signin"
	"github.com/hookline/hookline/internal/tenant"
	"github.com/hookline/hookline/internal/usage"
)

// parts is what the API and the workers are put together from, besides what App shows.
type parts struct {
	doc      *contract.Contract
	box      *secret.Box
	now      clock.Clock
	figures  *figures
	schedule *queue.Queue
	outbox   *event.Outbox
	log      *audit.Log
	answers  *idempotency.Store
	counts   *usage.Store
	roles    role.Roles
	people   *member.Store
	jobs     *job.Store
	alerts   *alert.Store
	teller   *alert.Teller
	sender   *alert.Sender
	caller   *delivery.Caller
	tracked  *tracking.Store
	bills    *billing.Store
	content  *content.Store
}

func (a *App) build(ctx context.Context, doc *contract.Contract) error {
	key, err := secret.ParseKey(a.config.EncryptionKey)
	if err != nil {
		return err
	}
	box, err := secret.NewBox(key)
	if err != nil {
		return err
	}
	if err := checkKey(ctx, a.db, box); err != nil {
		return err
	}
	roots, err := authorities(a.config.EgressCAFile)
	if err != nil {
		return err
	}
	now := clock.System
	if a.options.Now != nil {
		now = a.options.Now
	}
	p := a.buildStores(doc, box, now, roots)
	if err := a.buildAlerts(&p); err != nil {
		return err
	}
	if a.options.API {
		if err := a.limit(ctx); err != nil {
			return err
		}
		a.buildAPI(p)
	}
	if a.options.Worker {
		a.buildWorker(p)
	}
	return nil
}

func (a *App) buildStores(doc *contract.Contract, box *secret.Box, now clock.Clock, roots *x509.CertPool) parts {
	a.egress = egress.New(egress.Config{
		Roots: roots, Allow: a.config.EgressAllow, AllowHTTP: a.config.AllowHTTPEndpoints,
		Timeout: a.config.DeliveryTimeout, MaxIdlePerHost: a.config.WorkerConcurrency + a.config.WorkerSlow,
	})
	a.inside = egress.New(egress.Config{Roots: roots, Allow: anywhere, AllowHTTP: true})
	p := parts{doc: doc, box: box, now: now, figures: newFigures(a), schedule: queue.New(a.redis, a.config.TaskTimeout)}
	a.Keys, a.Operators = apikey.NewStore(a.db, now, doc.Permissions()), operator.NewStore(a.db, now)
	a.Events, a.Endpoints = event.NewStore(a.db), endpoint.NewStore(a.db, box, now)
	a.Delivered = delivery.NewStore(a.db, a.Endpoints, now, a.config.TaskTimeout+leaseMargin, tenant.HaveWebhooks)
	a.Endpoints.OnAgain(a.Delivered.Hasten)
	p.caller = delivery.NewCaller(a.Endpoints, a.egress, "Hookline/"+Version, a.config.DeliveryTimeout, longest(a.config))
	a.dispatcher = delivery.NewDispatcher(a.Delivered, a.Events, p.schedule)
	p.outbox = event.NewOutbox(a.db, now, a.dispatcher.Spread, func(events []event.Event) {
		a.dispatcher.Committed(events)
		p.figures.committed(events)
		if a.options.Committed != nil {
			a.options.Committed(events)
		}
	})
	a.Tenants = tenant.NewStore(a.db, p.outbox, now, a.Delivered.Resume, a.Keys.Forget)
	a.Credits = credit.NewStore(a.db, a.Tenants, now)
	p.counts = usage.NewStore(a.db, now)
	a.Usage = usage.NewCounter(p.counts, now)
	p.log, p.answers = audit.New(a.db, now), idempotency.NewStore(a.db, box, now)
	a.permissions = doc.Permissions()
	p.roles, p.people = role.New(a.permissions), member.NewStore(a.db, now)
	a.Sessions = session.NewStore(a.db, a.Tenants, p.people, a.Operators, p.roles, p.log, now)
	p.jobs = job.NewStore(a.db, now)
	p.bills = billing.NewStore(a.db, p.outbox, a.Tenants, p.log, a.config.StripePrices, now)
	p.tracked = tracking.NewStore(a.db, p.outbox, a.Credits, p.jobs, now)
	a.buildContent(&p)
	return p
}

// buildAlerts has the alerts told of what endpoints, deliveries and events do.
func (a *App) buildAlerts(p *parts) error {
	server, err := a.config.Mail()
	if err != nil {
		return err
	}
	var mailer *alert.Mailer
	if server != nil {
		mailer = alert.NewMailer(alert.MailConfig(*server))
	}
	p.alerts = alert.NewStore(a.db, p.box, p.now, alert.Limits{After: a.config.DisableAfter, Failures: a.config.DisableFailures})
	p.teller = alert.NewTeller(p.alerts, p.outbox)
	p.alerts.TellOperators(a.config.AlertEmail, a.config.AlertWebhookURL)
	p.sender = alert.NewSender(p.alerts, a.egress, a.inside, mailer, a.config.PublicURL)
	a.Delivered.OnSettled(p.teller.Settled)
	a.Endpoints.OnSwitch(p.teller.Switched)
	a.Credits.OnLevel(p.teller.Level)
	p.outbox.Watch(p.teller.Emitted)
	return nil
}

// anywhere is where operators' alerts may go: the address is theirs, as the database's is. Time and size of the answer
// are limited all the same, and redirects are not followed.
var anywhere = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}

// leaseMargin is how much longer a worker may hold a delivery than its task may run.
const leaseMargin = 5 * time.Second

// attemptMargin is how much of a task's time is for what surrounds the request.
const attemptMargin = 5 * time.Second

// longest is how long an endpoint may let an attempt take: time-outs nest.
func longest(c config.Config) time.Duration {
	return max(c.TaskTimeout-attemptMargin, c.DeliveryTimeout)
}

func (a *App) buildAPI(p parts) {
	types := eventtype.NewTypes(event.NewCatalogue(p.doc.EventTypes), eventtype.NewStore(a.db, p.now))
	keys := apikey.NewAPI(a.Keys, a.Tenants, p.log)
	a.live, a.refusals = livelog.NewHub(a.Delivered), credit.NewRefusals(a.Credits)
	a.live.Listen(a.redis.UniversalClient)
	tickets, inboxes, tags := a.support(p)
	handlers := api.NewHandlers(
		keys, tenant.NewAPI(a.Tenants, p.log), operator.NewAPI(a.Operators, p.log),
		lead.NewAPI(lead.NewStore(a.db, p.outbox, p.now), p.doc.Checker("LeadCreate")), event.NewAPI(a.Events, p.outbox, types),
		eventtype.NewAPI(types, a.Events, a.Endpoints, p.log),
		endpoint.NewAPI(a.Endpoints, types, a.egress, a.Delivered, p.log, longest(a.config)),
		delivery.NewAPI(a.Delivered, types, p.caller),
		deadletter.NewAPI(a.Delivered, a.Endpoints, p.jobs, a.dispatcher, p.log, p.now,
			deadletter.Kept{Events: a.config.RetentionEvents, Deliveries: a.config.RetentionDeliveries}),
		deadletter.NewOperatorAPI(a.Delivered, a.Tenants, deadletter.NewBulk(a.Delivered, p.jobs, p.log, p.now), p.schedule, p.log),
		job.NewAPI(p.jobs, p.log), audit.NewAPI(p.log), credit.NewAPI(a.Credits, p.log),
		usage.NewAPI(p.counts, p.now), member.NewAPI(p.people, p.roles, a.Tenants, keys, p.log),
		session.NewAPI(a.Sessions, p.log, a.config.PublicURL), livelog.NewAPI(a.live), a.leaks(p),
		alert.NewAPI(p.alerts, p.sender, a.egress, p.log),
		tickets, inboxes, tags,
		tracking.NewAPI(p.tracked, a.Events, p.log), billing.NewAPI(p.bills, p.log, a.config.StripeWebhookSecret, p.now),
		content.NewAPI(p.content), analytics.NewAPI(analytics.NewStore(a.db), p.now),
		api.NewSystemAPI(p.doc, Version, a.db.Ping, a.redis.Alive, p.figures.handler()))
	a.server = api.NewServer(handlers, api.Options{
		Contract: p.doc, Keys: a.Keys, Operators: a.Operators, Answers: p.answers, Credits: a.Credits,
		TrustedProxies: a.config.TrustedProxies, MaxBodyBytes: a.config.MaxBodyBytes,
		Observe: p.figures.answered, Answered: a.Usage.Answered, Limits: a.limiter, Limited: p.figures.refused,
		Pages: func(e *echo.Echo) {
			docsui.Register(e)
			e.GET("/", func(c echo.Context) error { return c.Redirect(http.StatusFound, "/docs") })
			doors := signin.New(a.signIn(), a.Sessions, p.people, a.Tenants, p.roles, p.box)
			doors.AdmitOperators(a.Operators, limiterOf(a.limiter))
			doors.Register(e)
			dashboard.New(dashboard.Options{
				API: e, Doors: doors, Roles: p.roles, Actions: p.doc.Audited(), Looks: a.Tenants, EmbedOrigins: a.config.EmbedOrigins,
			}).Register(e)
			admin.New(admin.Options{API: e, Doors: doors, Permissions: a.permissions}).Register(e)
			if a.options.Pages != nil {
				a.options.Pages(e)
			}
		},
	})
}

func (a *App) buildWorker(p parts) {
	a.hints = livelog.NewHints(a.redis.UniversalClient)
	worker := delivery.NewWorker(a.Delivered, p.caller, p.schedule, func(o delivery.Observation) {
		delivery.LogAttempt(o)
		p.figures.attempted(o)
		a.hints.Changed(o.Delivery.Scope())
		if a.options.Attempted != nil {
			a.options.Attempted(o)
		}
	})
	bulk := (a.config.WorkerServers + 1) / 2
	a.workers = queue.NewServers(a.redis, queue.ServerConfig{
		Servers: a.config.WorkerServers, Bulk: bulk, Concurrency: a.config.WorkerConcurrency, Slow: a.config.WorkerSlow, Shutdown: a.config.ShutdownTimeout,
	}, worker.Handle)
	a.buildAgents(p)
	a.reconciler = delivery.NewReconciler(a.dispatcher, p.schedule, a.redis.Alive)
	a.pump = delivery.NewPump(a.Delivered, p.schedule.Run, a.redis.Alive)
	a.Delivered.Limit(queue.Lane, a.config.WorkerServers*a.config.WorkerConcurrency)
	a.Delivered.Limit(queue.Bulk, bulk*a.config.WorkerConcurrency)
	a.Delivered.Limit(queue.Slow, a.config.WorkerSlow)
	a.janitor = delivery.NewJanitor(a.Delivered, a.Events, delivery.Retention{
		Deliveries: a.config.RetentionDeliveries, DeadLetters: a.config.RetentionDeadLetters, Events: a.config.RetentionEvents,
	}, p.answers.DeleteOlder, p.counts.DeleteOlder, a.Sessions.DeleteOlder, p.jobs.DeleteOlder, p.alerts.DeleteOlder, p.tracked.Sweep, p.bills.DeleteOlder)
	steps := deadletter.Steps(a.Delivered, p.schedule, a.config.RetentionDeliveries)
	steps[job.CompareFollowers] = p.tracked.Compare
	a.jobs = job.NewRunner(p.jobs, steps)
	a.Alerts, a.notifier = alert.NewMonitor(p.teller, a.Endpoints), alert.NewNotifier(p.alerts, p.sender)
	a.Watch = alert.NewWatch(p.alerts, a.redis.Alive, a.Delivered.OldestWaiting)
}

// limit puts the limiter on connections of its own: what waits for the queue's must not hold requests up.
func (a *App) limit(ctx context.Context) error {
	if a.options.WithoutLimits {
		return nil
	}
	client, err := a.redis.Impatient()
	if err != nil {
		return err
	}
	a.limits, a.limiter = client, ratelimit.New(client, a.options.Limits)
	a.limiter.Warm(ctx)
	return nil
}

// limiterOf is the limiter as a sign-in knows it: none, and not an empty one, when there is none.
func limiterOf(l *ratelimit.Limiter) signin.Limiter {
	if l == nil {
		return nil
	}
	return l
}

// leaks takes reports of keys that were found in public.
func (a *App) leaks(p parts) *leak.API {
	keys := leak.NewKeyList(a.egress, leak.Source{
		URL: a.config.SecretScanningKeysURL, Token: a.config.SecretScanningToken, Agent: "Hookline/" + Version,
	}, p.now)
	return leak.NewAPI(keys, leak.NewStore(a.db, a.Keys, a.Operators, p.outbox, p.log))
}

func (a *App) signIn() signin.Config {
	return signin.Config{
		PublicURL: a.config.PublicURL, Issuer: a.config.OIDCIssuer, ClientID: a.config.OIDCClientID,
		ClientSecret: a.config.OIDCClientSecret, OperatorEmails: a.config.OIDCOperatorEmails,
		EmbedOrigins: a.config.EmbedOrigins, Hint: a.options.SignInHint, OperatorHint: a.options.OperatorHint,
	}
}
