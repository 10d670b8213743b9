package alert

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/background"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/principal"
)

type disabler interface {
	// Disable disables an endpoint, in a transaction, for a reason, and says whether it was enabled.
	Disable(tx *gorm.DB, endpointID, reason string) (bool, error)
}

// Monitor warns of endpoints that have been failing for long, and then disables them. Each worker process runs one.
// When two evaluate the same endpoint, the second waits for the lock of its row and finds nothing left to do.
type Monitor struct {
	*background.Routine

	reporter  *Reporter
	endpoints disabler
	looked    time.Time // when all endpoints were evaluated last
}

const (
	lookEvery  = time.Minute // for all endpoints, because of failures that other processes saw
	failedWait = time.Second // for those that just failed, however often they do
	lookBatch  = 200
)

// NewMonitor makes a Monitor, which publishes through the reporter and disables through endpoints.
func NewMonitor(r *Reporter, endpoints disabler) *Monitor {
	m := &Monitor{reporter: r, endpoints: endpoints}
	m.Routine = background.Every(failedWait, "evaluating failing endpoints failed", m.tick)
	return m
}

// tick evaluates all endpoints that have been failing for long, once a minute, and in between those that the reporter
// saw fail again.
func (m *Monitor) tick(ctx context.Context) error {
	if time.Since(m.looked) >= lookEvery {
		m.looked = time.Now()
		return m.Look(ctx)
	}
	return m.lookAtFailed(ctx)
}

// lookAtFailed evaluates the endpoints that failed since the last time.
func (m *Monitor) lookAtFailed(ctx context.Context) error {
	for some := range slices.Chunk(m.reporter.takeFailed(), lookBatch) {
		var rows []endpoint.Endpoint
		err := m.reporter.store.db.Read(ctx).Where("id IN ? AND enabled = ? AND deleted_at IS NULL", some, true).
			Find(&rows).Error
		if err == nil && len(rows) > 0 {
			err = m.judge(ctx, rows)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Look evaluates all endpoints that have been failing for long.
func (m *Monitor) Look(ctx context.Context) error {
	s := m.reporter.store
	var last endpoint.Endpoint
	for {
		var rows []endpoint.Endpoint
		q := s.db.Read(ctx).Where("failing_since <= ? AND enabled = ? AND deleted_at IS NULL",
			db.At(s.now().Add(-earliest)), true)
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

// judge evaluates endpoints without a lock, and acts on each that needs it in a transaction of its own.
func (m *Monitor) judge(ctx context.Context, rows []endpoint.Endpoint) error {
	s := m.reporter.store
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

// act evaluates an endpoint again under its lock, and warns of it or disables it.
func (m *Monitor) act(tx *gorm.DB, endpointID string) error {
	s := m.reporter.store
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
		return m.reporter.emit(tx, e.Scope(), e.UserNumber, Failing, failingData{
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
	err := q.Select("key", "created_at").Where("(tenant_id, environment) IN ? AND key IN ?", scopes, keys).
		Find(&rows).Error
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
