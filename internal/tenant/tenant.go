// Package tenant is the customer organisations of the product. A tenant owns everything else; operators make them.
package tenant

import "github.com/hookline/hookline/internal/db"

// Tenant is a row of tenants.
type Tenant struct {
	ID        string
	Name      string
	Plan      string // a constant of internal/plan
	Profile   string // a name of internal/profile
	CreatedAt db.Time
	UpdatedAt db.Time
}
