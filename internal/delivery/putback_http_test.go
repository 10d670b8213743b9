package delivery_test

import (
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/testkit"
)

func TestAnInternalErrorIsNoAttemptAndTheDeliverySucceedsAfterTheRepair(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		hook := tenant.NewEndpoint(t, receiver.URL, object{"headers": object{"X-Team": "a"},
			"retry_policy": object{"initial": "1s", "max_attempts": 1}})
		stored := func() endpoint.Endpoint {
			var out endpoint.Endpoint
			if err := p.App.Database().Read(t.Context()).Where("id = ?", hook.ID).Take(&out).Error; err != nil {
				t.Fatal(err)
			}
			return out
		}
		execute := func(sql string, values ...any) {
			err := p.App.Database().Tx(t.Context(), func(tx *gorm.DB) error { return tx.Exec(sql, values...).Error })
			if err != nil {
				t.Fatal(err)
			}
		}
		sealed := stored().Headers
		execute("UPDATE endpoints SET headers = ? WHERE id = ?", []byte("of another key"), hook.ID)
		tenant.NewLead(t, "ada@example.com")

		p.AwaitCount(t, tenant, api.DeliveryStatusRetrying, 1)
		d := tenant.Delivery(t, tenant.Deliveries(t, "")[0].ID)
		if d.AttemptCount != 0 || len(d.Attempts) != 0 || d.Reason.MustGet() != "internal" ||
			time.Until(d.NextAttemptAt.MustGet()) > time.Minute {
			t.Errorf("delivery: got %+v, want no attempt, and a next one within a minute", d)
		}
		if got := stored(); got.ConsecutiveFailures != 0 || !got.FailingSince.IsZero() || got.Throttle.Throttled() {
			t.Errorf("endpoint: got %+v, want it untouched", got)
		}
		if n, m := receiver.Count(), len(p.Attempts(t, tenant)); n != 0 || m != 0 {
			t.Errorf("requests and attempts: got %d and %d, want none", n, m)
		}

		execute("UPDATE endpoints SET headers = ? WHERE id = ?", sealed, hook.ID)
		rowID, err := id.Parse(d.ID)
		if err != nil {
			t.Fatal(err)
		}
		past := time.Now().Add(-time.Second).UnixMicro() // the reconciler looks now and not in a minute
		execute("UPDATE deliveries SET next_attempt_at = ?, deadline_at = ? WHERE id = ?", past, past, rowID)
		done := p.AwaitDelivery(t, tenant, api.DeliveryStatusSucceeded)
		if done.AttemptCount != 1 || len(done.Attempts) != 1 || done.Attempts[0].Number != 1 {
			t.Errorf("delivery: got %+v, want one attempt, the first", done)
		}
	})
}
