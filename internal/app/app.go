// Package app builds the program from its configuration. It is the only package that sees all others.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"syscall"

	"github.com/labstack/echo/v4"
	"github.com/redis/go-redis/v9"

	"github.com/hookline/hookline/internal/alert"
	"github.com/hookline/hookline/internal/api"
	"github.com/hookline/hookline/internal/apikey"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/credit"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/egress"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/job"
	"github.com/hookline/hookline/internal/livelog"
	"github.com/hookline/hookline/internal/operator"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/resource/content"
	"github.com/hookline/hookline/internal/session"
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
	// Now is the clock of the stores, for tests to which days must pass; nil is the system's.
	Now clock.Clock
	// Pages registers pages besides the API, its docs and the dashboard.
	Pages func(*echo.Echo)
	// SignInHint tells people where they get a link into the dashboard.
	SignInHint string
	// OperatorHint tells operators where they get a key or a link.
	OperatorHint string
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
	Sessions  *session.Store
	Alerts    *alert.Monitor // nil without a worker
	Watch     *alert.Watch   // nil without a worker

	config      config.Config
	permissions []string // that there are
	options     Options
	db          *db.DB
	redis       *queue.Redis
	limits      redis.UniversalClient
	limiter     *ratelimit.Limiter
	egress      *egress.Client
	inside      *egress.Client // for addresses that operators chose
	server      *api.Server
	listener    net.Listener
	dispatcher  *delivery.Dispatcher
	workers     *queue.Servers
	reconciler  *delivery.Reconciler
	pump        *delivery.Pump
	janitor     *delivery.Janitor
	jobs        *job.Runner
	live        *livelog.Hub
	hints       *livelog.Hints
	notifier    *alert.Notifier
	refusals    *credit.Refusals
	agents      *content.Worker
	agentTasks  *queue.Servers
	agentRuns   *content.Schedule
	failed      chan error
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

// Start listens and sets everything to work.
func (a *App) Start(ctx context.Context) error {
	if a.config.OperatorKey != "" {
		if err := a.Operators.Ensure(ctx, "HOOKLINE_OPERATOR_KEY", a.config.OperatorKey); err != nil {
			return err
		}
	}
	if err := a.Delivered.EnsurePartitions(ctx); err != nil {
		return err
	}
	if a.server != nil {
		if err := a.listen(); err != nil {
			return err
		}
	}
	a.dispatcher.Start()
	a.agentRuns.Start()
	if a.workers != nil {
		if err := errors.Join(a.workers.Start(), a.agentTasks.Start()); err != nil {
			return err
		}
		a.hints.Start()
		a.reconciler.Start()
		a.pump.Start()
		a.janitor.Start()
		a.jobs.Start()
		a.Alerts.Start()
		a.Watch.Start()
		a.notifier.Start()
	}
	if a.server != nil {
		a.Usage.Start()
		a.refusals.Start()
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
		a.refusals.Stop()
		a.Usage.Stop()
	}
	if a.workers != nil {
		a.jobs.Stop()
		a.notifier.Stop()
		a.Watch.Stop()
		a.Alerts.Stop()
		a.janitor.Stop()
		a.pump.Stop()
		a.reconciler.Stop()
		a.agents.Stop()
		a.agentTasks.Stop()
		a.workers.Stop()
		a.hints.Stop()
	}
	a.agentRuns.Stop()
	a.dispatcher.Stop()
	a.close()
}

func (a *App) close() {
	if a.live != nil {
		a.live.Stop()
	}
	if a.egress != nil {
		a.egress.Close()
		a.inside.Close()
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
