package delivery_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/hookline/hookline/internal/testkit"
)

// Nothing hangs or fails here: the flood's endpoint answers at once, so it has no gate.
func TestNobodyStandsInLineBehindAFloodThatIsTakenAtOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		noisy, other := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		loud, neighbour := testkit.NewReceiver(t, nil), testkit.NewReceiver(t, nil)
		noisy.NewEndpoint(t, loud.URL, nil)
		other.NewEndpoint(t, neighbour.URL, nil)

		publish := func(c *testkit.Client, n int) {
			leads := make([]map[string]any, n)
			for i := range leads {
				leads[i] = map[string]any{"name": fmt.Sprint(i)}
			}
			c.Call(t, http.MethodPost, "/api/v1/leads/bulk", map[string]any{"leads": leads}).Want(t, http.StatusOK)
		}
		publish(noisy, 100) // from which it is known to be quick
		for range 100 {
			loud.Next(t)
		}
		const events = 1500
		for range 3 {
			publish(noisy, events/3)
		}
		publish(other, 5)
		for range 5 {
			neighbour.Next(t)
		}
		if before := len(loud.All()) - 100; before > events*9/10 {
			t.Errorf("%d of the flood's %d were delivered before the neighbour's", before, events)
		}
		for range events {
			loud.Next(t)
		}
	})
}

// Whoever fans events out to an endpoint that has a gate holds its row, and so does what lets through.
func TestAGateLetsThroughWhileEventsKeepComing(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		tenant.NewEndpoint(t, receiver.URL, map[string]any{"rate_limit": 100})
		stop := make(chan struct{})
		var publishers sync.WaitGroup
		for i := range 8 {
			publishers.Go(func() {
				for n := 0; ; n++ {
					select {
					case <-stop:
						return
					default:
						_, _ = tenant.TryLead(fmt.Sprintf("%d-%d@example.com", i, n))
					}
				}
			})
		}
		for range 40 {
			receiver.Next(t)
		}
		close(stop)
		publishers.Wait()
	})
}
