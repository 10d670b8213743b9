package event

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/tracing"
)

type publication struct {
	scope principal.Scope
	new   New
	trace tracing.Context
}

// Published is the result of one of several events: the event, or a problem.
type Published struct {
	Event Event
	Err   error
}

// Publish stores one event; concurrent calls share a commit. Publishing an existing id returns the existing event when
// it has the same content, and fails with a conflict when it has not. Events that concern different members may have
// the same id.
func (o *Outbox) Publish(ctx context.Context, scope principal.Scope, n New) (Event, error) {
	if err := scope.Check(); err != nil {
		return Event{}, err
	}
	if db.InUnit(ctx) {
		all, err := o.PublishAll(ctx, scope, []New{n})
		if err != nil {
			return Event{}, err
		}
		return all[0].Event, all[0].Err
	}
	group := o.publish
	if o.floods.Count(scope.TenantID) > floodMost {
		group = o.deferred
	}
	p, err := group.Do(ctx, publication{scope, n, tracing.ContextOf(ctx)})
	if err != nil {
		return Event{}, fmt.Errorf("event: %w", err)
	}
	return p.Event, p.Err
}

// PublishAll stores events in one transaction and returns what became of each, in order. One that conflicts, as in
// Publish, does not undo the others.
func (o *Outbox) PublishAll(ctx context.Context, scope principal.Scope, all []New) ([]Published, error) {
	if err := scope.Check(); err != nil {
		return nil, err
	}
	items, trace := make([]publication, len(all)), tracing.ContextOf(ctx)
	for i, n := range all {
		items[i] = publication{scope, n, trace}
	}
	done, err := o.publishAll(ctx, items)
	if err != nil {
		return nil, fmt.Errorf("event: %w", err)
	}
	return done, nil
}

func (o *Outbox) publishAll(ctx context.Context, items []publication) ([]Published, error) {
	var out []Published
	err := Partitioned(ctx, o.db, func() error {
		var err error
		out, err = o.publishOnce(ctx, items)
		return err
	})
	return out, err
}

func (o *Outbox) publishOnce(ctx context.Context, items []publication) ([]Published, error) {
	rows, named := make([]Event, len(items)), false
	for i, it := range items {
		rows[i] = o.row(it.scope, it.new, it.trace)
		named = named || rows[i].PublisherID != ""
	}
	beside, err := o.fanOut(o.db.Read(ctx), rows)
	if err != nil {
		return nil, err
	}
	if once := o.inOneStatement(ctx, beside); once != nil && !named {
		if err := once(o.db.Read(ctx), rows); err != nil {
			return nil, err
		}
		db.AfterCommit(ctx, func() { o.committed(rows) })
		return answers(rows), nil
	}
	var out []Published
	err = o.db.Unit(ctx, func(ctx context.Context) error {
		tx := o.db.Read(ctx)
		out = answers(rows)
		fresh := rows
		if named {
			var err error
			if fresh, err = reserveIDs(tx, items, rows, out); err != nil {
				return err
			}
		}
		if err := store(tx, fresh, beside); err != nil {
			return err
		}
		if len(fresh) > 0 {
			db.AfterCommit(ctx, func() { o.committed(fresh) })
		}
		return nil
	})
	return out, err
}

// committed tells of events that were published.
func (o *Outbox) committed(events []Event) {
	for _, e := range events {
		if e.Deferred {
			o.floods.Add(e.TenantID)
		}
	}
	o.hook(events)
}

// inOneStatement returns what stores events by one statement, which is a transaction of its own; nil when that can't
// be.
func (o *Outbox) inOneStatement(ctx context.Context, beside *Beside) func(q *gorm.DB, events []Event) error {
	switch {
	case !o.db.Postgres():
		return nil
	case beside == nil:
		return db.InsertAll[Event]
	case db.InUnit(ctx):
		return nil
	}
	return beside.StoreBoth
}

func answers(rows []Event) []Published {
	out := make([]Published, len(rows))
	for i := range rows {
		out[i].Event = rows[i]
	}
	return out
}

// publisherID is a row of publisher_ids.
type publisherID struct {
	TenantID    string `gorm:"serializer:tnt"`
	Environment principal.Environment
	PublisherID string
	UserNumber  int64
	EventID     string `gorm:"serializer:evt"`
}

// TableName implements GORM's Tabler.
func (publisherID) TableName() string { return "publisher_ids" }

func (p publisherID) compare(other publisherID) int {
	return cmp.Or(strings.Compare(p.TenantID, other.TenantID),
		strings.Compare(string(p.Environment), string(other.Environment)),
		strings.Compare(p.PublisherID, other.PublisherID), cmp.Compare(p.UserNumber, other.UserNumber))
}

// reserveIDs takes the ids that publishers chose and returns the events that are new. To the others it writes into out
// the event that has the id, or a conflict. It takes the ids in their order: two transactions that take the same ids in
// different orders would deadlock.
func reserveIDs(tx *gorm.DB, items []publication, rows []Event, out []Published) ([]Event, error) {
	existing := map[int]Event{} // by the place of the repetition
	var ids []publisherID
	for i, e := range rows {
		if e.PublisherID == "" {
			continue
		}
		known, found, err := ownID(tx, e)
		if err != nil {
			return nil, err
		}
		if found {
			existing[i] = known
			continue
		}
		ids = append(ids, publisherID{e.TenantID, e.Environment, e.PublisherID, e.UserNumber, e.ID})
	}
	slices.SortStableFunc(ids, publisherID.compare)
	taken, err := db.InsertNew(tx, ids)
	if err == nil && taken < int64(len(ids)) {
		err = findRepeated(tx, rows, existing)
	}
	if err != nil {
		return nil, err
	}
	var fresh []Event
	for i, e := range rows {
		before, repeated := existing[i]
		switch {
		case !repeated:
			fresh = append(fresh, e)
		case before.sameAs(items[i].new):
			out[i].Event = before
		default:
			out[i].Event, out[i].Err = Event{}, problem.New(problem.Conflict,
				"An event with the id %q exists with other content. Publish this one under another id.", e.PublisherID)
		}
	}
	return fresh, nil
}

// findRepeated adds to existing the events whose ids others took before these rows did, one of these rows among them.
func findRepeated(tx *gorm.DB, rows []Event, existing map[int]Event) error {
	byID := map[string]Event{}
	for i, e := range rows {
		if _, known := existing[i]; known || e.PublisherID == "" {
			continue
		}
		byID[e.ID] = e
		var p publisherID
		q := db.Scope(tx, e.Scope()).Where("publisher_id = ? AND user_number = ?", e.PublisherID, e.UserNumber)
		if err := q.Take(&p).Error; err != nil {
			return err
		}
		if p.EventID == e.ID {
			continue
		}
		before, here := byID[p.EventID]
		if !here {
			var err error
			if before, err = take(tx, e.Scope(), p.EventID); err != nil {
				return err
			}
		}
		existing[i] = before
	}
	return nil
}

// ownID finds the event whose id Hookline made and a publisher now gives as its own: it is that event, once more,
// unless it concerns another member.
func ownID(tx *gorm.DB, e Event) (Event, bool, error) {
	if _, err := id.ParseAs(id.Event, e.PublisherID); err != nil {
		return Event{}, false, nil
	}
	existing, err := take(visibleTo(tx, e.UserNumber), e.Scope(), e.PublisherID)
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return Event{}, false, nil
	}
	return existing, err == nil, err
}

func take(tx *gorm.DB, scope principal.Scope, eventID string) (Event, error) {
	var e Event
	err := db.WhereID(db.Scope(tx, scope), "id", eventID).Take(&e).Error
	return e, err
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
