package delivery

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/id"
)

// claim is the answer to a worker that wants to run a delivery.
type claim struct {
	verdict  verdict
	after    time.Duration // with wait
	delivery Delivery
	attempt  Attempt           // with proceed: stored as running
	endpoint endpoint.Endpoint // with proceed
}

// Claim makes the delivery the caller's until the lease ends, and records the attempt before the request is made.
// Concurrent calls share a commit. Whoever gets proceed makes the request, and calls landed when it is over.
func (s *Store) Claim(ctx context.Context, deliveryID string) (claim, error) {
	return s.claims.Do(ctx, ticket{deliveryID: deliveryID})
}

// landed says that the request of a claim is over.
func (s *Store) landed(t ticket, succeeded bool) { s.flights(t.slow).leave(t.deliveryID, succeeded) }

func (s *Store) claimAll(ctx context.Context, tickets []ticket) ([]claim, error) {
	a := admission{
		store: s, slow: map[string]bool{}, byID: map[string]claim{}, entered: map[string]bool{}, starts: map[string]time.Time{},
		gates: map[string]bool{}, crowded: map[string]bool{}, probing: map[string]bool{},
	}
	ids := make([]string, 0, len(tickets))
	for _, t := range tickets {
		ids = append(ids, t.deliveryID)
		if t.slow {
			a.slow[t.deliveryID] = true
		}
	}
	err := s.db.Tx(ctx, func(tx *gorm.DB) error { return s.claimIn(tx, ids, &a) })
	a.settle(err == nil)
	if err != nil {
		return nil, err
	}
	if len(a.parks) > 0 {
		s.figures.parked.Add(uint64(len(a.parks)))
		s.wake()
	}
	out := make([]claim, len(ids))
	taken := map[string]bool{}
	for i, deliveryID := range ids {
		c, known := a.byID[deliveryID]
		if !known || (c.verdict == proceed && taken[deliveryID]) {
			// Gone, or another worker is deciding about it this very moment: looking again finds out.
			c = claim{verdict: wait, after: time.Second}
			if !known && s.gone(ctx, deliveryID) {
				c = claim{verdict: drop}
			}
		}
		taken[deliveryID] = true
		out[i] = c
	}
	return out, nil
}

func (s *Store) claimIn(tx *gorm.DB, ids []string, a *admission) error {
	var rows []Delivery
	if err := s.db.LockedFree(tx).Where("id IN ?", ids).Find(&rows).Error; err != nil || len(rows) == 0 {
		return err
	}
	endpointIDs := make([]string, 0, len(rows))
	for _, d := range rows {
		endpointIDs = append(endpointIDs, d.EndpointID)
	}
	var err error
	if a.endpoints, err = s.endpoints.ByID(tx, endpointIDs); err != nil {
		return err
	}
	if rows, err = s.holdBack(tx, rows, a.byID); err != nil {
		return err
	}
	a.tx, a.now = tx, s.now()
	if rows, err = a.admit(rows); err != nil {
		return err
	}
	return s.decide(tx, rows, a)
}

// decide judges each delivery and writes all decisions at once.
func (s *Store) decide(tx *gorm.DB, rows []Delivery, a *admission) error {
	now := a.now
	var claimed, ungated, lost []string
	var attempts []Attempt
	cancelled := map[string][]string{}
	for _, d := range rows {
		e := a.endpoints[d.EndpointID]
		v, after, cancelReason := judge(d, e, now)
		if d.Gate != NoGate && !e.Gate.Gated() {
			d.Gate = NoGate
			ungated = append(ungated, d.ID)
		}
		c := claim{verdict: v, after: after, delivery: d, endpoint: e}
		if d.Status == Delivering && (v == proceed || cancelReason != "") {
			lost = append(lost, d.ID)
		}
		if cancelReason != "" {
			cancelled[cancelReason] = append(cancelled[cancelReason], d.ID)
		}
		if v == proceed {
			claimed = append(claimed, d.ID)
			c.delivery.AttemptCount++
			c.attempt = Attempt{
				ID: id.New(id.Attempt), TenantID: d.TenantID, DeliveryID: d.ID, Number: c.delivery.AttemptCount,
				Status: AttemptRunning, Method: e.Method, URL: e.URL, ResponseBody: []byte{}, StartedAt: db.At(now),
				RequestHeaders: db.JSON[map[string]string]{V: map[string]string{}}, ResponseHeaders: db.JSON[map[string]string]{V: map[string]string{}},
			}
			if at, limited := a.starts[d.ID]; limited {
				c.attempt.StartedAt = db.At(at)
			}
			attempts = append(attempts, c.attempt)
		}
		a.byID[d.ID] = c
	}
	for reason, ids := range cancelled {
		if err := s.cancel(tx.Where("id IN ?", ids), reason); err != nil {
			return err
		}
	}
	if err := markLost(tx, lost, now); err != nil {
		return err
	}
	if len(ungated) > 0 {
		if err := tx.Model(&Delivery{}).Where("id IN ?", ungated).Update("gate", NoGate).Error; err != nil {
			return err
		}
	}
	if len(claimed) == 0 {
		return nil
	}
	err := tx.Model(&Delivery{}).Where("id IN ?", claimed).Updates(map[string]any{
		"status": Delivering, "attempt_count": gorm.Expr("attempt_count + 1"), "deadline_at": db.At(now.Add(s.lease)),
	}).Error
	if err != nil {
		return err
	}
	return tx.Create(&attempts).Error
}

