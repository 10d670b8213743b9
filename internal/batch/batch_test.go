package batch

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// controlledRun is a run under a test's control: each call sends its items and returns the error that it receives.
type controlledRun struct {
	started chan []int
	release chan error
}

func newControlledRun() *controlledRun {
	return &controlledRun{started: make(chan []int), release: make(chan error)}
}

func (g *controlledRun) run(_ context.Context, items []int) ([]int, error) {
	g.started <- slices.Clone(items)
	if err := <-g.release; err != nil {
		return nil, err
	}
	return tens(items), nil
}

func tens(items []int) []int {
	out := make([]int, len(items))
	for i, n := range items {
		out[i] = n * 10
	}
	return out
}

type reply struct {
	item, result int
	err          error
}

// handIn calls Do in the background and returns when the item is waiting or its run has gone as far as it can.
func handIn(ctx context.Context, g *Group[int, int], item int, replies chan<- reply) {
	go func() {
		result, err := g.Do(ctx, item)
		replies <- reply{item, result, err}
	}()
	synctest.Wait()
}

func expect(t *testing.T, got, want []int) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("a run of %v instead of %v", got, want)
	}
}

func TestCallsThatArriveDuringARunShareTheNextOneUpToItsLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		control, replies := newControlledRun(), make(chan reply, 10)
		g := New(3, 1, control.run)
		handIn(t.Context(), g, 1, replies)
		expect(t, <-control.started, []int{1}) // alone, a call waits for nobody
		for n := 2; n <= 6; n++ {
			handIn(t.Context(), g, n, replies)
		}
		for _, want := range [][]int{{2, 3, 4}, {5, 6}} {
			control.release <- nil
			expect(t, <-control.started, want)
		}
		control.release <- nil
		for range 6 {
			if r := <-replies; r.err != nil || r.result != r.item*10 {
				t.Errorf("result of %d: got %d, %v, want %d", r.item, r.result, r.err, r.item*10)
			}
		}
	})
}

func TestFurtherRunsBeginWhenACrowdWaitsAndNoMoreThanAllowed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		control, replies := newControlledRun(), make(chan reply, 3*crowd)
		g := New(2*crowd, 2, control.run)
		handIn(t.Context(), g, 1, replies)
		expect(t, <-control.started, []int{1})
		next := 2
		gather := func() (all []int) {
			for range crowd {
				select { // everybody who could begin a run has had the time to
				case items := <-control.started:
					t.Fatalf("got a run of %v, want none", items)
				default:
				}
				handIn(t.Context(), g, next, replies)
				all = append(all, next)
				next++
			}
			return all
		}
		second := gather()
		expect(t, <-control.started, second)
		third := gather()
		select {
		case items := <-control.started:
			t.Fatalf("got a third run, of %v, want two", items)
		default:
		}
		control.release <- nil
		expect(t, <-control.started, third)
		control.release <- nil
		control.release <- nil
		for range 1 + 2*crowd {
			<-replies
		}
		<-time.After(gatherFor) // until both see that nobody came
	})
}

func TestUnderLoadARunWaitsForMoreItemsAndAloneForNone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		control, replies := newControlledRun(), make(chan reply, 3*busy)
		g := New(4*busy, 1, control.run)
		handIn(t.Context(), g, 0, replies)
		expect(t, <-control.started, []int{0})
		var many []int
		for n := 1; n <= busy; n++ {
			handIn(t.Context(), g, n, replies)
			many = append(many, n)
		}
		began := time.Now() // of the bubble's own time
		control.release <- nil
		expect(t, <-control.started, many)
		if waited := time.Since(began); waited != 0 {
			t.Errorf("run after one of a single item: got it after %s, want at once", waited)
		}
		handIn(t.Context(), g, 100, replies)
		control.release <- nil
		synctest.Wait()
		<-time.After(gatherFor / 2)
		handIn(t.Context(), g, 101, replies)
		expect(t, <-control.started, []int{100, 101})
		if waited := time.Since(began); waited != gatherFor {
			t.Errorf("run after one of %d items: got it after %s, want %s", busy, waited, gatherFor)
		}
		control.release <- nil
		for range busy + 3 {
			<-replies
		}
		<-time.After(gatherFor)
	})
}

func TestARunThatHangsHoldsNobodyElseUpForLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		control, replies := newControlledRun(), make(chan reply, 3)
		g := New(10, 2, control.run)
		handIn(t.Context(), g, 1, replies)
		expect(t, <-control.started, []int{1})
		began := time.Now()
		handIn(t.Context(), g, 2, replies)
		expect(t, <-control.started, []int{2})
		if waited := time.Since(began); waited != patience {
			t.Errorf("run: got it after %s, want %s", waited, patience)
		}
		handIn(t.Context(), g, 3, replies)
		select {
		case items := <-control.started:
			t.Fatalf("got a third run, of %v, want two", items)
		case <-time.After(2 * patience): // of the bubble's own time
		}
		control.release <- nil
		expect(t, <-control.started, []int{3})
		control.release <- nil
		control.release <- nil
		for range 3 {
			<-replies
		}
	})
}

func TestAnErrorReachesEveryCallerOfItsRunAndNobodyElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		control, replies := newControlledRun(), make(chan reply, 10)
		g := New(2, 1, control.run)
		broken := errors.New("the database is away")
		handIn(t.Context(), g, 1, replies)
		<-control.started
		for n := 2; n <= 5; n++ {
			handIn(t.Context(), g, n, replies)
		}
		control.release <- nil
		expect(t, <-control.started, []int{2, 3})
		control.release <- broken
		expect(t, <-control.started, []int{4, 5})
		control.release <- nil
		for range 5 {
			r := <-replies
			failed := r.item == 2 || r.item == 3
			if failed && (!errors.Is(r.err, broken) || r.result != 0) || !failed &&
				(r.err != nil || r.result != r.item*10) {
				t.Errorf("result of %d: got %d, %v, want the error for failed ones only", r.item, r.result, r.err)
			}
		}
	})
}

