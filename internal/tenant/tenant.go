// Package tenant is the customer organisations of the product. A tenant owns everything else; operators make them.
package tenant

import (
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/plan"
)

// SubscriptionChanged is the event that a change of plan fires, in the live environment.
const SubscriptionChanged = "subscription.changed"

// Entitlements lists what the tenant may use.
func (t Tenant) Entitlements() []string { return plan.Entitlements(t.Plan, t.Overrides.V) }

// delivers says whether requests are made to the tenant's endpoints.
func (t Tenant) delivers() bool {
	return !t.DeliveriesPaused && plan.Includes(t.Plan, t.Overrides.V, plan.Webhooks)
}

// Tenant is a row of tenants.
type Tenant struct {
	ID        string
	Name      string
	Plan      string // a constant of internal/plan
	Profile   string // a name of internal/profile
	Overrides db.JSON[plan.Overrides]
	// DeliveriesPaused is the kill switch: nothing is sent to the tenant's endpoints.
	DeliveriesPaused bool
	CreatedAt        db.Time
	UpdatedAt        db.Time
}
