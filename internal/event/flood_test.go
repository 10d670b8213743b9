package event_test

import (
	"testing"
	"testing/synctest"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/testkit/engine"
)

// TestOnlyAFloodOfDeferredEventsSharesCommits runs in a bubble whose clock moves only when all wait, so a publication
// that waits for nobody takes no time at all.
func TestOnlyAFloodOfDeferredEventsSharesCommits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := engine.Database(t, engine.Embedded)
		throttled, other := newScope(), newScope()
		outbox := event.NewOutbox(d, time.Now, func(_ *gorm.DB, events []event.Event) (*event.Beside, error) {
			for i := range events {
				events[i].Deferred = events[i].TenantID == throttled.TenantID
			}
			return nil, nil
		}, func([]event.Event) {}, nil)
		took := func(scope principal.Scope) time.Duration {
			start := time.Now()
			_, err := outbox.Publish(t.Context(), scope, about("", `{}`))
			must(t, err)
			return time.Since(start)
		}
		flood := make([]event.New, 101)
		for i := range flood {
			flood[i] = about("", `{}`)
		}
		for name, scope := range map[string]principal.Scope{"throttled": throttled, "other": other} {
			if got := took(scope); got != 0 {
				t.Errorf("the first event of the %s tenant: took %s, want it to wait for nobody", name, got)
			}
			_, err := outbox.PublishAll(t.Context(), scope, flood)
			must(t, err)
		}
		if got := took(throttled); got == 0 {
			t.Error("an event of the throttled tenant's flood: waited for nobody, want it to wait for others")
		}
		if got := took(other); got != 0 {
			t.Errorf("an event of the other tenant's flood: took %s, want it to wait for nobody", got)
		}
		<-time.After(2 * time.Second)
		if got := took(throttled); got != 0 {
			t.Errorf("an event after the flood: took %s, want it to wait for nobody", got)
		}
	})
}
