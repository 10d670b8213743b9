// Package member is the people of a tenant and what their roles allow. Members belong to the tenant and not to one of
// its environments; a test key, which gets around, neither sees nor changes them.
package member

import (
	"slices"
	"strings"

	"github.com/hookline/hookline/internal/db"
)

// Role is what a member is in its tenant.
type Role string

// The roles.
const (
	Owner     Role = "owner"
	Admin     Role = "admin"
	Developer Role = "developer"
	Viewer    Role = "viewer"
)

// Member is a row of members. EmailKey is the address as it is compared.
type Member struct {
	ID           string
	TenantID     string
	Email        string
	EmailKey     string
	Name         string
	Role         Role
	CreatedAt    db.Time
	UpdatedAt    db.Time
	LastSignInAt db.Time
}

// TableName implements GORM's Tabler.
func (Member) TableName() string { return "members" }

// Key is an email address in the form in which addresses are compared.
func Key(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// allows says for each role which of the contract's permissions it holds.
var allows = map[Role]func(permission string) bool{
	Owner:     func(string) bool { return true },
	Admin:     func(string) bool { return true },
	Developer: func(p string) bool { return p != "write:members" },
	Viewer:    func(p string) bool { return strings.HasPrefix(p, "read:") },
}

// Roles knows the permissions that there are, and so what each role may do.
type Roles struct{ known []string }

// NewRoles makes Roles. known lists the permissions that exist.
func NewRoles(known []string) Roles { return Roles{known: slices.Clone(known)} }

// Known lists the permissions that exist.
func (r Roles) Known() []string { return slices.Clone(r.known) }

// Permissions lists what a role may do, sorted; nothing for one that does not exist.
func (r Roles) Permissions(role Role) []string {
	out := []string{}
	for _, p := range r.known {
		if allow := allows[role]; allow != nil && allow(p) {
			out = append(out, p)
		}
	}
	return out
}

// Within says whether everything that a role may do is held.
func (r Roles) Within(role Role, held func(permission string) bool) bool {
	for _, p := range r.Permissions(role) {
		if !held(p) {
			return false
		}
	}
	return allows[role] != nil
}
