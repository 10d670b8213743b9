package delivery_test

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/testkit"
)

// Nothing hangs or fails here: the flood's endpoint answers soon, so it is not throttled.
func TestNobodyWaitsBehindAFloodThatIsDeliveredAtOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		// Of its own: few workers take a while for the flood, which fills all queues.
		p := testkit.Start(t, e, func(c *config.Config, _ *app.Options) { c.WorkerConcurrency = 8 })
		noisy, other := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		loud := testkit.NewReceiver(t, func(http.ResponseWriter, testkit.Received, int) {
			<-time.After(100 * time.Millisecond) // so that delivering the flood takes longer than publishing it
		})
		var before atomic.Int64 // requests of the flood when the neighbour's came
		neighbour := testkit.NewReceiver(t, func(http.ResponseWriter, testkit.Received, int) {
			before.Store(int64(loud.Count()))
		})
		noisy.NewEndpoint(t, loud.URL, nil)
		other.NewEndpoint(t, neighbour.URL, nil)

		const few, events = 10, 700 // 250 go to the fast queue, where the neighbour waits for them; the rest to bulk
		flood(t, noisy, few)        // from which it is known to be quick
		for range few {
			loud.Next(t)
		}
		flood(t, noisy, events)
		flood(t, other, 1)
		neighbour.Next(t)
		// In one line for all, the neighbour's would come after all of the flood but the requests in flight.
		if got, most := before.Load()-few, int64(events-25); got > most {
			t.Errorf("the flood's %d events that were delivered before the neighbour's: got %d, want at most %d",
				events, got, most)
		}
		p.AwaitCount(t, noisy, api.DeliveryStatusSucceeded, events+few)
	})
}

// Whoever fans events out to a throttled endpoint locks its row, and so does the releaser.
func TestAThrottleAdmitsWhileEventsKeepComing(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		tenant.NewEndpoint(t, receiver.URL, object{"rate_limit": object{"requests": 100}})
		stop := make(chan struct{})
		var publishers sync.WaitGroup
		for i := range 4 {
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
		for range 25 {
			receiver.Next(t)
		}
		close(stop)
		publishers.Wait()
	})
}
