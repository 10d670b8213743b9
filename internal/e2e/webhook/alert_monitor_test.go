package webhook_test

import (
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// TestTheFailureAtTheLimitDisablesTheEndpoint has nobody look: the monitor's own look at everything comes
// once a minute, which is more than tests wait.
func TestTheFailureAtTheLimitDisablesTheEndpoint(t *testing.T) {
	t.Parallel()
	for name, limits := range map[string]struct {
		after    time.Duration
		failures int
	}{"by time": {24 * time.Hour, 0}, "by failures in a row": {0, 3}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
				s := newStage(t, e, limits.after, limits.failures)
				s.call(t)
				s.allSent(t)
				s.clock.Advance(22 * time.Hour)
				s.call(t)
				s.Await(t, "the warning", func() bool { return len(s.alerts(t, "&condition=endpoint.failing")) == 1 })
				s.allSent(t)
				s.clock.Advance(3 * time.Hour)
				s.call(t)
				s.Await(t, "the end", func() bool {
					return !testkit.Get[api.Webhook](t, s.tenant, "/api/v1/webhooks/"+
						s.id).Enabled
				})
				s.allSent(t)
				if n := len(s.alerts(t, "&condition=endpoint.disabled")); n != 1 {
					t.Errorf("alerts of endpoint.disabled: got %d, want 1", n)
				}
			})
		})
	}
}
