package tracking

import (
	"context"
	"encoding/json"
	"errors"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/job"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
)

// maxFollowers limits the length of a list.
const maxFollowers = 1_000_000

// CreateSnapshot records what a tracking run saw. Without a list of followers the snapshot is finished by that.
func (s *Store) CreateSnapshot(ctx context.Context, scope principal.Scope, name string, c Counts, list bool) (Snapshot,
	error) {
	now := s.now()
	if c.TrackedAt.IsZero() {
		c.TrackedAt = db.At(now)
	}
	if err := checkPast("tracked_at", c.TrackedAt, now); err != nil {
		return Snapshot{}, err
	}
	n := Snapshot{
		ID: id.New(id.Snapshot), TenantID: scope.TenantID, Environment: scope.Environment, Status: Open,
		FollowerList: list, Kept: list, Counts: c, CreatedAt: db.At(now),
	}
	err := s.outbox.Tx(ctx, func(tx *event.Tx) error {
		a, err := s.locked(tx.DB, scope, name)
		if err != nil {
			return err
		}
		if err := a.checkLater(c); err != nil {
			return err
		}
		n.TrackedAccountID = a.ID
		if list {
			return tx.Create(&n).Error
		}
		n.Status, n.FinishedAt = Finished, db.At(now)
		if err := tx.Create(&n).Error; err != nil {
			return err
		}
		return s.publish(tx, a, n)
	})
	return n, err
}

// publish copies the snapshot's counts to the account, and fires stats.updated.
func (s *Store) publish(tx *event.Tx, a Account, n Snapshot) error {
	a.Counts, a.UpdatedAt = n.Counts, db.At(s.now())
	if err := saveAccount(tx.DB, a); err != nil {
		return err
	}
	return tx.EmitOf(a.UserNumber, a.scope(), StatsUpdated, a.stats())
}

// visible are the snapshots that have not been discarded.
func visible(q *gorm.DB, scope principal.Scope) *gorm.DB {
	visible := db.Scope(q, scope).Where("status <> ?", Discarded)
	if db.OwnerOf(q) == 0 {
		return visible
	}
	own := db.Owned(db.Scope(q.Session(&gorm.Session{NewDB: true}).Model(&Account{}), scope)).Select("id")
	return visible.Where("tracked_account_id IN (?)", own)
}

// Snapshots returns one page of an account's snapshots, newest first, and how many there are.
func (s *Store) Snapshots(ctx context.Context, scope principal.Scope, name string, p page.Page,
	during Period) ([]Snapshot, int64, error) {
	a, err := s.Account(ctx, scope, name)
	if err != nil {
		return nil, 0, err
	}
	q := db.WhereID(visible(s.db.Read(ctx), scope), "tracked_account_id", a.ID)
	return db.Paginate[Snapshot](db.WhereTimeRange(q, "tracked_at", during.From, during.To), p)
}

// Snapshot returns a snapshot.
func (s *Store) Snapshot(ctx context.Context, scope principal.Scope, snapshotID string) (Snapshot, error) {
	return db.One[Snapshot](db.ByID(visible(s.db.Read(ctx), scope), snapshotID), "snapshot")
}

// SnapshotJob returns the job that compares a snapshot's list with the one before.
func (s *Store) SnapshotJob(ctx context.Context, scope principal.Scope, snapshotID string) (job.Job, error) {
	n, err := s.Snapshot(ctx, scope, snapshotID)
	if err != nil {
		return job.Job{}, err
	}
	return s.jobs.Get(ctx, scope, n.JobID)
}

// receiving locks a snapshot that takes followers.
func (s *Store) receiving(tx *gorm.DB, scope principal.Scope, snapshotID string) (Snapshot, error) {
	n, err := db.One[Snapshot](db.ByID(visible(s.db.ForUpdate(tx), scope), snapshotID), "snapshot")
	if err == nil && n.Status != Open {
		return n, problem.New(problem.Conflict,
			"This snapshot is finished. Record another with follower_list to send a list.")
	}
	return n, err
}

