package profile

import (
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/operator"
	"github.com/hookline/hookline/internal/plan"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/ratelimit"
)

func TestNoPrefixOfKeysBeginsAnother(t *testing.T) {
	t.Parallel()
	all := append(KeyPrefixes(), operator.Prefix)
	if len(all) != 10 {
		t.Errorf("prefixes: got %v, want 10", all)
	}
	for i, a := range all {
		for j, b := range all {
			if i != j && strings.HasPrefix(a, b) {
				t.Errorf("prefixes: got %s, which begins %s, want none that begins another", b, a)
			}
		}
	}
}

func TestKeysOfEachProfileShowThePrefixAndFourCharacters(t *testing.T) {
	t.Parallel()
	for name, p := range profiles {
		for _, e := range []principal.Environment{principal.Live, principal.Test} {
			if prefix := p.Keys.Prefix(e); p.Keys.Shown != len(prefix)+4 || !strings.HasSuffix(prefix, "_") {
				t.Errorf("%s: got %d characters of %s shown, want the prefix and 4", name, p.Keys.Shown, prefix)
			}
		}
	}
}

func TestALimitIsTheKeysTheProfilesOrThePlans(t *testing.T) {
	t.Parallel()
	own, none, hourly := ratelimit.PerMinute(7), ratelimit.Limit{}, ratelimit.Limit{Requests: 1000, Window: time.Hour}
	for _, c := range []struct {
		profile   string
		own, want ratelimit.Limit
	}{
		{"hookline", own, own}, {"hookline", none, plan.Limit(plan.Pro)}, {"leadmetrics", none, plan.Limit(plan.Pro)},
		{"savelead", own, own},
		{"leadhooks", own, own}, {"leadhooks", none, hourly},
		{"inboxops", own, ratelimit.PerMinute(100)}, {"inboxops", none, ratelimit.PerMinute(100)},
		{"leadie", own, ratelimit.PerMinute(60)}, {"leadie", none, ratelimit.PerMinute(60)},
		{"no such profile", none, plan.Limit(plan.Pro)},
	} {
		if got := Of(c.profile).Calls.LimitOf(c.own, plan.Pro); got != c.want {
			t.Errorf("%s with %v: %v instead of %v", c.profile, c.own, got, c.want)
		}
	}
}
