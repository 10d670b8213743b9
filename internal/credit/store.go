package credit

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/member"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/plan"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/tenant"
)

// Store keeps balances and ledgers.
type Store struct {
	db       *db.DB
	tenants  *tenant.Store
	now      clock.Clock
	listener listener
	refused  chan refusal
}

// NewStore makes a Store.
func NewStore(database *db.DB, tenants *tenant.Store, now clock.Clock, l listener) *Store {
	return &Store{db: database, tenants: tenants, now: now, listener: l, refused: make(chan refusal, 64)}
}

// Pay charges and then runs fn, both in one transaction: when fn fails or panics nothing was charged, and nothing of
// it happens when the balance does not cover the price. In fn's context ChargeOf names the charge.
func (s *Store) Pay(ctx context.Context, a Account, price int64, reason, reference string,
	fn func(ctx context.Context) error) error {
	return s.db.Unit(ctx, func(ctx context.Context) error {
		e, err := s.Charge(ctx, a, price, reason, reference)
		if err != nil {
			return err
		}
		return fn(context.WithValue(ctx, chargeKey{}, e.ID))
	})
}

// Charge takes the price from the balance. When the balance does not cover it, Charge fails with problem.Insufficient
// and changes nothing.
func (s *Store) Charge(ctx context.Context, a Account, price int64, reason, reference string) (Entry, error) {
	if err := a.check(); err != nil {
		return Entry{}, err
	}
	if price <= 0 {
		return Entry{}, errAmount
	}
	e := Entry{TenantID: a.TenantID, UserID: a.UserID, Amount: -price, Kind: Charge, Reason: reason,
		Reference: reference}
	err := s.db.Unit(ctx, func(ctx context.Context) error {
		done, err := s.enter(ctx, &e, " AND "+granted, monthOf(s.now()))
		if done || err != nil {
			return err
		}
		b, err := s.grantDue(ctx, a) // locks the row
		if err != nil {
			return err
		}
		if b.Balance < price {
			s.refuse(a, price)
			return problem.Insufficient(b.Balance, price)
		}
		return s.mustEnter(ctx, &e)
	})
	return e, err
}

// Grant adds to the balance of a tenant, or of a member.
func (s *Store) Grant(ctx context.Context, a Account, amount int64, reason, reference string) (Entry, error) {
	if err := a.check(); err != nil {
		return Entry{}, err
	}
	if amount <= 0 {
		return Entry{}, errAmount
	}
	e := Entry{TenantID: a.TenantID, UserID: a.UserID, Amount: amount, Kind: Grant, Reason: reason,
		Reference: reference}
	err := s.db.Unit(ctx, func(ctx context.Context) error {
		if _, err := s.grantDue(ctx, a); err != nil {
			return err
		}
		return s.mustEnter(ctx, &e)
	})
	return e, err
}

// Refund refunds a charge of the tenant, once: a second call returns the first refund. It is for work that fails after
// the response; a failed request is never charged.
func (s *Store) Refund(ctx context.Context, tenantID, chargeID, reason string) (Entry, error) {
	var e Entry
	if err := (Account{TenantID: tenantID}).check(); err != nil {
		return e, err
	}
	err := s.db.Unit(ctx, func(ctx context.Context) error {
		charge, err := db.One[Entry](db.Tenant(s.db.Read(ctx), tenantID).Where("id = ? AND kind = ?", chargeID, Charge),
			"charge")
		if err != nil {
			return err
		}
		a := Account{TenantID: charge.TenantID, UserID: charge.UserID}
		if _, err := s.grantDue(ctx, a); err != nil {
			return err
		}
		err = a.of(s.db.Read(ctx)).Where("kind = ? AND reference = ?", Refund, chargeID).Take(&e).Error
		if !errors.Is(err, gorm.ErrRecordNotFound) {
			return err
		}
		e = Entry{TenantID: a.TenantID, UserID: a.UserID, Amount: -charge.Amount, Kind: Refund, Reason: reason,
			Reference: chargeID}
		return s.mustEnter(ctx, &e)
	})
	return e, err
}

// granted is the condition that no grant is due: the balance has this month and the tenant's plan.
const granted = `granted_month = ? AND granted_plan = (SELECT plan FROM tenants WHERE tenants.id = credit_balances.tenant_id)`

// Balance returns the balance, this month's grant included.
func (s *Store) Balance(ctx context.Context, a Account) (Balance, error) {
	if err := a.check(); err != nil {
		return Balance{}, err
	}
	b := Balance{}
	err := a.of(s.db.Read(ctx)).Where(granted, monthOf(s.now())).Take(&b).Error
	if !errors.Is(err, gorm.ErrRecordNotFound) {
		return b, err
	}
	err = s.db.Unit(ctx, func(ctx context.Context) error {
		b, err = s.grantDue(ctx, a)
		return err
	})
	return b, err
}

// Ledger returns the entries of an account, newest first, and the cursor of the next page.
func (s *Store) Ledger(ctx context.Context, a Account, l page.Log) ([]Entry, *string, error) {
	return db.PaginateKeyset(a.of(s.db.Read(ctx)), l, func(e Entry) page.Cursor {
		return page.Cursor{At: e.CreatedAt.Time, ID: e.ID}
	})
}

