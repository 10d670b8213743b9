// Package change lets concurrent changes of rows, and the events that they fire, share a transaction and its
// statements: a commit and a round trip cost far more than a row.
package change

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/batch"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
)

// limit is how many changes share a transaction at most.
const limit = 100

// Row is a row of a table that has the columns tenant_id, environment and id.
type Row interface {
	Scope() principal.Scope
	Key() string // the id
}

// Table describes the table whose rows are changed.
type Table struct {
	Noun    string            // for the problem of a missing row
	Columns []string          // those that change
	Refused func(error) error // turns an error of the database into a problem where it is one; may be nil
}

// Group changes rows of type R.
type Group[R Row] struct {
	db     *db.DB
	outbox *event.Outbox
	table  Table
	calls  *batch.Group[call[R], result[R]]
}

// Edit changes a row, which is locked, and fires the events of the change. It reports whether it changed anything. It
// may run more than once, each time in another transaction, so it must have no effect outside of tx and row. A problem
// is the result of its own call alone, so it must be returned before anything is written or fired; every other error
// rolls the transaction back.
type Edit[R Row] func(tx *event.Tx, row *R) (changed bool, err error)

type key struct {
	scope principal.Scope
	id    string
}

type call[R Row] struct {
	key    key
	edit   Edit[R]
	origin event.Origin
}

type result[R Row] struct {
	row R
	err error
}

// New makes a Group.
func New[R Row](database *db.DB, outbox *event.Outbox, table Table) *Group[R] {
	g := &Group[R]{db: database, outbox: outbox, table: table}
	g.calls = batch.New(limit, database.Writers(), g.runAll)
	return g
}

// Do changes the row with an id in a transaction that it may share with other calls, or in the one that ctx carries,
// and returns the row as it is then. Rows are locked in the order of their ids, so that transactions never wait for
// each other. Changes of one row run in the order of their calls.
func (g *Group[R]) Do(ctx context.Context, scope principal.Scope, id string, edit Edit[R]) (R, error) {
	if err := scope.Check(); err != nil {
		var none R
		return none, err
	}
	c := call[R]{key{scope, id}, edit, event.OriginOf(ctx)}
	if !db.InUnit(ctx) {
		r, err := g.calls.Do(ctx, c)
		return r.row, cmp.Or(err, r.err)
	}
	all, err := g.together(ctx, []call[R]{c})
	return all[0].row, err
}

// runAll makes changes in one transaction. When that fails it makes each in a transaction of its own, so that a change
// that the database refuses fails no other.
func (g *Group[R]) runAll(ctx context.Context, calls []call[R]) ([]result[R], error) {
	out, err := g.together(ctx, calls)
	if err == nil || len(calls) == 1 || ctx.Err() != nil {
		return out, err
	}
	for i := range calls {
		alone, err := g.together(ctx, calls[i:i+1])
		out[i] = result[R]{alone[0].row, err}
	}
	return out, nil
}

// together makes changes in one transaction. The problem of a single change is its error, which rolls back.
func (g *Group[R]) together(ctx context.Context, calls []call[R]) ([]result[R], error) {
	out := make([]result[R], len(calls))
	err := g.outbox.Tx(ctx, func(tx *event.Tx) error {
		rows, err := g.lock(tx.DB, calls)
		if err != nil {
			return err
		}
		var changed []key
		for i, c := range calls {
			row, ok := rows[c.key]
			if !ok {
				out[i].err = problem.Missing(g.table.Noun)
				continue
			}
			tx.Origin = c.origin
			did, err := c.edit(tx, &row)
			var p *problem.Error
			if err != nil && !errors.As(err, &p) {
				return err
			}
			out[i] = result[R]{row, err}
			if did && err == nil {
				rows[c.key] = row
				changed = append(changed, c.key)
			}
		}
		if len(calls) == 1 && out[0].err != nil {
			return out[0].err
		}
		return g.store(tx.DB, rows, changed)
	})
	return out, err
}

// lock reads and locks the rows that calls change.
func (g *Group[R]) lock(tx *gorm.DB, calls []call[R]) (map[key]R, error) {
	tuples := make([][]string, len(calls))
	for i, c := range calls {
		tuples[i] = []string{c.key.scope.TenantID, string(c.key.scope.Environment), c.key.id}
	}
	slices.SortFunc(tuples, slices.Compare)
	tuples = slices.CompactFunc(tuples, slices.Equal)
	var found []R
	err := db.WhereInTuples(g.db.ForUpdate(tx), []string{"tenant_id", "environment", "id"}, tuples).Order("id").
		Find(&found).Error
	rows := make(map[key]R, len(found))
	for _, r := range found {
		rows[key{r.Scope(), r.Key()}] = r
	}
	return rows, err
}

// store updates rows in one statement. They exist and are locked, so nothing is inserted.
func (g *Group[R]) store(tx *gorm.DB, rows map[key]R, changed []key) error {
	slices.SortFunc(changed, func(a, b key) int { return cmp.Compare(a.id, b.id) })
	var all []R
	for _, k := range slices.Compact(changed) {
		all = append(all, rows[k])
	}
	err := db.Upsert(tx, all, []string{"id"}, g.table.Columns)
	if err != nil && g.table.Refused != nil {
		return g.table.Refused(err)
	}
	return err
}
