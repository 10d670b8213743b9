// Package batch lets concurrent callers share one database transaction. A commit costs far more than a row, so calls
// that arrive during a run are written together by the next one: a single call has no delay; under load, hundreds share
// a commit. Do returns when its own item is committed.
package batch

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Group combines calls of Do into calls of run.
type Group[T, R any] struct {
	run      func(ctx context.Context, items []T) ([]R, error)
	maxItems int
	maxRuns  int
	gather   time.Duration // how long calls wait for others before each run; 0 for not at all

	mu      sync.Mutex
	waiting []call[T, R]
	running int
}

type call[T, R any] struct {
	item T
	done chan answer[R]
}

type answer[R any] struct {
	result R
	err    error
}

var errLength = errors.New("batch: run returned another number of results than it got items")

// crowd is how many calls must be waiting before another run starts beside the active ones. A run costs much more than
// an item, so fewer calls are cheaper in the next run than in a run of their own.
const crowd = 64

// Under load a run has many items, and the next begins only gatherFor later: half as many runs of twice the size use a
// sixth less CPU in this process and in PostgreSQL. Fewer items than busy don't wait.
const (
	busy      = 8
	gatherFor = 8 * time.Millisecond
)

// patience is how long a call waits for the active runs before it starts another, if one more is allowed.
const patience = 250 * time.Millisecond

// runLimit is when the context of a run ends. A run takes milliseconds, and seconds behind locks; one that takes longer
// waits for a database that hangs, and must release its connection, its row locks and its callers.
const runLimit = 15 * time.Second

// New makes a group. run gets 1 to maxItems items and returns one result for each, in order, or an error for all of
// them. Its context is no caller's, since a caller that cancels must not undo the others; it ends after 15 s. At most
// maxRuns runs are active at a time.
func New[T, R any](maxItems, maxRuns int, run func(ctx context.Context, items []T) ([]R, error)) *Group[T, R] {
	return &Group[T, R]{run: run, maxItems: maxItems, maxRuns: maxRuns}
}

// NewGathering makes a group like New, of one run at a time, for calls that are in no hurry: before each run it waits
// for more of them, unless a run is full already.
func NewGathering[T, R any](maxItems int, gather time.Duration,
	run func(ctx context.Context, items []T) ([]R, error)) *Group[T, R] {
	return &Group[T, R]{run: run, maxItems: maxItems, maxRuns: 1, gather: gather}
}

// Do hands in one item and waits for its result. When ctx ends first it returns ctx's error, and the item may or may
// not have been written.
func (g *Group[T, R]) Do(ctx context.Context, item T) (R, error) {
	c := call[T, R]{item: item, done: make(chan answer[R], 1)}
	g.mu.Lock()
	g.waiting = append(g.waiting, c)
	g.launch(crowd)
	g.mu.Unlock()
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		select {
		case a := <-c.done:
			return a.result, a.err
		case <-late.C: // a run that waits for a lock or a connection must not delay every call
			g.mu.Lock()
			g.launch(1)
			g.mu.Unlock()
		case <-ctx.Done():
			var none R
			return none, ctx.Err()
		}
	}
}

// launch starts a goroutine that runs batches when there is none, or when one more is allowed and at least enough calls
// wait for it. The caller holds the lock.
func (g *Group[T, R]) launch(enough int) {
	if len(g.waiting) > 0 && (g.running == 0 || (g.running < g.maxRuns && len(g.waiting) >= enough)) {
		g.running++
		go g.drain()
	}
}

// drain runs one batch after another until no call waits.
func (g *Group[T, R]) drain() {
	for last := 0; ; {
		time.Sleep(g.pause(last))
		g.mu.Lock()
		n := min(len(g.waiting), g.maxItems)
		if n == 0 {
			g.running--
			g.mu.Unlock()
			return
		}
		calls := g.waiting[:n:n]
		g.waiting = g.waiting[n:]
		g.mu.Unlock()
		g.answer(calls)
		last = n
	}
}

// pause is how long to wait for more calls before the next run; last is how many items the one before had.
func (g *Group[T, R]) pause(last int) time.Duration {
	switch {
	case g.gather > 0:
		g.mu.Lock()
		defer g.mu.Unlock()
		if n := len(g.waiting); n > 0 && n < g.maxItems {
			return g.gather
		}
	case last >= busy:
		return gatherFor
	}
	return 0
}

func (g *Group[T, R]) answer(calls []call[T, R]) {
	items := make([]T, len(calls))
	for i, c := range calls {
		items[i] = c.item
	}
	ctx, cancel := context.WithTimeout(context.Background(), runLimit)
	defer cancel()
	results, err := g.run(ctx, items)
	if err == nil && len(results) != len(items) {
		err = errLength
	}
	for i, c := range calls {
		a := answer[R]{err: err}
		if err == nil {
			a.result = results[i]
		}
		c.done <- a
	}
}
