package deadletter

import (
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/id"
)

// Filter narrows a set of dead letters; what is zero doesn't.
type Filter struct {
	ID                     string
	EndpointID             string
	EventType              string // several are separated by commas
	Reason                 string // the delivery's, or the error code of its last attempt
	HTTPStatus             int    // of the last attempt
	HTTPClass              string // 2xx to 5xx, or none when no answer came
	CreatedFrom, CreatedTo time.Time
	DiedFrom, DiedTo       time.Time // from is part of it, to is not
}

// lastError is the error code of a delivery's last attempt. As a scalar subquery it is looked up for each row that is
// asked; as EXISTS, PostgreSQL may read all attempts first.
const lastError = "(SELECT a.error_code FROM attempts a WHERE a.delivery_id = deliveries.id" +
	" AND a.number = deliveries.attempt_count)"

func (f Filter) narrow(q *gorm.DB) *gorm.DB {
	if f.ID != "" {
		q = db.WhereID(q, "id", f.ID)
	}
	if f.EndpointID != "" {
		q = db.WhereID(q, "endpoint_id", f.EndpointID)
	}
	q = db.WhereAny(q, "event_type", f.EventType)
	if f.Reason != "" {
		q = q.Where("(reason = ? OR "+lastError+" = ?)", f.Reason, f.Reason)
	}
	if f.HTTPStatus != 0 {
		q = q.Where("response_status = ?", f.HTTPStatus)
	}
	switch {
	case f.HTTPClass == "none":
		q = q.Where("response_status IS NULL")
	case f.HTTPClass != "":
		hundred := int(f.HTTPClass[0]-'0') * 100
		q = q.Where("response_status >= ? AND response_status < ?", hundred, hundred+100)
	}
	return db.WhereTimeRange(db.WhereTimeRange(q, "created_at", f.CreatedFrom, f.CreatedTo), "finished_at", f.DiedFrom,
		f.DiedTo)
}

// isDead is the condition on a dead letter. It is no parameter, and says more than it must: engines use a partial index
// only for a query that repeats the condition of the index.
const isDead = "status = 'dead' AND status <> 'succeeded'"

// scanMost is how many dead letters one query looks at for those that a filter wants: filters have no index of their
// own.
const scanMost = 2000

// cursor is a place in the order of ids; the zero place is the beginning.
type cursor struct {
	after     id.UUID
	ascending bool
	most      int // how many dead letters a query looks at
}

// apply orders a query by id, starts it at the place and bounds it.
func (c cursor) apply(q *gorm.DB) *gorm.DB {
	order, condition := "id DESC", "id < ?"
	if c.ascending {
		order, condition = "id", "id > ?"
	}
	if !c.after.IsZero() {
		q = q.Where(condition, c.after)
	}
	return q.Order(order).Limit(c.most)
}

// until ends a query at an id, which is part of it.
func (c cursor) until(q *gorm.DB, last id.UUID) *gorm.DB {
	if c.ascending {
		return q.Where("id <= ?", last)
	}
	return q.Where("id >= ?", last)
}

// scan is the query of the next dead letters of an access scope, in the order of their ids; of the one that the filter
// names, if it does. q must be a new session: the parts of the query share nothing.
func (c cursor) scan(q *gorm.DB, a AccessScope, f Filter) *gorm.DB {
	if live, test, split := a.environments(); split {
		return c.apply(q.Model(&delivery.Delivery{}).Table(
			"(SELECT * FROM (?) AS live UNION ALL SELECT * FROM (?) AS test) AS deliveries",
			c.scan(q, live, f), c.scan(q, test, f)))
	}
	if a.ofEnvironment() {
		a.scope.Environment = "" // has no index of its own, so it is for page
	}
	return c.apply(Filter{ID: f.ID}.narrow(a.narrow(q.Model(&delivery.Delivery{}).Where(isDead))))
}

// page is the query of those of a scan that the filter wants.
func (c cursor) page(q *gorm.DB, a AccessScope, f Filter) *gorm.DB {
	found := q.Model(&delivery.Delivery{}).Table("(?) AS deliveries", c.scan(q, a, f))
	return c.apply(f.narrow(a.narrow(found)))
}

// find returns at most limit dead letters and where to continue; more is false when nothing is left after them. It may
// return fewer although there are more. by, unless zero, leaves out those that died after it.
func (c cursor) find(q *gorm.DB, a AccessScope, f Filter, by time.Time, limit int) (rows []delivery.Delivery,
	next cursor, more bool, err error) {
	q, c.most = q.Session(&gorm.Session{}), max(scanMost, limit+1)
	// The end of the scan is found first: when dead letters are replayed meanwhile, a later one must not count.
	var last []id.UUID
	if f != (Filter{}) || !by.IsZero() || a.ofEnvironment() {
		err := c.scan(q, a, f).Offset(c.most-1).Limit(1).Pluck("id", &last).Error
		if err != nil {
			return nil, c, false, err
		}
	}
	found := diedBy(c.page(q, a, f), by)
	if len(last) > 0 {
		found = c.until(found, last[0])
	}
	if err := found.Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, c, false, err
	}
	next = c
	if len(rows) > limit {
		rows = rows[:limit]
		next.after, err = id.Parse(rows[limit-1].ID)
		return rows, next, true, err
	}
	if len(last) == 0 {
		return rows, c, false, nil
	}
	next.after = last[0]
	return rows, next, true, nil
}

func diedBy(q *gorm.DB, by time.Time) *gorm.DB {
	if by.IsZero() {
		return q
	}
	return q.Where("finished_at <= ?", db.At(by))
}
