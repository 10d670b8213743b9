// Package credit is what paid operations are paid with: a balance for each tenant, and an append-only ledger that adds
// up to it.
//
// The balance is the lock. Every change takes its row, and writes its entry, in the transaction of what it pays for:
// both are committed or neither is, and calls that are paid from one balance take turns from the charge to the commit.
//
// Where users pay, each member has an account like a tenant's: the plan's monthly grant comes to each of them, since in
// such a product the member is the customer. Who is not a member any more gets no more, but what they had stays on record.
//
// Monthly grants need no scheduler: whoever charges or looks at a balance first in a month gives them. The row says
// which month was granted, how much and for which plan, so that charging is one statement as long as that holds.
package credit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/profile"
	"gorm.io/gorm"
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

// Account is whose credits they are: a tenant's, or those of one of its users where the profile keeps them apart.
// Credits are of no environment: test calls do the same work.
type Account struct {
	TenantID string
	UserID   string // empty for the tenant's own
}

// AccountOf is the account that a caller pays from: its user's where the profile keeps users' credits apart, else the
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

// errAmount means that a caller of the store did not check what it was given.
var errAmount = errors.New("credit: the amount must be positive")

// Entry is a row of credit_entries. Amount is negative for what was taken; Balance is what there was after it.
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

// Balance is a row of credit_balances. Granted is what the grants of GrantedMonth come to, which never falls within
// the month, whatever plans the tenant moves through.
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

// due is what must be added for a month and a plan that brings allowance. A month that is over brings nothing more:
// it is asked for by a process whose clock is behind.
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

// grantReference names a monthly grant by the month and by what it brings the month's grants to, which only rises: the
// same grant can't be entered twice.
func grantReference(month string, total int64) string { return fmt.Sprintf("%s/%d", month, total) }

type chargeKey struct{}

// ChargeOf returns the id of the charge that the operation is paid with, for work that outlives the request and may
// have to be refunded; it is empty when the operation is free.
func ChargeOf(ctx context.Context) string {
	id, _ := ctx.Value(chargeKey{}).(string)
	return id
}
