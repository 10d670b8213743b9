package alert

import (
	"fmt"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/credit"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/member"
	"github.com/hookline/hookline/internal/principal"
)

// The conditions of a balance.
const (
	CreditsLow       = "credits.low"
	CreditsExhausted = "credits.exhausted"
)

// BalanceChanged raises the alert of a balance that is low or exhausted, in the transaction of the charge, and resolves
// it in that of a grant. Credits have no environment; their alerts are in live.
func (s *Store) BalanceChanged(tx *gorm.DB, l credit.Level) error {
	a := creditAlert(l)
	var err error
	if a.UserNumber, err = member.OwnerNumber(tx, a.TenantID, l.Account.UserID); err != nil {
		return err
	}
	if l.State == credit.Enough {
		return db.Tenant(tx.Model(&Alert{}), a.TenantID).
			Where("subject = ? AND resolved_at IS NULL AND condition IN ?", a.Subject, []string{CreditsLow,
				CreditsExhausted}).
			Update("resolved_at", db.At(s.now())).Error
	}
	return s.raise(tx, a)
}

func creditAlert(l credit.Level) Alert {
	a := Alert{TenantID: l.Account.TenantID, Environment: principal.Live, Condition: CreditsLow,
		Subject: l.Account.TenantID, Since: l.At}
	whose := ""
	if l.Account.UserID != "" {
		a.Subject, whose = l.Account.UserID, " of the member "+l.Account.UserID
	}
	const more = "The plan's next grant comes with the first paid call of the next month; more can be granted at once."
	a.Title = fmt.Sprintf("The credits%s are running low", whose)
	a.Message = fmt.Sprintf("%d credits%s are left, less than a tenth of this month's %d. Paid calls will be "+
		"refused when they are used up. %s", l.Balance, whose, l.Granted, more)
	if l.State == credit.Exhausted {
		a.Condition = CreditsExhausted
		a.Title = fmt.Sprintf("The credits%s are used up", whose)
		a.Message = fmt.Sprintf("%d credits%s are left, and paid calls that cost more are refused with "+
			"insufficient_credits. %s", l.Balance, whose, more)
	}
	a.Key = fmt.Sprintf("%s/%s/%d", a.Condition, a.Subject, l.ArmedAt.UnixMicro())
	return a
}
