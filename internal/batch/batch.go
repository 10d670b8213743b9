// Package batch lets concurrent callers share one database transaction. A commit costs far more than a row, so calls
// that arrive while others are being written wait for those and are then written together: alone, a call pays no
// delay; under load, hundreds share a commit. Nothing is buffered: Do returns when its own item is committed.
package batch

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Group combines calls of Do into calls of run.
type Group[T, R any] struct {
	run     func(ctx context.Context, items []T) ([]R, error)
	max     int
	flights int
	gather  time.Duration

	mu      sync.Mutex
	waiting []call[T, R]
	flying  int
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

// crowd is how many calls must wait before a further run begins beside those under way. A run costs much more than an
// item, so fewer wait for the next run than would keep it worth its while.
const crowd = 64

// patience is how long a call waits for those before it until it gets a run of its own, if one more is allowed.
const patience = 250 * time.Millisecond

// New makes a group. run gets 1 to max items and returns one result for each, in order, or an error for all of them;
// its context is not any caller's, since one caller giving up must not undo the others. At most flights runs are
// under way at a time. Each waits for company for so long as gather says first.
func New[T, R any](maxItems, flights int, gather time.Duration, run func(ctx context.Context, items []T) ([]R, error)) *Group[T, R] {
	return &Group[T, R]{run: run, max: maxItems, flights: flights, gather: gather}
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
		case <-late.C: // whatever holds the run up, a connection that hangs or a lock, need not hold up everybody
			g.mu.Lock()
			g.launch(1)
			g.mu.Unlock()
		case <-ctx.Done():
			var none R
			return none, ctx.Err()
		}
	}
}

// launch begins a run when none is under way, or when one more is allowed and at least enough calls wait for it.
func (g *Group[T, R]) launch(enough int) {
	if len(g.waiting) > 0 && (g.flying == 0 || (g.flying < g.flights && len(g.waiting) >= enough)) {
		g.flying++
		go g.fly()
	}
}

// fly writes what waits until nothing does.
func (g *Group[T, R]) fly() {
	for {
		if g.gather > 0 {
			time.Sleep(g.gather)
		}
		g.mu.Lock()
		n := min(len(g.waiting), g.max)
		if n == 0 {
			g.flying--
			g.mu.Unlock()
			return
		}
		calls := g.waiting[:n:n]
		g.waiting = g.waiting[n:]
		g.mu.Unlock()
		g.answer(calls)
	}
}

func (g *Group[T, R]) answer(calls []call[T, R]) {
	items := make([]T, len(calls))
	for i, c := range calls {
		items[i] = c.item
	}
	results, err := g.run(context.Background(), items)
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
