package session_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/role"
	"github.com/hookline/hookline/internal/session"
	"github.com/hookline/hookline/internal/testkit/engine"
)

func TestMembersAccessTheirOwnSessionsAndAdminsAll(t *testing.T) {
	t.Parallel()
	live := principal.Scope{TenantID: "tnt_1", Environment: principal.Live}
	test := principal.Scope{TenantID: "tnt_1", Environment: principal.Test}
	may := []string{role.WriteMembers}
	for name, c := range map[string]struct {
		caller principal.Principal
		want   session.AccessScope
	}{
		"a member": {principal.Principal{Scope: live, SessionID: "ses_1", MemberID: "usr_1",
			Permissions: []string{"read:members"}}, session.AccessScope{TenantID: "tnt_1", SessionID: "ses_1",
			MemberID: "usr_1"}},
		"an admin": {principal.Principal{Scope: live, SessionID: "ses_1", MemberID: "usr_1",
			Permissions: may}, session.AccessScope{TenantID: "tnt_1", SessionID: "ses_1", MemberID: "usr_1",
			All: true}},
		"an admin at test data": {principal.Principal{Scope: test, SessionID: "ses_1", MemberID: "usr_1",
			Permissions: may}, session.AccessScope{TenantID: "tnt_1", SessionID: "ses_1", MemberID: "usr_1"}},
		"nobody in particular": {principal.Principal{Scope: live, SessionID: "ses_1"},
			session.AccessScope{TenantID: "tnt_1", SessionID: "ses_1"}},
		"a key": {principal.Principal{Scope: live, KeyID: "key_1",
			Permissions: []string{principal.All}}, session.AccessScope{TenantID: "tnt_1", All: true}},
		"a key of a member": {principal.Principal{Scope: live, KeyID: "key_1", UserID: "usr_1",
			Permissions: []string{"read:members"}}, session.AccessScope{TenantID: "tnt_1"}},
		"a test key": {principal.Principal{Scope: test, KeyID: "key_1",
			Permissions: []string{principal.All}}, session.AccessScope{TenantID: "tnt_1"}},
		"somebody who is not there ": {principal.Principal{}, session.AccessScope{}},
	} {
		if got := session.AccessScopeOf(c.caller); got != c.want {
			t.Errorf("access scope of %s: got %+v, want %+v", name, got, c.want)
		}
	}
}

// signIn opens a session of a member, or of nobody in particular, and returns it as a caller.
func (h *house) signIn(t *testing.T, n session.New, agent string) principal.Principal {
	t.Helper()
	n.Scope, n.Life = h.scope, time.Hour
	ctx := principal.With(t.Context(), principal.Principal{Address: "192.0.2.7", UserAgent: agent})
	c, _, err := h.Open(ctx, n)
	if err != nil {
		t.Fatal(err)
	}
	return c.Principal()
}

func (h *house) member(t *testing.T, email string, as role.Role) string {
	t.Helper()
	m, err := h.members.Create(t.Context(), h.scope.TenantID, email, "Somebody", as)
	if err != nil {
		t.Fatal(err)
	}
	return m.ID
}

