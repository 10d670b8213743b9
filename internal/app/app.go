// Package app builds the program from its configuration, starts it and stops it. It is the only package that imports
// all others.
//
// New opens the connections: the database, Redis, the rate limiter's Redis, and the HTTP clients. Start takes the port
// and then starts the services in the order of this list. Each needs only what is above it, so that stopping them in
// reverse order takes from none what it still needs to finish its work. The connections close last.
//
//	tracer           sends spans to the collector
//	heartbeat        records that the process runs and which encryption keys it has
//	listeners        pass requests to streams and their answers back
//	dispatcher       fans out events and enqueues deliveries of requests, tasks and jobs
//	agent scheduler  enqueues agent runs
//	queue watch      warns of queues that no worker takes tasks from
//	read replica     measures how far it is behind
//	metrics server   serves metrics and probes, also while those below stop
//
// in a worker:
//
//	live-log notices notify the API's processes of deliveries that changed
//	delivery tasks   runs the deliveries that are on the queue
//	agent tasks      runs the agent runs that are on the queue
//	reconciler       enqueues what Redis forgot, so it starts when tasks can run
//	releaser         admits deferred deliveries through their endpoint throttles and enqueues them
//	listeners' end   deletes listeners without a connection
//	janitor          deletes what is older than its retention
//	job runner       works through bulk jobs
//	alert monitor    warns of failing endpoints and disables them
//	system alerts    raises operators' alerts, also about Redis and late deliveries
//	alert notifier   sends the alerts of all the others, so it starts after and stops before them
//
// in a process that serves HTTP:
//
//	live-log hub     sends changes to the open streams
//	usage counter    counts requests; its last flush is after the last request
//	byte meter       counts what tenants store; flushes like the usage counter
//	credit refusals  reports charges that requests were refused
//	HTTP server      starts last, when everything that a request needs works, and stops first
//
// Stop takes at most HOOKLINE_SHUTDOWN_TIMEOUT for all of this; see lifecycle.
package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/alert"
	"github.com/hookline/hookline/internal/apikey"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/credit"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/metrics"
	"github.com/hookline/hookline/internal/operator"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/secret"
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
	// Committed and Attempted, when set, are called with every committed event and every recorded attempt; they must
	// not block.
	Committed func([]event.Event)
	Attempted func(delivery.Observation)
	// Limits changes how rate limits work, for tests; WithoutLimits leaves them out, to measure what they cost.
	Limits        ratelimit.Options
	WithoutLimits bool
	// JobStep is how many things a step of a bulk job changes, and TypeText how many characters the event types of a
	// tenant may have, for tests; zero values are the defaults.
	JobStep  int
	TypeText int64
	// AnswerLimit is how long a client may take to read an answer, for tests; zero is the default.
	AnswerLimit time.Duration
	// ListenerGrace is how long a listener exists after its last connection, for tests; zero is the default.
	ListenerGrace time.Duration
	// Amend, when set, changes the contract before the program is built from it. It is for tests that need a rule
	// that no operation has.
	Amend func(*contract.Contract)
	// Now is the clock of the stores, for tests that move it; nil is the system's clock.
	Now clock.Clock
	// Pages registers pages besides the API, its docs and the dashboard.
	Pages func(*echo.Echo)
	// SignInHint says on the sign-in page where people get a link into the dashboard.
	SignInHint string
	// OperatorHint says on the sign-in page where operators get a key or a link.
	OperatorHint string
}

// App is the program.
type App struct {
	Keys      *apikey.Store
	Tenants   *tenant.Store
	Operators *operator.Store
	Events    *event.Store
	Endpoints *endpoint.Editor
	Delivered *delivery.Store
	Credits   *credit.Store
	Usage     *usage.Counter
	Stored    *usage.Meter
	Sessions  *session.Store
	Alerts    *alert.Monitor // nil without a worker
	Watch     *alert.Watch   // nil without a worker

	config      config.Config
	options     Options
	permissions []string // of the contract
	keyIDs      []secret.KeyID
	db          *db.DB
	replica     *db.Replica // nil without one
	redis       *queue.Redis
	limiter     *ratelimit.Limiter // nil without the API or without limits
	listener    net.Listener
	probes      metrics.Probes
	monitoring  net.Listener // of metrics and probes; nil when they are off
	stopping    atomic.Bool
	lifecycle   lifecycle
	failed      chan error // of serving HTTP
}

