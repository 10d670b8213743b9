package delivery

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
)

// Reach is whose deliveries a caller may touch: those of one scope, or, for operators, all or one tenant's. The zero
// Reach reaches nothing: every use of it fails.
type Reach struct {
	scope    principal.Scope
	operator bool
}

// Within is the reach of a tenant.
func Within(s principal.Scope) Reach { return Reach{scope: s} }

// Everywhere is the reach of an operator; what is empty in s does not narrow it.
func Everywhere(s principal.Scope) Reach { return Reach{scope: s, operator: true} }

func (r Reach) narrow(q *gorm.DB) (*gorm.DB, error) {
	if !r.operator {
		return db.Scope(q, r.scope), r.scope.Check()
	}
	return db.WhereOptional(q, map[string]string{"tenant_id": r.scope.TenantID,
		"environment": string(r.scope.Environment)}), nil
}

// DeadFilter narrows a set of dead letters; what is zero doesn't.
type DeadFilter struct {
	ID                     string
	EndpointID, EventType  string
	Reason                 string // the delivery's, or the error code of its last attempt
	HTTPStatus             int    // of the last attempt
	HTTPClass              string // 2xx to 5xx, or none when no answer came
	CreatedFrom, CreatedTo time.Time
	DiedFrom, DiedTo       time.Time // from is part of it, to is not
}

func (f DeadFilter) narrow(q *gorm.DB) *gorm.DB {
	q = db.WhereOptional(q.Where("status = ?", Dead), map[string]string{"id": f.ID, "endpoint_id": f.EndpointID,
		"event_type": f.EventType})
	if f.Reason != "" {
		q = q.Where(`(reason = ? OR EXISTS (SELECT 1 FROM attempts a WHERE a.delivery_id = deliveries.id
			AND a.number = deliveries.attempt_count AND a.error_code = ?))`, f.Reason, f.Reason)
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

// page is the query of one page of dead letters: newest first, without bodies.
func (f DeadFilter) page(q *gorm.DB, r Reach, l page.Log) (*gorm.DB, error) {
	q, err := r.narrow(q.Omit("body"))
	return db.Keyset(f.narrow(q), l), err
}

// step is the query of the next dead letters of a change of many: those that died by a time, the earliest first.
func (f DeadFilter) step(q *gorm.DB, r Reach, by time.Time, from string, limit int) (*gorm.DB, error) {
	q, err := r.narrow(q)
	if err != nil {
		return nil, err
	}
	q = f.narrow(q).Where("finished_at <= ?", db.At(by))
	if from != "" {
		c, err := page.ParseCursor(from)
		if err != nil {
			return nil, err
		}
		q = q.Where("(finished_at, id) > (?, ?)", db.At(c.At), c.ID)
	}
	return q.Select("id", "finished_at").Order("finished_at, id").Limit(limit), nil
}

// Dead returns dead letters newest first, without their bodies, and the cursor of the next page.
func (s *Store) Dead(ctx context.Context, r Reach, l page.Log, f DeadFilter) ([]Delivery, *string, error) {
	q, err := f.page(s.db.Read(ctx), r, l)
	if err != nil {
		return nil, nil, err
	}
	var rows []Delivery
	err = q.Find(&rows).Error
	rows, next := page.Cut(l, rows, func(d Delivery) page.Cursor { return page.Cursor{At: d.CreatedAt.Time, ID: d.ID} })
	return rows, next, err
}

// Find returns a delivery, in whatever state, with its body and its attempts in order.
func (s *Store) Find(ctx context.Context, r Reach, deliveryID string) (Delivery, []Attempt, error) {
	q, err := r.narrow(s.db.Read(ctx))
	if err != nil {
		return Delivery{}, nil, err
	}
	d, err := take(q, deliveryID)
	if err != nil {
		return d, nil, err
	}
	return s.Get(ctx, d.Scope(), d.ID)
}

// Survey is what a change of many would do.
type Survey struct {
	Total   int
	Skipped map[string]int // by reason
	Sample  []string       // ids of the first few
}

const sampleSize = 10

// SurveyDead counts the dead letters that died by a time. replay also counts those that replaying would skip.
func (s *Store) SurveyDead(ctx context.Context, r Reach, f DeadFilter, by time.Time, replay bool) (Survey, error) {
	set := func() *gorm.DB {
		q, _ := r.narrow(s.db.Read(ctx).Model(&Delivery{}))
		return f.narrow(q).Where("finished_at <= ?", db.At(by))
	}
	out := Survey{Skipped: map[string]int{}, Sample: []string{}}
	if _, err := r.narrow(s.db.Read(ctx)); err != nil {
		return out, err
	}
	var groups []struct {
		EndpointID, TenantID string
		N                    int
	}
	if err := set().Select("endpoint_id, tenant_id, COUNT(*) AS n").Group("endpoint_id, tenant_id").
		Scan(&groups).Error; err != nil {
		return out, err
	}
	var rows []Delivery
	for _, g := range groups {
		out.Total += g.N
		rows = append(rows, Delivery{EndpointID: g.EndpointID, TenantID: g.TenantID})
	}
	if replay {
		targets, err := s.targets(s.db.Read(ctx), rows)
		if err != nil {
			return out, err
		}
		for _, g := range groups {
			if reason := targets.refuse(g.EndpointID, g.TenantID); reason != "" {
				out.Skipped[reason] += g.N
			}
		}
	}
	return out, set().Order("finished_at, id").Limit(sampleSize).Pluck("id", &out.Sample).Error
}

// Part is what one step of a change of many did.
type Part struct {
	IDs     []string       // of the deliveries that were changed
	Skipped map[string]int // by reason
	Next    string         // where the next step begins
	End     bool           // there was nothing left
}

// SkipChanged is why a delivery is passed over that is no longer in the state that the change is for.
const SkipChanged = "changed"

// deadPart finds, in a transaction, the next dead letters that died by a time and locks those that are still dead.
func (s *Store) deadPart(tx *gorm.DB, r Reach, f DeadFilter, by time.Time, from string, limit int) ([]Delivery, Part,
	error) {
	part := Part{Skipped: map[string]int{}, Next: from}
	q, err := f.step(tx, r, by, from, limit)
	if err != nil {
		return nil, part, err
	}
	var found, rows []Delivery
	if err := q.Find(&found).Error; err != nil {
		return nil, part, err
	}
	if part.End = len(found) < limit; len(found) == 0 {
		return nil, part, nil
	}
	ids := make([]string, 0, len(found))
	for _, d := range found {
		ids = append(ids, d.ID)
	}
	last := found[len(found)-1]
	part.Next = page.Cursor{At: last.FinishedAt.Time, ID: last.ID}.String()
	err = s.db.ForUpdate(tx).Omit("body").Where("id IN ? AND status = ?", ids, Dead).Order("id").Find(&rows).Error
	if gone := len(found) - len(rows); gone > 0 {
		part.Skipped[SkipChanged] = gone
	}
	return rows, part, err
}

// ReplayDead makes, in the transaction that ctx carries, the next dead letters pending again that died by a time. They
// are due at once, and the reconciler hands them to the queue in bounded steps.
func (s *Store) ReplayDead(ctx context.Context, r Reach, f DeadFilter, by time.Time, from string, limit int) (Part,
	error) {
	var part Part
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		var rows []Delivery
		var err error
		if rows, part, err = s.deadPart(tx, r, f, by, from, limit); err != nil || len(rows) == 0 {
			return err
		}
		return s.replayMany(tx, rows, &part)
	})
	return part, err
}

