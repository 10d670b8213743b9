package alert

import (
	"context"
	"strings"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/db"
)

// DisableChannelsOf turns off, in the transaction of ctx, what would go on telling a removed member of the tenant: the
// mail channels to the member's address, in both environments, and the channels that belong to the member. Each gets an
// entry in the audit log. They are not deleted: a team may share the address of a removed member, and can turn its
// channel on again.
func (a *API) DisableChannelsOf(ctx context.Context, tenantID, email string, number int64) error {
	return a.store.db.Tx(ctx, func(tx *gorm.DB) error {
		var rows []Channel
		err := a.store.db.ForUpdate(db.Tenant(tx, tenantID)).Where("enabled = ?", true).Order("id").Find(&rows).Error
		if err != nil {
			return err
		}
		for _, c := range rows {
			before, err := a.channel(c)
			if err != nil {
				return err
			}
			mailed := c.Type == Email && strings.EqualFold(before.Target, strings.TrimSpace(email))
			if !mailed && (c.UserNumber == 0 || c.UserNumber != number) {
				continue
			}
			c.Enabled, c.UpdatedAt = false, db.At(a.store.now())
			err = db.Tenant(tx.Model(&Channel{}), tenantID).Where("id = ?", c.ID).Select("enabled", "updated_at").
				Updates(&c).Error
			if err != nil {
				return err
			}
			after, err := a.channel(c)
			if err != nil {
				return err
			}
			if err := a.audit.Record(ctx, "alert_channel.updated", audit.Change{TenantID: tenantID, Target: c.ID,
				Before: before, After: after}); err != nil {
				return err
			}
		}
		return nil
	})
}
