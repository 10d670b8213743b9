package delivery

import (
	"testing"
	"time"

	"github.com/hookline/hookline/internal/queue"
)

func TestATenantThatHasVeryManyAtOnceWaitsInTheBulkQueueAndNobodyElse(t *testing.T) {
	t.Parallel()
	now := noon
	l := newLines(func() time.Time { return now })
	put := func(tenant string, n int) (bulk int) {
		for range n {
			if l.of(tenant) == queue.Bulk {
				bulk++
			}
		}
		return bulk
	}
	for _, step := range []struct {
		after   time.Duration
		tenant  string
		n, bulk int
	}{
		{0, "a", many, 0}, {0, "a", 50, 50}, {0, "b", many, 0},
		{time.Second, "a", 10, 10}, {0, "b", 1, 1}, // the second before counts
		{time.Second, "a", many - 10, 0}, {0, "a", 1, 1},
		{2 * time.Second, "a", many, 0},
		{-time.Minute, "a", many, 0}, // a clock that is set back
	} {
		now = now.Add(step.after)
		if got := put(step.tenant, step.n); got != step.bulk {
			t.Errorf("in bulk of %+v: got %d, want %d", step, got, step.bulk)
		}
	}
}
