package event

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
)

// Store reads the event log and keeps its fan-out state.
type Store struct{ db *db.DB }

// NewStore makes a Store.
func NewStore(database *db.DB) *Store { return &Store{db: database} }

// Get returns one event, by the id that its publisher gave it or by ours. Of several with the publisher's id it is the
// caller's.
func (s *Store) Get(ctx context.Context, scope principal.Scope, wireID string) (Event, error) {
	q := s.db.Read(ctx)
	order := "user_number" // of a caller who may read all: the tenant's
	if db.OwnerOf(q) != 0 {
		order = "user_number DESC"
	}
	var p publisherID
	switch err := visible(q, scope).Where("publisher_id = ?", wireID).Order(order).Take(&p).Error; {
	case err == nil:
		wireID = p.EventID
	case !errors.Is(err, gorm.ErrRecordNotFound):
		return Event{}, err
	}
	if _, err := id.ParseAs(id.Event, wireID); err != nil {
		return Event{}, problem.Missing("event")
	}
	return db.One[Event](db.WhereID(visible(q, scope), "id", wireID), "event")
}

// visible are the events of a scope that the caller of the query may read: for one who may access the rows of a member
// alone, the events that concern the member or no member.
func visible(q *gorm.DB, scope principal.Scope) *gorm.DB {
	owner := db.OwnerOf(q)
	if q = db.Scope(q, scope); owner != 0 {
		q = visibleTo(q, owner)
	}
	return q
}

// visibleTo narrows a query to what concerns a member or no member.
func visibleTo(q *gorm.DB, member int64) *gorm.DB { return q.Where("user_number IN (0, ?)", member) }

// scanMost is how many events one page of a sparse list looks at: there is no index by type, so it answers what it
// found among them, and the cursor where it stopped.
const scanMost = 3000

// Filter narrows the event log; what is zero narrows nothing.
type Filter struct {
	Types    []string
	Sent     *bool     // whether it has a delivery; one that is yet to be fanned out is neither
	From, To time.Time // when an event was accepted, To excluded
}

// sparse says whether the filter has what no index answers.
func (f Filter) sparse() bool { return len(f.Types) > 0 || f.Sent != nil }

func (f Filter) matches(e Event) bool {
	if f.Sent != nil && (len(e.Endpoints) > 0 != *f.Sent || e.DispatchedAt.IsZero()) {
		return false
	}
	return len(f.Types) == 0 || slices.Contains(f.Types, e.Type)
}

// idMargin is how far the time of an event's id may be from when it was accepted.
const idMargin = time.Minute

func (f Filter) narrow(q *gorm.DB) *gorm.DB {
	if !f.From.IsZero() {
		q = q.Where("id >= ?", id.From(f.From.Add(-idMargin)))
	}
	if !f.To.IsZero() {
		q = q.Where("id < ?", id.From(f.To.Add(idMargin)))
	}
	return db.WhereTimeRange(q, "created_at", f.From, f.To)
}

// List returns events newest first and the cursor of the next page, nil on the last one. With types or
// Sent a page may have fewer events than its limit although there are more.
func (s *Store) List(ctx context.Context, scope principal.Scope, l page.Log, f Filter) ([]Event, *string, error) {
	rows, last, more, err := s.read(ctx, scope, l, f, true)
	if err != nil || !more {
		return rows, nil, err
	}
	next := last.String()
	return rows, &next, nil
}

// Pull returns events in the order in which they were committed, and always the cursor that continues after the last
// one, nil only while there is none at all. Nothing is ever committed before an event that was returned. With types a
// page may be empty although there are more: then the cursor differs from the one before. It never reads from a
// replica: its cursor would be lost when the replica takes over with a shorter log.
func (s *Store) Pull(ctx context.Context, scope principal.Scope, l page.Log, f Filter) ([]Event, *string, error) {
	rows, last, _, err := s.read(db.Fresh(ctx), scope, l, f, false)
	if last == nil {
		last = l.After
	}
	if err != nil || last == nil {
		return rows, nil, err
	}
	next := last.String()
	return rows, &next, nil
}

