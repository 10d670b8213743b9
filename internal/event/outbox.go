package event

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/batch"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
)

// Outbox stores events in the transaction of what caused them, together with what follows from them.
type Outbox struct {
	db      *db.DB
	now     clock.Clock
	spread  Spread
	hook    func([]Event)
	publish *batch.Group[publication, published]
	bulk    *batch.Group[publication, published] // for scopes of which a crowd waits
	waiting *clock.Recent[principal.Scope]       // events whose deliveries wait at a gate
	alerts  alerter
}

// alerter is called with each operational event in the transaction that emits it; *alert.Store is one.
type alerter interface {
	OperationalEvent(tx *gorm.DB, e Event) error
}

// Spread is asked, in the transaction, before events are stored. It may write into them what becomes of them. patient says
// that nobody minds if it has to wait for others first.
type Spread func(tx *gorm.DB, events []Event, patient bool) (Spreading, error)

// Spreading is what follows from events.
type Spreading struct {
	// Store is called, in the same transaction, with those of the events that were stored, which leaves out what existed. It
	// returns what is to be done after the commit. It is nil when nothing follows in the transaction.
	Store func(stored []Event) (after func(), err error)
	// Gated are the scopes that have an endpoint with a gate, where deliveries wait.
	Gated map[principal.Scope]bool
}

func noSpread(*gorm.DB, []Event, bool) (Spreading, error) {
	return Spreading{}, nil
}

const (
	// crowd is how many events of a scope must have come to wait at a gate, in this second and the one before, for more of them
	// to be stored less often than one by one: their deliveries gain nothing by it, and a flood should cost its neighbours
	// little.
	crowd     = 250
	crowdWait = 50 * time.Millisecond
)

// NewOutbox makes an outbox; without a spread, all is left to the hook. hook is called after each commit with the events in
// it; it must not block. An event that was not spread, and whose hook is never called because the process died, is found by the reconciler.
// alerts may be nil where nothing emits operational events.
func NewOutbox(database *db.DB, now clock.Clock, spread Spread, hook func([]Event), alerts alerter) *Outbox {
	if spread == nil {
		spread = noSpread
	}
	o := &Outbox{db: database, now: now, spread: spread, hook: hook, alerts: alerts, waiting: clock.NewRecent[principal.Scope](now)}
	publish := func(patient bool) func(context.Context, []publication) ([]published, error) {
		return func(ctx context.Context, all []publication) ([]published, error) {
			return o.publishAll(ctx, all, patient)
		}
	}
	o.publish = batch.New(500, database.Writers(), 0, publish(false))
	o.bulk = batch.New(500, min(2, database.Writers()), crowdWait, publish(true))
	return o
}

// Tx is a transaction that can emit events.
type Tx struct {
	*gorm.DB
	outbox  *Outbox
	emitted []Event
}

// Emit has an event stored at the end of the transaction. data is marshalled to JSON.
func (tx *Tx) Emit(scope principal.Scope, eventType string, data any) error {
	if err := scope.Check(); err != nil {
		return err
	}
	var raw bytes.Buffer
	encoder := json.NewEncoder(&raw)
	encoder.SetEscapeHTML(false) // consumers get <, > and & as they are, as in events that are published
	if err := encoder.Encode(data); err != nil {
		return fmt.Errorf("event: %s: %w", eventType, err)
	}
	e := tx.outbox.row(scope, New{Type: eventType, Data: bytes.TrimSpace(raw.Bytes())})
	tx.emitted = append(tx.emitted, e)
	if tx.outbox.alerts != nil && Operational(e.Type) {
		return tx.outbox.alerts.OperationalEvent(tx.DB, e)
	}
	return nil
}

// Tx runs fn in a transaction, or in the one that ctx carries, and tells the hook what fn emitted once that is
// committed.
func (o *Outbox) Tx(ctx context.Context, fn func(tx *Tx) error) error {
	return o.unit(ctx, func(ctx context.Context) error {
		return o.db.Tx(ctx, func(g *gorm.DB) error {
			tx := &Tx{DB: g, outbox: o}
			if err := fn(tx); err != nil || len(tx.emitted) == 0 {
				return err
			}
			after, err := o.store(g, tx.emitted, false, func() ([]Event, error) { return tx.emitted, db.InsertAll(g, tx.emitted) })
			if err != nil {
				return fmt.Errorf("event: %w", err)
			}
			db.AfterCommit(ctx, after)
			return nil
		})
	})
}

// unit is db.Unit, tried once more where a spread found no place for what it stores: it leaves the next try to the hook.
func (o *Outbox) unit(ctx context.Context, fn func(ctx context.Context) error) error {
	err := o.db.Unit(ctx, fn)
	if errors.Is(err, gorm.ErrCheckConstraintViolated) && !db.InUnit(ctx) { // which is how PostgreSQL says that
		err = o.db.Unit(ctx, fn)
	}
	return err
}