func TestACancelledCallerReturnsAtOnceAndTheBatchCompletes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		control, replies, gone := newControlledRun(), make(chan reply, 10), make(chan reply, 10)
		g := New(10, 1, control.run)
		ctx, cancel := context.WithCancel(t.Context())
		handIn(ctx, g, 1, gone)
		expect(t, <-control.started, []int{1})
		handIn(t.Context(), g, 2, replies)
		handIn(ctx, g, 3, gone)
		cancel()
		for range 2 { // the run has not ended: the callers waited neither for it nor for the next
			if r := <-gone; !errors.Is(r.err, context.Canceled) || r.result != 0 {
				t.Errorf("result of a cancelled caller: got %d, %v, want 0, %v", r.result, r.err, context.Canceled)
			}
		}
		control.release <- nil
		expect(t, <-control.started, []int{2, 3})
		control.release <- nil
		if r := <-replies; r.err != nil || r.result != 20 {
			t.Errorf("reply: got %+v, want 20", r)
		}
		handIn(t.Context(), g, 4, replies) // and the group still works
		expect(t, <-control.started, []int{4})
		control.release <- nil
		if r := <-replies; r.err != nil || r.result != 40 {
			t.Errorf("reply: got %+v, want 40", r)
		}
	})
}

func TestARunIsNotEndedByTheContextOfACaller(t *testing.T) {
	t.Parallel()
	seen := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	g := New(1, 1, func(run context.Context, items []int) ([]int, error) {
		cancel()
		seen <- run.Err()
		return items, nil
	})
	_, _ = g.Do(ctx, 1)
	if err := <-seen; err != nil {
		t.Errorf("context of the run: got %v, want it alive", err)
	}
}

func TestAWrongNumberOfResultsIsAnErrorAndNotSomebodyElsesResult(t *testing.T) {
	t.Parallel()
	for _, results := range [][]int{nil, {}, {1, 2}} {
		g := New(5, 1, func(context.Context, []int) ([]int, error) { return results, nil })
		if got, err := g.Do(t.Context(), 7); !errors.Is(err, errLength) || got != 0 {
			t.Errorf("Do with the results %v: got %d, %v, want 0, %v", results, got, err, errLength)
		}
	}
}

var errOdd = errors.New("odd")

func TestUnderLoadEveryCallerGetsItsOwnResultAndLimitsHold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		size, limit := rapid.IntRange(1, 8).Draw(t, "size"), rapid.IntRange(1, 4).Draw(t, "runs")
		callers, each := rapid.IntRange(1, 60).Draw(t, "callers"), rapid.IntRange(1, 4).Draw(t, "each")
		var flying, handled atomic.Int64
		var faults sync.Map
		g := New(size, limit, func(_ context.Context, items []int) ([]int, error) {
			if n := flying.Add(1); n > int64(limit) {
				faults.Store("too many runs at a time", n)
			}
			defer flying.Add(-1)
			handled.Add(int64(len(items)))
			if len(items) == 0 || len(items) > size {
				faults.Store("a run of another size", len(items))
			}
			if slices.ContainsFunc(items, func(n int) bool { return n%13 == 5 }) {
				return nil, errOdd
			}
			return tens(items), nil
		})
		var all sync.WaitGroup
		for caller := range callers {
			all.Go(func() {
				for n := range each {
					item := caller*100 + n
					result, err := g.Do(context.Background(), item)
					if err == nil && result != item*10 || err != nil && !errors.Is(err, errOdd) || err == nil &&
						item%13 == 5 {
						faults.Store(item, err)
					}
				}
			})
		}
		all.Wait()
		faults.Range(func(k, v any) bool { t.Errorf("key %v: got %v, want it once", k, v); return true })
		if n := handled.Load(); n != int64(callers*each) {
			t.Errorf("handled items: got %d, want %d", n, callers*each)
		}
	})
}

func TestARunThatHangsEndsWithAnErrorForItsCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := New(10, 1, func(ctx context.Context, _ []int) ([]int, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		began := time.Now()
		_, err := g.Do(t.Context(), 1)
		if took := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || took > 30*time.Second {
			t.Errorf("got %v after %s, want %v within 30 s", err, took, context.DeadlineExceeded)
		}
	})
}

func TestCallsInNoHurryWaitForOthersUntilARunIsFull(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const gather = 25 * time.Millisecond
		control, replies := newControlledRun(), make(chan reply, 10)
		g, start := NewGathering(3, gather, control.run), time.Now()
		began := func(after time.Duration, items ...int) {
			t.Helper()
			expect(t, <-control.started, items)
			if got := time.Since(start); got != after {
				t.Errorf("the run of %v: got its begin after %s, want %s", items, got, after)
			}
		}
		handIn(t.Context(), g, 1, replies)
		handIn(t.Context(), g, 2, replies)
		began(gather, 1, 2)
		for n := 3; n <= 7; n++ {
			handIn(t.Context(), g, n, replies)
		}
		control.release <- nil
		began(gather, 3, 4, 5) // full
		control.release <- nil
		began(2*gather, 6, 7)
		control.release <- nil
		for range 7 {
			if r := <-replies; r.err != nil || r.result != r.item*10 {
				t.Errorf("result of %d: got %d, %v, want %d", r.item, r.result, r.err, r.item*10)
			}
		}
	})
}
