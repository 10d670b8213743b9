package principal

import (
	"context"
	"errors"
	"testing"
)

func TestAScopeWithoutAllItsPartsIsAnErrorAndNeverAllRows(t *testing.T) {
	t.Parallel()
	for _, s := range []Scope{{}, {TenantID: "tnt_1"}, {Environment: Live}, {"tnt_1", "prod"}, {"tnt_1", "LIVE"},
		{"", Test}} {
		if err := s.Check(); !errors.Is(err, ErrNoScope) {
			t.Errorf("Check of %+v: got %v, want %v", s, err, ErrNoScope)
		}
	}
	for _, s := range []Scope{{"tnt_1", Live}, {"tnt_1", Test}} {
		if err := s.Check(); err != nil {
			t.Errorf("Check of %+v: got %v, want nil", s, err)
		}
	}
}

func TestACallerCanDoWhatItsPermissionsNameAndNoMore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		held   []string
		wanted string
		want   bool
	}{
		{nil, "read:leads", false},
		{nil, "", false},
		{[]string{"read:leads", "write:leads"}, "write:leads", true},
		{[]string{"read:leads"}, "write:leads", false},
		{[]string{"read:leads"}, "read:lead", false},
		{[]string{"read:*"}, "read:leads", false}, // only the whole star means more than itself
		{[]string{All}, "write:leads", true},
		{[]string{"read:leads", All}, "anything", true},
		{[]string{"read:leads"}, All, false},
	} {
		if got := (Principal{Permissions: c.held}).Can(c.wanted); got != c.want {
			t.Errorf("%v, %q: %t", c.held, c.wanted, got)
		}
	}
}

func TestAStarIsNoEntitlement(t *testing.T) {
	t.Parallel()
	p := Principal{Permissions: []string{All}, Entitlements: []string{"public_api", All}}
	if !p.Entitled("public_api") || p.Entitled("webhooks") {
		t.Errorf("caller: got %+v, want public_api only", p)
	}
}

func TestTheZeroCallerHasNoPermissions(t *testing.T) {
	t.Parallel()
	p := From(context.Background())
	if p.Operator || p.Can("read:leads") || p.Entitled("public_api") || p.Check() == nil {
		t.Errorf("zero caller: got %+v, want no permission and no tenant", p)
	}
	want := Principal{Scope: Scope{"tnt_1", Live}, KeyID: "key_1"}
	ctx := With(With(context.Background(), Principal{Operator: true}), want)
	if got := From(ctx); got.Scope != want.Scope || got.KeyID != "key_1" || got.Operator {
		t.Errorf("From: got %+v, want %+v", got, want)
	}
}
