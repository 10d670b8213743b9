package delivery

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/background"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/throttle"
)

// Releaser admits deferred deliveries: as many as the throttle of their endpoint has room for. It puts those in the
// slow queue. Each worker process has one; the row of an endpoint is the lock, so two never admit for one room. What a
// killed one admitted and did not enqueue, the reconciler enqueues.
type Releaser struct {
	*background.Routine

	store *Store
	tasks tasks

	mu    sync.Mutex
	quiet map[string]time.Time // endpoints at which nothing was deferred any more, and since when
}

const (
	// releaseEvery is how late a delivery is admitted that nobody called for, such as one that another process deferred
	// while Redis was away.
	releaseEvery = time.Second
	releasePause = 10 * time.Millisecond // at least between two looks, however often somebody calls
	releaseBatch = 200                   // endpoints
	divertBatch  = 500                   // deliveries
	// quietFor is how long after the last look at an endpoint deliveries may appear that were deferred before it: who
	// defers them takes no lock.
	quietFor = 15 * time.Second
)

// NewReleaser makes a Releaser.
func NewReleaser(store *Store, t tasks) *Releaser {
	r := &Releaser{store: store, tasks: t, quiet: map[string]time.Time{}}
	r.Routine = background.New(r.loop)
	return r
}

// Wake makes the releaser of this process look at once.
func (s *Store) Wake() { s.releaser.send() }

// loop looks when somebody calls for it, and when an endpoint is due.
func (r *Releaser) loop(ctx context.Context) {
	for {
		next, err := r.look(ctx)
		if err != nil && ctx.Err() == nil {
			queue.Warn("releasing deliveries failed; will retry", "error", err)
		}
		timer := time.NewTimer(next)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-r.store.releaser:
		case <-timer.C:
		}
		timer.Stop()
		if !background.Pause(ctx, releasePause) {
			return
		}
	}
}

// look releases what is due and returns after how long it is to look again.
func (r *Releaser) look(ctx context.Context) (time.Duration, error) {
	r.admitStragglers(ctx)
	now := r.store.now()
	var rows []endpoint.Endpoint
	err := r.store.db.Read(ctx).Select("id", "release_at").Where("release_at <= ?", db.At(now.Add(releaseEvery))).
		Order("release_at").Limit(releaseBatch).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return releaseEvery, err
	}
	if rows[0].Throttle.ReleaseAt.After(now) {
		return rows[0].Throttle.ReleaseAt.Sub(now), nil
	}
	if err := r.tasks.Alive(ctx); err != nil {
		return releaseEvery, err // deferred is the better place to wait for a schedule that is away
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(r.store.db.Writers())
	for _, e := range rows {
		if e.Throttle.ReleaseAt.After(now) {
			continue
		}
		g.Go(func() error {
			admitted, err := r.release(gctx, e.ID)
			if err != nil || len(admitted) == 0 {
				return err
			}
			return r.tasks.EnqueueRows(gctx, queue.Slow, admitted)
		})
	}
	return releasePause, g.Wait()
}

// release admits as many deliveries of an endpoint as there is room for and returns them.
func (r *Releaser) release(ctx context.Context, endpointID string) (admitted []id.UUID, err error) {
	s := r.store
	quiet := false
	err = s.db.Tx(ctx, func(tx *gorm.DB) error {
		admitted, quiet = nil, false
		now := s.now()
		var rows []endpoint.Endpoint
		err := s.db.ForUpdate(tx).Where("id = ? AND release_at <= ?", endpointID, db.At(now)).Find(&rows).Error
		if err != nil || len(rows) == 0 {
			return err
		}
		var t throttle.State
		if t, admitted, err = s.admit(tx, rows[0], now); err != nil {
			return err
		}
		quiet = rows[0].Throttle.Throttled() && t.ReleaseAt.IsZero()
		return writeThrottle(tx, endpointID, t)
	})
	if err != nil {
		return nil, err
	}
	s.metrics.admitted.Add(uint64(len(admitted)))
	if quiet {
		r.mu.Lock()
		r.quiet[endpointID] = time.Now()
		r.mu.Unlock()
	}
	return admitted, nil
}

