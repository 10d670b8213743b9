// Package role is the one table of what roles allow, those of members and those of keys.
//
// They differ in one thing: a developer may make keys, but a key with that role may not. Keys get around; one that
// leaks must be stopped by revoking it, and not live on in keys that it made. Whoever wants such a key says so, with
// the role admin or with the permission itself.
package role

import (
	"slices"
	"strings"

	"github.com/hookline/hookline/internal/principal"
)

// Role is what a member is in its tenant, or what a key is made for.
type Role string

// The roles. Members are owners, admins, developers or viewers; keys are for admins, for developers or read-only.
const (
	Owner     Role = "owner"
	Admin     Role = "admin"
	Developer Role = "developer"
	Viewer    Role = "viewer"
	ReadOnly  Role = "read_only"
)

// The permissions by which somebody lets others in.
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

// table says what each role allows a member and a key; nil where it is not theirs.
var table = map[Role]struct{ member, key allows }{
	Owner:     {member: everything},
	Admin:     {member: everything, key: everything},
	Developer: {member: allBut(WriteMembers), key: allBut(WriteMembers, WriteKeys)},
	Viewer:    {member: reading},
	ReadOnly:  {key: reading},
}

// Roles knows the permissions that there are, and so what each role may do.
type Roles struct{ known []string }

// New makes Roles. known lists the permissions that exist.
func New(known []string) Roles { return Roles{known: slices.Clone(known)} }

// Known lists the permissions that exist.
func (r Roles) Known() []string { return slices.Clone(r.known) }

// Exists says whether there is such a permission.
func (r Roles) Exists(permission string) bool { return slices.Contains(r.known, permission) }

// Permissions lists what a role allows a member, sorted; nothing for one that is no member's.
func (r Roles) Permissions(role Role) []string { return r.those(table[role].member) }

// OfKey lists what a role allows a key; for an admin's that is all, also what will be added to the contract.
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

// Within says whether everything that a member's role allows is held.
func (r Roles) Within(role Role, held func(permission string) bool) bool {
	return table[role].member != nil && !slices.ContainsFunc(r.Permissions(role), func(p string) bool {
		return !held(p)
	})
}

// Cut is what a member's role leaves of permissions.
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
