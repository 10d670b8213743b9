package access_test

import (
	"net/http"
	"slices"
	"testing"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

const userAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"

func sessions(t *testing.T, c *testkit.Client, query string) []gen.Session {
	t.Helper()
	list := testkit.Get[gen.SessionList](t, c, "/api/v1/sessions"+query)
	if list.Meta.Total != len(list.Data) {
		t.Errorf("sessions: got %d of %d, want all on one page", len(list.Data), list.Meta.Total)
	}
	return list.Data
}

// through returns the same browser at another process.
func (b *browser) through(t *testing.T, p *testkit.Program) *browser {
	t.Helper()
	other := newBrowser(t, p)
	other.http.Jar = b.http.Jar
	return other
}

func TestAdminsSeeAndEndTheSessionsOfAllMembers(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant, other := newTenant(t, p), newTenant(t, p)
		members, people := map[string]string{}, map[string]string{}
		for name, role := range map[string]string{"ada": "owner", "grace": "viewer"} {
			people[name] = person(name)
			members[name] = testkit.Post[gen.Member](t, p.Operator, "/admin/v1/tenants/"+tenant.ID+"/members",
				map[string]any{"email": people[name] + "@example.com", "name": name, "role": role},
				http.StatusCreated).ID
		}
		ada, grace, nobody, stranger := newBrowser(t, p), newBrowser(t, p), newBrowser(t, p), newBrowser(t, p)
		away := ada.send(t, http.MethodGet, "/app/login/oidc", nil)
		ada.send(t, http.MethodGet, ada.atProvider(t, away.location, people["ada"]), nil, "User-Agent", userAgent)
		grace.navigate(t, newLink(t, p, tenant.ID, map[string]any{"member_id": members["grace"]}).URL)
		nobody.navigate(t, newLink(t, p, tenant.ID, map[string]any{"environment": "test"}).URL)
		newLink(t, p, tenant.ID, map[string]any{}) // which nobody used
		stranger.navigate(t, newLink(t, p, other.ID, map[string]any{}).URL)

		key := p.NewKey(t, tenant.ID, "live", "write:members")
		found := map[string]gen.Session{}
		for _, s := range sessions(t, key, "") {
			name := ""
			if m, err := s.Member.Get(); err == nil {
				name = m.Name
				if m.ID != members[name] || m.Email != people[name]+"@example.com" {
					t.Errorf("member of a session: got %+v, want %s", m, name)
				}
			}
			found[name] = s
			if s.Address.MustGet() != "127.0.0.1" || s.Current || s.LastSeenAt.Before(s.CreatedAt) ||
				!s.ExpiresAt.After(s.LastSeenAt) {
				t.Errorf("session: got %+v, want its address and times in order", s)
			}
		}
		if len(found) != 3 || found["ada"].OpenedBy != gen.SessionOpenedBySingleSignOn ||
			found["grace"].OpenedBy != gen.SessionOpenedByLink ||
			found[""].Environment != gen.EnvironmentTest || found["ada"].UserAgent.MustGet() != userAgent {
			t.Fatalf("sessions: got %+v, want those of Ada, of Grace and of no member", found)
		}
		if of := sessions(t, key, "?member_id="+members["grace"]); len(of) != 1 || of[0].ID != found["grace"].ID {
			t.Errorf("sessions of Grace: got %+v, want one", of)
		}
		for name, blind := range map[string]*testkit.Client{
			"a developer's key": p.NewKey(t, tenant.ID, "live", "read:members", "write:leads"),
			"a test key":        p.NewKey(t, tenant.ID, "test", "*"), "another tenant's key": p.NewKey(t, other.ID,
				"live", "read:leads"),
		} {
			if got := sessions(t, blind, ""); len(got) != 0 {
				t.Errorf("sessions that %s sees: got %+v, want none", name, got)
			}
			blind.Call(t, http.MethodDelete, "/api/v1/sessions/"+found["grace"].ID, nil).Want(t, http.StatusNotFound)
		}
		grace.whoami(t)

		for range 2 {
			key.Call(t, http.MethodDelete, "/api/v1/sessions/"+found["grace"].ID, nil).Want(t, http.StatusNoContent)
		}
		grace.outside(t)
		ada.whoami(t)
		stranger.whoami(t)
		entries := testkit.Get[gen.AuditEntryList](t, p.Operator, "/admin/v1/audit-log?action=session.ended&tenant_id="+
			tenant.ID).Data
		if len(entries) != 1 || entries[0].Target != found["grace"].ID ||
			entries[0].Actor.Type != gen.AuditEntryActorTypeKey {
			t.Errorf("audit log: got %+v, want Grace's session ended by the key", entries)
		}
		p.NewKey(t, tenant.ID, "live", "*").Call(t, http.MethodDelete, "/api/v1/members/"+members["grace"], nil).
			Want(t, http.StatusNoContent)
		left := sessions(t, key, "")
		if len(left) != 2 || slices.ContainsFunc(left, func(s gen.Session) bool { return s.ID == found["grace"].ID }) {
			t.Errorf("sessions: got %+v, want all but Grace's", left)
		}
	})
}

func TestTheSessionsOfARemovedMemberAreNotListed(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := newTenant(t, p)
		key := p.NewKey(t, tenant.ID, "live", "*")
		member, b := key.NewMember(t, "ada@example.com"), newBrowser(t, p)
		b.navigate(t, newLink(t, p, tenant.ID, map[string]any{"member_id": member.ID}).URL)
		if before := sessions(t, key, ""); len(before) != 1 {
			t.Fatalf("sessions: got %+v, want 1", before)
		}
		key.Call(t, http.MethodDelete, "/api/v1/members/"+member.ID, nil).Want(t, http.StatusNoContent)
		if after := sessions(t, key, ""); len(after) != 0 {
			t.Errorf("sessions: got %+v, want none", after)
		}
		b.outside(t)
	})
}

func TestASessionThatOneProcessEndedIsOverInEveryOther(t *testing.T) {
	t.Parallel()
	services := testkit.NewServices(t, testkit.Servers)
	one := testkit.StartOn(t, services, atHost("http://"+publicHost))
	two := testkit.StartOn(t, services, atHost("http://"+publicHost), testkit.WithKeys(one.Config.EncryptionKeys),
		testkit.WithoutWorker())
	tenant := newTenant(t, one)
	here := newBrowser(t, one)
	here.navigate(t, newLink(t, one, tenant.ID, map[string]any{}).URL)
	there := here.through(t, two)
	there.whoami(t)
	key := one.NewKey(t, tenant.ID, "live", "*")
	key.Call(t, http.MethodDelete, "/api/v1/sessions/"+sessions(t, key, "")[0].ID, nil).Want(t, http.StatusNoContent)
	there.outside(t) // at once: nobody remembers sessions
	here.outside(t)
}