// admit decides about a locked endpoint: what to admit, and what becomes of its throttle.
func (s *Store) admit(tx *gorm.DB, e endpoint.Endpoint, now time.Time) (throttle.State, []id.UUID, error) {
	t := e.Throttle
	t.ReleaseAt = db.Time{}
	if !t.Throttled() {
		return t, nil, nil
	}
	diverted, more, err := s.divert(tx, e, now)
	if err != nil || diverted {
		if t.ReleaseAt = db.At(now.Add(releasePause)); err == nil && !more {
			t.ReleaseAt, err = s.nextDeferred(tx, e.ID)
		}
		return t, nil, err
	}
	admitted, waiting, err := s.admittedNow(tx, e.ID)
	if err != nil {
		return t, nil, err
	}
	n := t.Budget(e.RateLimit, admitted, waiting, now)
	rows, err := s.due(tx, e.ID, n, now)
	if err != nil {
		return t, nil, err
	}
	if t, err = s.admitRows(tx, t, rows, now); err != nil {
		return t, nil, err
	}
	ids := uuids(rows)
	if len(rows) == n { // all room is used, or there is none
		t.ReleaseAt = db.At(nextRoom(t, e.RateLimit != nil, now))
		return t, ids, nil
	}
	if t.ReleaseAt, err = s.nextDeferred(tx, e.ID); err != nil {
		return t, nil, err
	}
	if admitted == 0 && len(rows) == 0 && t.ReleaseAt.IsZero() && t.Healthy(e.RateLimit, e.ConsecutiveFailures, now) {
		return t.Ended(), nil, nil
	}
	return t, ids, nil
}

// admitRows admits deliveries. The first through a circuit that opened is its probe.
func (s *Store) admitRows(tx *gorm.DB, t throttle.State, rows []Delivery, now time.Time) (throttle.State, error) {
	if len(rows) == 0 {
		return t, nil
	}
	if t.Circuit == throttle.Open || t.Circuit == throttle.HalfOpen {
		t.Circuit, t.ProbeID = throttle.HalfOpen, rows[0].ID
	}
	return t, db.WhereUUIDs(tx.Model(&Delivery{}), "id", uuids(rows)).Updates(map[string]any{
		"admission": Admitted, "deadline_at": db.At(now.Add(Grace)), "changed_at": db.At(now),
		"reason": unthrottledReason,
	}).Error
}

// unthrottledReason takes the reason throttled away and keeps others.
var unthrottledReason = gorm.Expr("CASE WHEN reason = ? THEN '' ELSE reason END", ReasonThrottled)

// nextRoom is when a throttle that admits no more may do so again. A delivery that is complete calls, so it is only a
// second look.
func nextRoom(t throttle.State, limited bool, now time.Time) time.Time {
	if until, shut := t.Shut(now); shut {
		return until
	}
	if limited {
		return now.Add(throttle.TokenAhead / 2)
	}
	return now.Add(time.Second)
}

// divert takes what is due from an endpoint that gets nothing: off, deleted, or of a tenant whose deliveries are
// suspended. more says that there may be more.
func (s *Store) divert(tx *gorm.DB, e endpoint.Endpoint, now time.Time) (diverted, more bool, err error) {
	reason, held := refused(e), ""
	if reason == "" {
		reasons, err := s.suspendedFirmly(tx, []string{e.TenantID})
		if held = reasons[e.TenantID]; err != nil || held == "" {
			return false, false, err
		}
		if held == reasonChanging {
			return true, true, nil
		}
	}
	var rows []Delivery
	err = s.deferredDue(tx, e.ID, now).Select("id").Order("next_attempt_at").Limit(divertBatch).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return true, false, err
	}
	q := db.WhereUUIDs(tx, "id", uuids(rows))
	if reason != "" {
		return true, len(rows) == divertBatch, s.cancel(q, reason)
	}
	return true, len(rows) == divertBatch, s.suspend(q, held)
}

func (s *Store) deferredDue(tx *gorm.DB, endpointID string, now time.Time) *gorm.DB {
	return at(s.db.ForUpdateSkipLocked(tx).Model(&Delivery{}), endpointID, Deferred).
		Where("next_attempt_at <= ?", db.At(now))
}

// at narrows a query of deliveries to those of an endpoint with an admission. The admission is written out, since an
// index has only those with one: a plan for whatever it is could not use it, and one is made again each time, for all
// days.
func at(q *gorm.DB, endpointID string, a Admission) *gorm.DB {
	return db.WhereID(q, "endpoint_id", endpointID).Where("admission = " + strconv.Itoa(int(a)))
}

// admittedNow counts what is admitted and not complete, and what of it is yet to be claimed. The concurrency limit
// bounds it. It asks for an order so that PostgreSQL takes the index that has it, and does not look for the few among
// all that is deferred.
func (s *Store) admittedNow(tx *gorm.DB, endpointID string) (admitted, waiting int, err error) {
	var states []Status
	err = at(tx.Model(&Delivery{}), endpointID, Admitted).Order("next_attempt_at").Limit(2*throttle.MaxLimit).
		Pluck("status", &states).Error
	for _, status := range states {
		if status != Delivering {
			waiting++
		}
	}
	return len(states), waiting, err
}

