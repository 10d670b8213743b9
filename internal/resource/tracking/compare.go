package tracking

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/job"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
)

const (
	// changeBatch limits the changes that a step publishes: each is an event, and a delivery for each endpoint.
	changeBatch = 500
	// readBatch limits the followers of a list that a step reads: SQLite has one writer, which a step blocks.
	readBatch = 20_000
	// forgetBatch limits the followers of an obsolete list that a step deletes.
	forgetBatch = 5000
)

// comparison is the filter of such a job.
type comparison struct {
	SnapshotID string `json:"snapshot_id"`
}

// place is the progress of such a job: the phase, and the last follower that is done.
type place struct {
	Phase phase  `json:"phase"`
	After string `json:"after"`
}

type phase string

// The phases, in their order. The step that finds changes publishes them; then earlier lists are deleted.
const (
	gained phase = "gained"
	lost   phase = "lost"
	forget phase = "forget"
)

// Compare is the step function of the comparison. The database finds the differences: a step reads the next few hundred
// in the order of their ids, from where the last one ended, so however long the lists are, no more is in memory.
func (s *Store) Compare(ctx context.Context, j job.Job) (job.Result, error) {
	var c comparison
	if err := json.Unmarshal([]byte(j.Filter), &c); err != nil {
		return job.Result{}, err
	}
	at := place{Phase: gained}
	if j.Progress != "" {
		if err := json.Unmarshal([]byte(j.Progress), &at); err != nil {
			return job.Result{}, err
		}
	}
	scope := principal.Scope{TenantID: j.TenantID, Environment: j.Environment}
	n, a, err := s.compared(ctx, scope, c.SnapshotID)
	if gone := (*problem.Error)(nil); errors.As(err, &gone) && gone.Code == problem.NotFound {
		return job.Result{End: true}, nil // the account is not tracked any more
	}
	if err != nil {
		return job.Result{}, err
	}
	if at.Phase == forget {
		return s.forgetLists(ctx, a)
	}
	return s.publishChanges(ctx, a, n, at)
}

func (s *Store) compared(ctx context.Context, scope principal.Scope, snapshotID string) (Snapshot, Account, error) {
	n, err := s.Snapshot(ctx, scope, snapshotID)
	if err != nil {
		return n, Account{}, err
	}
	a, err := s.Account(ctx, scope, n.TrackedAccountID)
	return n, a, err
}

