package billing

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/tenant"
)

// subscribed records a subscription, and sets the tenant's plan to the highest of its subscriptions.
func (s *Store) subscribed(ctx context.Context, e StripeEvent) error {
	reported, err := read[stripeSubscription](e)
	if err != nil {
		return err
	}
	if reported.ID == "" {
		return ignored{"The subscription has no id."}
	}
	c, err := s.customer(ctx, string(reported.Customer), reported.Metadata["tenant_id"])
	if err != nil {
		return err
	}
	deleted := e.Type == stripeSubDeleted
	planName, err := reported.plan(deleted, s.prices)
	if err != nil {
		return ignored{err.Error()}
	}
	before, err := s.follow(ctx, subscription{
		ID: reported.ID, CustomerID: c.ID, TenantID: c.TenantID, Plan: planName, Live: !reported.over(deleted),
		ChangedAt: db.At(e.Created),
	})
	if err != nil {
		return err
	}
	if before != nil && before.Live && before.TenantID != c.TenantID {
		if err := s.givePlan(ctx, before.TenantID); err != nil {
			return err
		}
	}
	if reported.over(deleted) && (before == nil || !before.Live || before.TenantID != c.TenantID) {
		return nil // it brought no plan, such as an abandoned checkout; so its end removes none
	}
	return s.givePlan(ctx, c.TenantID)
}

// follow keeps the latest change of a subscription, and returns how it was before; nil when it was not known.
func (s *Store) follow(ctx context.Context, to subscription) (*subscription, error) {
	var known []subscription
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		// A tenant's plan depends on all its subscriptions, also those of other customers, which may be changing too.
		if err := s.db.AdvisoryLock(tx, "stripe_subscriptions"); err != nil {
			return err
		}
		if err := tx.Where("id = ?", to.ID).Limit(1).Find(&known).Error; err != nil {
			return err
		}
		if len(known) > 0 && to.ChangedAt.Before(known[0].ChangedAt.Time) {
			return ignored{"A later change of the subscription has taken effect."}
		}
		return tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "id"}}, UpdateAll: true}).Create(&to).Error
	})
	if err != nil || len(known) == 0 {
		return nil, err
	}
	return &known[0], nil
}

// givePlan gives a tenant the highest plan among its subscriptions that are live.
func (s *Store) givePlan(ctx context.Context, tenantID string) error {
	planName := ""
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		var all []subscription
		err := db.Tenant(tx, tenantID).Find(&all).Error
		planName = highest(all)
		return err
	})
	if err != nil {
		return err
	}
	t, err := s.tenants.Get(ctx, tenantID)
	if err != nil || t.Plan == planName {
		return err
	}
	before, after, err := s.tenants.Update(ctx, tenantID, tenant.Edit{Plan: &planName})
	if err != nil {
		return err
	}
	change := audit.Change{Target: tenantID, Before: map[string]any{"plan": before.Plan},
		After: map[string]any{"plan": after.Plan}}
	return s.log.Record(as(ctx, tenantID), "tenant.updated", change)
}
