package delivery

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/background"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
)

const (
	// leaseFor is how long a lease lasts unless its worker renews it: so long after a worker was killed at most, others
	// make its attempts again.
	leaseFor = 10 * time.Second
	// renewEvery leaves time for several tries while a lease lasts.
	renewEvery = 3 * time.Second
)

// leases are the deliveries that a process is attempting, and since when.
type leases struct {
	mu   sync.Mutex
	held map[id.UUID]time.Time
}

// hold notes that an attempt begins; it returns what notes that it is over.
func (l *leases) hold(d Delivery) (end func()) {
	u := mustUUID(d.ID)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held == nil {
		l.held = map[id.UUID]time.Time{}
	}
	l.held[u] = time.Now()
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.held, u)
	}
}

// holds says whether an attempt of a delivery is under way.
func (l *leases) holds(u id.UUID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, held := l.held[u]
	return held
}

// longerThan returns the deliveries whose attempts began longer ago, in the order of their ids.
func (l *leases) longerThan(age time.Duration) []id.UUID {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []id.UUID
	for u, since := range l.held {
		if time.Since(since) > age {
			out = append(out, u)
		}
	}
	slices.SortFunc(out, id.UUID.Compare)
	return out
}

// Renewer renews the leases of the attempts that take long. It must run as long as the worker has any.
func (w *Worker) Renewer() *background.Routine {
	return background.Every(renewEvery, "renewing leases failed", func(ctx context.Context) error {
		for {
			err := w.renew(ctx)
			if err == nil || !background.Pause(ctx, waitMost) {
				return err
			}
			slog.Warn("leases could not be renewed; will retry", "error", err)
		}
	})
}

func (w *Worker) renew(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, renewEvery)
	defer cancel()
	for ids := range slices.Chunk(w.store.leases.longerThan(leaseAfter), reconcileBatch) {
		if err := w.store.renew(ctx, ids); err != nil {
			return err
		}
	}
	return nil
}

// renew prolongs the leases of deliveries, of those that have one. Should somebody have taken one over, its lease is
// prolonged as well, which does no harm while that worker lives. Rows that are locked are being completed.
func (s *Store) renew(ctx context.Context, ids []id.UUID) error {
	return s.db.Tx(ctx, func(tx *gorm.DB) error {
		running := db.WhereLogUUIDs(tx, "id", ids).Where("deadline_at IS NOT NULL AND status = ?", Delivering)
		return s.unlocked(tx, running).Update("deadline_at", s.leaseEnd(s.now())).Error
	})
}

// lease gives jobs that have no row one that carries a lease, so that the reconciler leaves them alone while this
// process lives, and takes them over if it does not. It returns those of the jobs; the others have got a row meanwhile.
// since is when the attempts began.
func (s *Store) lease(ctx context.Context, jobs []job, since time.Time) ([]job, error) {
	if len(jobs) == 0 {
		return nil, nil
	}
	slices.SortFunc(jobs, func(a, b job) int { return compareIDs(a.delivery, b.delivery) })
	ids := make([]id.UUID, len(jobs))
	for i, j := range jobs {
		ids[i] = mustUUID(j.delivery.ID)
	}
	var leased []job
	err := event.PartitionedTx(ctx, s.db, func(tx *gorm.DB) error {
		existing, err := s.existing(tx, ids)
		if err != nil {
			return err
		}
		now := s.now()
		var rows []Delivery
		var attempts []Attempt
		leased = nil
		for _, j := range jobs {
			if has(existing, j.delivery) {
				continue
			}
			j.stored, j.delivery = true, s.leased(j.delivery, now)
			leased, rows = append(leased, j), append(rows, j.delivery)
			attempts = append(attempts, running(j, since))
		}
		n, err := db.InsertNew(tx, rows)
		if err == nil && n < int64(len(rows)) { // somebody was faster by a moment: the caller tries again
			err = errContended
		}
		if err != nil {
			return err
		}
		return db.InsertAll(tx, attempts)
	})
	if err != nil {
		return nil, err
	}
	return leased, nil
}

// leased is a delivery that is being attempted, with a lease from now on.
func (s *Store) leased(d Delivery, now time.Time) Delivery {
	d.Status, d.DeadlineAt, d.ChangedAt = Delivering, s.leaseEnd(now), db.At(now)
	return d
}

// leaseEnd is when a lease from now on ends unless it is renewed.
func (s *Store) leaseEnd(now time.Time) db.Time { return db.At(now.Add(s.config.Lease)) }

// leaseRunning leases deliveries whose attempts have been under way for some time, and tells of their rows.
func (s *Store) leaseRunning(ctx context.Context, jobs []job, since time.Time) error {
	leased, err := s.lease(ctx, jobs, since)
	if err != nil {
		return err
	}
	rows := make([]Delivery, len(leased))
	for i, j := range leased {
		rows[i] = j.delivery
	}
	s.config.Changed(rows)
	return nil
}

// expire ends the attempts of rows whose lease expired, and makes their deliveries due. That doesn't count against the
// retry policy: the endpoint did nothing wrong.
func (s *Store) expire(tx *gorm.DB, rows []Delivery, now time.Time) error {
	if len(rows) == 0 {
		return nil
	}
	if err := endAttempts(tx, rows, now); err != nil {
		return err
	}
	return db.WhereUUIDs(tx.Model(&Delivery{}), "id", uuids(rows)).Updates(map[string]any{
		"status": Retrying, "reason": ReasonLeaseExpired, "error": leaseMessage, "next_attempt_at": db.At(now),
		"deadline_at": db.At(now), "changed_at": db.At(now),
	}).Error
}

// Orphan ends every attempt that is under way and makes its delivery due. It is for the start of a process that knows
// that there is no other worker.
func (s *Store) Orphan(ctx context.Context) error {
	return s.db.Tx(ctx, func(tx *gorm.DB) error {
		var rows []Delivery
		err := tx.Select("id").Where("deadline_at IS NOT NULL AND status = ?", Delivering).Find(&rows).Error
		if err != nil {
			return err
		}
		return s.expire(tx, rows, s.now())
	})
}

// expireLease ends the lease of an attempt that is under way, if the delivery has a row.
func (s *Store) expireLease(ctx context.Context, d Delivery) error {
	return s.db.Read(ctx).Model(&Delivery{}).Where("id = ? AND status = ? AND attempt_count = ?", mustUUID(d.ID),
		Delivering, d.AttemptCount).Update("deadline_at", db.At(s.now())).Error
}

// endAttempts marks the running attempts of deliveries whose lease expired.
func endAttempts(tx *gorm.DB, rows []Delivery, now time.Time) error {
	if len(rows) == 0 {
		return nil
	}
	return db.WhereUUIDs(tx.Model(&Attempt{}), "delivery_id", uuids(rows)).Where("status = ?", AttemptRunning).
		Updates(map[string]any{"status": AttemptLeaseExpired, "error_code": ReasonLeaseExpired, "error": leaseMessage,
			"finished_at": db.At(now)}).Error
}

const leaseMessage = "The worker ended before the answer came. The request may have arrived; it is sent again."
