// Package app builds the program from its configuration. It is the only package that sees all others.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/redis/go-redis/v9"

	"github.com/hookline/hookline/internal/api"
	"github.com/hookline/hookline/internal/apikey"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/credit"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/deadletter"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/docsui"
	"github.com/hookline/hookline/internal/egress"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/idempotency"
	"github.com/hookline/hookline/internal/member"
	"github.com/hookline/hookline/internal/operator"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/resource/lead"
	"github.com/hookline/hookline/internal/secret"
	"github.com/hookline/hookline/internal/session"
	"github.com/hookline/hookline/internal/signin"
	"github.com/hookline/hookline/internal/tenant"
	"github.com/hookline/hookline/internal/usage"
)

// Version is set when a release is built.
var Version = "0.1.0-dev"

// Options says what a process does beyond its configuration.
type Options struct {
	API    bool // serve HTTP
	Worker bool // deliver, reconcile, delete what is old
	// Committed and Attempted, when set, are told of every committed event and every recorded attempt; they must not
	// block.
	Committed func([]event.Event)
	Attempted func(delivery.Observation)
	// Limits changes how rate limits work, for tests; WithoutLimits leaves them out, to measure what they cost.
	Limits        ratelimit.Options
	WithoutLimits bool
	// Amend, when set, changes the contract before the program is built from it. It is for tests that need a rule which
	// no operation has; no setting leads here.
	Amend func(*contract.Contract)
	// Pages registers pages besides the API and its docs.
	Pages func(*App, *echo.Echo)
}

// App is the program.
type App struct {
	Keys      *apikey.Store
	Tenants   *tenant.Store
	Operators *operator.Store
	Events    *event.Store
	Endpoints *endpoint.Store
	Delivered *delivery.Store
	Credits   *credit.Store
	Usage     *usage.Counter

	config     config.Config
	options    Options
	db         *db.DB
	redis      *queue.Redis
	limits     redis.UniversalClient
	limiter    *ratelimit.Limiter
	egress     *egress.Client
	server     *api.Server
	listener   net.Listener
	dispatcher *delivery.Dispatcher
	workers    *queue.Servers
	reconciler *delivery.Reconciler
	janitor    *delivery.Janitor
	failed     chan error
}

