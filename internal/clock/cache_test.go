package clock_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookline/hookline/internal/clock"
)

func TestACacheKeepsAValueForItsAgeAndTheNewestOnes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clock.NewCache[string, int](2, time.Second)
		c.Add("a", 1)
		<-time.After(999 * time.Millisecond)
		if got, ok := c.Get("a"); !ok || got != 1 {
			t.Errorf("just before its age: got %d, %t, want 1", got, ok)
		}
		<-time.After(time.Millisecond)
		if got, ok := c.Get("a"); ok {
			t.Errorf("at its age: got %d, want none", got)
		}
		for i, key := range []string{"b", "c", "d"} {
			c.Add(key, i)
		}
		if _, ok := c.Get("b"); ok {
			t.Errorf("the third newest of two: got one, want none")
		}
		c.Remove("c")
		if _, ok := c.Get("c"); ok {
			t.Errorf("after Remove: got one, want none")
		}
		c.Purge()
		if _, ok := c.Get("d"); ok {
			t.Errorf("after Purge: got one, want none")
		}
	})
}