// store stores events, by insert, which returns those that are new, and what follows from them. It returns what is to
// be done after the commit.
func (o *Outbox) store(tx *gorm.DB, events []Event, patient bool, insert func() ([]Event, error)) (after func(), err error) {
	follow, err := o.spread(tx, events, patient)
	if err != nil {
		return nil, err
	}
	fresh, err := insert()
	if err != nil {
		return nil, err
	}
	hand := func() {}
	if follow.Store != nil {
		hand, err = follow.Store(fresh)
	}
	return func() {
		hand()
		for _, e := range fresh {
			if follow.Gated[e.Scope()] {
				o.waiting.Add(e.Scope())
			}
		}
		if len(fresh) > 0 {
			o.hook(fresh)
		}
	}, err
}

func (o *Outbox) row(scope principal.Scope, n New) Event {
	now := db.At(o.now())
	e := Event{
		TenantID: scope.TenantID, Environment: scope.Environment, ID: n.ID, Type: n.Type,
		Data: string(n.Data), OccurredAt: now, CreatedAt: now,
	}
	if e.ID == "" {
		e.ID = id.New(id.Event)
	}
	if !n.OccurredAt.IsZero() {
		e.OccurredAt = db.At(n.OccurredAt)
	}
	return e
}

type publication struct {
	scope principal.Scope
	new   New
}

type published struct {
	event Event
	err   error
}

// Publish stores an event on its own; concurrent calls share a commit. Publishing an id again answers with the event
// that exists when it says the same, and fails with a conflict when it does not.
func (o *Outbox) Publish(ctx context.Context, scope principal.Scope, n New) (Event, error) {
	if err := scope.Check(); err != nil {
		return Event{}, err
	}
	item := publication{scope, n}
	if db.InUnit(ctx) {
		all, err := o.publishAll(ctx, []publication{item}, false)
		if err != nil {
			return Event{}, fmt.Errorf("event: %w", err)
		}
		return all[0].event, all[0].err
	}
	group := o.publish
	if o.waiting.Count(scope) >= crowd {
		group = o.bulk
	}
	p, err := group.Do(ctx, item)
	if err != nil {
		return Event{}, fmt.Errorf("event: %w", err)
	}
	return p.event, p.err
}

// publishAll writes many events in one statement, in the order of their keys: two that write the same keys in different
// orders would wait for each other for ever.
func (o *Outbox) publishAll(ctx context.Context, unsorted []publication, patient bool) ([]published, error) {
	order := make([]int, len(unsorted))
	all := make([]Event, len(unsorted))
	for i, it := range unsorted {
		order[i], all[i] = i, o.row(it.scope, it.new)
	}
	slices.SortFunc(order, func(a, b int) int { return all[a].Key().compare(all[b].Key()) })
	items, rows := make([]publication, len(order)), make([]Event, len(order))
	for to, from := range order {
		items[to], rows[to] = unsorted[from], all[from]
	}
	sorted, err := o.publishSorted(ctx, items, rows, patient)
	if err != nil {
		return nil, err
	}
	out := make([]published, len(order))
	for from, to := range order {
		out[to] = sorted[from]
	}
	return out, nil
}

func (o *Outbox) publishSorted(ctx context.Context, items []publication, rows []Event, patient bool) ([]published, error) {
	out := make([]published, len(items))
	var after func()
	err := o.unit(ctx, func(ctx context.Context) error {
		tx := o.db.Read(ctx)
		for i := range rows {
			rows[i].DispatchedAt, rows[i].DeliveryCount, rows[i].Reason = db.Time{}, 0, ""
		}
		var err error
		after, err = o.store(tx, rows, patient, func() ([]Event, error) {
			n, err := db.InsertNew(tx, rows)
			if err != nil {
				return nil, err
			}
			if n < int64(len(rows)) {
				return sortOut(tx, items, rows, out)
			}
			for i := range rows {
				out[i].event = rows[i]
			}
			return rows, nil
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	db.AfterCommit(ctx, after)
	return out, nil
}

// sortOut finds, after an insert that met existing ids, which rows are ours, which repeat an event and which
// contradict one.
func sortOut(tx *gorm.DB, items []publication, rows []Event, out []published) ([]Event, error) {
	var fresh []Event
	seen := map[Key]bool{}
	for i, row := range rows {
		var stored Event
		err := db.Scope(tx, row.Scope()).Where("id = ?", row.ID).Take(&stored).Error
		if err != nil {
			return nil, err
		}
		ours := stored.CreatedAt.Equal(row.CreatedAt.Time) && stored.Data == row.Data && stored.Type == row.Type && stored.DispatchedAt.Equal(row.DispatchedAt.Time)
		switch {
		case ours && !seen[row.Key()]:
			seen[row.Key()] = true
			fresh = append(fresh, stored)
			out[i].event = stored
		case stored.sameAs(items[i].new):
			out[i].event = stored
		default:
			out[i].err = problem.New(problem.Conflict, "An event with the id %q exists and says something else. Publish this one under another id.", row.ID)
		}
	}
	return fresh, nil
}

// sameJSON compares values, not bytes: publishers don't keep the order of keys.
func sameJSON(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	decode := func(raw []byte) (any, error) {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		var v any
		err := d.Decode(&v)
		return v, err
	}
	va, errA := decode(a)
	vb, errB := decode(b)
	return errors.Join(errA, errB) == nil && reflect.DeepEqual(va, vb)
}