// seenBy lists the sessions that a caller sees by id.
func (h *house) seenBy(t *testing.T, p principal.Principal) map[string]api.Session {
	t.Helper()
	answer, err := session.NewAPI(h.Store, h.log, "").ListSessions(principal.With(t.Context(), p),
		api.ListSessionsRequestObject{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]api.Session{}
	for _, s := range answer.(api.ListSessions200JSONResponse).Data {
		out[s.ID] = s
	}
	return out
}

func (h *house) ends(ctx context.Context, p principal.Principal, sessionID string) error {
	_, err := session.NewAPI(h.Store, h.log, "").EndSession(principal.With(ctx, p),
		api.EndSessionRequestObject{SessionID: sessionID})
	return err
}

func TestAMemberSeesAndEndsOnlyItsOwnSessions(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		h := newHouse(t, e)
		ada, grace := h.member(t, "ada@example.com", role.Viewer), h.member(t, "grace@example.com", role.Owner)
		desk, phone := h.signIn(t, session.New{MemberID: ada}, "desk"), h.signIn(t, session.New{MemberID: ada}, "phone")
		owner := h.signIn(t, session.New{MemberID: grace, Capabilities: []string{"write:members"}}, "")
		nobody, nobodyElse := h.signIn(t, session.New{}, ""), h.signIn(t, session.New{}, "")

		for name, c := range map[string]struct {
			who  principal.Principal
			want []principal.Principal
		}{
			"the member":           {desk, []principal.Principal{desk, phone}},
			"nobody in particular": {nobody, []principal.Principal{nobody}},
			"the owner":            {owner, []principal.Principal{desk, phone, owner, nobody, nobodyElse}},
		} {
			seen := h.seenBy(t, c.who)
			var want []string
			for _, p := range c.want {
				want = append(want, p.SessionID)
			}
			if got := slices.Sorted(maps.Keys(seen)); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
				t.Errorf("%s sees %v instead of %v", name, got, want)
			}
			for id, s := range seen {
				if s.Current != (id == c.who.SessionID) {
					t.Errorf("%s: got %+v, want current: %t", name, s, id == c.who.SessionID)
				}
			}
		}
		if s := h.seenBy(t, desk)[phone.SessionID]; s.UserAgent.MustGet() != "phone" ||
			s.Address.MustGet() != "192.0.2.7" || s.OpenedBy != api.SessionOpenedBySingleSignOn ||
			s.Member.MustGet().ID != ada {
			t.Errorf("session: got %+v, want Ada's phone", s)
		}
		for _, id := range []string{owner.SessionID, nobody.SessionID, "ses_nothing"} {
			if err := h.ends(t.Context(), desk, id); !missing(err) {
				t.Errorf("member who ends %s: got %v, want not found", id, err)
			}
		}
		for range 2 {
			if err := h.ends(t.Context(), desk, phone.SessionID); err != nil {
				t.Fatal(err)
			}
		}
		if seen := h.seenBy(t, desk); len(seen) != 1 {
			t.Errorf("sessions: got %v, want 1", seen)
		}
		if err := h.ends(t.Context(), owner, nobody.SessionID); err != nil {
			t.Error(err)
		}
	})
}

func missing(err error) bool {
	p, ok := err.(*problem.Error)
	return ok && p.Code == problem.NotFound
}

func TestOnlyOpenSessionsAreListedAndWithHowTheyWereOpened(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		h := newHouse(t, e)
		all := principal.Principal{Scope: h.scope, Permissions: []string{principal.All}}
		_, link := h.invite(t, time.Hour)
		h.invite(t, time.Hour) // and nobody comes
		entered, _ := h.enter(t, link)
		odd := "Mozilla\x00/5.0 \xff" + strings.Repeat("ü", 500)
		long := h.signIn(t, session.New{}, odd)
		operators := h.inviteBy(t, principal.Principal{SessionID: "ses_op", Operator: true})
		seen := h.seenBy(t, all)
		if got := slices.Sorted(maps.Keys(seen)); len(got) != 3 {
			t.Fatalf("sessions: got %+v, want 3", seen)
		}
		if seen[entered.Session.ID].OpenedBy != api.SessionOpenedByLink ||
			seen[operators].OpenedBy != api.SessionOpenedByOperator || !seen[entered.Session.ID].UserAgent.IsNull() {
			t.Errorf("sessions: got %+v, want one of a link and one of an operator", seen)
		}
		if got, want := seen[long.SessionID].UserAgent.MustGet(), ("Mozilla/5.0 " + strings.Repeat("ü", 500))[:12+
			2*288]; got != want {
			t.Errorf("user agent: got %q, want %q", got, want)
		}
		h.at = h.at.Add(time.Hour)
		if left := h.seenBy(t, all); len(left) != 0 {
			t.Errorf("sessions: got %+v, want none", left)
		}
	})
}

// inviteBy makes a link as a caller of the API, uses it, and returns the session's id.
func (h *house) inviteBy(t *testing.T, p principal.Principal) string {
	t.Helper()
	answer, err := session.NewAPI(h.Store, h.log, "").CreatePortalSession(principal.With(t.Context(), p),
		api.CreatePortalSessionRequestObject{
			TenantID: h.scope.TenantID, Body: &api.PortalSessionCreate{Environment: api.EnvironmentLive},
		})
	if err != nil {
		t.Fatal(err)
	}
	made := answer.(api.CreatePortalSession201JSONResponse)
	_, link, _ := strings.Cut(made.URL, "?once=")
	h.enter(t, link)
	return made.ID
}
