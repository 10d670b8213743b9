package delivery

import (
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
)

// Filter narrows the delivery log; what is zero narrows nothing.
type Filter struct {
	Status, EndpointID, EventID, EventType string
	HTTPClass                              string // such as 5xx; none for deliveries without an HTTP status
	HTTPStatus                             int
	Reason                                 string
	From, To                               time.Time // when it was created, To excluded
}

// classes are the values of Filter.HTTPClass as the column that the index deliveries_by_http holds.
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

// classOf is the class of an HTTP status; 0 when there is none. Index deliveries_by_http holds this very expression,
// and engines only use the index for a query that repeats it.
const classOf = "coalesce(response_status, 0) / 100"

// narrow applies the filter to a query on deliveries. Each part, with the tenant and the order of the log, is the
// beginning of an index.
func (f Filter) narrow(q *gorm.DB) *gorm.DB {
	q = db.WhereOptional(q, map[string]string{"status": f.Status, "endpoint_id": f.EndpointID, "event_id": f.EventID,
		"event_type": f.EventType})
	if f.HTTPStatus != 0 {
		q = q.Where(classOf+" = ? AND response_status = ?", f.HTTPStatus/100, f.HTTPStatus)
	}
	if f.HTTPClass != "" {
		q = q.Where(classOf+" = ?", classes[f.HTTPClass])
	}
	// the index leaves out deliveries without a reason, and wants to be told that they are not meant
	if f.Reason != "" {
		q = q.Where("reason = ? AND reason <> ''", f.Reason)
	}
	return db.WhereTimeRange(q, "created_at", f.From, f.To)
}

// log is the query of one page of the delivery log: newest first, without bodies.
func (f Filter) log(q *gorm.DB, scope principal.Scope, l page.Log) *gorm.DB {
	return db.Keyset(f.narrow(db.Scope(q, scope).Omit("body")), l)
}

// Matches says whether a delivery is one that the filter is for. It leaves out when it was created.
func (f Filter) Matches(d Delivery) bool {
	status := 0
	if d.ResponseStatus != nil {
		status = *d.ResponseStatus
	}
	same := func(want, is string) bool { return want == "" || want == is }
	return same(f.Status, string(d.Status)) && same(f.EndpointID, d.EndpointID) && same(f.EventID, d.EventID) &&
		same(f.EventType, d.EventType) && same(f.Reason, d.Reason) &&
		(f.HTTPClass == "" || classes[f.HTTPClass] == status/100) && (f.HTTPStatus == 0 || f.HTTPStatus == status)
}
