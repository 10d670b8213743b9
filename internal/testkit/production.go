package testkit

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hookline/hookline/deploy/dev/instance"
	"github.com/hookline/hookline/internal/secret"
	"github.com/hookline/hookline/internal/testkit/engine"
)

// Environment is the environment of a process: names of variables and their values.
type Environment map[string]string

// OperatorKey is the operator's key of Production.
var OperatorKey = "hk_op_" + strings.Repeat("o", 40)

// Production is an environment that serve and worker start with: endpoints on this machine may be called.
func Production(s Services) Environment {
	return Environment{
		"HOOKLINE_DATABASE_URL": engine.FewConnections(s.DatabaseURL), "HOOKLINE_REDIS_URL": s.RedisURL,
		"HOOKLINE_ADDR":            "127.0.0.1:0",
		"HOOKLINE_METRICS_ADDR":    "127.0.0.1:0",
		"HOOKLINE_ENCRYPTION_KEYS": secret.GenerateKey(), "HOOKLINE_OPERATOR_KEY": OperatorKey,
		"HOOKLINE_EGRESS_ALLOW": "127.0.0.0/8", "HOOKLINE_ALLOW_HTTP_ENDPOINTS": "true",
	}
}

// With is the environment with more variables, names and values in turn.
func (e Environment) With(variables ...string) Environment {
	out := maps.Clone(e)
	for i := 0; i+1 < len(variables); i += 2 {
		out[variables[i]] = variables[i+1]
	}
	return out
}

// List is the environment as NAME=value.
func (e Environment) List() []string {
	var out []string
	for name, value := range e {
		out = append(out, name+"="+value)
	}
	return out
}

// Serve starts the API and returns where it listens, as http://127.0.0.1:port.
func Serve(t testing.TB, e Environment) (*Process, string) {
	t.Helper()
	p := Run(t, e.List(), "serve")
	p.AwaitOutput(t, p.Stderr, ready)
	return p, p.Base()
}

// Work starts a worker.
func Work(t testing.TB, e Environment) *Process {
	t.Helper()
	p := Run(t, e.List(), "worker")
	p.AwaitOutput(t, p.Stderr, ready)
	return p
}

const ready = `"ready"`

// Launch starts serve or worker and waits until it is ready. Its error says that it ended before, as it does when a
// server does not respond; so it is for those that start it again, on whatever goroutine.
func Launch(t testing.TB, e Environment, command string) (*Process, error) {
	return LaunchOf(t, Binary(t), e, command)
}

// LaunchOf is Launch of another build.
func LaunchOf(t testing.TB, binary string, e Environment, command string) (*Process, error) {
	p, err := start(t, binary, e.List(), command)
	if err != nil {
		return nil, err
	}
	if _, err := p.await(p.Stderr, ready); err != nil {
		p.Kill()
		return nil, err
	}
	return p, nil
}

// Base is where an API that is ready listens.
func (p *Process) Base() string { return "http://" + p.readyAt("addr") }

// MetricsAddr is where the metrics and probes of a process that is ready are.
func (p *Process) MetricsAddr() string { return p.readyAt("metrics_addr") }

// readyAt is an address in the line that says that the process is ready.
func (p *Process) readyAt(field string) string {
	for line := range strings.Lines(p.Stderr()) {
		var said map[string]any
		if json.Unmarshal([]byte(line), &said) == nil && said["msg"] == "ready" {
			address, _ := said[field].(string)
			return address
		}
	}
	return ""
}

// Pooled is services whose PostgreSQL is reached through a PgBouncer of the test's own in a pool mode, which the URL
// names.
func Pooled(t testing.TB, s Services, mode string) Services {
	t.Helper()
	dir, err := instance.NewDir(true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	pooler, err := instance.PgBouncer(dir, s.DatabaseURL, mode)
	if err == nil {
		err = pooler.Start(t.Context())
	}
	if err != nil {
		t.Fatalf("PgBouncer: got %v, want it", err)
	}
	t.Cleanup(pooler.Stop)
	behind, err := url.Parse(s.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse(pooler.URL)
	if err != nil {
		t.Fatal(err)
	}
	at.Path, at.RawQuery = behind.Path, "sslmode=disable&pool_mode="+mode
	return Services{DatabaseURL: at.String(), RedisURL: s.RedisURL}
}

// Private is PostgreSQL and Redis that are a test's own, so that it can kill them. PostgreSQL loses nothing that it
// committed, as in production; Redis saves what it has each second, so it loses what came after.
type Private struct {
	Services
	Postgres *instance.Server
	Redis    *instance.Server
	dir      string
}

// NewPrivate starts and migrates them, and removes them when the test ends.
func NewPrivate(t testing.TB) *Private {
	t.Helper()
	dir, err := instance.NewDir(false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return NewPrivateIn(t, dir)
}

// NewPrivateIn is NewPrivate with their data in a folder that others may pass through.
func NewPrivateIn(t testing.TB, dir string) *Private {
	t.Helper()
	var err error
	s := &Private{dir: dir}
	if s.Postgres, err = instance.Postgres(t.Context(), dir, true); err == nil {
		s.Redis, err = instance.Redis(t.Context(), dir, "1 1")
	}
	if err != nil {
		t.Fatalf("binaries of servers: got %v, want them, since this test kills servers of its own (packages "+
			"postgresql and redis-server)", err)
	}
	for _, srv := range []*instance.Server{s.Postgres, s.Redis} {
		if err := srv.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(srv.Stop)
	}
	s.Services = Services{DatabaseURL: s.Postgres.URL, RedisURL: s.Redis.URL}
	if err := engine.Migrate(t.Context(), s.DatabaseURL); err != nil {
		t.Fatal(err)
	}
	return s
}

// Standby starts a copy of PostgreSQL that has every commit which the primary acknowledges, and returns services that
// use whichever of the two is the primary. fail kills the primary and promotes the copy.
func (s *Private) Standby(t testing.TB) (both Services, fail func() error) {
	t.Helper()
	standby, promote := s.standby(t)
	if err := instance.Synchronous(t.Context(), s.Postgres); err != nil {
		t.Fatal(err)
	}
	first, err := url.Parse(s.Postgres.URL)
	if err != nil {
		t.Fatal(err)
	}
	second, err := url.Parse(standby.URL)
	if err != nil {
		t.Fatal(err)
	}
	first.Host += "," + second.Host
	first.RawQuery += "&target_session_attrs=read-write&connect_timeout=2"
	return Services{DatabaseURL: first.String(), RedisURL: s.RedisURL}, func() error {
		s.Postgres.Kill()
		return promote(t.Context())
	}
}

// Replica starts a copy of PostgreSQL that follows it, a little behind, and takes only reads.
func (s *Private) Replica(t testing.TB) *instance.Server {
	t.Helper()
	replica, _ := s.standby(t)
	return replica
}

func (s *Private) standby(t testing.TB) (standby *instance.Server, promote func(context.Context) error) {
	t.Helper()
	standby, promote, err := instance.Standby(t.Context(), s.dir, s.Postgres)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(standby.Stop)
	return standby, promote
}

// Forget removes what a Redis that has ended saved.
func (s *Private) Forget() error {
	if err := os.RemoveAll(filepath.Join(s.dir, instance.RedisData)); err != nil {
		return fmt.Errorf("testkit: %w", err)
	}
	return nil
}
