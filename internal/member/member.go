// Package member manages the members of a tenant. They belong to the tenant and not to one of its environments; a test
// key, which is shared more freely, neither sees nor changes them.
package member

import (
	"strings"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/role"
)

// Member is a row of members. EmailKey is the address in the form for comparisons.
type Member struct {
	ID           string
	TenantID     string
	Number       int64 // in the tenant; never given again
	Email        string
	EmailKey     string
	Name         string
	Role         role.Role
	CreatedAt    db.Time
	UpdatedAt    db.Time
	LastSignInAt db.Time
}

// TableName implements GORM's Tabler.
func (Member) TableName() string { return "members" }

// Key returns an email address in the form for comparisons.
func Key(email string) string { return strings.ToLower(strings.TrimSpace(email)) }
