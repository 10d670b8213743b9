package delivery

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
)

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
			j.stored, j.delivery.Status = true, Delivering
			j.delivery.DeadlineAt, j.delivery.ChangedAt = db.At(now.Add(s.config.Lease)), db.At(now)
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

// expire ends the attempts of rows whose lease expired, and makes their deliveries due.
func (s *Store) expire(tx *gorm.DB, rows []Delivery, now time.Time) error {
	if len(rows) == 0 {
		return nil
	}
	if err := endAttempts(tx, rows, now); err != nil {
		return err
	}
	return db.WhereUUIDs(tx.Model(&Delivery{}), "id", uuids(rows)).Updates(map[string]any{
		"status": Retrying, "reason": ReasonLeaseExpired, "error": leaseMessage, "next_attempt_at": db.At(now),
		"changed_at": db.At(now),
	}).Error
}

// Orphan ends the lease of every attempt that is under way, so that the reconciler takes them over at once. It is for
// the start of a process that knows that there is no other worker.
func (s *Store) Orphan(ctx context.Context) error {
	return s.db.Tx(ctx, func(tx *gorm.DB) error {
		return tx.Model(&Delivery{}).Where("deadline_at IS NOT NULL AND status = ?", Delivering).
			Update("deadline_at", db.At(s.now())).Error
	})
}

// expireLease ends the lease of an attempt that is under way, if the delivery has a row.
func (s *Store) expireLease(ctx context.Context, d Delivery) error {
	return s.db.Read(ctx).Model(&Delivery{}).Where("id = ? AND status = ? AND attempt_count = ?", mustUUID(d.ID),
		Delivering, d.AttemptCount).Update("deadline_at", db.At(s.now())).Error
}

// leaseExpired is a delivery whose worker is gone. That doesn't count against the retry policy: the endpoint did
// nothing wrong.
func (d Delivery) leaseExpired(now time.Time) Delivery {
	d.Status, d.Reason, d.Error = Retrying, ReasonLeaseExpired, leaseMessage
	d.NextAttemptAt, d.ChangedAt = db.At(now), db.At(now)
	return d
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
