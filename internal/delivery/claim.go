package delivery

import (
	"context"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

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
func (s *Store) landed(t ticket, succeeded bool) { s.flights(t.lane).leave(t.deliveryID, succeeded) }

func (s *Store) claimAll(ctx context.Context, tickets []ticket) ([]claim, error) {
	a := admission{
		store: s, lanes: map[string]string{}, byID: map[string]claim{}, entered: map[string]bool{},
		starts: map[string]time.Time{},
		gates:  map[string]bool{}, crowded: map[string]bool{}, probing: map[string]bool{},
	}
	ids := make([]string, 0, len(tickets))
	for _, t := range tickets {
		ids = append(ids, t.deliveryID)
		a.lanes[t.deliveryID] = t.lane
	}
	err := s.db.Tx(ctx, func(tx *gorm.DB) error { return s.claimIn(tx, ids, &a) })
	a.settle(err == nil)
	if err != nil {
		return nil, err
	}
	if len(a.parks) > 0 {
		s.metrics.deferred.Add(uint64(len(a.parks)))
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
	if err := db.WhereIn(s.db.ForUpdateSkipLocked(tx).Table(s.table(ids)), "id", ids).Find(&rows).Error; err != nil ||
		len(rows) == 0 {
		return err
	}
	owners := map[string]bool{}
	for _, d := range rows {
		owners[d.EndpointID] = true
	}
	var err error
	if a.endpoints, err = s.endpoints.ByID(tx, slices.Collect(maps.Keys(owners))); err != nil {
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
	var ungated, lost []string
	var attempts []Attempt
	cancelled := map[string][]string{}
	for _, d := range rows {
		e := a.endpoints[d.EndpointID]
		v, after, cancelReason := judge(d, e, now)
		if d.Admission != Unthrottled && !e.Throttle.Throttled() {
			d.Admission = Unthrottled
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
			c.delivery.AttemptCount++
			c.attempt = Attempt{
				ID: id.New(id.Attempt), TenantID: d.TenantID, DeliveryID: d.ID, Number: c.delivery.AttemptCount,
				Status: AttemptRunning, Method: e.Method, URL: e.URL, ResponseBody: []byte{}, StartedAt: db.At(now),
				RequestHeaders:  db.JSON[map[string]string]{V: map[string]string{}},
				ResponseHeaders: db.JSON[map[string]string]{V: map[string]string{}},
			}
			if at, limited := a.starts[d.ID]; limited {
				c.attempt.StartedAt = db.At(at)
			}
			attempts = append(attempts, c.attempt)
		}
		a.byID[d.ID] = c
	}
	for reason, ids := range cancelled {
		if err := s.cancel(db.WhereIn(tx, "id", ids), reason); err != nil {
			return err
		}
	}
	if err := markLost(tx, lost, now); err != nil {
		return err
	}
	if len(ungated) > 0 {
		if err := db.WhereIn(tx.Model(&Delivery{}), "id", ungated).Update("admission", Unthrottled).Error; err != nil {
			return err
		}
	}
	return s.take(tx, attempts, now.Add(s.lease))
}

// claiming is what a claim writes into its delivery.
type claiming struct {
	ID         string
	Number     int // of the attempt
	DeadlineAt db.Time
}

// take writes the attempts of deliveries that the transaction has locked, and claims those until the time.
func (s *Store) take(tx *gorm.DB, attempts []Attempt, until time.Time) error {
	rows := make([]claiming, len(attempts))
	for i, a := range attempts {
		rows[i] = claiming{a.DeliveryID, a.Number, db.At(until)}
	}
	_, err := changeEach(s, tx, attempts, nil, nil, rows,
		"status = 'delivering', attempt_count = v.number, deadline_at = v.deadline_at", "")
	return err
}

// changeEach writes attempts, and what rows say into the deliveries that they are of, by one statement; see
// db.UpsertEach. It returns the ids of the deliveries that it changed.
func changeEach[U any](s *Store, tx *gorm.DB, attempts []Attempt, key, update []string, rows []U, set,
	only string) ([]string, error) {
	ids := make([]string, len(attempts))
	for i, a := range attempts {
		ids[i] = a.DeliveryID
	}
	return db.UpsertEach(tx, attempts, key, update, rows, changeSQL(s.table(ids), set, only, s.db.Postgres() &&
		len(rows) > 1))
}

// changeSQL changes deliveries by the rows in v. named says that $1 is the array of their ids: they are said once more,
// so that PostgreSQL plans only for the partitions that have them.
func changeSQL(table, set, only string, named bool) string {
	sql := "UPDATE " + table + " AS deliveries SET " + set + " FROM v WHERE deliveries.id = v.id" + only
	if named {
		sql += " AND deliveries.id = ANY($1)"
	}
	return sql + " RETURNING deliveries.id"
}

func (s *Store) gone(ctx context.Context, deliveryID string) bool {
	var n int64
	err := s.db.Read(ctx).Model(&Delivery{}).Where("id = ?", deliveryID).Count(&n).Error
	return err == nil && n == 0
}

// Finish records how an attempt went and what becomes of its delivery. Concurrent calls share a commit. An attempt
// whose lease ran out and whose delivery somebody else has claimed since is recorded, but decides nothing.
func (s *Completer) Finish(ctx context.Context, o outcome) error {
	_, err := s.outcomes.Do(ctx, o)
	return err
}

func (s *Completer) finishAll(ctx context.Context, outcomes []outcome) ([]struct{}, error) {
	l := lessonsOf(outcomes)
	if s.db.Postgres() && l.none() {
		_, err := s.conclude(s.db.Read(ctx), outcomes) // one statement is a transaction of its own
		return make([]struct{}, len(outcomes)), err
	}
	woken := false
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		decided, err := s.conclude(tx, outcomes)
		if err != nil {
			return err
		}
		if woken, err = s.learnAll(tx, outcomes, l); err != nil {
			return err
		}
		return s.report(tx, outcomes, decided)
	})
	if err == nil && woken {
		s.wake()
	}
	return make([]struct{}, len(outcomes)), err
}

// An attempt's id is not unique over partitions, so this is what says which it is.
var attemptKey = []string{"delivery_id", "number"}

// attemptOutcome is what an attempt is known by when it is over.
var attemptOutcome = []string{"status", "request_headers", "response_status", "response_headers", "response_body",
	"response_truncated", "error_code", "error", "timings", "finished_at"}

// conclusion is what an outcome writes into its delivery.
type conclusion struct {
	ID             string
	Number         int // of the attempt
	Status         Status
	Reason         string
	Error          string
	FailureCount   int
	MaxAttempts    int
	ResponseStatus *int
	NextAttemptAt  db.Time
	DeadlineAt     db.Time
	FinishedAt     db.Time
	Admission      Admission
}

// conclude records the attempts and writes what becomes of the deliveries, and returns the ids of those that it
// changed.
func (s *Store) conclude(tx *gorm.DB, outcomes []outcome) ([]string, error) {
	rows, attempts := make([]conclusion, 0, len(outcomes)), make([]Attempt, 0, len(outcomes))
	for _, o := range outcomes {
		attempts = append(attempts, o.attempt)
		d := o.delivery
		rows = append(rows, conclusion{
			ID: d.ID, Number: o.attempt.Number, Status: d.Status, Reason: d.Reason, Error: d.Error,
			FailureCount: d.FailureCount,
			MaxAttempts:  d.MaxAttempts, ResponseStatus: d.ResponseStatus, NextAttemptAt: d.NextAttemptAt,
			DeadlineAt: d.DeadlineAt,
			FinishedAt: d.FinishedAt, Admission: d.Admission,
		})
	}
	return changeEach(s, tx, attempts, attemptKey, attemptOutcome, rows, concluded, underClaim)
}

const (
	// concluded is what a conclusion sets, and underClaim that it is of the attempt that its delivery is at.
	concluded = `status = v.status, reason = v.reason, error = v.error,
		failure_count = v.failure_count, max_attempts = v.max_attempts, response_status = v.response_status,
		next_attempt_at = v.next_attempt_at, deadline_at = v.deadline_at, finished_at = v.finished_at, admission = v.admission`
	underClaim = " AND deliveries.status = 'delivering' AND deliveries.attempt_count = v.number"
)
