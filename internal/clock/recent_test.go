package clock_test

import (
	"testing"
	"time"

	"github.com/hookline/hookline/internal/clock"
)

func TestCountsCoverThisSecondAndTheOneBefore(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 2, 3, 12, 0, 0, 999_000_000, time.UTC)
	r := clock.NewRecent[string](func() time.Time { return now })
	for i, step := range []struct {
		after       time.Duration
		add         int
		count, most int
	}{
		{0, 3, 3, 3}, {0, 2, 5, 5},
		{time.Millisecond, 1, 6, 5},
		{time.Second, 0, 1, 1},
		{time.Second, 0, 0, 0},
		{0, 4, 4, 4}, {2 * time.Second, 0, 0, 0},
		{0, 4, 4, 4}, {-time.Minute, 0, 0, 0}, // a clock that is set back
	} {
		now = now.Add(step.after)
		added := step.count
		for range step.add {
			added = r.Add("a")
		}
		if count, most, others := r.Count("a"), r.Most("a"), r.Count("b"); added != step.count || count != step.count ||
			most != step.most || others != 0 {
			t.Errorf("step %d (%+v): got %d added, count %d, most %d and %d of others, want count %d, most %d "+
				"and none of others", i, step, added, count, most, others, step.count, step.most)
		}
	}
}
