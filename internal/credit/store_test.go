package credit_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/credit"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/member"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/plan"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/role"
	"github.com/hookline/hookline/internal/tenant"
	"github.com/hookline/hookline/internal/testkit/engine"
)

// ground is a store on an engine, with a clock that the test sets.
type ground struct {
	*credit.Store
	db      *db.DB
	tenants *tenant.Store
	now     atomic.Pointer[time.Time]
}

func newGround(t *testing.T, e engine.Engine) *ground {
	t.Helper()
	d, err := db.Open(t.Context(), engine.New(t, e).DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	g := &ground{db: d}
	g.at(time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC))
	now := func() time.Time { return *g.now.Load() }
	g.tenants = engine.Tenants(d, now)
	g.Store = credit.NewStore(d, g.tenants, now, silent{})
	return g
}

// silent takes reports of balances and does nothing.
type silent struct{}

// BalanceChanged implements the listener of a credit.Store.
func (silent) BalanceChanged(*gorm.DB, credit.Level) error { return nil }

func (g *ground) at(now time.Time) { g.now.Store(&now) }

func (g *ground) account(t *testing.T, plan string) credit.Account {
	t.Helper()
	row, err := g.tenants.Create(t.Context(), t.Name(), plan, "hookline")
	if err != nil {
		t.Fatal(err)
	}
	return credit.Account{TenantID: row.ID}
}

func (g *ground) move(t *testing.T, a credit.Account, plan string) {
	t.Helper()
	if _, _, err := g.tenants.Update(t.Context(), a.TenantID, tenant.Edit{Plan: &plan}); err != nil {
		t.Fatal(err)
	}
}

// check insists on a balance and on a ledger that adds up to it entry by entry, and returns the ledger, oldest first.
func (g *ground) check(t *testing.T, a credit.Account, want int64) []credit.Entry {
	t.Helper()
	b, err := g.Balance(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	if b.Balance != want {
		t.Errorf("the balance is %d instead of %d", b.Balance, want)
	}
	all := g.ledger(t, a)
	var sum int64
	for i, e := range all {
		if i > 0 && !e.CreatedAt.After(all[i-1].CreatedAt.Time) {
			t.Fatalf("time of entry %d: got %s, want it after the one before", i, e.CreatedAt.Time)
		}
		if sum += e.Amount; e.Balance != sum {
			t.Fatalf("balance after %s %d: got %d, want the sum of the entries, %d", e.Kind, e.Amount, e.Balance, sum)
		}
	}
	if sum != want {
		t.Errorf("the ledger adds up to %d instead of %d", sum, want)
	}
	return all
}

func (g *ground) ledger(t *testing.T, a credit.Account) []credit.Entry {
	t.Helper()
	var all []credit.Entry
	l := page.Log{Limit: 100}
	for {
		rows, next, err := g.Ledger(t.Context(), a, l)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range rows {
			all = append([]credit.Entry{e}, all...)
		}
		if next == nil {
			return all
		}
		if l, err = page.NewLog(next, &l.Limit); err != nil {
			t.Fatal(err)
		}
	}
}

// together runs fn n times at once and returns how many ended without an error.
func together(n int, fn func() error) int64 {
	var group sync.WaitGroup
	var succeeded atomic.Int64
	start := make(chan struct{})
	for range n {
		group.Go(func() {
			<-start
			if fn() == nil {
				succeeded.Add(1)
			}
		})
	}
	close(start)
	group.Wait()
	return succeeded.Load()
}

func TestAThousandChargesOnABalanceOfAHundredSucceedAHundredTimes(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		g := newGround(t, e)
		a := g.account(t, plan.Free)
		succeeded := together(1000, func() error {
			_, err := g.Charge(t.Context(), a, 1, "test", "")
			if p := (*problem.Error)(nil); err != nil && (!errors.As(err, &p) ||
				p.Code != problem.InsufficientCredits || *p.Credits != (problem.Credits{Balance: 0, Price: 1})) {
				t.Errorf("charge: got %v, want nil or insufficient_credits with balance 0 and price 1", err)
			}
			return err
		})
		if succeeded != 100 {
			t.Errorf("charges that succeeded: got %d, want 100", succeeded)
		}
		if all := g.check(t, a, 0); len(all) != 101 {
			t.Errorf("entries: got %d, want 101", len(all))
		}
	})
}

func TestAMonthIsGrantedOnceUnderConcurrencyAndAgainNextMonth(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		g := newGround(t, e)
		a := g.account(t, plan.Pro)
		touch := func() error {
			if _, err := g.Balance(t.Context(), a); err != nil {
				t.Error(err)
			}
			_, err := g.Charge(t.Context(), a, 1, "test", "")
			return err
		}
		together(50, touch)
		g.check(t, a, 1000-50)
		g.at(time.Date(2026, 11, 30, 23, 59, 59, 999_999_000, time.UTC))
		together(50, touch)
		g.check(t, a, 1000-100)
		g.at(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))
		together(50, touch)
		g.check(t, a, 2000-150)
		g.at(time.Date(2026, 11, 30, 23, 59, 59, 0, time.UTC)) // another process, whose clock is behind
		together(50, touch)
		all := g.check(t, a, 2000-200)
		monthly := 0
		for _, e := range all {
			if e.Kind == credit.Monthly {
				monthly++
			}
		}
		if monthly != 2 {
			t.Errorf("monthly grants: got %d, want 2", monthly)
		}
	})
}