// read reads one page. last is the place up to which it looked; more says that there may be more.
func (s *Store) read(ctx context.Context, scope principal.Scope, l page.Log, f Filter, newest bool) (rows []Event,
	last *page.Cursor, more bool, err error) {
	q := f.narrow(visible(s.db.Read(ctx), scope))
	after, order := "(position, id) < (?, ?)", "position DESC, id DESC"
	if !newest {
		after, order = "(position, id) > (?, ?)", "position, id"
		if s.db.Postgres() {
			q = q.Where("position < pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
		}
	}
	u, err := db.AfterID(id.Event, l)
	if err != nil {
		return nil, nil, false, err
	}
	if l.After != nil {
		q = q.Where(after, l.After.At.UnixMicro(), u)
	}
	limit := l.Limit + 1
	if f.sparse() {
		limit = scanMost
		q = q.Omit("data")
	}
	var found []Event
	if err := q.Order(order).Limit(limit).Find(&found).Error; err != nil || len(found) == 0 {
		return nil, nil, false, err
	}
	rows, place, more := f.pick(found, l.Limit, len(found) == limit)
	if f.sparse() {
		err = s.fill(ctx, scope, rows)
	}
	at := page.Cursor{At: time.UnixMicro(found[place].Position).UTC(), ID: found[place].ID}
	return rows, &at, more, err
}

// pick returns at most limit of the events, the place of the last one that was looked at, and whether there may be
// more. full says that more were not read.
func (f Filter) pick(found []Event, limit int, full bool) (rows []Event, last int, more bool) {
	for i, e := range found {
		if !f.matches(e) {
			continue
		}
		if len(rows) == limit {
			return rows, last, true
		}
		rows, last = append(rows, e), i
	}
	return rows, len(found) - 1, full
}

// Published says whether there is an event of a type. It may look at all of a tenant's events.
func (s *Store) Published(ctx context.Context, scope principal.Scope, eventType string) (bool, error) {
	var some []Event
	err := db.Scope(s.db.Read(ctx), scope).Select("id").Where("type = ?", eventType).Limit(1).Find(&some).Error
	return len(some) > 0, err
}

// fill reads the data of events.
func (s *Store) fill(ctx context.Context, scope principal.Scope, rows []Event) error {
	if len(rows) == 0 {
		return nil
	}
	ids := make([]id.UUID, len(rows))
	for i, e := range rows {
		ids[i] = e.UUID()
	}
	var full []Event
	err := db.WhereUUIDs(db.Scope(s.db.Read(ctx), scope).Select("id", "data"), "id", ids).Find(&full).Error
	for _, e := range full {
		if i := slices.IndexFunc(rows, func(r Event) bool { return r.ID == e.ID }); i >= 0 {
			rows[i].Data = e.Data
		}
	}
	return err
}

// ByID returns the events with the ids, of any tenant, in no order.
func (s *Store) ByID(q *gorm.DB, ids []id.UUID) ([]Event, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var out []Event
	err := db.WhereUUIDs(q, "id", ids).Find(&out).Error
	return out, err
}

// Undispatched returns the ids of at most limit events that were committed before olderThan and have not been fanned
// out, oldest first, over all tenants but some.
func (s *Store) Undispatched(ctx context.Context, olderThan time.Time, but []string, limit int) ([]id.UUID, error) {
	var rows []Event
	q := s.db.Read(ctx).Select("id").Where("dispatched_at IS NULL AND created_at < ?", db.At(olderThan))
	for _, tenantID := range but {
		u, err := id.ParseAs(id.Tenant, tenantID)
		if err != nil {
			return nil, err
		}
		q = q.Where("tenant_id <> ?", u)
	}
	err := q.Order("created_at").Limit(limit).Find(&rows).Error
	ids := make([]id.UUID, 0, len(rows))
	for _, e := range rows {
		ids = append(ids, e.UUID())
	}
	return ids, err
}

// ClaimUndispatched locks and returns those of the events that have not been fanned out yet. Two processes that claim
// the same events never both get them.
func (s *Store) ClaimUndispatched(tx *gorm.DB, ids []id.UUID) ([]Event, error) {
	var rows []Event
	err := db.WhereUUIDs(s.db.ForUpdateSkipLocked(tx), "id", ids).Where("dispatched_at IS NULL").Find(&rows).Error
	return rows, err
}

// MarkDispatched records to which endpoints an event goes, or why it goes to none.
func (s *Store) MarkDispatched(tx *gorm.DB, e Event) error {
	return tx.Model(&Event{}).Where("id = ?", e.UUID()).Updates(map[string]any{
		"dispatched_at": e.DispatchedAt, "endpoints": e.Endpoints, "reason": e.Reason}).Error
}

// AddEndpoint records that an event goes to one more endpoint. The caller holds the event's row.
func (s *Store) AddEndpoint(tx *gorm.DB, e Event, endpointID id.UUID) error {
	if slices.Contains(e.Endpoints, endpointID) {
		return nil
	}
	return tx.Model(&Event{}).Where("id = ?", e.UUID()).Updates(map[string]any{
		"endpoints": append(slices.Clone(e.Endpoints), endpointID), "reason": ""}).Error
}

// Oldest is when the oldest event that is kept was stored, zero when there is none. It reads one entry of an index.
func (s *Store) Oldest(ctx context.Context) (time.Time, error) {
	var e []Event
	err := s.db.Read(ctx).Select("created_at").Order("id").Limit(1).Find(&e).Error
	if err != nil || len(e) == 0 {
		return time.Time{}, err
	}
	return e[0].CreatedAt.Time, nil
}
