// Package tenant manages the customer organisations of the product. A tenant owns everything else; operators create
// them.
package tenant

import (
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/plan"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/wire"
)

// SubscriptionChanged is the event that a change of plan fires, in the live environment.
const SubscriptionChanged = "subscription.changed"

// Entitlements lists what the tenant may use.
func (t Tenant) Entitlements() []string { return plan.Entitlements(t.Plan, t.Overrides.V) }

// Describe gives a caller what the tenant is and has.
func (t Tenant) Describe(p *principal.Principal) {
	p.TenantName, p.Plan, p.Profile, p.Entitlements = t.Name, t.Plan, t.Profile, t.Entitlements()
	p.PausedAt, p.PausedReason = t.DeliveriesPausedAt.Time, t.DeliveriesPausedReason
	p.StoredBytes = plan.Quota(t.Plan, t.Overrides.V, plan.StoredBytes)
}

// delivers reports whether the tenant's deliveries are sent.
func (t Tenant) delivers() bool {
	return !t.DeliveriesPaused && plan.Includes(t.Plan, t.Overrides.V, plan.Webhooks)
}

// pause applies an operator's setting of the kill switch; nil leaves it, or the reason, unchanged.
func (t *Tenant) pause(paused *bool, reason *string, now db.Time) {
	before := t.DeliveriesPaused
	t.DeliveriesPaused = wire.Or(paused, before)
	if !t.DeliveriesPaused {
		t.DeliveriesPausedAt, t.DeliveriesPausedReason = db.Time{}, ""
		return
	}
	if !before {
		t.DeliveriesPausedAt, t.DeliveriesPausedReason = now, ""
	}
	t.DeliveriesPausedReason = wire.Or(reason, t.DeliveriesPausedReason)
}

// Tenant is a row of tenants.
type Tenant struct {
	ID        string
	Name      string
	NameKey   string // what searches compare
	Plan      string // a constant of internal/plan
	Profile   string // a name of internal/profile
	Overrides db.JSON[plan.Overrides]
	Branding  db.JSON[Branding]
	// DeliveriesPaused is the kill switch: nothing is sent to the tenant's endpoints.
	DeliveriesPaused       bool
	DeliveriesPausedAt     db.Time // zero while they are not
	DeliveriesPausedReason string  // for the tenant to read
	CreatedAt              db.Time
	UpdatedAt              db.Time
}
