package event

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
)

// Horizon is the position before which no event is going to be committed any more.
func (s *Store) Horizon(ctx context.Context) (int64, error) {
	sql := "SELECT coalesce(max(position), 0) + 1 FROM events" // one writer: the order of positions is that of commits
	if s.db.Postgres() {
		sql = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
	}
	var position int64
	err := s.db.Read(ctx).Raw(sql).Scan(&position).Error
	return position, err
}

// walked is the row of reconciler.
type walked struct {
	ID       int
	Position int64
	At       db.Time
}

// TableName implements GORM's Tabler.
func (walked) TableName() string { return "reconciler" }

// idSlack is how much older an event's id may be than its commit: clocks of processes differ, and are set.
const idSlack = 26 * time.Hour

// Walk returns, in the order of their commits, the next events after those that were walked through before, up to a
// horizon, without their data: at most limit, but all of a transaction together. last is the position up to which it
// looked; done says that it reached the horizon.
func (s *Store) Walk(tx *gorm.DB, horizon int64, limit int) (events []Event, last int64, done bool, err error) {
	var at walked
	if err := s.db.ForUpdate(tx).Where("id = 1").Take(&at).Error; err != nil {
		return nil, 0, false, err
	}
	if at.Position > horizon { // the database was restored into another server, which counts anew
		at.Position = 0
	}
	q := s.after(tx, at).Where("position < ?", horizon).Omit("data").Limit(limit)
	if err := q.Find(&events).Error; err != nil || len(events) < limit {
		return events, horizon - 1, true, err
	}
	last = events[len(events)-1].Position
	if events[0].Position == last { // one transaction with more events than that
		events, err = s.rest(tx, events, last)
		return events, last, false, err
	}
	n := len(events)
	for events[n-1].Position == last { // there may be more of the last transaction: next time
		n--
	}
	return events[:n], events[n-1].Position, false, nil
}

// after are the events behind a position, in their order.
func (s *Store) after(q *gorm.DB, at walked) *gorm.DB {
	q = q.Where("position > ?", at.Position).Order("position, id")
	if s.db.Postgres() && at.At.Unix() > 0 { // the days before have no such events; PostgreSQL need not look there
		q = q.Where("id >= ?", id.From(at.At.Add(-idSlack)))
	}
	return q
}

// Unwalked locks and returns, by their ids and without their data, those of the events that were not walked through
// yet. None is until the transaction ends.
func (s *Store) Unwalked(tx *gorm.DB, ids []id.UUID) ([]Event, error) {
	unwalked := func(q *gorm.DB) *gorm.DB {
		return db.WhereLogUUIDs(q, "id", ids).Where("position > (SELECT position FROM reconciler WHERE id = 1)")
	}
	var some []Event
	if err := unwalked(tx).Select("id").Limit(1).Find(&some).Error; err != nil || len(some) == 0 {
		return nil, err // nearly always; then the walk does not wait
	}
	if err := s.db.ForUpdate(tx).Where("id = 1").Take(&walked{}).Error; err != nil {
		return nil, err
	}
	var events []Event
	err := unwalked(s.db.ForUpdate(tx)).Omit("data").Order("id").Find(&events).Error
	return events, err
}

// Purge records that the deliveries of an event to some of its endpoints were purged, so that they are not planned
// again. The caller has the event from Unwalked: of one that was walked through, what has no row is not planned.
func (s *Store) Purge(tx *gorm.DB, e Event, endpointIDs []id.UUID) error {
	return tx.Model(&Event{}).Where("id = ?", e.UUID()).
		Update("purged", slices.Concat(e.Purged, endpointIDs)).Error
}

// OldestUnwalked is when the first event was stored that was not walked through yet; zero when there is none.
func (s *Store) OldestUnwalked(ctx context.Context) (time.Time, error) {
	var at walked
	if err := s.db.Read(ctx).Where("id = 1").Take(&at).Error; err != nil {
		return time.Time{}, err
	}
	var first []db.Time
	err := s.after(s.db.Read(ctx).Model(&Event{}), at).Limit(1).Pluck("created_at", &first).Error
	if err != nil || len(first) == 0 {
		return time.Time{}, err
	}
	return first[0].Time, nil
}

// rest returns all events of one transaction.
func (s *Store) rest(tx *gorm.DB, events []Event, position int64) ([]Event, error) {
	var more []Event
	err := tx.Omit("data").Where("position = ? AND id > ?", position, events[len(events)-1].UUID()).Order("id").
		Find(&more).Error
	return append(events, more...), err
}

// Walked records up to where events were walked through, and when that was the horizon.
func (s *Store) Walked(tx *gorm.DB, position int64, at db.Time) error {
	return tx.Model(&walked{}).Where("id = 1").Updates(map[string]any{"position": position, "at": at}).Error
}
