// Package deliverylog reads the deliveries of tenants: the log with its filters, one delivery with its attempts, the
// statistics, and the live log. It writes nothing but the counts that statistics are read from.
//
//	worker ── Counter ──► delivery_counts ──► Stats
//	worker ── Notices ──► Redis ──► Hub.listen ──► feed ──► every Viewer
//	                                                └── Recent, Changes ──► SQL
package deliverylog

import (
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/problem"
)

// Store reads deliveries and attempts.
type Store struct {
	db        *db.DB
	events    *event.Store
	endpoints *endpoint.Store
	now       clock.Clock
}

// NewStore makes a Store.
func NewStore(database *db.DB, events *event.Store, endpoints *endpoint.Store, now clock.Clock) *Store {
	return &Store{db: database, events: events, endpoints: endpoints, now: now}
}

// Filter narrows the delivery log; what is zero narrows nothing.
type Filter struct {
	Status, EndpointID string
	EventType          string // several are separated by commas
	EventID            string // as the tenant knows it
	HTTPClass          string // such as 5xx; none for deliveries without an HTTP status
	HTTPStatus         int
	Reason             string
	Text               string    // in the data of the event, compared as search.Fold does
	From, To           time.Time // when it was created, To excluded
	Over               bool      // only those that are over, without tests
	OldestFirst        bool      // the order of the list; narrows nothing

	own endpoint.Own // those that the caller may read of
}

// classes are the values of Filter.HTTPClass as the first digit of the status.
var classes = map[string]int{"none": 0, "2xx": 2, "3xx": 3, "4xx": 4, "5xx": 5}

// Check refuses a filter that contradicts itself.
func (f Filter) Check() error {
	if _, known := classes[f.HTTPClass]; f.HTTPClass != "" && !known {
		return problem.Invalid(problem.Detail{Field: "http_class", Message: "must be one of 2xx, 3xx, 4xx, 5xx, none"})
	}
	if !f.From.IsZero() && !f.To.IsZero() && f.From.After(f.To) {
		return problem.Invalid(problem.Detail{Field: "from", Message: "must not be after to"})
	}
	return nil
}

// undelivered says whether no delivery that succeeded can match: such a delivery has no reason and a status of 2xx.
func (f Filter) undelivered() bool {
	return f.Reason != "" || (f.HTTPClass != "" && f.HTTPClass != "2xx") ||
		(f.HTTPStatus != 0 && f.HTTPStatus/100 != 2) || (f.Status != "" && f.Status != string(delivery.Succeeded))
}

// narrow adds the filter to a query on deliveries, without the event, whose id is not in the columns, and the text.
func (f Filter) narrow(q *gorm.DB) *gorm.DB {
	q = db.WhereOptional(q, map[string]string{"status": f.Status, "reason": f.Reason})
	q = db.WhereAny(f.own.Narrow(q), "event_type", f.EventType)
	if f.EndpointID != "" {
		q = db.WhereID(q, "endpoint_id", f.EndpointID)
	}
	if f.HTTPStatus != 0 {
		q = q.Where("response_status = ?", f.HTTPStatus)
	}
	if f.HTTPClass != "" {
		q = q.Where("coalesce(response_status, 0) / 100 = ?", classes[f.HTTPClass])
	}
	if f.Over {
		q = q.Where("status IN ? AND test_body IS NULL",
			[]delivery.Status{delivery.Succeeded, delivery.Dead, delivery.Cancelled})
	}
	return db.WhereTimeRange(q, "created_at", f.From, f.To)
}

// Matches says whether the filter selects a delivery.
func (f Filter) Matches(d delivery.Delivery) bool {
	status := 0
	if d.ResponseStatus != nil {
		status = *d.ResponseStatus
	}
	same := func(want, is string) bool { return want == "" || want == is }
	return f.own.Has(d.EndpointID) && same(f.Status, string(d.Status)) && same(f.EndpointID, d.EndpointID) &&
		(f.EventType == "" || slices.Contains(strings.Split(f.EventType, ","), d.EventType)) &&
		same(f.Reason, d.Reason) && (same(f.EventID, d.EventID) || same(f.EventID, d.PublisherID)) &&
		(f.HTTPClass == "" || classes[f.HTTPClass] == status/100) && (f.HTTPStatus == 0 || f.HTTPStatus == status) &&
		(!f.Over || d.Status.Final() && d.TestBody == nil) && !d.CreatedAt.Before(f.From) &&
		(f.To.IsZero() || d.CreatedAt.Before(f.To))
}