// New opens the services, checks them, and builds the program. Errors are for people: what, why, what to do.
func New(ctx context.Context, c config.Config, o Options) (*App, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if err := checkQueues(c); err != nil {
		return nil, err
	}
	doc, err := contract.Load()
	if err != nil {
		return nil, err
	}
	if o.Amend != nil {
		o.Amend(doc)
	}
	a := &App{config: c, options: o, failed: make(chan error, 1), lifecycle: lifecycle{limit: c.ShutdownTimeout}}
	if err := a.open(ctx); err != nil {
		a.Stop()
		return nil, err
	}
	if err := a.build(ctx, doc); err != nil {
		a.Stop()
		return nil, a.writeError(err)
	}
	return a, nil
}

// Start listens and starts all services. When it fails, everything is stopped and closed again.
func (a *App) Start(ctx context.Context) error {
	if err := a.prepare(ctx); err != nil {
		a.Stop()
		return a.writeError(err)
	}
	return a.lifecycle.start(ctx)
}

// prepare creates the operator key and the partitions, and listens; all must succeed before any service starts.
func (a *App) prepare(ctx context.Context) error {
	if a.config.OperatorKey != "" {
		if err := a.Operators.Ensure(ctx, "HOOKLINE_OPERATOR_KEY", a.config.OperatorKey); err != nil {
			return err
		}
	}
	if err := event.EnsurePartitions(ctx, a.db); err != nil {
		return err
	}
	if err := a.listenForMetrics(); err != nil {
		return err
	}
	if !a.options.API || a.listener != nil {
		return nil
	}
	l, err := listen(a.config.Addr)
	if err != nil {
		return &config.Error{Text: fmt.Sprintf("%v Set HOOKLINE_ADDR to a free address, such as 127.0.0.1:8081.", err)}
	}
	a.listenOn(l)
	return nil
}

// listen listens on an address.
func listen(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		host, port, _ := net.SplitHostPort(addr)
		if host == "" {
			host = "this machine"
		}
		text := fmt.Sprintf("Port %s on %s is taken. Use another, or stop what uses it.", port, host)
		return nil, &config.Error{Text: text}
	}
	if err != nil {
		return nil, &config.Error{Text: fmt.Sprintf("%s can't be listened on: %v.", addr, err)}
	}
	return l, nil
}

// listenForMetrics listens at HOOKLINE_METRICS_ADDR. Errors say so: the address has a default.
func (a *App) listenForMetrics() error {
	if !a.config.ServesMetrics() {
		return nil
	}
	l, err := listen(a.config.MetricsAddr)
	if err != nil {
		return &config.Error{Text: fmt.Sprintf("%v Metrics and probes of each process need an address of their own: set "+
			"HOOKLINE_METRICS_ADDR, such as 127.0.0.1:9465, or to off.", err)}
	}
	a.monitoring = l
	a.lifecycle.opened("listener of metrics", closing(l))
	return nil
}

func (a *App) listenOn(l net.Listener) {
	a.listener = l
	a.lifecycle.opened("listener", closing(l))
}

// closing closes a listener that its server may have closed before.
func closing(l net.Listener) func() error {
	return func() error {
		if err := l.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	}
}

// Addr is the address that is listened on, after Start.
func (a *App) Addr() string { return a.listener.Addr().String() }

// MetricsAddr is the address of metrics and probes, after Start; empty when they are off.
func (a *App) MetricsAddr() string {
	if a.monitoring == nil {
		return ""
	}
	return a.monitoring.Addr().String()
}

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

// Stop accepts no more requests and tasks, waits for those in flight, and closes everything, within
// HOOKLINE_SHUTDOWN_TIMEOUT. It abandons and logs a service that hangs. Stopping again does nothing.
func (a *App) Stop() {
	a.stopping.Store(true) // from now on the process is not ready
	a.lifecycle.stop()
}

// EncryptionKeyIDs are the ids of the encryption keys: the first one encrypts, all decrypt.
func (a *App) EncryptionKeyIDs() []string {
	var ids []string
	for _, id := range a.keyIDs {
		ids = append(ids, id.String())
	}
	return ids
}

// Redis is the connection to the queue's Redis, for tests.
func (a *App) Redis() *queue.Redis { return a.redis }

// Database is the connection to the database, for tests.
func (a *App) Database() *db.DB { return a.db }
