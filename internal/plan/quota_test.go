package plan

import (
	"strconv"
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/openapi"
)

func TestTheContractDocumentsTheQuotasOfEachPlan(t *testing.T) {
	t.Parallel()
	units := strings.NewReplacer(",", "", " MB", "000000", " GB", "000000000")
	rows := map[string][]string{}
	for line := range strings.Lines(string(openapi.YAML)) {
		if cells := strings.Split(line, "|"); len(cells) == 8 {
			rows[strings.Trim(cells[1], " `")] = cells[2:6]
		}
	}
	for _, name := range QuotaNames() {
		cells := rows[string(name)]
		if cells == nil {
			t.Errorf("%s: got no row in the contract's table, want one", name)
			continue
		}
		for i, plan := range []string{Free, Pro, Business, Enterprise} {
			documented, err := strconv.ParseInt(units.Replace(strings.TrimSpace(cells[i])), 10, 64)
			if got := Quota(plan, Overrides{}, name); err != nil || got != documented || got <= 0 {
				t.Errorf("%s of %s: got %d, want %s as in the contract", name, plan, got, cells[i])
			}
		}
	}
}

func TestAnOverrideReplacesAQuotaAndAnUnknownPlanHasTheFreeOnes(t *testing.T) {
	t.Parallel()
	o := Overrides{Quotas: map[QuotaName]int64{Endpoints: 0, Requests: 7}}
	for _, c := range []struct {
		plan string
		o    Overrides
		name QuotaName
		want int64
	}{
		{Business, Overrides{}, Endpoints, 200}, {Business, o, Endpoints, 0}, {Business, o, Keys, 100},
		{"none", Overrides{}, Endpoints, 5}, {"none", o, Endpoints, 0},
	} {
		if got := Quota(c.plan, c.o, c.name); got != c.want {
			t.Errorf("%s of %q with %v: got %d, want %d", c.name, c.plan, c.o, got, c.want)
		}
	}
	for plan, want := range map[string]int{Free: 240, Pro: 400, Business: 4000, Enterprise: 24000} {
		if got := TenantLimit(plan, Overrides{}); got != ratelimit.PerMinute(want) {
			t.Errorf("limit of a tenant on %s: got %v, want %d a minute", plan, got, want)
		}
	}
	if got := TenantLimit(Business, o); got != ratelimit.PerMinute(7) {
		t.Errorf("limit with an override: got %v, want 7 a minute", got)
	}
}