// grantDue locks the balance until the transaction ends, adds the grant that is due for this month and returns it.
func (s *Store) grantDue(ctx context.Context, a Account) (Balance, error) {
	t, err := s.tenants.Get(ctx, a.TenantID)
	if err != nil {
		return Balance{}, err
	}
	belongs, err := s.belongs(ctx, a)
	if err != nil {
		return Balance{}, err
	}
	b, err := s.lock(ctx, a, belongs)
	if err != nil || !belongs {
		return b, err
	}
	month := max(monthOf(s.now()), b.GrantedMonth)
	due := b.due(monthOf(s.now()), plan.MonthlyCredits(t.Plan))
	if month != b.GrantedMonth {
		b.Granted = 0
	}
	b.GrantedMonth, b.GrantedPlan = month, t.Plan
	b.Granted += due
	if due > 0 {
		e := Entry{
			TenantID: a.TenantID, UserID: a.UserID, Amount: due, Kind: Monthly,
			Reason: "Credits of the plan " + t.Plan + " for " + month, Reference: grantReference(month, b.Granted),
		}
		if err := s.mustEnter(ctx, &e); err != nil {
			return b, err
		}
		b.Balance, b.UpdatedAt, b.ArmedAt = e.Balance, e.CreatedAt, e.CreatedAt
	}
	return b, s.db.Tx(ctx, func(tx *gorm.DB) error {
		return a.of(tx.Model(&Balance{})).
			Updates(map[string]any{"granted_month": b.GrantedMonth, "granted": b.Granted, "granted_plan": b.GrantedPlan,
				"updated_at": b.UpdatedAt}).Error
	})
}

// belongs reports whether the account is a tenant's or that of one of its members.
func (s *Store) belongs(ctx context.Context, a Account) (bool, error) {
	if a.UserID == "" {
		return true, nil
	}
	var n int64
	err := db.Tenant(s.db.Read(ctx).Model(&member.Member{}), a.TenantID).Where("id = ?", a.UserID).Count(&n).Error
	return n > 0, err
}

// mayGrant refuses grants to unknown users, to users whose tenant pays for them, and to a tenant whose users pay.
func (s *Store) mayGrant(ctx context.Context, a Account) error {
	t, err := s.tenants.Get(ctx, a.TenantID)
	if err != nil {
		return err
	}
	switch ofUsers := profile.Of(t.Profile).Keys.OfUsers; {
	case ofUsers && a.UserID == "":
		return problem.Invalid(problem.Detail{Field: "user_id", Message: "is missing: in the profile " + t.Profile +
			" each member pays from an account of its own; name one"})
	case a.UserID == "":
		return nil
	case !ofUsers:
		return problem.Invalid(problem.Detail{Field: "user_id", Message: "can't be set: in the profile " + t.Profile +
			" the tenant pays, so grant the credits to it"})
	}
	belongs, err := s.belongs(ctx, a)
	if err == nil && !belongs {
		return problem.Invalid(problem.Detail{Field: "user_id", Message: "is not a member of this tenant"})
	}
	return err
}

// lock locks the row of an account, and creates a missing one for a tenant or a member.
func (s *Store) lock(ctx context.Context, a Account, may bool) (Balance, error) {
	var b Balance
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		take := a.of(s.db.ForUpdate(tx)).Session(&gorm.Session{})
		err := take.Take(&b).Error
		if !errors.Is(err, gorm.ErrRecordNotFound) {
			return err
		}
		if !may {
			return problem.Missing("member")
		}
		none := Balance{TenantID: a.TenantID, UserID: a.UserID, UpdatedAt: db.At(s.now().Add(-time.Microsecond))}
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&none).Error; err != nil {
			return err
		}
		return take.Take(&b).Error
	})
	return b, err
}

// enter changes the balance by the amount of e and writes e, unless the balance would fall below zero or condition
// is false: then it does nothing and returns false. The entry's time is later than the previous entry's, whatever the
// clocks of different processes say, so that the ledger sorts in the order of the changes.
func (s *Store) enter(ctx context.Context, e *Entry, condition string, args ...any) (bool, error) {
	done := false
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		var b Balance
		now := db.At(s.now())
		all := append([]any{e.Amount, now, now, e.TenantID, e.UserID, -e.Amount}, args...)
		r := tx.Raw(`UPDATE credit_balances SET balance = balance + ?, updated_at = CASE WHEN updated_at < ? THEN ? ELSE updated_at + 1 END
			WHERE tenant_id = ? AND user_id = ? AND balance >= ?`+condition+
			` RETURNING balance, granted, updated_at, armed_at`, all...).Scan(&b)
		if r.Error != nil || r.RowsAffected == 0 {
			return r.Error
		}
		done = true
		e.ID, e.Balance, e.CreatedAt = id.New(id.Credit), b.Balance, b.UpdatedAt
		if err := tx.Create(e).Error; err != nil {
			return err
		}
		return s.report(tx, *e, b)
	})
	return done, err
}

// mustEnter is enter for a caller that locked the row and checked the balance.
func (s *Store) mustEnter(ctx context.Context, e *Entry) error {
	done, err := s.enter(ctx, e, "")
	if err == nil && !done {
		return errors.New("credit: the balance changed while it was locked")
	}
	return err
}
