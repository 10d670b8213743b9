// Package change lets concurrent changes of rows, and the events that they fire, share a transaction: a commit costs
// far more than a row.
package change

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/hookline/hookline/internal/batch"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/problem"
)

// limit is how many changes share a transaction at most.
const limit = 100

// Group runs changes whose result is an R.
type Group[R any] struct {
	outbox *event.Outbox
	calls  *batch.Group[call[R], result[R]]
}

// Func makes one change. It may run more than once, each time in a transaction of its own or of several changes, so it
// must have no effect outside of tx. A problem is the result of its own call alone, so it must be returned before
// anything is written; every other error rolls the transaction back.
type Func[R any] func(tx *event.Tx) (R, error)

type call[R any] struct {
	key string
	run Func[R]
}

type result[R any] struct {
	value R
	err   error
}

// New makes a Group.
func New[R any](database *db.DB, outbox *event.Outbox) *Group[R] {
	g := &Group[R]{outbox: outbox}
	g.calls = batch.New(limit, database.Writers(), 0, g.runAll)
	return g
}

// Do makes a change in a transaction that it may share with other calls, or in the one that ctx carries. key names the
// row that the change locks: calls lock their rows in the order of their keys, so that transactions never wait for each
// other. Changes of one row run in the order of their calls.
func (g *Group[R]) Do(ctx context.Context, key string, run Func[R]) (R, error) {
	if db.InUnit(ctx) {
		var value R
		err := g.outbox.Tx(ctx, func(tx *event.Tx) (err error) {
			value, err = run(tx)
			return err
		})
		return value, err
	}
	r, err := g.calls.Do(ctx, call[R]{key, run})
	return r.value, cmp.Or(err, r.err)
}

// runAll makes changes in one transaction. When that fails it makes each in a transaction of its own, so that a change
// that the database refuses fails no other.
func (g *Group[R]) runAll(ctx context.Context, calls []call[R]) ([]result[R], error) {
	out, err := g.together(ctx, calls)
	if err == nil || len(calls) == 1 || ctx.Err() != nil {
		return out, err
	}
	out = make([]result[R], len(calls))
	for i := range calls {
		if alone, err := g.together(ctx, calls[i:i+1]); err != nil {
			out[i].err = err
		} else {
			out[i] = alone[0]
		}
	}
	return out, nil
}

func (g *Group[R]) together(ctx context.Context, calls []call[R]) ([]result[R], error) {
	order := make([]int, len(calls))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(calls[a].key, calls[b].key) })
	out := make([]result[R], len(calls))
	err := g.outbox.Tx(ctx, func(tx *event.Tx) error {
		for _, i := range order {
			value, err := calls[i].run(tx)
			var p *problem.Error
			if err != nil && (len(calls) == 1 || !errors.As(err, &p)) {
				return err
			}
			out[i] = result[R]{value, err}
		}
		return nil
	})
	return out, err
}