// New opens the services, checks them, and puts the program together. Errors are for people: what, why, what to do.
func New(ctx context.Context, c config.Config, o Options) (*App, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	doc, err := contract.Load()
	if err != nil {
		return nil, err
	}
	if o.Amend != nil {
		o.Amend(doc)
	}
	a := &App{config: c, options: o, failed: make(chan error, 1)}
	if err := a.open(ctx); err != nil {
		a.close()
		return nil, err
	}
	if err := a.build(ctx, doc); err != nil {
		a.close()
		return nil, err
	}
	return a, nil
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
	now := clock.Clock(clock.System)
	a.egress = egress.New(egress.Config{
		Allow: a.config.EgressAllow, AllowHTTP: a.config.AllowHTTPEndpoints,
		Timeout: a.config.DeliveryTimeout, MaxIdlePerHost: a.config.WorkerConcurrency,
	})
	figures := newFigures(a)
	schedule := queue.New(a.redis, a.config.TaskTimeout)

	a.Keys, a.Operators = apikey.NewStore(a.db, now, doc.Permissions()), operator.NewStore(a.db, now)
	a.Events, a.Endpoints = event.NewStore(a.db), endpoint.NewStore(a.db, box, now)
	a.Delivered = delivery.NewStore(a.db, a.Endpoints, now, a.config.TaskTimeout+5*time.Second, tenant.HaveWebhooks)
	a.dispatcher = delivery.NewDispatcher(a.Delivered, a.Events, schedule)
	outbox := event.NewOutbox(a.db, now, func(events []event.Event) {
		a.dispatcher.Committed(events)
		figures.committed(events)
		if a.options.Committed != nil {
			a.options.Committed(events)
		}
	})
	a.Tenants = tenant.NewStore(a.db, outbox, now, a.Delivered.Resume, a.Keys.Forget)
	catalogue := event.NewCatalogue(doc.EventTypes)
	log := audit.New(a.db, now)
	answers := idempotency.NewStore(a.db, box, now)
	a.Credits = credit.NewStore(a.db, a.Tenants, now)
	counts := usage.NewStore(a.db, now)
	a.Usage = usage.NewCounter(counts, now)
	roles := member.NewRoles(doc.Permissions())
	people := member.NewStore(a.db, now)
	sessions := session.NewStore(a.db, a.Tenants, people, roles, log, now)

	if a.options.API {
		if err := a.limit(ctx); err != nil {
			return err
		}
		system := api.NewSystemAPI(doc, Version, a.db.Ping, a.redis.Alive, figures.handler())
		handlers := api.NewHandlers(
			apikey.NewAPI(a.Keys, a.Tenants, log), tenant.NewAPI(a.Tenants, log), operator.NewAPI(a.Operators, log),
			lead.NewAPI(lead.NewStore(a.db, outbox, now)), event.NewAPI(a.Events, outbox, catalogue),
			endpoint.NewAPI(a.Endpoints, catalogue, a.egress, a.Delivered, log), delivery.NewAPI(a.Delivered),
			deadletter.NewAPI(a.Delivered, a.dispatcher, log), audit.NewAPI(log), credit.NewAPI(a.Credits, log), usage.NewAPI(counts, now),
			member.NewAPI(people, roles, a.Tenants, log), session.NewAPI(sessions, log, a.config.PublicURL), system)
		a.server = api.NewServer(handlers, api.Options{
			Contract: doc, Keys: a.Keys, Operators: a.Operators, Answers: answers, Credits: a.Credits,
			TrustedProxies: a.config.TrustedProxies, MaxBodyBytes: a.config.MaxBodyBytes, Observe: figures.answered, Answered: a.Usage.Answered,
			Limits: a.limiter, Limited: figures.refused,
			Pages: func(e *echo.Echo) {
				docsui.Register(e)
				e.GET("/", func(c echo.Context) error { return c.Redirect(http.StatusFound, "/docs") })
				if a.options.Pages != nil {
					a.options.Pages(a, e) // hookline dev brings its own way in
					return
				}
				signin.New(a.signIn(), sessions, people, a.Tenants, roles, box).Register(e)
			},
		})
	}
	if a.options.Worker {
		worker := delivery.NewWorker(a.Delivered, a.egress, schedule, "Hookline/"+Version, func(o delivery.Observation) {
			delivery.LogAttempt(o)
			figures.attempted(o)
			if a.options.Attempted != nil {
				a.options.Attempted(o)
			}
		})
		a.workers = queue.NewServers(a.redis, queue.ServerConfig{
			Servers: a.config.WorkerServers, Concurrency: a.config.WorkerConcurrency, Shutdown: a.config.ShutdownTimeout,
		}, worker.Handle)
		a.reconciler = delivery.NewReconciler(a.dispatcher, schedule, a.redis.Alive)
		a.janitor = delivery.NewJanitor(a.Delivered, a.Events, delivery.Retention{
			Deliveries: a.config.RetentionDeliveries, DeadLetters: a.config.RetentionDeadLetters, Events: a.config.RetentionEvents,
		}, answers.DeleteOlder, counts.DeleteOlder, sessions.DeleteOlder)
	}
	return nil
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

func (a *App) signIn() signin.Config {
	return signin.Config{
		PublicURL: a.config.PublicURL, Issuer: a.config.OIDCIssuer, ClientID: a.config.OIDCClientID,
		ClientSecret: a.config.OIDCClientSecret, OperatorEmails: a.config.OIDCOperatorEmails,
	}
}

// Start listens and sets everything to work.
func (a *App) Start(ctx context.Context) error {
	if a.config.OperatorKey != "" {
		if err := a.Operators.Ensure(ctx, "HOOKLINE_OPERATOR_KEY", a.config.OperatorKey); err != nil {
			return err
		}
	}
	if a.server != nil {
		if err := a.listen(); err != nil {
			return err
		}
	}
	a.dispatcher.Start()
	if a.workers != nil {
		if err := a.workers.Start(); err != nil {
			return err
		}
		a.reconciler.Start()
		a.janitor.Start()
	}
	if a.server != nil {
		a.Usage.Start()
		go func() {
			if err := a.server.Serve(a.listener); err != nil {
				a.failed <- err
			}
		}()
	}
	return nil
}

// listen takes the port, unless it is taken already.
func (a *App) listen() error {
	if a.listener != nil {
		return nil
	}
	l, err := net.Listen("tcp", a.config.Addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		host, port, _ := net.SplitHostPort(a.config.Addr)
		if host == "" {
			host = "this machine"
		}
		return &config.Error{Text: fmt.Sprintf("Port %s on %s is taken. Use another, or stop what uses it.", port, host)}
	}
	if err != nil {
		return &config.Error{Text: fmt.Sprintf("%s can't be listened on: %v.", a.config.Addr, err)}
	}
	a.listener = l
	return nil
}

// Addr is the address that is listened on, after Start.
func (a *App) Addr() string { return a.listener.Addr().String() }

// Run works until ctx ends or serving fails, and then stops in order.
func (a *App) Run(ctx context.Context) error {
	var err error
	select {
	case <-ctx.Done():
	case err = <-a.failed:
	}
	a.Stop()
	return err
}

// Stop takes no more requests, lets those under way and the tasks under way finish, and closes everything.
func (a *App) Stop() {
	ctx, cancel := context.WithTimeout(context.Background(), a.config.ShutdownTimeout)
	defer cancel()
	if a.server != nil {
		if err := a.server.Shutdown(ctx); err != nil {
			slog.Warn("requests were cut off", "error", err)
		}
		a.Usage.Stop()
	}
	if a.workers != nil {
		a.janitor.Stop()
		a.reconciler.Stop()
		a.workers.Stop()
	}
	a.dispatcher.Stop()
	a.close()
}

func (a *App) close() {
	if a.egress != nil {
		a.egress.Close()
	}
	if a.listener != nil {
		_ = a.listener.Close()
	}
	if a.limits != nil {
		_ = a.limits.Close()
	}
	if a.redis != nil {
		_ = a.redis.Close()
	}
	if a.db != nil {
		_ = a.db.Close()
	}
}

// Redis is the connection to the queue's Redis, for looking into it.
func (a *App) Redis() *queue.Redis { return a.redis }

// Database is the connection to the database, for looking into it.
func (a *App) Database() *db.DB { return a.db }