// due finds at most n deferred deliveries: half of those that are due the longest, half of those that came last, so
// that a backlog moves on and does not hold up what is new.
func (s *Store) due(tx *gorm.DB, endpointID string, n int, now time.Time) ([]Delivery, error) {
	if n == 0 {
		return nil, nil
	}
	oldest := (n + 1) / 2
	var rows, newest []Delivery
	err := s.deferredDue(tx, endpointID, now).Select("id").Order("next_attempt_at").Limit(oldest).Find(&rows).Error
	if err != nil || len(rows) < oldest || n == oldest {
		return rows, err
	}
	q := s.deferredDue(tx, endpointID, now)
	for _, d := range rows {
		q = q.Where("id <> ?", mustUUID(d.ID))
	}
	err = q.Select("id").Order("next_attempt_at DESC").Limit(n - oldest).Find(&newest).Error
	return append(rows, newest...), err
}

// nextDeferred is when the next deferred delivery is due; zero when there is none.
func (s *Store) nextDeferred(tx *gorm.DB, endpointID string) (db.Time, error) {
	var next []Delivery
	err := at(tx.Select("next_attempt_at"), endpointID, Deferred).Order("next_attempt_at").Limit(1).Find(&next).Error
	if err != nil || len(next) == 0 {
		return db.Time{}, err
	}
	return next[0].NextAttemptAt, nil
}

// admitStragglers looks for deliveries that were deferred while the releaser looked at their endpoint for the last
// time.
func (r *Releaser) admitStragglers(ctx context.Context) {
	r.mu.Lock()
	quiet := slices.Collect(maps.Keys(r.quiet))
	maps.DeleteFunc(r.quiet, func(_ string, since time.Time) bool { return time.Since(since) > quietFor })
	r.mu.Unlock()
	for _, endpointID := range quiet {
		if err := r.store.lookAgain(ctx, endpointID); err != nil && ctx.Err() == nil {
			queue.Warn("releasing deliveries failed; will retry", "endpoint", endpointID, "error", err)
		}
	}
}

// lookAgain has the releaser look at an endpoint at which something is deferred after all. If the endpoint is not
// throttled any more, it makes that due, and the reconciler enqueues it.
func (s *Store) lookAgain(ctx context.Context, endpointID string) error {
	var some []Delivery
	err := at(s.db.Read(ctx).Select("id"), endpointID, Deferred).Limit(1).Find(&some).Error
	if err != nil || len(some) == 0 {
		return err
	}
	return s.db.Tx(ctx, func(tx *gorm.DB) error {
		now := s.now()
		result := tx.Model(&endpoint.Endpoint{}).
			Where("id = ? AND throttled_at IS NOT NULL AND release_at IS NULL", endpointID).
			Update("release_at", db.At(now))
		if result.Error != nil || result.RowsAffected > 0 {
			return result.Error
		}
		var free []endpoint.Endpoint
		err := tx.Select("id").Where("id = ? AND throttled_at IS NULL", endpointID).Find(&free).Error
		if err != nil || len(free) == 0 {
			return err
		}
		return undefer(s.unlocked(tx, at(tx, endpointID, Deferred)), now)
	})
}

// undefer makes deferred deliveries of endpoints that are not throttled any more due; the reconciler enqueues them.
func undefer(q *gorm.DB, now time.Time) error {
	return q.Updates(map[string]any{
		"admission": Unthrottled, "deadline_at": gorm.Expr("next_attempt_at"), "changed_at": db.At(now),
		"reason": unthrottledReason,
	}).Error
}

// retryMost bounds what one call of an owner changes, in one transaction; what is beyond keeps its own time.
const retryMost = 1000

// RetryNow makes due, in the transaction in which its owner says that an endpoint takes events again, what waits there
// for a retry. It goes through a throttle, so that it does not come all at once. What a worker holds is passed over,
// and so is all that is not waiting.
func (s *Store) RetryNow(tx *gorm.DB, e endpoint.Endpoint) error {
	now := s.now()
	var rows []Delivery
	q := db.WhereID(s.db.ForUpdateSkipLocked(db.Scope(tx, e.Scope())), "endpoint_id", e.ID)
	err := q.Select("id").Where("status = ? AND next_attempt_at > ?", Retrying, db.At(now)).Order("id").
		Limit(retryMost).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return err
	}
	t := e.Throttle.Start(now)
	t.ReleaseAt = db.At(now)
	if err := writeThrottle(tx, e.ID, t); err != nil {
		return err
	}
	db.AfterCommit(db.Context(tx), s.config.WakeReleasers)
	return db.WhereUUIDs(tx.Model(&Delivery{}), "id", uuids(rows)).Updates(map[string]any{"next_attempt_at": db.At(now),
		"deadline_at": db.At(now.Add(DeferredFor)), "admission": Deferred, "changed_at": db.At(now)}).Error
}