func (s *Store) gone(ctx context.Context, deliveryID string) bool {
	var n int64
	err := s.db.Read(ctx).Model(&Delivery{}).Where("id = ?", deliveryID).Count(&n).Error
	return err == nil && n == 0
}

// Finish records how an attempt went and what becomes of its delivery. Concurrent calls share a commit. An attempt
// whose lease ran out and whose delivery somebody else has claimed since is recorded, but decides nothing.
func (s *Store) Finish(ctx context.Context, o outcome) error {
	_, err := s.outcomes.Do(ctx, o)
	return err
}

func (s *Store) finishAll(ctx context.Context, outcomes []outcome) ([]struct{}, error) {
	attempts := make([]Attempt, 0, len(outcomes))
	for _, o := range outcomes {
		attempts = append(attempts, o.attempt)
	}
	woken := false
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		err := tx.Clauses(clause.OnConflict{
			Columns: []clause.Column{{Name: "delivery_id"}, {Name: "number"}}, // ids are not unique over partitions
			DoUpdates: clause.AssignmentColumns([]string{"status", "request_headers", "response_status", "response_headers",
				"response_body", "response_truncated", "error_code", "error", "timings", "finished_at"}),
		}).Create(&attempts).Error
		if err != nil {
			return err
		}
		sql, args := finishSQL(outcomes)
		var decided []string
		if err := tx.Raw(sql, args...).Scan(&decided).Error; err != nil {
			return err
		}
		if woken, err = s.learnAll(tx, outcomes); err != nil {
			return err
		}
		return s.tell(tx, outcomes, decided)
	})
	if err == nil && woken {
		s.wake()
	}
	return make([]struct{}, len(outcomes)), err
}

// finishSQL writes many deliveries, each its own values, in one statement that both engines understand, and returns the
// ids of those that it changed. PostgreSQL can't infer the types of a VALUES list, hence the casts.
func finishSQL(outcomes []outcome) (string, []any) {
	const row = "(CAST(? AS text), CAST(? AS integer), CAST(? AS text), CAST(? AS text), CAST(? AS text), CAST(? AS integer), CAST(? AS integer), CAST(? AS integer), CAST(? AS bigint), CAST(? AS bigint), CAST(? AS bigint), CAST(? AS integer))"
	sql := make([]byte, 0, 1024+len(outcomes)*(len(row)+1))
	sql = append(sql, "WITH v (id, number, status, reason, error, failure_count, max_attempts, response_status, next_attempt_at, deadline_at, finished_at, gate) AS (VALUES "...)
	args := make([]any, 0, len(outcomes)*12)
	ids := make([]any, 0, len(outcomes))
	for i, o := range outcomes {
		if i > 0 {
			sql = append(sql, ',')
		}
		sql = append(sql, row...)
		d := o.delivery
		ids = append(ids, d.ID)
		args = append(args, d.ID, o.attempt.Number, d.Status, d.Reason, d.Error, d.FailureCount, d.MaxAttempts,
			d.ResponseStatus, d.NextAttemptAt, d.DeadlineAt, d.FinishedAt, d.Gate)
	}
	sql = append(sql, `) UPDATE deliveries SET status = v.status, reason = v.reason, error = v.error,
		failure_count = v.failure_count, max_attempts = v.max_attempts, response_status = v.response_status,
		next_attempt_at = v.next_attempt_at, deadline_at = v.deadline_at, finished_at = v.finished_at, gate = v.gate
		FROM v WHERE deliveries.id = v.id AND deliveries.status = 'delivering' AND deliveries.attempt_count = v.number
		AND deliveries.id IN (?`...) // said twice, so that only the partitions with those are planned for
	sql = append(sql, strings.Repeat(",?", len(ids)-1)+") RETURNING deliveries.id"...)
	return string(sql), append(args, ids...)
}