// AddFollowers adds to the list of an open snapshot those that are not on it, and returns how many are then.
func (s *Store) AddFollowers(ctx context.Context, scope principal.Scope, snapshotID string,
	followers []Follower) (int64, error) {
	for i := range followers {
		followers[i].TenantID, followers[i].Environment, followers[i].SnapshotID = scope.TenantID, scope.Environment,
			snapshotID
	}
	var total int64
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		n, err := s.receiving(tx, scope, snapshotID)
		if err != nil {
			return err
		}
		added, err := db.InsertNew(tx, followers)
		if err != nil {
			return err
		}
		if total = n.FollowersReceived + added; total > maxFollowers {
			return problem.New(problem.Conflict, "A list holds at most %d followers, and these would make it %d.",
				maxFollowers, total)
		}
		return db.ByID(db.Scope(tx.Model(&Snapshot{}), scope), n.ID).
			Updates(map[string]any{"followers_received": total}).Error
	})
	return total, err
}

// Finish ends a list of so many followers, fires stats.updated and has the list compared with the account's last one.
func (s *Store) Finish(ctx context.Context, scope principal.Scope, snapshotID string, followers int64) (Snapshot,
	error) {
	found, err := s.Snapshot(ctx, scope, snapshotID)
	if err != nil {
		return found, err
	}
	var n Snapshot
	err = s.outbox.Tx(ctx, func(tx *event.Tx) error {
		a, err := s.locked(tx.DB, scope, found.TrackedAccountID)
		if err != nil {
			return err
		}
		if n, err = s.receiving(tx.DB, scope, snapshotID); err != nil {
			return err
		}
		if err := s.mayFinish(db.Context(tx.DB), a, n, followers); err != nil {
			return err
		}
		n.Status, n.FinishedAt, n.PreviousID = Finished, db.At(s.now()), a.ListID
		if n.JobID, err = s.compareLater(db.Context(tx.DB), n); err != nil {
			return err
		}
		err = db.ByID(db.Scope(tx.Model(&Snapshot{}), scope), n.ID).
			Select("status", "previous_id", "job_id", "finished_at").Updates(&n).Error
		if err != nil {
			return err
		}
		a.JobID = n.JobID
		// the first list; any other becomes the base of the next comparison once its changes are published
		if n.JobID == "" {
			a.ListID = n.ID
		}
		return s.publish(tx, a, n)
	})
	return n, err
}

// mayFinish refuses a list of which a part is missing, one that comes too late, and one that comes while the last is
// still being compared, which needs both lists.
func (s *Store) mayFinish(ctx context.Context, a Account, n Snapshot, followers int64) error {
	if n.FollowersReceived != followers {
		return problem.New(problem.Conflict,
			"The list has %d followers and not %d. Send the pages that are missing, and finish it then.",
			n.FollowersReceived, followers)
	}
	if err := a.checkLater(n.Counts); err != nil {
		return err
	}
	if a.JobID == "" {
		return nil
	}
	j, err := s.jobs.Get(ctx, a.scope(), a.JobID)
	if missing := (*problem.Error)(nil); errors.As(err, &missing) && missing.Code == problem.NotFound {
		return nil // it was over so long ago that it is deleted
	}
	if err == nil && !j.Over() {
		return problem.New(problem.Conflict,
			"The last list of this account is still being compared (%s). Finish this one in a minute.", j.ID)
	}
	return err
}

// compareLater makes the job that compares a list with the one before; without one there is nothing to do.
func (s *Store) compareLater(ctx context.Context, n Snapshot) (jobID string, err error) {
	if n.PreviousID == "" {
		return "", nil
	}
	before, err := db.One[Snapshot](db.ByID(db.Scope(s.db.Read(ctx), n.scope()), n.PreviousID), "snapshot")
	if err != nil {
		return "", err
	}
	filter, err := json.Marshal(comparison{SnapshotID: n.ID})
	if err != nil {
		return "", err
	}
	j, err := s.jobs.Create(ctx, job.New{
		Scope: n.scope(), Owner: principal.From(ctx).Owner, Kind: job.CompareFollowers, Filter: string(filter),
		Total: int(before.FollowersReceived + n.FollowersReceived), CreatedAt: s.now(),
	})
	return j.ID, err
}
