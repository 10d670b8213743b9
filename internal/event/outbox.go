package event

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/batch"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/tracing"
)

// Outbox stores events in the transaction of the change that they report.
type Outbox struct {
	db     *db.DB
	now    clock.Clock
	fanOut FanOut
	hook   func([]Event)
	alerts alerter

	publish  *batch.Group[publication, Published]
	deferred *batch.Group[publication, Published] // of tenants whose events are deferred
	floods   *clock.Recent[string]                // counts the deferred events of tenants
}

// alerter is called with each operational event in the transaction that emits it; *alert.Store is one.
type alerter interface {
	OperationalEvent(tx *gorm.DB, e Event) error
}

// FanOut plans to which endpoints events go that are about to be stored: it sets their Endpoints, Reason and
// DispatchedAt. It leaves events alone that are to be fanned out after the commit. q may be outside of a transaction.
//
// It returns what must be stored together with the events; nil when there is nothing.
type FanOut func(q *gorm.DB, events []Event) (*Beside, error)

// Beside is what is stored together with events.
type Beside struct {
	// Store stores it in the transaction that stores the events, given those that are: a repeated id is stored once.
	Store func(tx *gorm.DB, stored []Event) error
	// StoreBoth stores the events and it by one statement outside of a transaction; nil where that can't be.
	StoreBoth func(q *gorm.DB, events []Event) error
}

func noFanOut(*gorm.DB, []Event) (*Beside, error) { return nil, nil }

// mostTogether is how many events share a commit. A batch is one task of the queue, which has 100 deliveries at most.
const mostTogether = 100

// A tenant that published more than floodMost events in a second and the one before whose deliveries are all deferred
// gains nothing by a commit for each: they share one every deferredFor. Its neighbours then wait for fewer commits.
const (
	floodMost   = 100
	deferredFor = 25 * time.Millisecond
)

// NewOutbox makes an outbox. fanOut may be nil: events then go nowhere until something fans them out. hook is called
// after each commit with the committed events; it must not block. When the process dies before, the reconciler delivers
// them. alerts may be nil where nothing emits operational events.
func NewOutbox(database *db.DB, now clock.Clock, fanOut FanOut, hook func([]Event), alerts alerter) *Outbox {
	if fanOut == nil {
		fanOut = noFanOut
	}
	o := &Outbox{db: database, now: now, fanOut: fanOut, hook: hook, alerts: alerts,
		floods: clock.NewRecent[string](now)}
	o.publish = batch.New(mostTogether, database.Writers(), o.publishAll)
	o.deferred = batch.NewGathering(mostTogether, deferredFor, o.publishAll)
	return o
}

// Tx is a transaction that can emit events.
type Tx struct {
	*gorm.DB
	outbox  *Outbox
	emitted []Event
	// Origin is what events of Emit have of the caller: of the transaction, or of the part of it that is done for
	// another caller, where callers share one.
	Origin Origin
}

// Origin is what an event has of the request that causes it.
type Origin struct {
	Member int64 // the number of the member whom the event concerns; 0 for the tenant
	Trace  tracing.Context
}

// OriginOf is the origin of events of a request.
func OriginOf(ctx context.Context) Origin {
	return Origin{Member: principal.From(ctx).Owns, Trace: tracing.ContextOf(ctx)}
}

// Emit adds an event, which is stored at the end of the transaction. data is marshalled to JSON. The event concerns
// tx.Origin's member.
func (tx *Tx) Emit(scope principal.Scope, eventType string, data any) error {
	return tx.EmitOf(tx.Origin.Member, scope, eventType, data)
}

// EmitOf is Emit for an event that concerns the member with a number, whoever causes it; 0 for the tenant.
func (tx *Tx) EmitOf(member int64, scope principal.Scope, eventType string, data any) error {
	if err := scope.Check(); err != nil {
		return err
	}
	var raw bytes.Buffer
	encoder := json.NewEncoder(&raw)
	encoder.SetEscapeHTML(false) // <, > and & stay as they are, as in published events
	if err := encoder.Encode(data); err != nil {
		return fmt.Errorf("event: %s: %w", eventType, err)
	}
	e := tx.outbox.row(scope, New{Type: eventType, Data: bytes.TrimSpace(raw.Bytes())}, tx.Origin.Trace)
	e.UserNumber = member
	tx.emitted = append(tx.emitted, e)
	if tx.outbox.alerts != nil && Operational(e.Type) {
		return tx.outbox.alerts.OperationalEvent(tx.DB, e)
	}
	return nil
}

// Tx runs fn in a transaction, or in the one that ctx carries, and calls the hook with the events that fn emitted after
// the commit.
func (o *Outbox) Tx(ctx context.Context, fn func(tx *Tx) error) error {
	return Partitioned(ctx, o.db, func() error {
		return o.db.Unit(ctx, func(ctx context.Context) error {
			tx := &Tx{DB: o.db.Read(ctx), outbox: o, Origin: OriginOf(ctx)}
			if err := fn(tx); err != nil || len(tx.emitted) == 0 {
				return err
			}
			if err := o.storeEmitted(tx.DB, tx.emitted); err != nil {
				return fmt.Errorf("event: %w", err)
			}
			db.AfterCommit(ctx, func() { o.hook(tx.emitted) })
			return nil
		})
	})
}

func (o *Outbox) storeEmitted(tx *gorm.DB, events []Event) error {
	beside, err := o.fanOut(tx, events)
	if err != nil {
		return err
	}
	return store(tx, events, beside)
}

func store(tx *gorm.DB, events []Event, beside *Beside) error {
	if err := db.InsertAll(tx, events); err != nil || beside == nil || len(events) == 0 {
		return err
	}
	return beside.Store(tx, events)
}

func (o *Outbox) row(scope principal.Scope, n New, t tracing.Context) Event {
	now := db.At(o.now())
	e := Event{
		ID: id.New(id.Event), TenantID: scope.TenantID, Environment: scope.Environment, PublisherID: n.ID, Type: n.Type,
		UserNumber: n.Member, Trace: t, OccurredAt: now, CreatedAt: now,
	}
	if !n.OccurredAt.IsZero() {
		e.OccurredAt = db.At(n.OccurredAt)
	}
	e.Data = string(n.dataAt(e.OccurredAt.Time))
	return e
}
