package testkit

import (
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/metrics"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/secret"
	"github.com/hookline/hookline/internal/testkit/engine"
	"github.com/hookline/hookline/internal/testkit/secrets"
)

const patience = engine.Patience

// Program is the whole program, running in the test's process.
type Program struct {
	App      *app.App
	URL      string // http://127.0.0.1:port
	Config   config.Config
	Operator *Client
	// Monitoring calls the address of metrics and probes.
	Monitoring *Client

	test     testing.TB
	stop     sync.Once
	mu       sync.Mutex
	changed  chan struct{}                     // closed and replaced at every recorded attempt
	observed map[string][]delivery.Observation // by tenant, without bodies
}

// Option changes the configuration before the start.
type Option func(*config.Config, *app.Options)

const operatorKey = "hk_op_testkit0000000000000000000000000000000000"

// DefaultConfig is a configuration for tests: endpoints on this machine may be called.
func DefaultConfig(s Services) config.Config {
	return config.Config{
		DatabaseURL: engine.FewConnections(s.DatabaseURL), RedisURL: s.RedisURL, Addr: "127.0.0.1:0",
		MetricsAddr:    "127.0.0.1:0",
		EncryptionKeys: secret.GenerateKey(), OperatorKey: operatorKey,
		EgressAllow:     []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		DeliveryTimeout: 5 * time.Second, TaskTimeout: 10 * time.Second, ShutdownTimeout: 15 * time.Second,
		RetentionEvents: 2160 * time.Hour, RetentionDeliveries: 720 * time.Hour, RetentionDeadLetters: 2160 * time.Hour,
		RetentionAudit:    9600 * time.Hour,
		WorkerConcurrency: 32, WorkerSlow: 16, MaxBodyBytes: 1 << 20, LogLevel: "warn",
		LogFormat:          "text",
		AllowHTTPEndpoints: true, WorkerAgents: 4,
	}
}

// generous keeps rate limits out of the way of tests that ask for something again and again until it happened.
func generous(l ratelimit.Limit) ratelimit.Limit {
	l.Requests *= 1000
	return l
}

// WithLimits starts a program whose rate limits are those of production, or what adjust makes of them.
func WithLimits(adjust func(ratelimit.Limit) ratelimit.Limit) Option {
	return func(_ *config.Config, o *app.Options) { o.Limits.Adjust = adjust }
}

// Start starts a program of the test's own, on services of its own, and stops it when the test ends. It is for tests of
// the clock, the configuration, a kill or a lost Redis; others use Shared.
func Start(t testing.TB, e Engine, options ...Option) *Program {
	t.Helper()
	return StartOn(t, NewServices(t, e), options...)
}

// StartOn starts a program on given services.
func StartOn(t testing.TB, s Services, options ...Option) *Program {
	t.Helper()
	secretsAtEnd(t) // first, so that it runs last, when the program has stopped
	p := &Program{
		test:     t,
		Config:   DefaultConfig(s),
		changed:  make(chan struct{}),
		observed: map[string][]delivery.Observation{},
	}
	o := app.Options{API: true, Worker: true, Attempted: p.attempted, Limits: ratelimit.Options{Adjust: generous}}
	for _, option := range options {
		option(&p.Config, &o)
	}
	secrets.RememberConfig(p.Config)
	var err error
	if p.App, err = app.New(t.Context(), p.Config, o); err != nil {
		t.Fatal(err)
	}
	if err := p.App.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	p.Monitoring = NewClient("http://"+p.App.MetricsAddr(), "")
	p.Monitoring.outside = true
	if o.API {
		p.URL = "http://" + p.App.Addr()
		p.Operator = NewClient(p.URL, operatorKey)
	}
	return p
}

// Stop stops the program; once is enough and more do no harm.
func (p *Program) Stop() {
	p.stop.Do(func() {
		if server := p.App.Redis().Embedded(); server != nil && p.test == whole { // it ends with the program
			server.SetError("")
			secrets.SearchRedis(p.test, p.App.Redis())
		}
		p.App.Stop()
	})
}

// Metrics are the metrics of the program, in Prometheus's text format.
func (p *Program) Metrics(t testing.TB) string {
	t.Helper()
	return string(p.Monitoring.Call(t, http.MethodGet, "/metrics", nil).Want(t, http.StatusOK).Body)
}

// Ready asks the program's readiness probe, which answers with a status.
func (p *Program) Ready(t testing.TB, status int) metrics.Health {
	t.Helper()
	return Into[metrics.Health](t, p.Monitoring.Call(t, http.MethodGet, "/readyz", nil).Want(t, status))
}

func (p *Program) attempted(o delivery.Observation) {
	o.Attempt.ResponseBody = nil // nobody looks at it, and there are very many
	p.mu.Lock()
	defer p.mu.Unlock()
	p.observed[o.Delivery.TenantID] = append(p.observed[o.Delivery.TenantID], o)
	close(p.changed)
	p.changed = make(chan struct{})
}

// Attempts returns the attempts of a client's tenant that were recorded so far, without the bodies.
func (p *Program) Attempts(t testing.TB, c *Client) []delivery.Observation {
	t.Helper()
	id := TenantOf(t, c)
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.observed[id])
}

// Await waits until condition holds. It looks after recorded attempts, and now and then, since not everything that
// happens is an attempt.
func (p *Program) Await(t testing.TB, what string, condition func() bool) {
	t.Helper()
	engine.AwaitSignal(t, what, patience, 20*time.Millisecond, condition, func() <-chan struct{} {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.changed
	})
}

// Await waits until condition holds, for programs that run in a process of their own. It looks seldom enough for
// their rate limits.
func Await(t testing.TB, what string, condition func() bool) {
	t.Helper()
	engine.Await(t, what, condition)
}

// AwaitWithin is Await for what may take longer than anything should, such as what the program only does for safety.
func AwaitWithin(t testing.TB, limit time.Duration, what string, condition func() bool) {
	t.Helper()
	engine.AwaitWithin(t, limit, what, condition)
}

// RenameTable renames a table of a program of the test's own, so that what needs the table fails.
func (p *Program) RenameTable(t testing.TB, from, to string) {
	t.Helper()
	err := p.App.Database().Tx(t.Context(), func(tx *gorm.DB) error {
		return tx.Exec("ALTER TABLE " + from + " RENAME TO " + to).Error
	})
	if err != nil {
		t.Fatal(err)
	}
}

// WithoutEgress starts a program that may call public addresses only, on data of a program with the encryption keys.
func WithoutEgress(encryptionKeys string) Option {
	return func(c *config.Config, _ *app.Options) {
		c.EgressAllow, c.EncryptionKeys = nil, encryptionKeys
	}
}

// WithoutWorker starts a program that only serves the API.
func WithoutWorker() Option {
	return func(_ *config.Config, o *app.Options) { o.Worker = false }
}

// WithKeys starts a program with encryption keys, such as those of the program whose data it shares.
func WithKeys(encryptionKeys string) Option {
	return func(c *config.Config, _ *app.Options) { c.EncryptionKeys = encryptionKeys }
}

// WithPrice starts a program in which an operation costs credits.
func WithPrice(operation string, credits int64) Option {
	return func(_ *config.Config, o *app.Options) {
		o.Amend = func(c *contract.Contract) {
			rule := c.Rules[operation]
			rule.Credits = credits
			c.Rules[operation] = rule
		}
	}
}
