package alert

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/background"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/principal"
)

type switchboard interface {
	// Disable turns an endpoint off, in a transaction, for a reason, and says whether it was on.
	Disable(tx *gorm.DB, endpointID, reason string) (bool, error)
}

// Monitor looks at the endpoints that have been failing for long, warns of them, and disables them. Each worker process
// runs one. Two that see the same endpoint take turns at its row, and the second finds the work done.
type Monitor struct {
	teller    *Teller
	endpoints switchboard
	routine   background.Routine

	mu     sync.Mutex
	failed map[string]bool // endpoints that just failed again
}

const (
	lookEvery  = time.Minute // at all of them, should what they did here have been overlooked
	failedWait = time.Second // at those that just failed, however often they do
	lookBatch  = 200
)

// NewMonitor makes a Monitor; Start starts it. From then on it is told of endpoints that fail here.
func NewMonitor(t *Teller, endpoints switchboard) *Monitor {
	m := &Monitor{teller: t, endpoints: endpoints, failed: map[string]bool{}}
	t.wake = m.again
	return m
}

// Start begins to look: at once and every minute at all endpoints that have been failing for long, and every second at
// those of them that failed again.
func (m *Monitor) Start() {
	var looked time.Time
	m.routine.StartEvery(failedWait, "looking at failing endpoints failed", func(ctx context.Context) error {
		if time.Since(looked) >= lookEvery {
			looked = time.Now()
			return m.Look(ctx)
		}
		return m.lookAtFailed(ctx)
	})
}

// again remembers endpoints that failed once more.
func (m *Monitor) again(endpointIDs []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range endpointIDs {
		m.failed[id] = true
	}
}

// lookAtFailed evaluates the endpoints that failed since the last time.
func (m *Monitor) lookAtFailed(ctx context.Context) error {
	m.mu.Lock()
	ids := slices.Sorted(maps.Keys(m.failed))
	clear(m.failed)
	m.mu.Unlock()
	for some := range slices.Chunk(ids, lookBatch) {
		var rows []endpoint.Endpoint
		err := m.teller.store.db.Read(ctx).Where("id IN ? AND enabled = ? AND deleted_at IS NULL", some, true).Find(&rows).Error
		if err == nil && len(rows) > 0 {
			err = m.judge(ctx, rows)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Stop ends looking.
func (m *Monitor) Stop() { m.routine.Stop() }

// Look evaluates all endpoints that have been failing for long.
func (m *Monitor) Look(ctx context.Context) error {
	s := m.teller.store
	var last endpoint.Endpoint
	for {
		var rows []endpoint.Endpoint
		q := s.db.Read(ctx).Where("failing_since <= ? AND enabled = ? AND deleted_at IS NULL", db.At(s.now().Add(-earliest)), true)
		if last.ID != "" {
			q = q.Where("(failing_since, id) > (?, ?)", last.FailingSince, last.ID)
		}
		if err := q.Order("failing_since, id").Limit(lookBatch).Find(&rows).Error; err != nil || len(rows) == 0 {
			return err
		}
		if err := m.judge(ctx, rows); err != nil {
			return err
		}
		if len(rows) < lookBatch {
			return nil
		}
		last = rows[len(rows)-1]
	}
}

// judge finds, without any lock, those of the endpoints for which there is something to do, and does it for each in a
// transaction of its own.
func (m *Monitor) judge(ctx context.Context, rows []endpoint.Endpoint) error {
	s := m.teller.store
	warnings, err := warnedOf(s.db.Read(ctx), rows)
	if err != nil {
		return err
	}
	limits, err := s.limitsOf(s.db.Read(ctx), rows)
	if err != nil {
		return err
	}
	for _, e := range rows {
		if evaluate(e, warnings[e.ID], limits[e.Scope()]) == (signal{}) {
			continue
		}
		if err := s.db.Tx(ctx, func(tx *gorm.DB) error { return m.act(tx, e.ID) }); err != nil {
			return err
		}
	}
	return nil
}

// act decides again, holding the endpoint, and does what follows.
func (m *Monitor) act(tx *gorm.DB, endpointID string) error {
	s := m.teller.store
	var rows []endpoint.Endpoint
	err := s.db.ForUpdate(tx).Where("id = ? AND deleted_at IS NULL", endpointID).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return err
	}
	warnings, err := warnedOf(tx, rows)
	if err != nil {
		return err
	}
	limits, err := s.limitsOf(tx, rows)
	if err != nil {
		return err
	}
	e := rows[0]
	switch do := evaluate(e, warnings[e.ID], limits[e.Scope()]); {
	case do.disable:
		_, err := m.endpoints.Disable(tx, e.ID, endpoint.ReasonFailing)
		return err
	case do.warn > 0:
		return m.teller.emit(tx, e.Scope(), Failing, failingData{
			about: of(e), Percent: do.warn, FailingSince: e.FailingSince.Time,
			ConsecutiveFailures: e.ConsecutiveFailures, WarnedAt: db.At(s.now()).Time,
		})
	}
	return nil
}

// warnedOf reads the highest warning that each endpoint had since it began to fail.
func warnedOf(q *gorm.DB, endpoints []endpoint.Endpoint) (map[string]warned, error) {
	keys, owner, percent := []string{}, map[string]string{}, map[string]int{}
	scopes := [][]any{}
	for _, e := range endpoints {
		scopes = append(scopes, []any{e.TenantID, e.Environment})
		for _, level := range levels {
			k := failingKey(level, e.ID, e.FailingSince.Time)
			keys, owner[k], percent[k] = append(keys, k), e.ID, level
		}
	}
	var rows []Alert
	err := q.Select("key", "created_at").Where("(tenant_id, environment) IN ? AND key IN ?", scopes, keys).Find(&rows).Error
	out := map[string]warned{}
	for _, a := range rows {
		if percent[a.Key] > out[owner[a.Key]].percent {
			out[owner[a.Key]] = warned{percent[a.Key], a.CreatedAt.Time}
		}
	}
	return out, err
}

// limitsOf reads the limits of the endpoints' tenants.
func (s *Store) limitsOf(q *gorm.DB, endpoints []endpoint.Endpoint) (map[principal.Scope]Limits, error) {
	out := map[principal.Scope]Limits{}
	var tuples [][]string
	for _, e := range endpoints {
		if _, ok := out[e.Scope()]; !ok {
			out[e.Scope()] = s.defaults
			tuples = append(tuples, []string{e.TenantID, string(e.Environment)})
		}
	}
	var rows []Settings
	err := db.WhereInTuples(q, []string{"tenant_id", "environment"}, tuples).Find(&rows).Error
	for _, r := range rows {
		out[principal.Scope{TenantID: r.TenantID, Environment: r.Environment}] = r.limits(s.defaults)
	}
	return out, err
}
