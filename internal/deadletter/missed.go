package deadletter

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
)

// Missed is the events that an endpoint missed: accepted from Since to before Until, of the types that it subscribes
// to now, and, when Types names any, of those.
type Missed struct {
	Scope        principal.Scope
	EndpointID   string
	Since, Until time.Time
	Types        []string // names and groups
	// Known is since when an event that was not for the endpoint and has no delivery to it never had one. Before it,
	// one that succeeded may have outlived its retention.
	Known time.Time
}

func (m Missed) wants(e endpoint.Endpoint, eventType string) bool {
	return e.Subscribes(eventType) && (len(m.Types) == 0 ||
		slices.ContainsFunc(m.Types, func(pattern string) bool { return event.Matches(pattern, eventType) }))
}

const (
	// walkChunk is how many events one query of a walk reads, and walkMost how many one step of a recovery looks at.
	walkChunk = 1000
	walkMost  = 5000
	// idMargin is how far an event's id may be from its creation: the id is made a moment earlier.
	idMargin = time.Minute
)

// walk goes through the events of an endpoint's tenant, on PostgreSQL day by day, since each is a partition, and within
// a day in the order of their positions. There is no index by event, so it computes the id of each event's delivery and
// looks that up.
type walk struct {
	*Missed
	endpoint endpoint.Endpoint
	uuid     id.UUID // of the endpoint
	daily    bool
	begin    time.Time // of the ids that it looks at now
	position int64
	after    id.UUID // the last event that it looked at
}

// newWalk makes a walk that goes on where another one was, as its String told; from is empty at first.
func (s *Store) newWalk(m *Missed, e endpoint.Endpoint, from string) (*walk, error) {
	u, err := id.ParseAs(id.Endpoint, m.EndpointID)
	w := &walk{Missed: m, endpoint: e, uuid: u, daily: s.db.Postgres(), begin: m.Since.Add(-idMargin)}
	if err != nil || from == "" {
		return w, err
	}
	c, err := page.ParseCursor(from)
	if err != nil {
		return nil, err
	}
	w.position = c.At.UnixMicro()
	if w.after, err = id.ParseAs(id.Event, c.ID); err != nil {
		return nil, err
	}
	if day := dayOf(w.after.Time()); w.daily && day.After(w.begin) {
		w.begin = day
	}
	return w, err
}

// dayOf is when the day (UTC) of a time began.
func dayOf(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// String says where the walk is.
func (w *walk) String() string {
	return page.Cursor{At: time.UnixMicro(w.position).UTC(), ID: w.after.TypeID(id.Event)}.String()
}

// end is the end of the ids that it looks at now; over says that there are none after them.
func (w *walk) end() (end time.Time, over bool) {
	last := w.Until.Add(idMargin)
	next := dayOf(w.begin).AddDate(0, 0, 1)
	if w.daily && next.Before(last) {
		return next, false
	}
	return last, true
}

// query is the query of the next events, without what a decision does not need. Those that are yet to be fanned out are
// not missed.
func (w *walk) query(q *gorm.DB) *gorm.DB {
	end, _ := w.end()
	q = db.Scope(q.Model(&event.Event{}), w.Scope).
		Select("id", "publisher_id", "type", "user_number", "endpoints", "created_at", "position").
		Where("id >= ? AND id < ?", id.From(w.begin), id.From(end)).
		Where("created_at >= ? AND created_at < ? AND dispatched_at IS NOT NULL", db.At(w.Since), db.At(w.Until))
	if !w.after.IsZero() && (!w.daily || !w.after.Time().Before(w.begin)) {
		q = q.Where("(position, id) > (?, ?)", w.position, w.after)
	}
	return q.Order("position, id").Limit(walkChunk)
}

// candidate is an event that the endpoint missed, and the id of its delivery.
type candidate struct {
	event    event.Event
	delivery id.UUID
	stored   bool // the delivery has a row
}

// next returns those that were missed of the next events, which may be none, and whether there is nothing after them.
// When it finds more than most, it returns the first of them and goes on after them the next time.
func (w *walk) next(q *gorm.DB, most int) (found []candidate, over bool, err error) {
	q = q.Session(&gorm.Session{})
	var events []event.Event
	if err := w.query(q).Find(&events).Error; err != nil {
		return nil, false, err
	}
	var wanted []candidate
	for _, e := range events {
		if w.wants(w.endpoint, e.Type) && w.endpoint.Concerns(e.UserNumber) {
			wanted = append(wanted, candidate{event: e, delivery: delivery.ID(e.UUID(), w.uuid)})
		}
	}
	rows, err := w.rows(q, wanted)
	if err != nil {
		return nil, false, err
	}
	for _, c := range wanted {
		d, stored := rows[c.delivery]
		if c.stored = stored; !w.missed(c, d) {
			continue
		}
		if len(found) == most {
			last := found[most-1].event
			w.position, w.after = last.Position, last.UUID()
			return found, false, nil
		}
		found = append(found, c)
	}
	if len(events) > 0 {
		last := events[len(events)-1]
		w.position, w.after = last.Position, last.UUID()
	}
	if len(events) < walkChunk {
		w.begin, over = w.end()
	}
	return found, over, nil
}

// missed decides whether an event was missed, given the row of its delivery, if that has one. An event that is for the
// endpoint and has no row is about to be delivered.
func (w *walk) missed(c candidate, d delivery.Delivery) bool {
	if c.stored {
		return replayable(d)
	}
	return !slices.Contains(c.event.Endpoints, w.uuid) && !c.event.CreatedAt.Before(w.Known)
}

// replayable says whether a delivery ended without its event being delivered, other than by the endpoint's own filter.
func replayable(d delivery.Delivery) bool {
	return d.Status == delivery.Dead || (d.Status == delivery.Cancelled && d.Reason != delivery.ReasonFiltered)
}

// rows returns the state of those deliveries of candidates that have a row.
func (w *walk) rows(q *gorm.DB, all []candidate) (map[id.UUID]delivery.Delivery, error) {
	if len(all) == 0 {
		return nil, nil
	}
	var rows []delivery.Delivery
	q = db.Scope(q, w.Scope).Select("id", "status", "reason")
	err := db.WhereLogUUIDs(q, "id", deliveryIDs(all)).Find(&rows).Error
	return byUUID(rows), err
}

func deliveryIDs(all []candidate) []id.UUID {
	out := make([]id.UUID, len(all))
	for i, c := range all {
		out[i] = c.delivery
	}
	return out
}

func byUUID(rows []delivery.Delivery) map[id.UUID]delivery.Delivery {
	out := make(map[id.UUID]delivery.Delivery, len(rows))
	for _, d := range rows {
		if u, err := id.Parse(d.ID); err == nil {
			out[u] = d
		}
	}
	return out
}

// SurveyMissed counts what an endpoint missed; the sample has ids of events.
func (s *Store) SurveyMissed(ctx context.Context, m Missed) (Survey, error) {
	out := Survey{Skipped: map[string]int{}, Sample: []string{}}
	if err := m.Scope.Check(); err != nil {
		return out, err
	}
	e, err := s.endpoints.Get(ctx, m.Scope, m.EndpointID)
	if err != nil {
		return out, err
	}
	w, err := s.newWalk(&m, e, "")
	if err != nil {
		return out, err
	}
	for over := false; !over; {
		var found []candidate
		if found, over, err = w.next(s.db.Read(ctx), walkChunk); err != nil {
			return out, err
		}
		out.Total += len(found)
		for _, c := range found[:min(len(found), sampleSize-len(out.Sample))] {
			out.Sample = append(out.Sample, c.event.WireID())
		}
	}
	return out, nil
}
