package credit

import (
	"context"
	"log/slog"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/background"
	"github.com/hookline/hookline/internal/db"
)

// State classifies a balance by how much is left.
type State string

// The states of a balance. Low is less than a tenth of the month's grants; Exhausted is zero, or less than the price of
// a refused call.
const (
	Enough    State = "enough"
	Low       State = "low"
	Exhausted State = "exhausted"
)

// Level is a balance and its state. Every charge reports it again while the state lasts: ArmedAt, the time of the last
// grant, identifies the period.
type Level struct {
	Account Account
	State   State
	Balance int64
	Granted int64 // what this month's grants came to
	ArmedAt db.Time
	At      db.Time
}

func stateOf(balance, granted int64) State {
	switch {
	case balance <= 0:
		return Exhausted
	case balance < granted/10:
		return Low
	}
	return Enough
}

// listener is called, in the transaction of a charge, with a balance that is low or exhausted after it, and in the
// transaction of a grant with one that is Enough again. *alert.Store is one.
type listener interface {
	BalanceChanged(tx *gorm.DB, l Level) error
}

// report reports the balance after a new entry. The row is locked.
func (s *Store) report(tx *gorm.DB, e Entry, b Balance) error {
	l := Level{Account: Account{e.TenantID, e.UserID}, State: stateOf(b.Balance, b.Granted), Balance: b.Balance,
		Granted: b.Granted, ArmedAt: b.ArmedAt, At: e.CreatedAt}
	switch e.Kind {
	case Grant, Monthly:
		err := l.Account.of(tx.Model(&Balance{})).Update("armed_at", e.CreatedAt).Error
		if err != nil {
			return err
		}
		l.State, l.ArmedAt = Enough, e.CreatedAt
		return s.listener.BalanceChanged(tx, l)
	case Charge:
		if l.State != Enough {
			return s.listener.BalanceChanged(tx, l)
		}
	case Refund:
	}
	return nil
}

// refusal is a charge that a balance did not cover.
type refusal struct {
	account Account
	price   int64
}

// refuse queues a refused charge for reporting. It never blocks: a dropped one is reported with the next refusal.
func (s *Store) refuse(a Account, price int64) {
	select {
	case s.refused <- refusal{a, price}:
	default:
	}
}

// Refusals reports refused charges. A refusal rolls its transaction back, so it is reported in a separate one. Each
// process that charges runs one.
type Refusals struct {
	*background.Routine

	store *Store
	last  map[Account]db.Time // what was reported, by when credits were granted
}

const rememberedRefusals = 10_000

// NewRefusals makes a Refusals.
func NewRefusals(s *Store) *Refusals {
	r := &Refusals{store: s, last: map[Account]db.Time{}}
	r.Routine = background.New(r.loop)
	return r
}

func (r *Refusals) loop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case refused := <-r.store.refused:
			if err := r.report(ctx, refused); err != nil && ctx.Err() == nil {
				slog.Warn("reporting a refused charge failed; will retry with the next one", "tenant",
					refused.account.TenantID, "error", err)
			}
		}
	}
}

func (r *Refusals) report(ctx context.Context, refused refusal) error {
	s := r.store
	b, err := s.Balance(ctx, refused.account)
	if at, reported := r.last[refused.account]; err != nil || (reported && at.Equal(b.ArmedAt.Time)) {
		return err
	}
	err = s.db.Unit(ctx, func(ctx context.Context) error {
		if b, err = s.grantDue(ctx, refused.account); err != nil || b.Balance >= refused.price {
			return err
		}
		return s.db.Tx(ctx, func(tx *gorm.DB) error {
			return s.listener.BalanceChanged(tx, Level{refused.account, Exhausted, b.Balance, b.Granted, b.ArmedAt,
				db.At(s.now())})
		})
	})
	if err == nil && b.Balance < refused.price {
		if len(r.last) >= rememberedRefusals {
			clear(r.last)
		}
		r.last[refused.account] = b.ArmedAt
	}
	return err
}