// publishChanges fires an event for each of the next followers that are on one list and not on the other.
func (s *Store) publishChanges(ctx context.Context, a Account, n Snapshot, at place) (job.Result, error) {
	on, off, eventType, next := n.ID, n.PreviousID, FollowerGained, lost
	if at.Phase == lost {
		on, off, eventType, next = n.PreviousID, n.ID, FollowerLost, forget
	}
	end, err := batchEnd(s.db.Read(ctx), n.scope(), on, at.After, readBatch)
	if err != nil {
		return job.Result{}, err
	}
	changes, err := s.difference(ctx, n.scope(), on, off, at.After, end)
	if err != nil {
		return job.Result{}, err
	}
	err = s.outbox.Tx(ctx, func(tx *event.Tx) error {
		for _, f := range changes {
			if err := tx.EmitOf(a.UserNumber, a.scope(), eventType, f.change(a, n.TrackedAt)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return job.Result{}, err
	}
	if len(changes) == changeBatch {
		end = changes[len(changes)-1].UserID
	}
	if end != "" {
		return job.Result{Progress: place{Phase: at.Phase, After: end}.text()}, nil
	}
	if next == forget {
		if err := s.compareWithNext(ctx, a, n); err != nil {
			return job.Result{}, err
		}
	}
	through, err := s.Snapshot(ctx, n.scope(), on)
	return job.Result{Done: int(through.FollowersReceived), Progress: place{Phase: next}.text()}, err
}

// compareWithNext makes a list whose changes are all published the one that the next is compared with.
func (s *Store) compareWithNext(ctx context.Context, a Account, n Snapshot) error {
	return s.db.Tx(ctx, func(tx *gorm.DB) error {
		return db.ByID(db.Scope(tx.Model(&Account{}), a.scope()), a.ID).
			Select("list_id").Updates(&Account{ListID: n.ID}).Error
	})
}

// batchEnd returns the id of the last of the next size followers on a list after one; empty when fewer are left.
func batchEnd(q *gorm.DB, scope principal.Scope, on, after string, size int) (string, error) {
	var ids []string
	err := db.WhereID(db.Scope(q.Model(&Follower{}), scope), "snapshot_id", on).Where("user_id > ?", after).
		Order("user_id").Offset(size-1).Limit(1).Pluck("user_id", &ids).Error
	if err != nil || len(ids) == 0 {
		return "", err
	}
	return ids[0], nil
}

// difference returns, by id, the next followers on one list, up to end unless it is empty, that are not on the other.
//
// An offset keeps PostgreSQL from joining the lists. Of lists that were uploaded a moment ago it has no statistics, so
// it takes them for short ones and goes through all of the other list for each follower of this one.
func (s *Store) difference(ctx context.Context, scope principal.Scope, on, off, after, end string) ([]Follower, error) {
	without, err := id.ParseAs(id.Snapshot, off)
	if err != nil {
		return nil, err
	}
	q := db.Scope(s.db.Read(ctx).Table("tracking_followers f").Model(&Follower{}), scope)
	q = db.WhereID(q, "f.snapshot_id", on).Select("f.user_id", "f.username").Where("f.user_id > ?", after).
		Where(`NOT EXISTS (SELECT 1 FROM tracking_followers o WHERE o.tenant_id = f.tenant_id
			AND o.environment = f.environment AND o.snapshot_id = ? AND o.user_id = f.user_id LIMIT 1 OFFSET 0)`, without)
	if end != "" {
		q = q.Where("f.user_id <= ?", end)
	}
	var rows []Follower
	err = q.Order("f.user_id").Limit(changeBatch).Find(&rows).Error
	return rows, err
}

// forgetLists deletes a part of the account's lists before the latest, also those whose comparison was cancelled.
func (s *Store) forgetLists(ctx context.Context, a Account) (job.Result, error) {
	old := func(q *gorm.DB) *gorm.DB {
		return db.WhereID(db.Scope(q.Model(&Snapshot{}), a.scope()), "tracked_account_id", a.ID).
			Where("kept = ? AND status = ?", true, Finished).Not(db.ByID(s.db.Read(ctx), a.ListID))
	}
	end := false
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		var some []Snapshot
		if err := old(tx).Limit(1).Find(&some).Error; err != nil {
			return err
		}
		if end = len(some) == 0; end {
			return nil
		}
		n, err := deleteList(tx, a.scope(), some[0].ID, forgetBatch)
		if err != nil || n == forgetBatch {
			return err
		}
		return db.ByID(old(tx), some[0].ID).Updates(map[string]any{"kept": false}).Error
	})
	return job.Result{Progress: place{Phase: forget}.text(), End: end}, err
}

// deleteList deletes at most limit followers of a list and returns how many. It names the range of their ids:
// PostgreSQL would compare each of the list with each of a subquery's, for the reason given at difference.
func deleteList(tx *gorm.DB, scope principal.Scope, snapshotID string, limit int) (int, error) {
	end, err := batchEnd(tx, scope, snapshotID, "", limit)
	if err != nil {
		return 0, err
	}
	q := db.WhereID(db.Scope(tx, scope), "snapshot_id", snapshotID)
	if end != "" {
		q = q.Where("user_id <= ?", end)
	}
	r := q.Delete(&Follower{})
	return int(r.RowsAffected), r.Error
}

func (p place) text() string {
	raw, err := json.Marshal(p)
	if err != nil {
		panic(fmt.Sprintf("tracking: %v", err)) // two texts always marshal
	}
	return string(raw)
}

// uploadTime is how long an upload may take.
const uploadTime = 24 * time.Hour

// sweepBatch is how many snapshots one call of Sweep deletes at most.
const sweepBatch = 500

// inStatus are the snapshots in a status other than finished. The redundant condition makes SQLite use
// their index.
func inStatus(q *gorm.DB, status Status) *gorm.DB {
	return q.Model(&Snapshot{}).Where("status = ? AND status <> 'finished'", status)
}

// Sweep deletes a part of what was discarded and of uploads that were never finished, at most limit followers at a
// time. It returns limit as long as there may be more.
func (s *Store) Sweep(ctx context.Context, limit int) (int64, error) {
	more := false
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		err := inStatus(tx, Open).Where("created_at < ?", db.At(s.now().Add(-uploadTime))).
			Updates(map[string]any{"status": Discarded}).Error
		if err != nil {
			return err
		}
		var gone []Snapshot
		if err := inStatus(tx, Discarded).Order("created_at").Limit(sweepBatch).Find(&gone).Error; err != nil ||
			len(gone) == 0 {
			return err
		}
		emptied, err := deleteLists(tx, gone, limit)
		if err != nil {
			return err
		}
		more = len(emptied) < len(gone) || len(gone) == sweepBatch
		return inStatus(db.WhereIn(tx, "id", emptied), Discarded).Delete(&Snapshot{}).Error
	})
	if err != nil || !more {
		return 0, err
	}
	return int64(limit), nil
}

// deleteLists deletes at most limit followers of the snapshots' lists and returns the ids of those that have none left.
func deleteLists(tx *gorm.DB, gone []Snapshot, limit int) ([]string, error) {
	var emptied []string
	for _, n := range gone {
		if n.Kept {
			deleted, err := deleteList(tx, n.scope(), n.ID, limit)
			if err != nil {
				return nil, err
			}
			if limit -= deleted; limit == 0 {
				break
			}
		}
		emptied = append(emptied, n.ID)
	}
	return emptied, nil
}
