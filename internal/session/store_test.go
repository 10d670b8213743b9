package session_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/member"
	"github.com/hookline/hookline/internal/operator"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/role"
	"github.com/hookline/hookline/internal/session"
	"github.com/hookline/hookline/internal/testkit/engine"
)

// house is a store with a clock that the test winds.
type house struct {
	*session.Store
	members *member.Store
	log     *audit.Log
	scope   principal.Scope
	db      *db.DB
	at      time.Time
}

func newHouse(t *testing.T, e engine.Engine) *house {
	t.Helper()
	d, err := db.Open(t.Context(), engine.New(t, e).DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	h := &house{db: d, at: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}
	now := func() time.Time { return h.at }
	tenants := engine.Tenants(d, now)
	h.members, h.log = member.NewStore(d, now), audit.New(d, now)
	h.Store = session.NewStore(d, tenants, h.members, operator.NewStore(d, now),
		role.New([]string{"read:leads", "write:leads", "write:members"}, nil), h.log, now)
	made, err := tenants.Create(t.Context(), "Acme", "business", "hookline")
	if err != nil {
		t.Fatal(err)
	}
	h.scope = principal.Scope{TenantID: made.ID, Environment: principal.Live}
	return h
}

func (h *house) invite(t *testing.T, life time.Duration) (session.Session, string) {
	t.Helper()
	s, link, err := h.Invite(t.Context(), session.New{Scope: h.scope, Capabilities: []string{"read:leads"}, Life: life})
	if err != nil {
		t.Fatal(err)
	}
	return s, link
}

func (h *house) enter(t *testing.T, link string) (session.Current, string) {
	t.Helper()
	c, token, err := h.Enter(t.Context(), link, false)
	if err != nil {
		t.Fatal(err)
	}
	return c, token
}

func TestALinkWorksOnceAndForTenMinutes(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		h := newHouse(t, e)
		_, late := h.invite(t, time.Hour)
		_, short := h.invite(t, time.Minute)
		_, inTime := h.invite(t, time.Hour)
		h.at = h.at.Add(time.Minute)
		if _, _, err := h.Enter(t.Context(), short, false); !errors.Is(err, session.ErrLink) {
			t.Errorf("link of an ended session: got %v, want %v", err, session.ErrLink)
		}
		h.at = h.at.Add(9*time.Minute - time.Microsecond)
		h.enter(t, inTime)
		if _, _, err := h.Enter(t.Context(), inTime, false); !errors.Is(err, session.ErrLink) {
			t.Errorf("link used again: got %v, want %v", err, session.ErrLink)
		}
		h.at = h.at.Add(time.Microsecond)
		for name, link := range map[string]string{"after ten minutes": late, "empty": "", "made up": "made-up"} {
			if _, _, err := h.Enter(t.Context(), link, false); !errors.Is(err, session.ErrLink) {
				t.Errorf("%s: got %v, want %v", name, err, session.ErrLink)
			}
		}
	})
}

func TestALinkUsedConcurrentlySignsInOnce(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		h := newHouse(t, e)
		_, link := h.invite(t, time.Hour)
		in := make(chan error, 8)
		for range cap(in) {
			go func() {
				_, _, err := h.Enter(context.WithoutCancel(t.Context()), link, false)
				in <- err
			}()
		}
		entered := 0
		for range cap(in) {
			err := <-in
			if err == nil {
				entered++
			} else if !errors.Is(err, session.ErrLink) {
				t.Error(err)
			}
		}
		if entered != 1 {
			t.Errorf("sign-ins with one link: got %d, want 1", entered)
		}
	})
}

func TestASessionEndsWhenItExpiresToTheMicrosecond(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		h := newHouse(t, e)
		_, link := h.invite(t, time.Hour)
		_, token := h.enter(t, link)
		h.at = h.at.Add(time.Hour - time.Microsecond)
		if _, err := h.Find(t.Context(), token); err != nil {
			t.Errorf("session before its end: got %v, want it found", err)
		}
		h.at = h.at.Add(time.Microsecond)
		if _, err := h.Find(t.Context(), token); !errors.Is(err, session.ErrNone) {
			t.Errorf("session after its end: got %v, want %v", err, session.ErrNone)
		}
		if n, err := h.DeleteOlder(t.Context(), 10); n != 0 || err != nil {
			t.Errorf("deleted at once: got %d, %v, want 0", n, err)
		}
		h.at = h.at.Add(31 * 24 * time.Hour)
		if n, err := h.DeleteOlder(t.Context(), 10); n != 1 || err != nil {
			t.Errorf("deleted after a month: got %d, %v, want 1", n, err)
		}
	})
}

