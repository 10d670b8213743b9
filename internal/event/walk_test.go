package event_test

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/testkit/engine"
)

// walk walks one step and records it.
func (l *log) walk(t *testing.T, limit int) (events []event.Event, done bool) {
	t.Helper()
	at := db.At(time.Now())
	horizon, err := l.store.Horizon(t.Context())
	must(t, err)
	must(t, l.db.Tx(t.Context(), func(tx *gorm.DB) error {
		var last int64
		if events, last, done, err = l.store.Walk(tx, horizon, limit); err != nil {
			return err
		}
		return l.store.Walked(tx, last, at)
	}))
	return events, done
}

// walkAll walks up to the horizon and returns the ids step by step.
func (l *log) walkAll(t *testing.T, limit int) (steps [][]string) {
	t.Helper()
	for {
		events, done := l.walk(t, limit)
		if len(events) > 0 {
			steps = append(steps, ids(events))
		}
		if done {
			return steps
		}
	}
}

// PostgreSQL alone has transactions that commit in another order than they began.
func TestAWalkWaitsForTransactionsThatCommitLate(t *testing.T) {
	t.Parallel()
	l, scope := open(t, engine.Servers), newScope()
	first := l.emit(t, scope, 1)
	l.awaitOlder(t)
	if got := slices.Concat(l.walkAll(t, 10)...); !slices.Equal(got, first) {
		t.Fatalf("before: got %v, want %v", got, first)
	}
	commit := l.emitUncommitted(t, scope)
	late := slices.Concat(l.emit(t, newScope(), 2), l.emit(t, scope, 1))
	for range 2 {
		if got := l.walkAll(t, 10); len(got) != 0 {
			t.Errorf("while an earlier transaction is open: got %v, want none", got)
		}
	}
	commit()
	l.awaitOlder(t)
	if got := slices.Concat(l.walkAll(t, 1)...); len(got) != 4 || slices.Contains(late, got[0]) ||
		!slices.Equal(sorted(got[1:]), sorted(late)) {
		t.Errorf("afterwards: got %v, want the one that was held, then %v", got, late)
	}
	if got := l.walkAll(t, 10); len(got) != 0 {
		t.Errorf("in the end: got %v, want none", got)
	}
}

// PostgreSQL alone gives the events of a transaction one position.
func TestEventsOfOneTransactionAreWalkedTogetherThoughTheyAreMoreThanTheLimit(t *testing.T) {
	t.Parallel()
	l, scope := open(t, engine.Servers), newScope()
	var want [][]string
	for _, n := range []int{2, 7, 3, 1} {
		want = append(want, l.emit(t, scope, n))
	}
	l.awaitOlder(t)
	got := l.walkAll(t, 3)
	if len(got) != len(want) {
		t.Fatalf("steps: got %v, want %v", got, want)
	}
	for i := range want {
		if !slices.Equal(sorted(got[i]), sorted(want[i])) {
			t.Errorf("step %d: got %v, want %v", i, got[i], want[i])
		}
	}
}

func TestAWalkSkipsNothingAndComesToNothingTwice(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		l, scope := open(t, e), newScope()
		const writers, each, limit = 6, 40, 5
		var all sync.WaitGroup
		var writing atomic.Int64
		for n := range writers {
			writing.Add(1)
			all.Go(func() {
				defer writing.Add(-1)
				for i := range each {
					if l.emit(t, scope, 1+(n+i)%4); i%10 == 0 {
						l.emit(t, newScope(), limit+2)
					}
				}
			})
		}
		var got []string
		for writing.Load() > 0 {
			got = append(got, slices.Concat(l.walkAll(t, limit)...)...)
		}
		all.Wait()
		l.awaitOlder(t)
		got = append(got, slices.Concat(l.walkAll(t, limit)...)...)
		if want := sorted(l.hooked()); !slices.Equal(sorted(got), want) {
			t.Errorf("walked: got %d, want %d, each once", len(got), len(want))
		}
		if d := l.walkAll(t, limit); len(d) != 0 {
			t.Errorf("in the end: got %v, want none", d)
		}
	})
}

func TestAWalkLeavesDataOutAndBeginsAnewInADatabaseThatCountsAnew(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		l, scope := open(t, e), newScope()
		want := l.emit(t, scope, 1)
		l.awaitOlder(t)
		must(t, l.db.Tx(t.Context(), func(tx *gorm.DB) error {
			return l.store.Walked(tx, 1<<60, db.At(time.Now())) // as another server counted
		}))
		events, done := l.walk(t, 10)
		if !done || !slices.Equal(ids(events), want) || events[0].Data != "" || events[0].TenantID != scope.TenantID {
			t.Errorf("walked: got %+v, done %t, want %v without data", events, done, want)
		}
	})
}
