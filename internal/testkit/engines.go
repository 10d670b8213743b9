// Package testkit starts the whole real program for tests, on both engines: SQLite with a Redis in the process, and
// PostgreSQL with a real Redis. The tests of a package share one program for each engine; each test has a tenant of its
// own, so they run in parallel, and each run tests that tenants are kept apart. Its parts: engine has the services
// alone, fake has other people's systems, secrets searches for what must not be stored or logged.
package testkit

import (
	"testing"

	"github.com/hookline/hookline/internal/testkit/engine"
)

// Engine is a pair of services; Services are the URLs of one pair.
type (
	Engine   = engine.Engine
	Services = engine.Services
)

// The two engines that every promise is tested on.
const (
	Embedded = engine.Embedded
	Servers  = engine.Servers
)

// Engines runs a test on both engines, in parallel.
func Engines(t *testing.T, test func(t *testing.T, e Engine)) {
	t.Helper()
	engine.Each(t, test)
}

// NewServices prepares services and removes them when the test ends.
func NewServices(t testing.TB, e Engine) Services {
	t.Helper()
	return engine.New(t, e)
}
