package role

import (
	"slices"
	"testing"
)

var known = []string{"read:keys", "read:leads", "write:keys", "write:leads", "write:members"}

func TestEachRoleAllowsWhatTheTableSays(t *testing.T) {
	t.Parallel()
	r := New(known, nil)
	reads, nothing := []string{"read:keys", "read:leads"}, []string{}
	for role, want := range map[Role]struct{ member, key []string }{
		Owner: {known, nothing},
		Admin: {known, []string{"*"}},
		Developer: {[]string{"read:keys", "read:leads", "write:keys", "write:leads"}, []string{"read:keys",
			"read:leads", "write:leads"}},
		Viewer:   {reads, nothing},
		ReadOnly: {nothing, reads},
		"ghost":  {nothing, nothing},
	} {
		if got := r.Permissions(role); !slices.Equal(got, want.member) {
			t.Errorf("permissions of a member who is %s: got %v, want %v", role, got, want.member)
		}
		if got := r.OfKey(role); !slices.Equal(got, want.key) {
			t.Errorf("permissions of a key for %s: got %v, want %v", role, got, want.key)
		}
	}
	if r.Within("ghost", everything) || r.Within(ReadOnly, everything) || !r.Within(Developer, allBut(WriteMembers)) ||
		r.Within(Owner, allBut(WriteMembers)) {
		t.Error("Within: got another answer for ghost, read_only, developer or owner, want it by their permissions")
	}
}

func TestARoleCutsPermissionsToWhatItAllows(t *testing.T) {
	t.Parallel()
	r := New(known, nil)
	for _, c := range []struct {
		permissions []string
		role        Role
		want        []string
	}{
		{[]string{"*"}, Owner, []string{"*"}},
		{[]string{"*"}, Developer, []string{"read:keys", "read:leads", "write:keys", "write:leads"}},
		{[]string{"*"}, Viewer, []string{"read:keys", "read:leads"}},
		{[]string{"write:leads", "read:leads"}, Viewer, []string{"read:leads"}},
		{[]string{"write:members"}, Developer, []string{}},
		{[]string{"write:leads"}, Admin, []string{"write:leads"}},
		{[]string{"*"}, "ghost", []string{}},
		{[]string{"read:leads"}, ReadOnly, []string{}},
		{nil, Owner, nil},
	} {
		if got := r.Cut(c.permissions, c.role); !slices.Equal(got, c.want) {
			t.Errorf("%v of a %s: %v instead of %v", c.permissions, c.role, got, c.want)
		}
	}
}