// PurgeDead deletes, in the transaction that ctx carries, the next dead letters that died by a time, with their
// attempts.
func (s *Store) PurgeDead(ctx context.Context, r Reach, f DeadFilter, by time.Time, from string, limit int) (Part,
	error) {
	var part Part
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		var rows []Delivery
		var err error
		if rows, part, err = s.deadPart(tx, r, f, by, from, limit); err != nil || len(rows) == 0 {
			return err
		}
		for _, d := range rows {
			part.IDs = append(part.IDs, d.ID)
		}
		if err := tx.Where("delivery_id IN ?", part.IDs).Delete(&Attempt{}).Error; err != nil {
			return err
		}
		return tx.Where("id IN ?", part.IDs).Delete(&Delivery{}).Error
	})
	return part, err
}

// NewestDead returns the ids of the dead letters that died last, at most limit, over all tenants, the latest last.
func (s *Store) NewestDead(ctx context.Context, limit int) ([]string, error) {
	var ids []string
	err := s.db.Read(ctx).Model(&Delivery{}).Where("status = ?", Dead).Order("finished_at DESC, id DESC").Limit(limit).
		Pluck("id", &ids).Error
	for i, j := 0, len(ids)-1; i < j; i, j = i+1, j-1 {
		ids[i], ids[j] = ids[j], ids[i]
	}
	return ids, err
}
