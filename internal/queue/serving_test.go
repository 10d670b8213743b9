package queue

import (
	"slices"
	"testing"
	"time"
)

func TestAQueueWithoutAServerIsWarnedOfOnceAndAgainLater(t *testing.T) {
	t.Parallel()
	w, start := NewWatch(nil), time.Now()
	all := map[string]int{Fast: 1, Bulk: 1, Slow: 1, Agents: 1}
	without := map[string]int{Fast: 1, Bulk: 1, Slow: 0, Agents: 1}
	for _, c := range []struct {
		after   time.Duration
		servers map[string]int
		want    []string
	}{
		{0, without, nil}, // workers may start a little later
		{unservedAfter - time.Second, without, nil},
		{unservedAfter, without, []string{Slow}},
		{unservedAfter + time.Second, without, nil},
		{unservedAfter + unservedEvery, without, []string{Slow}},
		{unservedAfter + unservedEvery + time.Second, all, nil},
		{unservedAfter + unservedEvery + 2*time.Second, without, nil},
		{2*unservedAfter + unservedEvery + 2*time.Second, without, []string{Slow}},
	} {
		w.servers = c.servers
		if got := w.unserved(start.Add(c.after)); !slices.Equal(got, c.want) {
			t.Errorf("after %s: got a warning of %v, want of %v", c.after, got, c.want)
		}
	}
}
