package delivery_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/throttle"
)

// drained is a consumer that comes back from an outage: it takes a little for each request, and counts.
type drained struct {
	up          atomic.Bool
	flying      atomic.Int64
	most, alone atomic.Int64 // at a time; and how many there were before the first two came together
	over        atomic.Int64 // requests beyond the limit
	limit       func() (n int, throttled bool)
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
	// While all succeeds a limit only grows: this one is at least as high as when the request was admitted.
	if limit, throttled := d.limit(); throttled && n > int64(limit) {
		d.over.Add(1)
	}
	<-time.After(20 * time.Millisecond)
}

func TestABacklogIsDrainedWithNoMoreAtATimeThanTheConcurrencyLimit(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		d := &drained{}
		receiver := testkit.NewReceiver(t, d.answer)
		hook := tenant.NewEndpoint(t, receiver.URL, object{"retry_policy": atOnce(50)})
		d.limit = func() (int, bool) {
			var rows []endpoint.Endpoint
			if err := p.App.Database().Read(t.Context()).Where("id = ?", hook.ID).Find(&rows).Error; err != nil ||
				len(rows) != 1 {
				t.Errorf("endpoints: got %d, %v, want 1", len(rows), err)
				return 0, false
			}
			return rows[0].Throttle.Limit(), rows[0].Throttle.Throttled()
		}
		const backlog = 40
		flood(t, tenant, backlog)
		p.Await(t, "the circuit to open and what was under way to end", func() bool {
			return circuit(t, tenant, hook.ID).State == api.CircuitStateOpen && d.flying.Load() == 0 &&
				idle(p)
		})
		d.up.Store(true)
		p.AwaitCount(t, tenant, api.DeliveryStatusSucceeded, backlog)
		if d.over.Load() != 0 || d.most.Load() > throttle.MaxLimit {
			t.Errorf(
				"got %d requests beyond the limit and %d at a time, want none and at most %d",
				d.over.Load(),
				d.most.Load(),
				throttle.MaxLimit,
			)
		}
		if d.alone.Load() < 1 || d.most.Load() < 3 {
			t.Errorf(
				"ramp: got %d requests alone, then up to %d at a time, want at least 1 and 3",
				d.alone.Load(),
				d.most.Load(),
			)
		}
	})
}
