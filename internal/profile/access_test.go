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

func TestTheLimitOfATenantIsThePlansAndNeverBelowThatOfOneKey(t *testing.T) {
	t.Parallel()
	own, none := ratelimit.PerMinute(5000), ratelimit.Limit{}
	lower := plan.Overrides{Quotas: map[plan.QuotaName]int64{plan.Requests: 9}}
	for _, c := range []struct {
		profile string
		plan    string
		own     ratelimit.Limit
		o       plan.Overrides
		want    ratelimit.Limit
	}{
		{"hookline", plan.Pro, none, plan.Overrides{}, ratelimit.PerMinute(400)},
		{"hookline", plan.Business, own, plan.Overrides{}, own},
		{"hookline", plan.Business, own, lower, ratelimit.PerMinute(9)},
		{"leadhooks", plan.Free, none, plan.Overrides{}, ratelimit.PerMinute(1000)},
		{"leadie", plan.Business, none, plan.Overrides{}, ratelimit.PerMinute(4000)},
		{"inboxops", plan.Business, none, plan.Overrides{}, none}, {"inboxops", plan.Business, none, lower, none},
	} {
		calls := Of(c.profile).Calls
		if got := calls.TenantLimitOf(calls.LimitOf(c.own, c.plan), c.plan, c.o); got != c.want {
			t.Errorf("%s on %s with %v: got %v, want %v", c.profile, c.plan, c.own, got, c.want)
		}
	}
}
