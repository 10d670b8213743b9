package credit

import (
	"context"
	"log/slog"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/background"
	"github.com/hookline/hookline/internal/db"
)

// State says how near its end a balance is.
type State string

// The states of a balance. Low is less than a tenth of what the month's grants came to; Exhausted is nothing, or less than
// a call that was refused would have cost.
const (
	Enough    State = "enough"
	Low       State = "low"
	Exhausted State = "exhausted"
)

// Level is a balance as those are told who warn of its end. It is told again and again while the state lasts: ArmedAt,
// when credits were given last, tells one time from the next.
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

// OnLevel has f told, in the transaction of a charge, of a balance that is low or exhausted after it, and in the transaction
// of a grant that there is Enough again. It is to be called before the first.
func (s *Store) OnLevel(f func(tx *gorm.DB, l Level) error) { s.told = f }

// tell tells of an entry that was just made, and of the balance after it. The row is locked.
func (s *Store) tell(tx *gorm.DB, e Entry, b Balance) error {
	l := Level{Account: Account{e.TenantID, e.UserID}, State: stateOf(b.Balance, b.Granted), Balance: b.Balance, Granted: b.Granted, ArmedAt: b.ArmedAt, At: e.CreatedAt}
	switch e.Kind {
	case Grant, Monthly:
		err := l.Account.of(tx.Model(&Balance{})).Update("armed_at", e.CreatedAt).Error
		if err != nil || s.told == nil {
			return err
		}
		l.State, l.ArmedAt = Enough, e.CreatedAt
		return s.told(tx, l)
	case Charge:
		if s.told != nil && l.State != Enough {
			return s.told(tx, l)
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

// refuse has it told that a charge was refused. It never blocks: what is dropped is told with the next refusal.
func (s *Store) refuse(a Account, price int64) {
	select {
	case s.refused <- refusal{a, price}:
	default:
	}
}

// Refusals tells of charges that were refused. A refusal undoes its transaction, with whatever would be told in it, so this
// happens afterwards; each process that charges runs one.
type Refusals struct {
	store   *Store
	last    map[Account]db.Time // what was told already, by when credits were given
	routine background.Routine
}

const rememberedRefusals = 10_000

// NewRefusals makes a Refusals; Start starts it.
func NewRefusals(s *Store) *Refusals { return &Refusals{store: s, last: map[Account]db.Time{}} }

// Start begins to tell.
func (r *Refusals) Start() {
	r.routine.Start(func(ctx context.Context) {
		for {
			select {
			case <-ctx.Done():
				return
			case refused := <-r.store.refused:
				if err := r.tell(ctx, refused); err != nil && ctx.Err() == nil {
					slog.Warn("a refused charge could not be told of; the next one is", "tenant", refused.account.TenantID, "error", err)
				}
			}
		}
	})
}

// Stop ends telling.
func (r *Refusals) Stop() { r.routine.Stop() }

func (r *Refusals) tell(ctx context.Context, refused refusal) error {
	s := r.store
	b, err := s.Balance(ctx, refused.account)
	if at, told := r.last[refused.account]; err != nil || s.told == nil || (told && at.Equal(b.ArmedAt.Time)) {
		return err
	}
	err = s.db.Unit(ctx, func(ctx context.Context) error {
		if b, err = s.settle(ctx, refused.account); err != nil || b.Balance >= refused.price {
			return err
		}
		return s.db.Tx(ctx, func(tx *gorm.DB) error {
			return s.told(tx, Level{refused.account, Exhausted, b.Balance, b.Granted, b.ArmedAt, db.At(s.now())})
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