func TestAPlanChangeWithinTheMonthGrantsTheDifferenceUpwardsOnce(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		g := newGround(t, e)
		a := g.account(t, plan.Free)
		g.check(t, a, 100)
		for _, step := range []struct {
			plan string
			want int64
		}{{plan.Pro, 1000}, {plan.Free, 1000}, {plan.Pro, 1000}, {plan.Business, 10_000}, {plan.Pro, 10_000},
			{plan.Business, 10_000}} {
			g.move(t, a, step.plan)
			together(10, func() error { _, err := g.Balance(t.Context(), a); return err })
			g.check(t, a, step.want)
		}
		g.move(t, a, plan.Free)
		g.at(time.Date(2026, 12, 15, 0, 0, 0, 0, time.UTC))
		g.check(t, a, 10_100)
		if b, err := g.Balance(t.Context(), a); err != nil || b.Granted != 100 {
			t.Errorf("granted this month: got %d, %v, want 100", b.Granted, err)
		}
	})
}

func TestACallThatFailsOrPanicsIsNotCharged(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		g := newGround(t, e)
		a := g.account(t, plan.Free)
		failed := errors.New("failed")
		err := g.Pay(t.Context(), a, 40, "test", "", func(context.Context) error { return failed })
		if !errors.Is(err, failed) {
			t.Errorf("charge whose call fails: got %v, want %v", err, failed)
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("panic of the call: got none, want it to reach the caller")
				}
			}()
			_ = g.Pay(t.Context(), a, 40, "test", "", func(context.Context) error { panic("test") })
		}()
		g.check(t, a, 100)
		ran := false
		err = g.Pay(t.Context(), a, 101, "test", "", func(context.Context) error { ran = true; return nil })
		if p := (*problem.Error)(nil); !errors.As(err, &p) || *p.Credits != (problem.Credits{Balance: 100,
			Price: 101}) || ran {
			t.Errorf("charge above the balance: got %v, call ran: %v, want insufficient_credits with balance 100 "+
				"and price 101 before the call", err, ran)
		}
		g.check(t, a, 100)
	})
}

func TestAChargeIsRefundedOnce(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		g := newGround(t, e)
		a, stranger := g.account(t, plan.Free), g.account(t, plan.Free)
		var charge string
		err := g.Pay(t.Context(), a, 30, "test", "", func(ctx context.Context) error {
			charge = credit.ChargeOf(ctx)
			return nil
		})
		if err != nil || charge == "" {
			t.Fatalf("charge: got %q, %v, want an id", charge, err)
		}
		g.check(t, a, 70)
		if _, err := g.Refund(t.Context(), stranger.TenantID, charge, "not mine"); err == nil {
			t.Error("refund of another tenant's charge: got no error, want one")
		}
		if n := together(20, func() error {
			_, err := g.Refund(t.Context(), a.TenantID, charge,
				"failed later")
			return err
		}); n != 20 {
			t.Errorf("concurrent refunds that succeeded: got %d, want 20", n)
		}
		g.check(t, a, 100)
		g.check(t, stranger, 100)
	})
}

func TestUsersOfATenantHaveTheirOwnBalances(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		g := newGround(t, e)
		a := g.account(t, plan.Free)
		user := credit.Account{TenantID: a.TenantID, UserID: g.user(t, a)}
		if _, err := g.Charge(t.Context(), user, 60, "test", ""); err != nil {
			t.Fatal(err)
		}
		g.check(t, user, 40)
		g.check(t, a, 100)
	})
}

// user adds a member and returns its id.
func (g *ground) user(t *testing.T, a credit.Account) string {
	t.Helper()
	m, err := member.NewStore(g.db, clock.System).Create(t.Context(), a.TenantID, "ada@example.com", "Ada", role.Owner)
	if err != nil {
		t.Fatal(err)
	}
	return m.ID
}

func TestChargesOfAUserNeverTakeTheirBalanceBelowZeroNorAnybodyElses(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		g := newGround(t, e)
		a := g.account(t, plan.Free)
		user := credit.Account{TenantID: a.TenantID, UserID: g.user(t, a)}
		succeeded := together(300, func() error {
			_, err := g.Charge(t.Context(), user, 3, "test", "")
			return err
		})
		if succeeded != 33 {
			t.Errorf("charges that succeeded: got %d, want 33", succeeded)
		}
		g.check(t, user, 1)
		g.check(t, a, 100)
	})
}

func TestOnlyMembersHaveAnAccountAndFormerOnesKeepTheLedger(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		g := newGround(t, e)
		a, other := g.account(t, plan.Free), g.account(t, plan.Free)
		user := credit.Account{TenantID: a.TenantID, UserID: g.user(t, a)}
		for _, nobody := range []credit.Account{{TenantID: a.TenantID, UserID: "usr_1"}, {TenantID: other.TenantID,
			UserID: user.UserID}} {
			if _, err := g.Balance(t.Context(), nobody); err == nil {
				t.Errorf("balance of %+v, no member: got no error, want one", nobody)
			}
		}
		g.check(t, user, 100)
		if err := g.db.Read(t.Context()).Exec("DELETE FROM members").Error; err != nil {
			t.Fatal(err)
		}
		g.at(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))
		g.check(t, user, 100) // without December's grant
		g.check(t, a, 100)
	})
}

func TestAmountsThatAreNotPositiveAndAccountsOfNobodyAreRefused(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		g := newGround(t, e)
		a := g.account(t, plan.Free)
		for _, amount := range []int64{0, -1} {
			if _, err := g.Charge(t.Context(), a, amount, "test", ""); err == nil {
				t.Errorf("charge of %d: got no error, want one", amount)
			}
			if _, err := g.Grant(t.Context(), a, amount, "test", ""); err == nil {
				t.Errorf("grant of %d: got no error, want one", amount)
			}
		}
		if _, err := g.Charge(t.Context(), credit.Account{}, 1, "test", ""); !errors.Is(err, principal.ErrNoScope) {
			t.Errorf("charge without a tenant: got %v, want %v", err, principal.ErrNoScope)
		}
		g.check(t, a, 100)
	})
}
