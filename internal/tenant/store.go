package tenant

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/plan"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/wire"
)

// Store keeps tenants.
type Store struct {
	db     *db.DB
	outbox *event.Outbox
	now    clock.Clock
	resume func(tx *gorm.DB, tenantID string) error
	forget func()
	bills  func(profile string) bool
}

// NewStore makes a Store. resume is called, in the transaction, when a tenant gets webhooks (back), or its deliveries
// are no longer paused; forget is called after a tenant has changed, to invalidate caches; bills reports whether
// tenants of a profile have events about their plan.
func NewStore(database *db.DB, outbox *event.Outbox, now clock.Clock, resume func(tx *gorm.DB, tenantID string) error,
	forget func(), bills func(profile string) bool) *Store {
	return &Store{db: database, outbox: outbox, now: now, resume: resume, forget: forget, bills: bills}
}

// Create adds a tenant.
func (s *Store) Create(ctx context.Context, name, plan, profile string) (Tenant, error) {
	now := db.At(s.now())
	t := Tenant{ID: id.New(id.Tenant), Name: name, NameKey: nameKey(name), Plan: plan, Profile: profile, CreatedAt: now,
		UpdatedAt: now}
	err := s.db.Tx(ctx, func(tx *gorm.DB) error { return tx.Create(&t).Error })
	return t, err
}

// Get returns a tenant.
func (s *Store) Get(ctx context.Context, tenantID string) (Tenant, error) {
	return get(s.db.Read(ctx), tenantID)
}

func get(q *gorm.DB, tenantID string) (Tenant, error) {
	return db.One[Tenant](q.Where("id = ?", tenantID), "tenant")
}

// Edit is an operator's change of a tenant; nil fields stay.
type Edit struct {
	Name         *string
	Plan         *string
	Entitlements *map[string]bool // all overrides of the plan's
	Quotas       *map[plan.QuotaName]int64
	Paused       *bool
	Reason       *string // of the pause
	Look         Look
}

// Update changes a tenant and returns it before and after. A new plan fires subscription.changed; its entitlements take
// effect at once in this process and within a second in others.
func (s *Store) Update(ctx context.Context, tenantID string, e Edit) (before, after Tenant, err error) {
	err = s.outbox.Tx(ctx, func(tx *event.Tx) error {
		if before, err = get(s.db.ForUpdate(tx.DB), tenantID); err != nil {
			return err
		}
		after = before
		after.Name, after.Plan = wire.Or(e.Name, after.Name), wire.Or(e.Plan, after.Plan)
		after.NameKey = nameKey(after.Name)
		after.Overrides.V = plan.Overrides{Entitlements: wire.Or(e.Entitlements, before.Overrides.V.Entitlements),
			Quotas: wire.Or(e.Quotas, before.Overrides.V.Quotas)}
		after.UpdatedAt = db.At(s.now())
		after.pause(e.Paused, e.Reason, after.UpdatedAt)
		if err := after.look(tx.DB, e.Look); err != nil {
			return err
		}
		err := tx.Model(&Tenant{}).Where("id = ?", tenantID).Select("name", "name_key", "plan", "overrides", "branding",
			"deliveries_paused", "deliveries_paused_at", "deliveries_paused_reason", "updated_at").Updates(&after).Error
		if err != nil {
			return err
		}
		return s.changed(tx, before, after)
	})
	if err == nil {
		db.AfterCommit(ctx, s.forget)
	}
	return before, after, err
}

// changed applies the consequences of a change: suspended deliveries resume, and a new plan fires an event where the
// product has it.
func (s *Store) changed(tx *event.Tx, before, after Tenant) error {
	if after.delivers() && !before.delivers() {
		if err := s.resume(tx.DB, after.ID); err != nil {
			return err
		}
	}
	if before.Plan == after.Plan || !s.bills(after.Profile) {
		return nil
	}
	scope := principal.Scope{TenantID: after.ID, Environment: principal.Live}
	return tx.Emit(scope, SubscriptionChanged, map[string]any{
		"tenant_id": after.ID, "old_plan": before.Plan, "new_plan": after.Plan,
		"entitlements": after.Entitlements(), "changed_at": after.UpdatedAt.Format(time.RFC3339Nano),
	})
}

// HaveWebhooks returns, in a transaction, which of the tenants may have deliveries: their plan includes webhooks, and
// their deliveries are not paused.
func HaveWebhooks(tx *gorm.DB, tenantIDs []string) (map[string]bool, error) {
	var rows []Tenant
	if err := db.WhereIn(tx.Select("id", "plan", "overrides", "deliveries_paused"), "id", tenantIDs).
		Find(&rows).Error; err != nil {
		return nil, err
	}
	out := make(map[string]bool, len(rows))
	for _, t := range rows {
		out[t.ID] = t.delivers()
	}
	return out, nil
}

// Paused returns, in a transaction, which of the tenants have paused deliveries.
func Paused(tx *gorm.DB, tenantIDs []string) (map[string]bool, error) {
	var ids []string
	err := tx.Model(&Tenant{}).Where("id IN ? AND deliveries_paused = ?", tenantIDs, true).Pluck("id", &ids).Error
	out := make(map[string]bool, len(ids))
	for _, id := range ids {
		out[id] = true
	}
	return out, err
}
