package job

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
)

// Store keeps jobs.
type Store struct {
	db   *db.DB
	now  clock.Clock
	wake chan struct{}
}

// NewStore makes a Store.
func NewStore(database *db.DB, now clock.Clock) *Store {
	return &Store{db: database, now: now, wake: make(chan struct{}, 1)}
}

// New describes a new job. Without Operator the scope must be complete.
type New struct {
	principal.Scope
	Owner     principal.Owner // whose things it changes
	Operator  bool
	Kind      string
	Filter    string
	Total     int
	CreatedAt time.Time // the job leaves things alone that are newer
}

// Create adds a job, in the transaction that ctx carries, if any. A runner of this process starts it at once, those of
// other processes within a second.
func (s *Store) Create(ctx context.Context, n New) (Job, error) {
	if !n.Operator {
		if err := n.Scope.Check(); err != nil {
			return Job{}, err
		}
	}
	at := db.At(n.CreatedAt)
	j := Job{
		ID: id.New(id.Job), TenantID: n.TenantID, Environment: n.Environment, UserNumber: n.Owner.Owns,
		OfRest: n.Owner.OwnsRest, Operator: n.Operator, Kind: n.Kind,
		Status: Queued,
		Filter: n.Filter, Total: n.Total, SkipReasons: db.JSON[map[string]int]{V: map[string]int{}}, RunAt: at,
		CreatedAt: at,
	}
	err := s.db.Tx(ctx, func(tx *gorm.DB) error { return tx.Create(&j).Error })
	if err == nil {
		db.AfterCommit(ctx, s.wakeRunner)
	}
	return j, err
}

func (s *Store) wakeRunner() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// ofTenant narrows a query to the jobs that a tenant started, where jobs belong to users the caller; those of operators
// may be on a tenant's data, too.
func ofTenant(q *gorm.DB, scope principal.Scope) *gorm.DB {
	return db.Owned(db.Scope(q, scope)).Where("operator = ?", false)
}

func take(q *gorm.DB, jobID string) (Job, error) {
	return db.One[Job](q.Where("id = ?", jobID), "job")
}

// Get returns a job of a tenant.
func (s *Store) Get(ctx context.Context, scope principal.Scope, jobID string) (Job, error) {
	return take(ofTenant(s.db.Read(ctx), scope), jobID)
}

// GetAny is Get over all jobs, for operators.
func (s *Store) GetAny(ctx context.Context, jobID string) (Job, error) {
	return take(s.db.Read(ctx), jobID)
}

// List returns a tenant's jobs newest first, and the cursor of the next page.
func (s *Store) List(ctx context.Context, scope principal.Scope, l page.Log) ([]Job, *string, error) {
	return list(ofTenant(s.db.Read(ctx), scope), l)
}

// ListAny is List over all jobs, or all on one tenant's data, for operators.
func (s *Store) ListAny(ctx context.Context, l page.Log, tenantID string) ([]Job, *string, error) {
	return list(db.WhereOptional(s.db.Read(ctx), map[string]string{"tenant_id": tenantID}), l)
}

func list(q *gorm.DB, l page.Log) ([]Job, *string, error) {
	return db.PaginateKeyset(q, l, func(j Job) page.Cursor { return page.Cursor{At: j.CreatedAt.Time, ID: j.ID} })
}

// Cancel cancels a tenant's job after its running step, and returns it before and after.
func (s *Store) Cancel(ctx context.Context, scope principal.Scope, jobID string) (before, after Job, err error) {
	return s.cancel(ctx, jobID, func(q *gorm.DB) *gorm.DB { return ofTenant(q, scope) }, CompareFollowers)
}

// CancelAny is Cancel over all jobs, for operators.
func (s *Store) CancelAny(ctx context.Context, jobID string) (before, after Job, err error) {
	return s.cancel(ctx, jobID, func(q *gorm.DB) *gorm.DB { return q })
}

// cancel refuses jobs of the kinds in kept.
func (s *Store) cancel(ctx context.Context, jobID string, narrow func(*gorm.DB) *gorm.DB, kept ...string) (before,
	after Job, err error) {
	err = s.db.Tx(ctx, func(tx *gorm.DB) error {
		if before, err = take(s.db.ForUpdate(narrow(tx)), jobID); err != nil { // waits for a running step
			return err
		}
		if before.Over() {
			return problem.New(problem.Conflict, "The job has already ended: it is %s.", before.Status)
		}
		if slices.Contains(kept, before.Kind) {
			return problem.New(problem.Conflict, "A job of the kind %s can't be cancelled.",
				before.Kind)
		}
		after = before.end(Cancelled, s.now())
		return save(tx, after)
	})
	return before, after, err
}

// Unfinished returns the jobs of a kind that have not ended, oldest first.
func (s *Store) Unfinished(ctx context.Context, kind string) ([]Job, error) {
	var rows []Job
	err := s.db.Read(ctx).Where("run_at IS NOT NULL AND kind = ?", kind).Order("created_at, id").Find(&rows).Error
	return rows, err
}

// save writes the columns that steps change.
func save(tx *gorm.DB, j Job) error {
	return tx.Model(&Job{}).Where("id = ?", j.ID).
		Select("status", "progress", "done", "skipped", "skip_reasons", "failures", "error", "run_at", "started_at",
			"finished_at").Updates(&j).Error
}

// due returns the ids of jobs of the kinds whose next step is due, the most overdue first.
func (s *Store) due(ctx context.Context, kinds []string) ([]string, error) {
	var ids []string
	err := s.db.Read(ctx).Model(&Job{}).Where("run_at <= ? AND kind IN ?", db.At(s.now()), kinds).
		Order("run_at").Limit(dueBatch).Pluck("id", &ids).Error
	return ids, err
}

// claim locks a job in the transaction that ctx carries. It is false when another worker has locked it, when the job
// has ended, or when its step is not due and early is false.
func (s *Store) claim(ctx context.Context, jobID string, early bool) (Job, bool, error) {
	var rows []Job
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		if err := s.limitLock(tx); err != nil {
			return err
		}
		q := s.db.ForUpdateSkipLocked(tx).Where("id = ? AND run_at IS NOT NULL", jobID)
		if !early {
			q = q.Where("run_at <= ?", db.At(s.now()))
		}
		return q.Find(&rows).Error
	})
	if err != nil || len(rows) == 0 {
		return Job{}, false, err
	}
	return rows[0], true, nil
}

// limitLock makes PostgreSQL end the transaction, and with it the claim, of a worker whose host is unreachable. The
// claim of a killed worker ends at once, since its connection closes.
func (s *Store) limitLock(tx *gorm.DB) error {
	if !s.db.Postgres() {
		return nil
	}
	return tx.Exec("SET LOCAL idle_in_transaction_session_timeout = '30s'").Error
}

func (s *Store) save(ctx context.Context, j Job) error {
	return s.db.Tx(ctx, func(tx *gorm.DB) error { return save(tx, j) })
}

// keep is how long finished jobs are kept.
const keep = 90 * 24 * time.Hour

// DeleteOlder deletes at most limit jobs that ended before the retention, and returns how many.
func (s *Store) DeleteOlder(ctx context.Context, limit int) (int64, error) {
	return s.db.Affected(ctx, func(tx *gorm.DB) *gorm.DB {
		return tx.Where("id IN (?)", tx.Model(&Job{}).Select("id").Where("finished_at < ?", db.At(s.now().Add(-keep))).
			Order("finished_at").Limit(limit)).Delete(&Job{})
	})
}
