package delivery

import (
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
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
// Concurrent calls share a commit.
func (s *Store) Claim(ctx context.Context, deliveryID string) (claim, error) {
	return s.claims.Do(ctx, deliveryID)
}

func (s *Store) claimAll(ctx context.Context, ids []string) ([]claim, error) {
	byID := map[string]claim{}
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		var rows []Delivery
		if err := s.db.LockedFree(tx).Where("id IN ?", ids).Find(&rows).Error; err != nil || len(rows) == 0 {
			return err
		}
		endpointIDs := make([]string, 0, len(rows))
		for _, d := range rows {
			endpointIDs = append(endpointIDs, d.EndpointID)
		}
		endpoints, err := s.endpoints.ByID(tx, endpointIDs)
		if err != nil {
			return err
		}
		tenantIDs := make([]string, 0, len(rows))
		for _, d := range rows {
			tenantIDs = append(tenantIDs, d.TenantID)
		}
		covered, err := s.covers(tx, tenantIDs)
		if err != nil {
			return err
		}
		rows, err = s.holdBack(tx, rows, covered, byID)
		if err != nil {
			return err
		}
		return s.decide(tx, rows, endpoints, byID)
	})
	if err != nil {
		return nil, err
	}
	out := make([]claim, len(ids))
	taken := map[string]bool{}
	for i, deliveryID := range ids {
		c, known := byID[deliveryID]
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

// holdBack puts off those deliveries that would be made but whose tenant's plan does not cover them, with the reason,
// and returns the others. Nothing is lost: Resume makes them due again.
func (s *Store) holdBack(tx *gorm.DB, rows []Delivery, covered map[string]bool, byID map[string]claim) ([]Delivery, error) {
	var left []Delivery
	var held []string
	for _, d := range rows {
		waits := d.Status == Pending || d.Status == Retrying
		if covered[d.TenantID] || !waits {
			left = append(left, d)
			continue
		}
		held = append(held, d.ID)
		byID[d.ID] = claim{verdict: wait, after: heldFor, delivery: d}
	}
	if len(held) == 0 {
		return left, nil
	}
	return left, tx.Model(&Delivery{}).Where("id IN ?", held).Updates(map[string]any{
		"reason": ReasonEntitlement, "deadline_at": db.At(s.now().Add(heldFor + grace)),
	}).Error
}

// Resume makes due, in a transaction, what was held back because the tenant's plan did not cover it.
func (s *Store) Resume(tx *gorm.DB, tenantID string) error {
	if tenantID == "" {
		return principal.ErrNoScope
	}
	now := db.At(s.now())
	return s.free(tx, tx.Where("tenant_id = ? AND reason = ? AND status IN ?", tenantID, ReasonEntitlement, []Status{Pending, Retrying})).
		Updates(map[string]any{"reason": "", "next_attempt_at": now, "deadline_at": now}).Error
}

// decide judges each delivery and writes all decisions at once.
func (s *Store) decide(tx *gorm.DB, rows []Delivery, endpoints map[string]endpoint.Endpoint, byID map[string]claim) error {
	now := s.now()
	var claimed, lost []string
	var attempts []Attempt
	cancelled := map[string][]string{}
	for _, d := range rows {
		e := endpoints[d.EndpointID]
		v, after, cancelReason := judge(d, e, now)
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
			attempts = append(attempts, c.attempt)
		}
		byID[d.ID] = c
	}
	for reason, ids := range cancelled {
		if err := s.cancel(tx.Where("id IN ?", ids), reason); err != nil {
			return err
		}
	}
	if err := markLost(tx, lost, now); err != nil {
		return err
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
		if err := recordHealth(tx, assess(outcomes)); err != nil {
			return err
		}
		if err := s.disableGone(tx, outcomes); err != nil {
			return err
		}
		return s.tell(tx, outcomes, decided)
	})
	return make([]struct{}, len(outcomes)), err
}

// disableGone turns off the endpoints that answered 410, in the transaction that records it.
func (s *Store) disableGone(tx *gorm.DB, outcomes []outcome) error {
	var gone []string
	for _, o := range outcomes {
		if o.attempt.gone() {
			gone = append(gone, o.delivery.EndpointID)
		}
	}
	slices.Sort(gone) // rows are taken in one order
	for _, endpointID := range slices.Compact(gone) {
		if _, err := s.endpoints.Disable(tx, endpointID, endpoint.ReasonGone); err != nil {
			return err
		}
	}
	return nil
}

// finishSQL writes many deliveries, each its own values, in one statement that both engines understand, and returns the
// ids of those that it changed. PostgreSQL can't infer the types of a VALUES list, hence the casts.
func finishSQL(outcomes []outcome) (string, []any) {
	const row = "(CAST(? AS text), CAST(? AS integer), CAST(? AS text), CAST(? AS text), CAST(? AS text), CAST(? AS integer), CAST(? AS integer), CAST(? AS integer), CAST(? AS bigint), CAST(? AS bigint), CAST(? AS bigint))"
	sql := make([]byte, 0, 1024+len(outcomes)*(len(row)+1))
	sql = append(sql, "WITH v (id, number, status, reason, error, failure_count, max_attempts, response_status, next_attempt_at, deadline_at, finished_at) AS (VALUES "...)
	args := make([]any, 0, len(outcomes)*11)
	ids := make([]any, 0, len(outcomes))
	for i, o := range outcomes {
		if i > 0 {
			sql = append(sql, ',')
		}
		sql = append(sql, row...)
		d := o.delivery
		ids = append(ids, d.ID)
		args = append(args, d.ID, o.attempt.Number, d.Status, d.Reason, d.Error, d.FailureCount, d.MaxAttempts,
			d.ResponseStatus, d.NextAttemptAt, d.DeadlineAt, d.FinishedAt)
	}
	sql = append(sql, `) UPDATE deliveries SET status = v.status, reason = v.reason, error = v.error,
		failure_count = v.failure_count, max_attempts = v.max_attempts, response_status = v.response_status,
		next_attempt_at = v.next_attempt_at, deadline_at = v.deadline_at, finished_at = v.finished_at
		FROM v WHERE deliveries.id = v.id AND deliveries.status = 'delivering' AND deliveries.attempt_count = v.number
		AND deliveries.id IN (?`...) // said twice, so that only the partitions with those are planned for
	sql = append(sql, strings.Repeat(",?", len(ids)-1)+") RETURNING deliveries.id"...)
	return string(sql), append(args, ids...)
}
