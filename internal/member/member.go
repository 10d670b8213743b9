// Package member is the people of a tenant. Members belong to the tenant and not to one of
// its environments; a test key, which gets around, neither sees nor changes them.
package member

import (
	"strings"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/role"
)

// Member is a row of members. EmailKey is the address as it is compared.
type Member struct {
	ID           string
	TenantID     string
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

// Key is an email address in the form in which addresses are compared.
func Key(email string) string { return strings.ToLower(strings.TrimSpace(email)) }
