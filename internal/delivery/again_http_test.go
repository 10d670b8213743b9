package delivery_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// repairable is a consumer that answers 500 until it is repaired.
func repairable(t *testing.T) (receiver *testkit.Receiver, repaired *atomic.Bool) {
	t.Helper()
	repaired = new(atomic.Bool)
	return testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) {
		if !repaired.Load() {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}), repaired
}

var inAnHour = object{"retry_policy": object{"schedule": []string{"1h", "1h"}, "jitter": 0}}

func TestAnOwnerWhoRepairedTheConsumerNeedNotWaitForRetries(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		receiver, repaired := repairable(t)
		other, _ := repairable(t)
		hook := tenant.NewEndpoint(t, receiver.URL, inAnHour)
		tenant.NewEndpoint(t, other.URL, inAnHour)
		path := "/api/v1/webhooks/" + hook.ID
		waiting := func() int { return len(tenant.Deliveries(t, "&status=retrying&webhook_id="+hook.ID)) }
		const events = 3
		flood(t, tenant, events)
		p.Await(t, "all to wait for a retry", func() bool { return waiting() == events })

		tenant.Call(t, http.MethodPost, path+"/enable", nil).Want(t, http.StatusOK) // it is on, and still broken
		p.Await(
			t,
			"another attempt at each",
			func() bool { return receiver.Count() == 2*events && waiting() == events },
		)
		repaired.Store(true)
		tenant.Call(t, http.MethodPatch, path, object{"name": "CRM"}).Want(t, http.StatusOK) // says nothing of that
		tenant.Call(t, http.MethodPatch, path, object{"enabled": false}).Want(t, http.StatusOK)
		tenant.Call(t, http.MethodPatch, path, object{"enabled": true}).Want(t, http.StatusOK)
		p.AwaitCount(t, tenant, api.DeliveryStatusSucceeded, events)
		if got, others := receiver.Count(), other.Count(); got != 3*events || others != events {
			t.Errorf(
				"requests here and at the other endpoint: got %d and %d, want %d and %d",
				got,
				others,
				3*events,
				events,
			)
		}
	})
}

func TestAnOwnerWhoRepairedTheConsumerNeedNotWaitForTheProbeOfItsCircuit(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		receiver, repaired := repairable(t)
		hook := tenant.NewEndpoint(t, receiver.URL, inAnHour)
		const events = 15
		flood(t, tenant, events)
		p.Await(t, "the circuit to open, and all to wait", func() bool {
			return circuit(t, tenant, hook.ID).State == api.CircuitStateOpen &&
				idle(p)
		})
		// As after many probes that failed; and it asked for an hour, too.
		err := p.App.Database().Tx(t.Context(), func(tx *gorm.DB) error {
			far := time.Now().Add(time.Hour).UnixMicro()
			return tx.Exec(
				"UPDATE endpoints SET circuit = 'open', circuit_until = ?, retry_after_until = ?, release_at = ? "+
					"WHERE id = ?",
				far,
				far,
				far,
				hook.ID,
			).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		repaired.Store(true)
		tenant.Call(t, http.MethodPost, "/api/v1/webhooks/"+hook.ID+"/enable", nil).Want(t, http.StatusOK)
		p.AwaitCount(t, tenant, api.DeliveryStatusSucceeded, events)
		if c := circuit(t, tenant, hook.ID); c.State != api.CircuitStateClosed {
			t.Errorf("circuit: got %+v, want it closed", c)
		}
	})
}
