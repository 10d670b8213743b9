package delivery

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookline/hookline/internal/id"
)

func TestTheReconcilerWaitsForWorkersAfterEachPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r Reconciler
		ahead := time.Duration(0)
		beats := func(n int) {
			for range n {
				<-time.After(time.Second)
				r.beat(time.Now().Add(ahead))
			}
		}
		want := func(when string, want bool) {
			t.Helper()
			if got := r.renewed(time.Now().Add(ahead)); got != want {
				t.Errorf("renewed %s: got %t, want %t", when, got, want)
			}
		}
		beats(1)
		want("at the start", false)
		beats(4)
		want("after four steady seconds", true)
		<-time.After(pauseMost + time.Second)
		want("in a pause", false)
		r.beat(time.Now().Add(ahead))
		want("just after a pause", false)
		beats(3)
		want("three seconds after a pause", false)
		beats(1)
		want("four seconds after a pause", true)
		<-time.After(pauseMost - time.Second)
		r.beat(time.Now().Add(ahead))
		want("after a short pause", true)
		for _, jump := range []time.Duration{time.Hour, -time.Hour} {
			ahead += jump
			beats(1)
			want(fmt.Sprintf("when the clock was set by %s", jump), false)
			beats(4)
			want(fmt.Sprintf("four seconds after the clock was set by %s", jump), true)
		}
	})
}

func TestOnlyAttemptsThatTakeLongAreRenewed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l leases
		first, second := Delivery{ID: id.New(id.Delivery)}, Delivery{ID: id.New(id.Delivery)}
		endFirst := l.hold(first)
		<-time.After(leaseAfter)
		endSecond := l.hold(second)
		<-time.After(time.Second)
		if got := l.longerThan(leaseAfter); len(got) != 1 || got[0] != mustUUID(first.ID) {
			t.Errorf("longer than %s: got %v, want %s alone", leaseAfter, got, first.ID)
		}
		endFirst()
		<-time.After(leaseAfter)
		if got := l.longerThan(leaseAfter); len(got) != 1 || got[0] != mustUUID(second.ID) {
			t.Errorf("after the first ended: got %v, want %s alone", got, second.ID)
		}
		endSecond()
		if got := l.longerThan(0); len(got) != 0 {
			t.Errorf("after both ended: got %v, want none", got)
		}
	})
}
