package tracking

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/credit"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/job"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/plan"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/quota"
)

type refunder interface {
	// Refund gives a charge of the tenant back, once.
	Refund(ctx context.Context, tenantID, chargeID, reason string) (credit.Entry, error)
}

type jobs interface {
	// Create adds a job, in the transaction that ctx carries.
	Create(ctx context.Context, n job.New) (job.Job, error)
	// Get returns a job of a tenant's.
	Get(ctx context.Context, scope principal.Scope, jobID string) (job.Job, error)
}

// Store stores tracked accounts, their snapshots, messages and jobs.
type Store struct {
	db      *db.DB
	outbox  *event.Outbox
	credits refunder
	jobs    jobs
	now     clock.Clock
}

// NewStore makes a Store.
func NewStore(database *db.DB, outbox *event.Outbox, credits refunder, jobs jobs, now clock.Clock) *Store {
	return &Store{db: database, outbox: outbox, credits: credits, jobs: jobs, now: now}
}

// Period narrows a list to from ≤ time < to; zero times are ignored.
type Period struct{ From, To time.Time }

// nextNumber gives the next number of a kind of things, in a transaction. Concurrent callers wait for the end of the
// transaction.
func nextNumber(tx *gorm.DB, scope principal.Scope, kind string) (int64, error) {
	var n int64
	err := tx.Raw(`INSERT INTO tracking_numbers (tenant_id, environment, kind, last) VALUES (?, ?, ?, 1)
		ON CONFLICT (tenant_id, environment, kind) DO UPDATE SET last = tracking_numbers.last + 1 RETURNING last`,
		scope.TenantID, scope.Environment, kind).Scan(&n).Error
	return n, err
}

// byName finds a thing by its id or its number.
func byName(q *gorm.DB, name string) *gorm.DB {
	if n, ok := numberOf(name); ok {
		return q.Where("number = ?", n)
	}
	return db.ByID(q, name)
}

const account = "tracked account"

// Quota is the quota on a tenant's tracked accounts.
var Quota = quota.Counted{Name: plan.TrackedAccounts, Noun: account, Remedy: "Delete one",
	Rows: func(q *gorm.DB, tenantID string, _ time.Time) *gorm.DB {
		return db.Tenant(q.Model(&Account{}), tenantID)
	}}

// NewAccount is the input of CreateAccount.
type NewAccount struct{ Platform, AccountID, Username string }

// CreateAccount begins to track an account.
func (s *Store) CreateAccount(ctx context.Context, scope principal.Scope, n NewAccount) (Account, error) {
	now := db.At(s.now())
	a := Account{
		ID: id.New(id.TrackedAccount), TenantID: scope.TenantID, Environment: scope.Environment,
		Platform: n.Platform, AccountID: n.AccountID, Username: n.Username, CreatedAt: now, UpdatedAt: now,
	}
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		a.UserNumber = db.OwnerOf(tx)
		var err error
		if a.Number, err = nextNumber(tx, scope, "account"); err != nil {
			return err
		}
		var there int64 // a concurrent call for the same account waits at the number
		err = db.Scope(tx.Model(&Account{}), scope).Where("user_number = ? AND platform = ? AND account_id = ?",
			a.UserNumber, a.Platform, a.AccountID).Count(&there).Error
		if err != nil {
			return err
		}
		if there > 0 {
			return problem.New(problem.Conflict, "The account %s of %s is tracked already.", a.AccountID, a.Platform)
		}
		if err := tx.Create(&a).Error; err != nil {
			return err
		}
		return Quota.Check(s.db, tx, scope.TenantID, s.now())
	})
	return a, err
}

// AccountFilter narrows a list; empty fields are ignored.
type AccountFilter struct {
	Platform, Username string
	Tracked            bool // only those that have been tracked
	Period
}

// Accounts returns one page of accounts, newest first, and how many there are.
func (s *Store) Accounts(ctx context.Context, scope principal.Scope, p page.Page, f AccountFilter) ([]Account, int64,
	error) {
	q := db.WhereOptional(db.Owned(db.Scope(s.db.Read(ctx), scope)), map[string]string{"platform": f.Platform,
		"username": f.Username})
	if f.Tracked {
		q = q.Where("tracked_at IS NOT NULL")
	}
	return db.Paginate[Account](db.WhereTimeRange(q, "tracked_at", f.From, f.To), p)
}

// Account returns an account by its id or number.
func (s *Store) Account(ctx context.Context, scope principal.Scope, name string) (Account, error) {
	return db.One[Account](byName(db.Owned(db.Scope(s.db.Read(ctx), scope)), name), account)
}

// locked is Account, and locks the account until the transaction ends.
func (s *Store) locked(tx *gorm.DB, scope principal.Scope, name string) (Account, error) {
	return db.One[Account](byName(db.Owned(db.Scope(s.db.ForUpdate(tx), scope)), name), account)
}

// Rename gives an account another name.
func (s *Store) Rename(ctx context.Context, scope principal.Scope, name, username string) (Account, error) {
	var a Account
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		var err error
		if a, err = s.locked(tx, scope, name); err != nil || a.Username == username {
			return err
		}
		a.Username, a.UpdatedAt = username, db.At(s.now())
		return saveAccount(tx, a)
	})
	return a, err
}

func saveAccount(tx *gorm.DB, a Account) error {
	return db.ByID(db.Scope(tx.Model(&Account{}), a.scope()), a.ID).
		Select("username", "follower_count", "following_count", "posts_count", "tracked_at", "list_id", "job_id",
			"updated_at").Updates(&a).Error
}

// DeleteAccount stops tracking an account. Its snapshots vanish; their rows are deleted later, since there can be very
// many followers.
func (s *Store) DeleteAccount(ctx context.Context, scope principal.Scope, name string) error {
	return s.db.Tx(ctx, func(tx *gorm.DB) error {
		a, err := s.locked(tx, scope, name)
		if err != nil {
			return err
		}
		err = db.WhereID(db.Scope(tx.Model(&Snapshot{}), scope), "tracked_account_id", a.ID).
			Updates(map[string]any{"status": Discarded}).Error
		if err != nil {
			return err
		}
		return db.ByID(db.Scope(tx, scope), a.ID).Delete(&Account{}).Error
	})
}
