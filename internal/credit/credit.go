// Package credit manages the credits that paid operations cost: a balance for each tenant, and an append-only ledger
// whose entries add up to it.
//
// The balance's row is the lock. Every change locks it, and writes its entry, in the transaction of the paid operation:
// both are committed or neither is, and paid calls of one balance are serialized from the charge to the commit.
//
// Where users pay, each member has an account like a tenant's and gets the plan's monthly grant, since in such a
// product the member is the customer. A removed member gets no further grants; the account stays on record.
//
// Monthly grants need no scheduler: the first charge or read of a balance in a month adds them. The row records the
// month, amount and plan of the last grant, so that a charge is one statement unless a grant is due.
package credit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/profile"
)

// Kind says why a balance changed.
type Kind string

// The kinds of the contract.
const (
	Grant   Kind = "grant"
	Charge  Kind = "charge"
	Refund  Kind = "refund"
	Monthly Kind = "monthly"
)

// Account is the owner of credits: a tenant, or one of its users where the profile gives users accounts. Both
// environments share an account: test calls do the same work.
type Account struct {
	TenantID string
	UserID   string // empty for the tenant's own
}

// AccountOf returns the account that a caller pays from: its user's where the profile gives users accounts, else the
// tenant's.
func AccountOf(p principal.Principal) Account {
	a := Account{TenantID: p.TenantID}
	if profile.Of(p.Profile).Keys.OfUsers {
		a.UserID = p.UserID
	}
	return a
}

func (a Account) check() error {
	if a.TenantID == "" {
		return principal.ErrNoScope
	}
	return nil
}

// of narrows a query to the rows of the account.
func (a Account) of(q *gorm.DB) *gorm.DB {
	return db.Tenant(q, a.TenantID).Where("user_id = ?", a.UserID)
}

// errAmount means that a caller of the store did not validate an amount.
var errAmount = errors.New("credit: the amount must be positive")

// Entry is a row of credit_entries. Amount is negative for charges; Balance is the balance after it.
type Entry struct {
	ID        string
	TenantID  string
	UserID    string
	Amount    int64
	Balance   int64
	Kind      Kind
	Reason    string
	Reference string
	CreatedAt db.Time
}

// TableName implements GORM's Tabler.
func (Entry) TableName() string { return "credit_entries" }

// Balance is a row of credit_balances. Granted is the sum of the grants of GrantedMonth, which never falls within the
// month, whatever plans the tenant has.
type Balance struct {
	TenantID     string
	UserID       string
	Balance      int64
	GrantedMonth string
	Granted      int64
	GrantedPlan  string
	UpdatedAt    db.Time
	ArmedAt      db.Time // when credits were given last; zero before they first were
}

// TableName implements GORM's Tabler.
func (Balance) TableName() string { return "credit_balances" }

// due returns the amount to grant for a month and a plan's allowance. A past month, of a process whose clock is behind,
// brings nothing.
func (b Balance) due(month string, allowance int64) int64 {
	switch {
	case month > b.GrantedMonth:
		return allowance
	case month == b.GrantedMonth:
		return max(0, allowance-b.Granted)
	}
	return 0
}

// monthOf names the calendar month, in UTC. Names sort by age.
func monthOf(t time.Time) string { return t.UTC().Format("2006-01") }

// grantReference identifies a monthly grant by the month and by the sum of the month's grants after it, which only
// rises: the same grant can't be entered twice.
func grantReference(month string, total int64) string { return fmt.Sprintf("%s/%d", month, total) }

type chargeKey struct{}

// ChargeOf returns the id of the operation's charge, for work that outlives the request and may have to be refunded; it
// is empty when the operation is free.
func ChargeOf(ctx context.Context) string {
	id, _ := ctx.Value(chargeKey{}).(string)
	return id
}
