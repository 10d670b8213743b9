package deliverylog

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
)

const (
	// scanMost is how many entries of an index one page looks at. A filter that the index doesn't answer alone finds
	// what it finds among them, and the page has the cursor where it stopped.
	scanMost = 3000
	// statusMost is scanMost when the deliveries of each status but succeeded are looked at side by side.
	statusMost = 2000
	// ownMost is how many endpoints a caller may have whose deliveries are looked at side by side.
	ownMost = 20
	// textMost is scanMost for a filter that reads the data of each delivery's event.
	textMost = 1000
	// clockMargin is how far the time in an id may be from created_at: both are taken when the event is stored.
	clockMargin = time.Second
)

// notSucceeded is the condition of the index deliveries_not_succeeded, which has the statuses below.
const notSucceeded = "status <> 'succeeded'"

var otherStatuses = []delivery.Status{delivery.Pending, delivery.Delivering, delivery.Retrying, delivery.Dead,
	delivery.Cancelled}

// List returns deliveries, the newest ids first unless the filter says otherwise, and the cursor of the next page. A
// page takes a bounded time whatever the filter, so it may have fewer deliveries than its limit, or none, although
// there is a next one.
//
// With Filter.EventID it also returns the event's planned deliveries, which have no row yet, as pending.
func (s *Store) List(ctx context.Context, scope principal.Scope, l page.Log, f Filter) ([]delivery.Delivery, *string,
	error) {
	return s.ListFor(ctx, scope, principal.From(ctx).Owner, l, f)
}

// ListFor is List for an owner who is not the caller, such as the one that a job is for.
func (s *Store) ListFor(ctx context.Context, scope principal.Scope, owner principal.Owner, l page.Log, f Filter) (
	[]delivery.Delivery, *string, error) {
	if err := scope.Check(); err != nil {
		return nil, nil, err
	}
	if err := f.Check(); err != nil {
		return nil, nil, err
	}
	after, err := db.AfterID(id.Delivery, l)
	if err != nil {
		return nil, nil, err
	}
	if f.own, err = s.endpoints.OwnedBy(s.db.Read(ctx), scope, owner); err != nil {
		return nil, nil, err
	}
	if f.undelivered() && f.Status == string(delivery.Succeeded) {
		return nil, nil, nil
	}
	read := s.scan
	if f.EventID != "" {
		read = s.ofEvent
	}
	rows, next, err := read(ctx, scope, after, l.Limit, f)
	if err != nil {
		return nil, nil, err
	}
	return rows, next, s.tellWhen(s.db.Read(ctx), rows)
}

// walk reads one index from an id downwards.
type walk struct {
	index func() *gorm.DB // deliveries in the order of the index, of all that it leads to
	most  int             // how many entries of the index are looked at
}

// found is what walks found: the rows down to an id. Below it nothing was looked at; zero means that nothing is left.
type found struct {
	rows []delivery.Delivery
	stop id.UUID
}

// scan tries the walks that fit the filter and answers with the first that fills the page or reaches the end, or else
// with the one that got furthest.
func (s *Store) scan(ctx context.Context, scope principal.Scope, after id.UUID, limit int, f Filter) (
	[]delivery.Delivery, *string, error) {
	ways, err := s.ways(ctx, scope, after, f)
	if err != nil {
		return nil, nil, err
	}
	var best found
	for i, walks := range ways {
		got, err := s.merge(ctx, scope, walks, limit, f)
		if err != nil {
			return nil, nil, err
		}
		if i == 0 || f.further(got.stop, best.stop) {
			best = got
		}
		if len(got.rows) > limit || got.stop.IsZero() {
			best = got
			break
		}
	}
	if len(best.rows) > limit {
		rows := best.rows[:limit]
		next := cursorOf(rows[limit-1]).String()
		return rows, &next, nil
	}
	if best.stop.IsZero() {
		return best.rows, nil, nil
	}
	next := page.Cursor{At: best.stop.Time(), ID: best.stop.TypeID(id.Delivery)}.String()
	return best.rows, &next, nil
}

// compare compares ids in the order of the list.
func (f Filter) compare(a, b id.UUID) int {
	if f.OldestFirst {
		return a.Compare(b)
	}
	return b.Compare(a)
}

// order is SQL for the order of the list, and the condition on what comes after an id.
func (f Filter) order() (by, after string) {
	if f.OldestFirst {
		return "id", "id > ?"
	}
	return "id DESC", "id < ?"
}

// further says whether a walk that stopped at a got further than one that stopped at b.
func (f Filter) further(a, b id.UUID) bool {
	return a.IsZero() || (!b.IsZero() && f.compare(a, b) > 0)
}

func cursorOf(d delivery.Delivery) page.Cursor { return page.Cursor{At: d.CreatedAt.Time, ID: d.ID} }

