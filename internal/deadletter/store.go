package deadletter

import (
	"context"
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

// Find returns a delivery that has a row, in whatever state, with its body and its attempts in order.
func (s *Store) Find(ctx context.Context, a AccessScope, deliveryID string) (deliverylog.Detail, error) {
	a, err := s.open(s.db.Read(ctx), a)
	if err != nil {
		return deliverylog.Detail{}, err
	}
	d, err := take(a.narrow(s.db.Read(ctx)), deliveryID)
	if err != nil {
		return deliverylog.Detail{}, err
	}
	return deliverylog.ReadDetail(s.db.Read(ctx), d)
}

func take(q *gorm.DB, deliveryID string) (delivery.Delivery, error) {
	if _, err := id.ParseAs(id.Delivery, deliveryID); err != nil {
		return delivery.Delivery{}, problem.Missing("delivery")
	}
	return db.One[delivery.Delivery](db.WhereID(q, "id", deliveryID), "delivery")
}

// Newest returns the ids of the newest dead letters, at most limit, over all tenants, the newest last.
func (s *Store) Newest(ctx context.Context, limit int) ([]string, error) {
	var found []id.UUID
	err := s.db.Read(ctx).Model(&delivery.Delivery{}).Where(isDead).Order("id DESC").Limit(limit).
		Pluck("id", &found).Error
	slices.Reverse(found)
	return id.TypeIDs(id.Delivery, found), err
}
