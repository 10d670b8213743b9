package db

import (
	"context"
	"testing"
	"time"
)

func TestTheLagIsTheAgeOfTheLatestPositionThatTheReplicaReplayed(t *testing.T) {
	t.Parallel()
	now := time.Now()
	r := &Replica{maxLag: 5 * time.Second, notes: []note{
		{100, now.Add(-30 * time.Second)}, {200, now.Add(-20 * time.Second)}, {300, now.Add(-2 * time.Second)},
	}}
	if _, known := r.Lag(); known || r.serves() {
		t.Error("lag of a replica that was never measured: got it known, want it unknown and the replica unread")
	}
	for _, c := range []struct {
		replayed int64
		lag      time.Duration
		serves   bool
		notes    int
	}{{250, 20 * time.Second, false, 1}, {299, 20 * time.Second, false, 1}, {300, 2 * time.Second, true, 0}} {
		r.replayed(c.replayed)
		lag, known := r.Lag()
		if !known || lag < c.lag || lag > c.lag+time.Second || r.serves() != c.serves || len(r.notes) != c.notes {
			t.Errorf("replayed up to %d: got a lag of %s (%t), read: %t, %d notes; want %s, %t, %d", c.replayed, lag, known,
				r.serves(), len(r.notes), c.lag, c.serves, c.notes)
		}
	}
	r.away()
	if r.serves() {
		t.Error("a replica that did not answer: got it read, want the primary")
	}
}

func TestARequestThatReadFromThePrimaryStaysThere(t *testing.T) {
	t.Parallel()
	r := &Replica{maxLag: time.Minute}
	first := stalenessOf(AllowStale(t.Context()))
	if r.reads(first) {
		t.Error("a replica of an unknown lag: got it read, want the primary")
	}
	r.seen = time.Now()
	if r.reads(first) {
		t.Error("the same request once the replica has caught up: got the replica, want the primary")
	}
	second := stalenessOf(AllowStale(t.Context()))
	for n := range 2 {
		if !r.reads(second) {
			t.Errorf("read %d of another request: got the primary, want the replica", n+1)
		}
	}
	if replica, primary := r.Reads(); replica != 1 || primary != 1 {
		t.Errorf("requests: got %d at the replica and %d at the primary, want 1 and 1", replica, primary)
	}
	for name, ctx := range map[string]context.Context{
		"no mark": t.Context(), "Fresh": Fresh(AllowStale(t.Context())),
	} {
		if stalenessOf(ctx) != nil {
			t.Errorf("context with %s: got it stale, want it to read from the primary", name)
		}
	}
}
