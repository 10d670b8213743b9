package deliverylog_test

import (
	"slices"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/deliverylog"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/testkit/engine"
)

// TestHealthAndTheListOfEndpointsAgreeOnWhatFails has more failing endpoints than Health lists.
func TestHealthAndTheListOfEndpointsAgreeOnWhatFails(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		f := newFixture(t, e)
		at := db.At(f.now.Add(-time.Hour))
		add := func(columns map[string]any) string {
			t.Helper()
			hook := f.endpoint(t, f.scope)
			f.tx(t, func(tx *gorm.DB) error {
				return tx.Model(&endpoint.Endpoint{}).Where("id = ?", hook).Updates(columns).Error
			})
			return hook
		}
		add(map[string]any{"enabled": true})
		add(map[string]any{"enabled": false, "disabled_reason": "manual", "failing_since": at})
		add(map[string]any{"throttled_at": at}) // by a rate limit alone: nothing is deferred
		deferring := add(map[string]any{"throttled_at": at, "release_at": at})
		d := of(t, f.event(t, f.scope, f.now, "", deferring), deferring, delivery.Pending, "", 0)
		d.Admission = delivery.Deferred
		f.insert(t, d)
		kinds := []map[string]any{
			{"failing_since": at},
			{"failing_since": at, "throttled_at": at, "release_at": at},
			{"throttled_at": at, "circuit": "open", "release_at": at}, // enabled again: failing since is cleared
			{"throttled_at": at, "circuit": "half_open"},
			{"enabled": false, "disabled_reason": endpoint.ReasonFailing, "failing_since": at},
			{"enabled": false, "disabled_reason": endpoint.ReasonGone},
		}
		failing := 0
		more := func(n int) {
			t.Helper()
			for range n {
				add(kinds[failing%len(kinds)])
				failing++
			}
		}
		endpoints := endpoint.NewStore(f.d, nil, func() time.Time { return f.now })
		check := func(listed int, complete bool) {
			t.Helper()
			h, err := f.store.Health(t.Context(), f.scope)
			if err != nil || len(h.Issues) != listed || int(h.Failing) != failing || h.Complete != complete {
				t.Errorf("Health: got %d endpoints, %d failing, complete %t, %v, want %d, %d, %t", len(h.Issues),
					h.Failing, h.Complete, err, listed, failing, complete)
			}
			rows, total, err := endpoints.List(t.Context(), f.scope, page.Page{Number: 1, Size: 100},
				endpoint.Query{State: "failing"})
			if err != nil || int(total) != failing {
				t.Errorf("endpoints with state=failing: got %d, %v, want %d as Health counts", total, err, failing)
			}
			for _, e := range rows {
				if !e.Failing() {
					t.Errorf("endpoint with state=failing: got %s %q, want one that Failing reports", e.State(),
						e.DisabledReason)
				}
			}
			rows, _, err = endpoints.List(t.Context(), f.scope, page.Page{Number: 1, Size: 100},
				endpoint.Query{State: "throttled"})
			if err != nil || len(rows) != 1 || rows[0].ID != deferring || rows[0].State() != endpoint.Throttled {
				t.Errorf("endpoints with state=throttled: got %d, %v, want the one with a deferred delivery", len(rows),
					err)
			}
		}
		more(6)
		check(7, true)
		more(93)
		check(100, true) // with the throttled one
		more(1)
		check(100, false)
		more(5)
		check(100, false)
		h, _ := f.store.Health(t.Context(), f.scope)
		if slices.ContainsFunc(h.Issues, func(i *deliverylog.Issue) bool { return i.Endpoint.ID == deferring }) {
			t.Error("Health of 105 failing endpoints: got the throttled one listed, want failing ones first")
		}
	})
}
