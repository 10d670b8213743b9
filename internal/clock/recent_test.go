package clock_test

import (
	"testing"
	"time"

	"github.com/hookline/hookline/internal/clock"
)

func TestWhatHappenedInThisSecondAndTheOneBeforeCounts(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 2, 3, 12, 0, 0, 999_000_000, time.UTC)
	r := clock.NewRecent[string](func() time.Time { return now })
	for i, step := range []struct {
		after         time.Duration
		add           int
		count, others int
	}{
		{0, 3, 3, 0}, {0, 2, 5, 0},
		{time.Millisecond, 1, 6, 0},
		{time.Second, 0, 1, 0},
		{time.Second, 0, 0, 0},
		{0, 4, 4, 0}, {2 * time.Second, 0, 0, 0},
		{0, 4, 4, 0}, {-time.Minute, 0, 0, 0}, // a clock that is set back
	} {
		now = now.Add(step.after)
		added := r.Add("a", step.add)
		if count, others := r.Count("a"), r.Count("b"); added != step.count || count != step.count || others != step.others {
			t.Errorf("%d: %+v: %d, %d and %d", i, step, added, count, others)
		}
	}
}