// ways returns the sets of walks that each lead to all that the filter selects.
func (s *Store) ways(ctx context.Context, scope principal.Scope, after id.UUID, f Filter) ([][]walk, error) {
	log := func() *gorm.DB {
		order, beyond := f.order()
		q := s.db.Read(ctx).Model(&delivery.Delivery{}).Order(order)
		if !after.IsZero() {
			q = q.Where(beyond, after)
		}
		if !f.From.IsZero() {
			q = q.Where("id >= ?", id.From(f.From.Add(-clockMargin)))
		}
		if !f.To.IsZero() {
			q = q.Where("id < ?", id.From(f.To.Add(clockMargin)))
		}
		return q
	}
	ofStatus := func(status delivery.Status, most int) walk {
		return walk{func() *gorm.DB {
			return db.Scope(log(), scope).Where(notSucceeded+" AND status = ?", status)
		}, most}
	}
	var ways [][]walk
	switch {
	case f.Status != "" && f.undelivered():
		ways = append(ways, []walk{ofStatus(delivery.Status(f.Status), scanMost)})
	case f.undelivered():
		var all []walk
		for _, status := range otherStatuses {
			all = append(all, ofStatus(status, statusMost))
		}
		ways = append(ways, all)
	}
	if f.EndpointID != "" {
		own, err := s.owns(ctx, scope, f.EndpointID)
		if err != nil || !own {
			return nil, err
		}
		// the endpoint is the tenant's, so no other tenant's deliveries are looked at
		ofEndpoint := func() *gorm.DB { return db.WhereID(log(), "endpoint_id", f.EndpointID) }
		ways = append(ways, []walk{{ofEndpoint, scanMost}})
	}
	if own, limited := f.own.Limited(); limited && f.EndpointID == "" && len(own) <= ownMost {
		var all []walk
		for _, u := range own {
			all = append(all, walk{func() *gorm.DB { return log().Where("endpoint_id = ?", u) }, statusMost})
		}
		ways = append(ways, all)
	}
	if len(ways) == 0 {
		ways = append(ways, []walk{{func() *gorm.DB { return db.Scope(log(), scope) }, scanMost}})
	}
	return ways, nil
}

// owns says whether the tenant has, or had, the endpoint.
func (s *Store) owns(ctx context.Context, scope principal.Scope, endpointID string) (bool, error) {
	var n int64
	err := db.Scope(s.db.Read(ctx).Table("endpoints"), scope).Where("id = ?", endpointID).Count(&n).Error
	return n > 0, err
}

// merge follows walks side by side and returns more than limit rows only when there are more.
func (s *Store) merge(ctx context.Context, scope principal.Scope, walks []walk, limit int, f Filter) (found, error) {
	var out found
	for _, w := range walks {
		one, err := s.follow(ctx, scope, w, limit, f)
		if err != nil {
			return out, err
		}
		out.rows = append(out.rows, one.rows...)
		if f.further(out.stop, one.stop) { // beyond it there may be rows of this walk
			out.stop = one.stop
		}
	}
	f.sort(out.rows)
	out.rows = out.rows[:f.upTo(out.rows, out.stop)]
	return out, nil
}

// follow follows one walk.
func (s *Store) follow(ctx context.Context, scope principal.Scope, w walk, limit int, f Filter) (found, error) {
	var out found
	order, _ := f.order()
	if f.Text != "" {
		w.most = min(w.most, textMost)
	}
	// The limit inside bounds what is looked at; the one outside ends the search when the page is full.
	inner := w.index().Limit(w.most)
	q := f.narrow(db.Scope(s.db.Read(ctx).Table("(?) AS deliveries", inner), scope)).Order(order)
	var err error
	if f.Text == "" {
		err = q.Limit(limit + 1).Find(&out.rows).Error
	} else {
		out, err = s.withText(ctx, q, limit, f.Text)
	}
	if err != nil || !out.stop.IsZero() {
		return out, err
	}
	if len(out.rows) > limit {
		out.stop = uuidOf(out.rows[limit])
		return out, nil
	}
	var last []id.UUID
	err = w.index().Offset(w.most-1).Limit(1).Pluck("id", &last).Error
	if len(last) > 0 {
		out.stop = last[0]
	}
	return out, err
}

// upTo is how many rows, sorted, are not beyond an id.
func (f Filter) upTo(rows []delivery.Delivery, stop id.UUID) int {
	n := slices.IndexFunc(rows, func(d delivery.Delivery) bool {
		return !stop.IsZero() && f.compare(uuidOf(d), stop) > 0
	})
	if n < 0 {
		return len(rows)
	}
	return n
}

func (f Filter) sort(rows []delivery.Delivery) {
	slices.SortFunc(rows, func(a, b delivery.Delivery) int { return f.compare(uuidOf(a), uuidOf(b)) })
}

func uuidOf(d delivery.Delivery) id.UUID {
	u, _ := id.Parse(d.ID)
	return u
}
