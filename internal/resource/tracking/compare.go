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
	"github.com/hookline/hookline/internal/job"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
)

// CompareFollowers is the kind of the jobs that compare a list of followers with the one before.
const CompareFollowers = "followers.compare"

const (
	// changeBatch is how many followers that came or went a step tells of: each is an event, and a delivery for each endpoint.
	changeBatch = 500
	// forgetBatch is how many followers of a list that is not needed any more a step deletes.
	forgetBatch = 5000
)

// comparison is what such a job is asked to do.
type comparison struct {
	SnapshotID string `json:"snapshot_id"`
}

// place is where its next step begins: what it is at, and after which follower.
type place struct {
	Phase phase  `json:"phase"`
	After string `json:"after"`
}

type phase string

// The phases, in their order. What is found by comparing is told by the step that finds it; then earlier lists go.
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
		return job.Result{End: true}, nil // it is tracked no more, so nobody waits for this
	}
	if err != nil {
		return job.Result{}, err
	}
	if at.Phase == forget {
		return s.forgetLists(ctx, a)
	}
	return s.tellChanges(ctx, a, n, at)
}

func (s *Store) compared(ctx context.Context, scope principal.Scope, snapshotID string) (Snapshot, Account, error) {
	n, err := s.Snapshot(ctx, scope, snapshotID)
	if err != nil {
		return n, Account{}, err
	}
	a, err := s.Account(ctx, scope, n.TrackedAccountID)
	return n, a, err
}

// tellChanges fires an event for each of the next followers that are on one list and not on the other.
func (s *Store) tellChanges(ctx context.Context, a Account, n Snapshot, at place) (job.Result, error) {
	on, off, eventType, next := n.ID, n.PreviousID, FollowerGained, lost
	if at.Phase == lost {
		on, off, eventType, next = n.PreviousID, n.ID, FollowerLost, forget
	}
	changes, err := s.difference(ctx, n.TenantID, on, off, at.After)
	if err != nil {
		return job.Result{}, err
	}
	err = s.outbox.Tx(ctx, func(tx *event.Tx) error {
		for _, f := range changes {
			if err := tx.Emit(a.scope(), eventType, f.change(a, n.TrackedAt)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return job.Result{}, err
	}
	if len(changes) == changeBatch {
		at.After = changes[len(changes)-1].UserID
		return job.Result{Progress: at.text()}, nil
	}
	through, err := s.Snapshot(ctx, n.scope(), on)
	return job.Result{Done: int(through.FollowersReceived), Progress: place{Phase: next}.text()}, err
}

// difference returns, by id, the next followers on one list that are not on the other.
func (s *Store) difference(ctx context.Context, tenantID, on, off, after string) ([]Follower, error) {
	var rows []Follower
	err := s.db.Read(ctx).Raw(`SELECT f.user_id, f.username FROM tracking_followers f
		WHERE f.tenant_id = ? AND f.snapshot_id = ? AND f.user_id > ?
		AND NOT EXISTS (SELECT 1 FROM tracking_followers o WHERE o.tenant_id = ? AND o.snapshot_id = ? AND o.user_id = f.user_id)
		ORDER BY f.user_id LIMIT ?`, tenantID, on, after, tenantID, off, changeBatch).Scan(&rows).Error
	return rows, err
}

// forgetLists deletes a part of the account's lists before the latest, also of those whose comparison was cancelled.
func (s *Store) forgetLists(ctx context.Context, a Account) (job.Result, error) {
	old := func(q *gorm.DB) *gorm.DB {
		return scoped(q.Model(&Snapshot{}), a.scope()).Where("tracked_account_id = ? AND kept = ? AND status = ? AND id <> ?", a.ID, true, Finished, a.ListID)
	}
	end := false
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		var ids []string
		if err := old(tx).Limit(1).Pluck("id", &ids).Error; err != nil {
			return err
		}
		if end = len(ids) == 0; end {
			return nil
		}
		left, err := deleteList(tx, a.TenantID, ids[0], forgetBatch)
		if err != nil || left {
			return err
		}
		return old(tx).Where("id = ?", ids[0]).Updates(map[string]any{"kept": false}).Error
	})
	return job.Result{Progress: place{Phase: forget}.text(), End: end}, err
}

// deleteList deletes at most limit followers of a list and says whether there may be more.
func deleteList(tx *gorm.DB, tenantID, snapshotID string, limit int) (more bool, err error) {
	r := tx.Exec(`DELETE FROM tracking_followers WHERE tenant_id = ? AND snapshot_id = ? AND user_id IN (
		SELECT user_id FROM tracking_followers WHERE tenant_id = ? AND snapshot_id = ? ORDER BY user_id LIMIT ?)`,
		tenantID, snapshotID, tenantID, snapshotID, limit)
	return r.RowsAffected == int64(limit), r.Error
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

// Sweep deletes a part of what was discarded and of uploads that were never finished, at most limit followers at a time.
// It returns limit as long as there may be more.
func (s *Store) Sweep(ctx context.Context, limit int) (int64, error) {
	more := false
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		now := s.now()
		err := tx.Model(&Snapshot{}).Where("status = ? AND created_at < ?", Open, db.At(now.Add(-uploadTime))).Updates(map[string]any{"status": Discarded}).Error
		if err != nil {
			return err
		}
		var gone []Snapshot
		if err := tx.Where("status = ?", Discarded).Order("created_at").Limit(1).Find(&gone).Error; err != nil || len(gone) == 0 {
			return err
		}
		more = true
		left, err := deleteList(tx, gone[0].TenantID, gone[0].ID, limit)
		if err != nil || left {
			return err
		}
		return tx.Where("id = ? AND status = ?", gone[0].ID, Discarded).Delete(&Snapshot{}).Error
	})
	if err != nil || !more {
		return 0, err
	}
	return int64(limit), nil
}
