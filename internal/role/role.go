// Package role defines the permissions of the roles of members and of keys.
//
// They differ in one point: a developer may create keys, but a key with that role may not. Keys leak; revoking a leaked
// key must be enough, without keys that it created. A key that creates keys needs the role admin or the permission
// itself.
package role

import (
	"slices"
	"strings"

	"github.com/hookline/hookline/internal/principal"
)

// Role is the role of a member in its tenant, or of a key.
type Role string

// The roles. Members are owners, admins, developers or viewers; keys are for admins, for developers or read-only.
const (
	Owner     Role = "owner"
	Admin     Role = "admin"
	Developer Role = "developer"
	Viewer    Role = "viewer"
	ReadOnly  Role = "read_only"
)

// The permissions that give others access.
const (
	WriteMembers = "write:members"
	WriteKeys    = "write:keys"
)

type allows func(permission string) bool

func everything(string) bool         { return true }
func reading(permission string) bool { return strings.HasPrefix(permission, "read:") }
func allBut(refused ...string) allows {
	return func(permission string) bool { return !slices.Contains(refused, permission) }
}

// table has the permissions of each role for a member and for a key; nil where they can't have the role.
var table = map[Role]struct{ member, key allows }{
	Owner:     {member: everything},
	Admin:     {member: everything, key: everything},
	Developer: {member: allBut(WriteMembers), key: allBut(WriteMembers, WriteKeys)},
	Viewer:    {member: reading},
	ReadOnly:  {key: reading},
}

// Roles resolves roles to the permissions that exist.
type Roles struct {
	known     []string
	ofProfile map[string][]string
}

// New makes Roles. known lists the permissions that exist, ofProfile those that exist for tenants of a profile, for the
// profiles that lack some.
func New(known []string, ofProfile map[string][]string) Roles {
	return Roles{known: slices.Clone(known), ofProfile: ofProfile}
}

// Of returns the Roles of tenants of a profile.
func (r Roles) Of(profile string) Roles {
	if known, ok := r.ofProfile[profile]; ok {
		r.known = known
	}
	return r
}

// Known lists the permissions that exist.
func (r Roles) Known() []string { return slices.Clone(r.known) }

// Exists reports whether there is such a permission.
func (r Roles) Exists(permission string) bool { return slices.Contains(r.known, permission) }

// Permissions lists the permissions of a member's role, sorted; none for a role that members can't have.
func (r Roles) Permissions(role Role) []string { return r.those(table[role].member) }

// OfKey lists the permissions of a key's role; an admin's key has all, including those that the contract adds later.
func (r Roles) OfKey(role Role) []string {
	if role == Admin {
		return []string{principal.All}
	}
	return r.those(table[role].key)
}

func (r Roles) those(allow allows) []string {
	out := []string{}
	for _, p := range r.known {
		if allow != nil && allow(p) {
			out = append(out, p)
		}
	}
	return out
}

// Within reports whether a caller has every permission of a member's role.
func (r Roles) Within(role Role, has func(permission string) bool) bool {
	return table[role].member != nil && !slices.ContainsFunc(r.Permissions(role), func(p string) bool {
		return !has(p)
	})
}

// Everything reports whether a list has every permission that exists.
func (r Roles) Everything(permissions []string) bool {
	return !slices.ContainsFunc(r.known, func(p string) bool { return !slices.Contains(permissions, p) })
}

// Cut returns the permissions that a member's role allows.
func (r Roles) Cut(permissions []string, role Role) []string {
	allowed := r.Permissions(role)
	if !slices.Contains(permissions, principal.All) {
		return slices.DeleteFunc(slices.Clone(permissions), func(p string) bool { return !slices.Contains(allowed, p) })
	}
	if len(allowed) == len(r.known) {
		return []string{principal.All}
	}
	return allowed
}
