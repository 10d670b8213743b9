package access_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/role"
	"github.com/hookline/hookline/internal/testkit"
)

func add(t *testing.T, c *testkit.Client, email, role string) gen.Member {
	t.Helper()
	return testkit.Post[gen.Member](t, c, "/api/v1/members", map[string]any{"email": email, "name": "Ada",
		"role": role}, http.StatusCreated)
}

func TestMembersAreAddedListedChangedAndRemoved(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	c := p.NewTenant(t, "business")
	owner := testkit.Post[gen.Member](t, p.Operator, "/admin/v1/tenants/"+testkit.TenantOf(t, c)+"/members",
		map[string]any{"email": "Grace@Example.com", "name": "Grace", "role": "owner"}, http.StatusCreated)
	m := add(t, c, "ada@example.com", "viewer")
	if !strings.HasPrefix(m.ID, "usr_") || m.Role != gen.MemberRoleViewer || !m.LastSignInAt.IsNull() {
		t.Errorf("created member: got %+v, want a viewer who never signed in", m)
	}
	m = testkit.Into[gen.Member](t, c.Call(t, http.MethodPatch, "/api/v1/members/"+m.ID,
		map[string]any{"name": "Ada L.", "role": "admin"}).Want(t, http.StatusOK))
	if got := testkit.Get[gen.Member](t, c, "/api/v1/members/"+m.ID); got.UpdatedAt != m.UpdatedAt ||
		got.Role != gen.MemberRoleAdmin || got.Name != "Ada L." {
		t.Errorf("changed member: got %+v, stored %+v, want an admin called Ada L.", m, got)
	}
	for _, list := range []gen.MemberList{
		testkit.Get[gen.MemberList](t, c, "/api/v1/members"),
		testkit.Get[gen.MemberList](t, p.Operator, "/admin/v1/tenants/"+testkit.TenantOf(t, c)+"/members"),
	} {
		if list.Meta.Total != 2 || list.Data[0].ID != m.ID || list.Data[1].Email != "Grace@Example.com" {
			t.Errorf("members: got %+v, want the newest first", list)
		}
	}
	c.Call(t, http.MethodDelete, "/api/v1/members/"+m.ID, nil).Want(t, http.StatusNoContent)
	c.Call(t, http.MethodGet, "/api/v1/members/"+m.ID, nil).Want(t, http.StatusNotFound)
	var actions []string
	for _, entry := range testkit.Get[gen.AuditEntryList](t, c, "/api/v1/audit-log").Data {
		if entry.Target == m.ID || entry.Target == owner.ID {
			actions = append(actions, entry.Action)
		}
	}
	if want := []string{"member.deleted", "member.updated", "member.created",
		"member.created"}; !slices.Equal(actions, want) {
		t.Errorf("audit log: got %v, want %v", actions, want)
	}
	p.Operator.Call(t, http.MethodPost, "/admin/v1/tenants/tnt_nothing/members",
		map[string]any{"email": "a@example.com", "name": "A", "role": "owner"}).Want(t, http.StatusNotFound)
}

func TestAnAddressIsAMembersOncePerTenantWhateverItsCase(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		one, other := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		add(t, one, "ada@example.com", "viewer")
		a := one.Call(t, http.MethodPost, "/api/v1/members", map[string]any{"email": "ADA@example.COM", "name": "Ada",
			"role": "viewer"}).Want(t, http.StatusConflict)
		if a.Problem(t).Error.Code != gen.ErrorErrorCodeConflict {
			t.Errorf("got %s, want conflict", a.Body)
		}
		add(t, other, "ada@example.com", "viewer")
	})
}

func TestTheLastOwnerStays(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		first := "/api/v1/members/" + add(t, c, "ada@example.com", "owner").ID
		add(t, c, "grace@example.com", "admin")
		c.Call(t, http.MethodDelete, first, nil).Want(t, http.StatusConflict)
		c.Call(t, http.MethodPatch, first, map[string]any{"role": "admin"}).Want(t, http.StatusConflict)
		c.Call(t, http.MethodPatch, first, map[string]any{"name": "Still an owner", "role": "owner"}).
			Want(t, http.StatusOK)
		second := "/api/v1/members/" + add(t, c, "joan@example.com", "owner").ID
		var gone sync.Map
		var both sync.WaitGroup
		for _, path := range []string{first, second} { // at once: one of them must be refused
			both.Go(func() { gone.Store(path, c.Call(t, http.MethodDelete, path, nil).Status) })
		}
		both.Wait()
		one, _ := gone.Load(first)
		two, _ := gone.Load(second)
		if one.(int)+two.(int) != http.StatusNoContent+http.StatusConflict {
			t.Errorf("two owners removed at once: got %v and %v, want one 204 and one 409", one, two)
		}
	})
}

