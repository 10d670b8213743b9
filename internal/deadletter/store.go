package deadletter

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/deliverylog"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/problem"
)

// Config is what a Store needs to know of the rest of the program.
type Config struct {
	// Suspended says which of the tenants' deliveries are suspended, and why.
	Suspended func(q *gorm.DB, tenantIDs []string) (map[string]string, error)
	// Changed is called, after the commit, with the deliveries that were replayed or made. It must not block. It may be
	// nil.
	Changed func(rows []delivery.Delivery)
	// WakeReleasers is called, after the commit, when deliveries were deferred. It must not block. It may be nil.
	WakeReleasers func()
}

// Store reads dead letters and replays, purges and recovers deliveries. Its transactions lock events first, then
// delivery rows, then endpoint rows, each in the order of their ids.
type Store struct {
	db        *db.DB
	events    *event.Store
	endpoints *endpoint.Store
	log       *deliverylog.Store
	now       clock.Clock
	config    Config
}

// NewStore makes a Store.
func NewStore(database *db.DB, events *event.Store, endpoints *endpoint.Store, now clock.Clock, c Config) *Store {
	if c.Changed == nil {
		c.Changed = func([]delivery.Delivery) {}
	}
	if c.WakeReleasers == nil {
		c.WakeReleasers = func() {}
	}
	return &Store{db: database, events: events, endpoints: endpoints, now: now, config: c,
		log: deliverylog.NewStore(database, events, endpoints, now)}
}

// List returns dead letters newest first, and the cursor of the next page. With a filter a page may have fewer than its
// limit, or none, although there are more: then the cursor says where it stopped.
func (s *Store) List(ctx context.Context, a AccessScope, l page.Log, f Filter) ([]delivery.Delivery, *string, error) {
	a, err := s.open(s.db.Read(ctx), a)
	if err != nil {
		return nil, nil, err
	}
	var c cursor
	if l.After != nil {
		if c.after, err = id.ParseAs(id.Delivery, l.After.ID); err != nil {
			return nil, nil, problem.Invalid(problem.Detail{Field: "cursor", Message: page.ErrCursor.Error()})
		}
	}
	rows, next, more, err := c.find(s.db.Read(ctx), a, f, time.Time{}, l.Limit)
	if err != nil || !more {
		return rows, nil, err
	}
	text := page.Cursor{At: next.after.Time(), ID: next.after.TypeID(id.Delivery)}.String()
	return rows, &text, nil
}

// Find returns a delivery that has a row, in whatever state, with its attempts in order.
func (s *Store) Find(ctx context.Context, a AccessScope, deliveryID string) (delivery.Delivery, []delivery.Attempt,
	error) {
	a, err := s.open(s.db.Read(ctx), a)
	if err != nil {
		return delivery.Delivery{}, nil, err
	}
	d, err := take(a.narrow(s.db.Read(ctx)), deliveryID)
	if err != nil {
		return d, nil, err
	}
	var attempts []delivery.Attempt
	err = db.WhereID(s.db.Read(ctx), "delivery_id", d.ID).Order("number").Find(&attempts).Error
	return d, attempts, err
}

func take(q *gorm.DB, deliveryID string) (delivery.Delivery, error) {
	if _, err := id.ParseAs(id.Delivery, deliveryID); err != nil {
		return delivery.Delivery{}, problem.Missing("delivery")
	}
	return db.One[delivery.Delivery](db.WhereID(q, "id", deliveryID), "delivery")
}

// Body returns the bytes that a delivery sends. A delivery without an attempt has those that the next one would send.
func (s *Store) Body(ctx context.Context, d delivery.Delivery) (body []byte, contentType string, err error) {
	if d.TestBody != nil {
		return []byte(*d.TestBody), "", nil
	}
	q := s.db.Read(ctx)
	eventID, err := id.Parse(d.EventID)
	if err != nil {
		return nil, "", err
	}
	events, err := s.events.ByID(q, []id.UUID{eventID})
	if err != nil {
		return nil, "", err
	}
	if len(events) == 0 {
		return nil, "", errors.New("deadletter: the event of " + d.ID + " is missing")
	}
	if d.Form == "" {
		owners, err := s.endpoints.ByID(q, []string{d.EndpointID})
		if err != nil {
			return nil, "", err
		}
		d.Form = delivery.FormOf(owners[d.EndpointID])
	}
	return delivery.Render(d.Form, events[0])
}

// Newest returns the ids of the newest dead letters, at most limit, over all tenants, the newest last.
func (s *Store) Newest(ctx context.Context, limit int) ([]string, error) {
	var found []id.UUID
	err := s.db.Read(ctx).Model(&delivery.Delivery{}).Where(isDead).Order("id DESC").Limit(limit).
		Pluck("id", &found).Error
	slices.Reverse(found)
	return id.TypeIDs(id.Delivery, found), err
}
