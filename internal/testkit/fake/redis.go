package fake

import (
	"testing"

	"github.com/hookline/hookline/internal/testkit"
)

// StartWithRedis starts a program of the test's own, whose Redis is away from a call of cut until one of restore.
func StartWithRedis(t *testing.T, e testkit.Engine,
	options ...testkit.Option) (p *testkit.Program, cut, restore func()) {
	t.Helper()
	services := testkit.NewServices(t, e)
	if e == testkit.Servers {
		proxy, through := NewProxy(t, services.RedisURL)
		services.RedisURL = through
		return testkit.StartOn(t, services, options...), proxy.Cut, proxy.Restore
	}
	p = testkit.StartOn(t, services, options...)
	server := p.App.Redis().Embedded()
	return p, func() { server.SetError("away") }, func() { server.SetError("") }
}