func TestNobodyGrantsARoleWithMorePermissionsThanTheirKey(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	c := p.NewTenant(t, "business")
	admin := add(t, c, "ada@example.com", "admin").ID
	viewer := add(t, c, "grace@example.com", "viewer").ID
	reads := role.New(testkit.Contract().Permissions(), nil).Permissions(role.Viewer)
	limited := p.NewKey(t, testkit.TenantOf(t, c), "live", append(reads, "write:members")...)
	add(t, limited, "joan@example.com", "viewer")
	for name, a := range map[string]testkit.Answer{
		"adding a developer": limited.Call(t, http.MethodPost, "/api/v1/members",
			map[string]any{"email": "x@example.com", "name": "X", "role": "developer"}),
		"adding an owner": limited.Call(t, http.MethodPost, "/api/v1/members",
			map[string]any{"email": "x@example.com", "name": "X", "role": "owner"}),
		"promoting": limited.Call(t, http.MethodPatch, "/api/v1/members/"+viewer,
			map[string]any{"role": "admin"}),
		"demoting an admin": limited.Call(t, http.MethodPatch, "/api/v1/members/"+admin,
			map[string]any{"role": "viewer"}),
		"removing an admin": limited.Call(t, http.MethodDelete, "/api/v1/members/"+admin, nil),
	} {
		if a.Status != http.StatusForbidden || a.Problem(t).Error.Code != gen.ErrorErrorCodeForbidden {
			t.Errorf("%s: got %d %s, want 403 forbidden", name, a.Status, a.Body)
		}
	}
	if list := testkit.Get[gen.MemberList](t, c, "/api/v1/members"); list.Meta.Total != 3 {
		t.Errorf("members: got %+v, want 3", list.Data)
	}
}

func TestOtherTenantsAndTestKeysSeeNoMembers(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c, stranger := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		add(t, c, "ada@example.com", "owner")
		if list := testkit.Get[gen.MemberList](t, stranger, "/api/v1/members"); list.Meta.Total != 0 ||
			len(list.Data) != 0 {
			t.Errorf("another tenant's members: got %+v, want none", list)
		}
		testkey := p.NewKey(t, testkit.TenantOf(t, c), "test", "*")
		testkey.Call(t, http.MethodGet, "/api/v1/members", nil).Want(t, http.StatusForbidden)
		testkey.Call(t, http.MethodPost, "/api/v1/members", map[string]any{"email": "x@example.com", "name": "X",
			"role": "owner"}).Want(t, http.StatusForbidden)
	})
}

func TestAMemberIsAddedOnceHoweverOftenTheRequestIsSent(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		body := map[string]any{"email": "ada@example.com", "name": "Ada", "role": "viewer"}
		first := c.Call(t, http.MethodPost, "/api/v1/members", body, "Idempotency-Key", "one").
			Want(t, http.StatusCreated)
		again := c.Call(t, http.MethodPost, "/api/v1/members", body, "Idempotency-Key", "one").
			Want(t, http.StatusCreated)
		if string(first.Body) != string(again.Body) || again.Header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("repeated call: got %s, want %s, marked as replayed", again.Body, first.Body)
		}
	})
}

func TestRolesAreMadeOfTheContractsPermissions(t *testing.T) {
	t.Parallel()
	known := testkit.Contract().Permissions()
	r := role.New(known, nil)
	if !slices.Equal(r.Permissions(role.Owner), known) || !slices.Equal(r.Permissions(role.Admin), known) {
		t.Errorf("permissions: got %v for owners and %v for admins, want all", r.Permissions(role.Owner),
			r.Permissions(role.Admin))
	}
	developer := r.Permissions(role.Developer)
	if slices.Contains(developer, "write:members") || len(developer) != len(known)-1 {
		t.Errorf("permissions of developers: got %v, want all but write:members", developer)
	}
	for _, p := range r.Permissions(role.Viewer) {
		if !strings.HasPrefix(p, "read:") {
			t.Errorf("permission of viewers: got %s, want read: only", p)
		}
	}
	if len(r.Permissions("ghost")) != 0 || r.Within("ghost", func(string) bool { return true }) {
		t.Error("permissions of an unknown role: got some, want none")
	}
}
