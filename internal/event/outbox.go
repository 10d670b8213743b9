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

// Outbox stores events and their deliveries in the transaction of the change that they report.
type Outbox struct {
	db      *db.DB
	now     clock.Clock
	fanOut  FanOut
	hook    func([]Event)
	publish *batch.Group[publication, published]
	bulk    *batch.Group[publication, published] // for scopes that publish many throttled events
	recent  *clock.Recent[principal.Scope]       // throttled events: those of a scope with a throttled endpoint
	alerts  alerter
}

// alerter is called with each operational event in the transaction that emits it; *alert.Store is one.
type alerter interface {
	OperationalEvent(tx *gorm.DB, e Event) error
}

// FanOut plans, in the transaction, the deliveries of events that are about to be stored. It may set in the events when
// they were dispatched, how many deliveries they have, and why they have none. patient says that it may wait for locks.
type FanOut func(tx *gorm.DB, events []Event, patient bool) (FanOutPlan, error)

// FanOutPlan is what FanOut planned for events.
type FanOutPlan struct {
	// Store inserts, in the same transaction, the deliveries of those events that were stored; events that existed
	// already are not among them. It returns a function to call after the commit. Store is nil when the events are to
	// be fanned out after the commit.
	Store func(stored []Event) (after func(), err error)
	// Throttled has the scopes with a throttled endpoint.
	Throttled map[principal.Scope]bool
}

func noFanOut(*gorm.DB, []Event, bool) (FanOutPlan, error) {
	return FanOutPlan{}, nil
}

const (
	// bulkAfter is how many throttled events a scope must have published, in this second and the one before, for its
	// next ones to be batched every bulkWait. Their deliveries are deferred anyway, and larger batches keep a flood
	// from slowing down other tenants.
	bulkAfter = 250
	bulkWait  = 50 * time.Millisecond
)

// NewOutbox makes an outbox. fanOut may be nil: hook then fans out all events. hook is called after each commit with
// the committed events; it must not block. When the process dies before hook has fanned out an event, the reconciler
// does. alerts may be nil where nothing emits operational events.
func NewOutbox(database *db.DB, now clock.Clock, fanOut FanOut, hook func([]Event), alerts alerter) *Outbox {
	if fanOut == nil {
		fanOut = noFanOut
	}
	o := &Outbox{db: database, now: now, fanOut: fanOut, hook: hook, alerts: alerts,
		recent: clock.NewRecent[principal.Scope](now)}
	publish := func(patient bool) func(context.Context, []publication) ([]published, error) {
		return func(ctx context.Context, all []publication) ([]published, error) {
			return o.publishAll(ctx, all, patient)
		}
	}
	o.publish = batch.New(500, database.Writers(), 0, publish(false))
	o.bulk = batch.New(500, min(2, database.Writers()), bulkWait, publish(true))
	return o
}

// Tx is a transaction that can emit events.
type Tx struct {
	*gorm.DB
	outbox  *Outbox
	emitted []Event
}

// Emit adds an event, which is stored at the end of the transaction. data is marshalled to JSON.
func (tx *Tx) Emit(scope principal.Scope, eventType string, data any) error {
	if err := scope.Check(); err != nil {
		return err
	}
	var raw bytes.Buffer
	encoder := json.NewEncoder(&raw)
	encoder.SetEscapeHTML(false) // <, > and & stay as they are, as in published events
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

// Tx runs fn in a transaction, or in the one that ctx carries, and calls the hook with the events that fn emitted after
// the commit.
func (o *Outbox) Tx(ctx context.Context, fn func(tx *Tx) error) error {
	return o.unit(ctx, func(ctx context.Context) error {
		return o.db.Tx(ctx, func(g *gorm.DB) error {
			tx := &Tx{DB: g, outbox: o}
			if err := fn(tx); err != nil || len(tx.emitted) == 0 {
				return err
			}
			after, err := o.store(g, tx.emitted, false, func() ([]Event, error) {
				return tx.emitted, db.InsertAll(g, tx.emitted)
			})
			if err != nil {
				return fmt.Errorf("event: %w", err)
			}
			db.AfterCommit(ctx, after)
			return nil
		})
	})
}

// unit is db.Unit, run once more when PostgreSQL has no partition for the deliveries, which it reports as a violated
// check constraint: fanOut then leaves the events to the hook.
func (o *Outbox) unit(ctx context.Context, fn func(ctx context.Context) error) error {
	err := o.db.Unit(ctx, fn)
	if errors.Is(err, gorm.ErrCheckConstraintViolated) && !db.InUnit(ctx) {
		err = o.db.Unit(ctx, fn)
	}
	return err
}

// store stores events and their deliveries. insert stores the events and returns the new ones. store returns a function
// to call after the commit.
func (o *Outbox) store(tx *gorm.DB, events []Event, patient bool, insert func() ([]Event, error)) (after func(),
	err error) {
	plan, err := o.fanOut(tx, events, patient)
	if err != nil {
		return nil, err
	}
	fresh, err := insert()
	if err != nil {
		return nil, err
	}
	enqueue := func() {}
	if plan.Store != nil {
		enqueue, err = plan.Store(fresh)
	}
	return func() {
		enqueue()
		for _, e := range fresh {
			if plan.Throttled[e.Scope()] {
				o.recent.Add(e.Scope())
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

// Publish stores one event; concurrent calls share a commit. Publishing an existing id returns the existing event when
// it has the same content, and fails with a conflict when it has not.
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
	if o.recent.Count(scope) >= bulkAfter {
		group = o.bulk
	}
	p, err := group.Do(ctx, item)
	if err != nil {
		return Event{}, fmt.Errorf("event: %w", err)
	}
	return p.event, p.err
}

// publishAll writes many events in one statement, in the order of their keys: two statements that write the same keys
// in different orders would deadlock.
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

func (o *Outbox) publishSorted(ctx context.Context, items []publication, rows []Event, patient bool) ([]published,
	error) {
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

// sortOut finds, after an insert that skipped existing ids, which rows were inserted, which repeat an event and which
// conflict with one.
func sortOut(tx *gorm.DB, items []publication, rows []Event, out []published) ([]Event, error) {
	var fresh []Event
	seen := map[Key]bool{}
	for i, row := range rows {
		var stored Event
		err := db.Scope(tx, row.Scope()).Where("id = ?", row.ID).Take(&stored).Error
		if err != nil {
			return nil, err
		}
		ours := stored.CreatedAt.Equal(row.CreatedAt.Time) && stored.Data == row.Data && stored.Type == row.Type &&
			stored.DispatchedAt.Equal(row.DispatchedAt.Time)
		switch {
		case ours && !seen[row.Key()]:
			seen[row.Key()] = true
			fresh = append(fresh, stored)
			out[i].event = stored
		case stored.sameAs(items[i].new):
			out[i].event = stored
		default:
			out[i].err = problem.New(problem.Conflict,
				"An event with the id %q exists with other content. Publish this one under another id.", row.ID)
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
