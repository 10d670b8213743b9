package delivery_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/testkit"
)

// drained is a consumer that comes back from an outage: it takes a little for each request, and counts.
type drained struct {
	up          atomic.Bool
	flying      atomic.Int64
	most, alone atomic.Int64 // at a time; and how many there were before the first two came together
	over        atomic.Int64 // requests that came although the gate was full
	window      func() (n int, gated bool)
}

func (d *drained) answer(w http.ResponseWriter, _ testkit.Received, _ int) {
	n := d.flying.Add(1)
	defer d.flying.Add(-1)
	if !d.up.Load() {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	if n > d.most.Load() {
		d.most.Store(n)
	}
	if d.most.Load() == 1 {
		d.alone.Add(1)
	}
	// While all succeeds a window only grows: this one is at least as wide as when the request was released.
	if window, gated := d.window(); gated && n > int64(window) {
		d.over.Add(1)
	}
	<-time.After(20 * time.Millisecond)
}

func TestABacklogIsDrainedWithNoMoreAtATimeThanTheGateIsWide(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		d := &drained{}
		receiver := testkit.NewReceiver(t, d.answer)
		hook := tenant.NewEndpoint(t, receiver.URL, map[string]any{"retry_policy": atOnce(50)})
		d.window = func() (int, bool) {
			var rows []endpoint.Endpoint
			if err := p.App.Database().Read(t.Context()).Where("id = ?", hook.ID).Find(&rows).Error; err != nil ||
				len(rows) != 1 {
				t.Errorf("%v, %d endpoints", err, len(rows))
				return 0, false
			}
			return rows[0].Throttle.Limit(), rows[0].Throttle.Throttled()
		}
		const backlog = 80
		flood(t, tenant, backlog)
		p.Await(t, "the circuit to open and what was under way to end", func() bool {
			return circuit(t, tenant, hook.ID).State == api.CircuitStateOpen && d.flying.Load() == 0 &&
				len(tenant.Deliveries(t, "&status=delivering")) == 0
		})
		d.up.Store(true)
		p.Await(t, "the backlog to be delivered", func() bool { return ended(p, hook.ID) == backlog })
		if d.over.Load() != 0 || d.most.Load() > endpoint.MaxLimit {
			t.Errorf("%d requests beyond the window, %d at a time", d.over.Load(), d.most.Load())
		}
		if d.alone.Load() < 1 || d.most.Load() < 3 {
			t.Errorf("no ramp: %d requests alone, then up to %d at a time", d.alone.Load(), d.most.Load())
		}
	})
}