func TestASessionFollowsItsMembersRoleAndEndsWithTheMember(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		h := newHouse(t, e)
		ctx := t.Context()
		m, err := h.members.Create(ctx, h.scope.TenantID, "ada@example.com", "Ada", role.Developer)
		if err != nil {
			t.Fatal(err)
		}
		c, token, err := h.Open(ctx, session.New{Scope: h.scope, MemberID: m.ID, Capabilities: []string{"read:leads",
			"write:leads"}, Life: time.Hour})
		if err != nil || !slices.Equal(c.Capabilities, []string{"read:leads", "write:leads"}) {
			t.Fatalf("capabilities: got %v, %v, want read:leads and write:leads", c.Capabilities, err)
		}
		if m, err = h.members.Get(ctx, h.scope.TenantID, m.ID); err != nil || !m.LastSignInAt.Equal(h.at) {
			t.Errorf("last sign-in: got %v, %v, want %v", m.LastSignInAt, err, h.at)
		}
		viewer, anybody := role.Viewer, func(member.Member) error { return nil }
		if _, _, err := h.members.Update(ctx, h.scope.TenantID, m.ID, nil, &viewer, anybody); err != nil {
			t.Fatal(err)
		}
		if c, err = h.Find(ctx, token); err != nil || !slices.Equal(c.Capabilities, []string{"read:leads"}) {
			t.Errorf("capabilities as a viewer: got %v, %v, want read:leads", c.Capabilities, err)
		}
		if p := c.Principal(); p.Can("write:leads") || !p.Can("read:leads") || p.MemberID != m.ID ||
			p.Scope != h.scope {
			t.Errorf("caller: got %+v, want a viewer of the scope", p)
		}
		_, link, err := h.Invite(ctx, session.New{Scope: h.scope, MemberID: m.ID, Life: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.members.Delete(ctx, h.scope.TenantID, m.ID, anybody); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Find(ctx, token); !errors.Is(err, session.ErrNone) {
			t.Errorf("session without the member: got %v, want %v", err, session.ErrNone)
		}
		if _, _, err := h.Enter(ctx, link, false); !errors.Is(err, session.ErrLink) {
			t.Errorf("link without the member: got %v, want %v", err, session.ErrLink)
		}
	})
}

func TestUseIsNotedOnceAMinute(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		h := newHouse(t, e)
		s, link := h.invite(t, time.Hour)
		_, token := h.enter(t, link)
		start := h.at
		for _, step := range []struct{ after, noted time.Duration }{
			{59 * time.Second, 0}, {time.Minute, time.Minute}, {119 * time.Second, time.Minute},
			{2 * time.Minute, 2 * time.Minute},
		} {
			h.at = start.Add(step.after)
			if _, err := h.Find(t.Context(), token); err != nil {
				t.Fatal(err)
			}
			var row session.Session
			if err := h.db.Read(t.Context()).Where("id = ?", s.ID).Take(&row).Error; err != nil ||
				!row.LastSeenAt.Equal(start.Add(step.noted)) {
				t.Errorf("last seen after %s: got %v, %v, want %v", step.after, row.LastSeenAt, err,
					start.Add(step.noted))
			}
		}
	})
}

func TestStartAndEndAreInTheAuditLogUnderTheirOwnName(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		h := newHouse(t, e)
		s, link := h.invite(t, time.Hour)
		ctx := principal.With(t.Context(), principal.Principal{Address: "192.0.2.7", RequestID: "req_1"})
		_, token, err := h.Enter(ctx, link, false)
		if err != nil {
			t.Fatal(err)
		}
		h.at = h.at.Add(time.Second)
		if err := h.Leave(ctx, token); err != nil {
			t.Fatal(err)
		}
		if err := h.Leave(ctx, token); !errors.Is(err, session.ErrNone) {
			t.Errorf("ending again: got %v, want %v", err, session.ErrNone)
		}
		rows, _, err := h.log.List(ctx, h.scope, page.Log{Limit: 10}, audit.Filter{})
		if err != nil || len(rows) != 2 || rows[0].Action != "session.ended" || rows[1].Action != "session.created" {
			t.Fatalf("audit entries: got %+v, %v, want session.ended and session.created", rows, err)
		}
		for _, r := range rows {
			if r.ActorType != "session" || r.ActorID != s.ID || r.Target != s.ID || r.Address != "192.0.2.7" ||
				r.RequestID != "req_1" {
				t.Errorf("audit entry: got %+v, want the session with its address and request", r)
			}
		}
	})
}

func TestASessionWithoutATenantIsAnErrorUnlessItIsAnOperators(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		h := newHouse(t, e)
		for name, n := range map[string]session.New{
			"nobody":         {Life: time.Hour},
			"no environment": {Scope: principal.Scope{TenantID: h.scope.TenantID}, Life: time.Hour},
			"an operator in half a room": {Scope: principal.Scope{Environment: principal.Live},
				OperatorSubject: "op@example.com", Life: time.Hour},
		} {
			if _, _, err := h.Open(t.Context(), n); !errors.Is(err, principal.ErrNoScope) {
				t.Errorf("%s: got %v, want %v", name, err, principal.ErrNoScope)
			}
		}
		if _, _, err := h.Revoke(t.Context(), session.AccessScope{All: true}, "ses_x"); !errors.Is(err,
			principal.ErrNoScope) {
			t.Errorf("Revoke without a tenant: got %v, want %v", err, principal.ErrNoScope)
		}
		if _, _, err := h.List(t.Context(), session.AccessScope{All: true}, "", page.Page{Number: 1,
			Size: 25}); !errors.Is(err, principal.ErrNoScope) {
			t.Errorf("List without a tenant: got %v, want %v", err, principal.ErrNoScope)
		}
		c, _, err := h.Open(t.Context(), session.New{OperatorSubject: "op@example.com", Life: time.Hour})
		if p := c.Principal(); err != nil || !p.Operator || p.Subject != "op@example.com" || p.TenantID != "" {
			t.Errorf("caller: got %+v, %v, want the operator of no tenant", p, err)
		}
	})
}
