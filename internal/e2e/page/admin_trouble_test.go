package page_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// troubleCells are the counts of a tenant on the operators' first page, by the heading of their column; nil if the page
// does not list the tenant.
func (b *browser) troubleCells(t *testing.T, tenantID string) map[string]string {
	t.Helper()
	_, row, found := strings.Cut(b.see(t, "/admin", http.StatusOK).body, `<tr id="t-`+tenantID+`">`)
	if !found {
		return nil
	}
	row, _, _ = strings.Cut(row, "</tr>")
	out := map[string]string{}
	for _, cell := range troubleCell.FindAllStringSubmatch(row, -1) {
		out[cell[1]] = tags.ReplaceAllString(cell[2], "")
	}
	return out
}

var (
	troubleCell = regexp.MustCompile(`(?s)<td data-label="([^"]+)"[^>]*>(.*?)</td>`)
	tags        = regexp.MustCompile(`<[^>]*>`)
)

func troubleOf(t *testing.T, p *testkit.Program, tenantID string) (gen.TenantTrouble, bool) {
	t.Helper()
	all := testkit.Get[gen.Trouble](t, p.Operator, "/admin/v1/trouble").Tenants
	at := slices.IndexFunc(all, func(row gen.TenantTrouble) bool { return row.TenantID == tenantID })
	if at < 0 {
		return gen.TenantTrouble{}, false
	}
	return all[at], true
}

func TestOperatorsSeeFirstWhichTenantsHaveDeadFailingAndSuspendedDeliveries(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e) // of its own: it is about all tenants
		b := newBrowser(t, p)
		b.signIn(t, p.NewOperatorKey(t, "support", nil).Key)
		b.see(t, "/admin", http.StatusOK, "Nothing needs attention", `href="/admin/tenants">All tenants`)
		broken := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) {
			w.WriteHeader(http.StatusBadGateway)
		})
		works := testkit.NewReceiver(t, nil)
		tenant := func(to *testkit.Receiver, policy map[string]any) (*testkit.Client, string) {
			c := p.NewTenant(t, "business")
			c.NewEndpoint(t, to.URL, map[string]any{"retry_policy": policy})
			return c, testkit.TenantOf(t, c)
		}
		once := map[string]any{"initial": "1s", "max_attempts": 1}
		healthy, healthyID := tenant(works, once)
		dead, deadID := tenant(broken, once)
		failing, failingID := tenant(broken, map[string]any{"schedule": []string{"1h"}})
		paused, pausedID := tenant(works, once)
		idle := testkit.TenantOf(t, p.NewTenant(t, "business"))
		for _, id := range []string{pausedID, idle} {
			p.PauseDeliveries(t, id, true)
		}
		for _, c := range []*testkit.Client{healthy, dead, failing, paused} {
			c.NewLead(t, "ada@example.com")
		}
		dead.NewLead(t, "bob@example.com")
		p.AwaitDelivery(t, healthy, gen.DeliveryStatusSucceeded)
		p.AwaitDelivery(t, failing, gen.DeliveryStatusRetrying)
		p.AwaitCount(t, dead, gen.DeliveryStatusDead, 2)
		p.Await(t, "the paused tenant's delivery to be suspended", func() bool {
			row, _ := troubleOf(t, p, pausedID)
			return row.Suspended == 1
		})
		for id, want := range map[string]gen.TenantTrouble{
			deadID: {Dead: 2}, failingID: {Retrying: 1}, pausedID: {Suspended: 1, DeliveriesPaused: true},
			idle: {DeliveriesPaused: true},
		} {
			got, _ := troubleOf(t, p, id)
			if got.LastDeadAt.IsNull() == (want.Dead > 0) {
				t.Errorf("trouble of %s: got the newest dead letter at %v, want a time only with dead ones", id,
					got.LastDeadAt)
			}
			want.TenantID, want.Name, want.LastDeadAt = id, got.Name, got.LastDeadAt
			if !sameTrouble(got, want) || got.Name == "" {
				t.Errorf("trouble: got %+v, want %+v and a name", got, want)
			}
			cells := b.troubleCells(t, id)
			for label, n := range map[string]int64{"Dead": want.Dead, "Failing": want.Retrying,
				"Suspended": want.Suspended, "Overdue": 0, "Throttled": 0} {
				if cells[label] != string(rune('0'+n)) {
					t.Errorf("page, tenant %s: got %q %s, want %d", id, cells[label], label, n)
				}
			}
			if strings.Contains(cells["Tenant"], "paused") != want.DeliveriesPaused {
				t.Errorf("page, tenant %s: got %q, want it marked as paused: %t", id, cells["Tenant"],
					want.DeliveriesPaused)
			}
		}
		if row, found := troubleOf(t, p, healthyID); found || b.troubleCells(t, healthyID) != nil {
			t.Errorf("tenant without trouble: got %+v, want it left out", row)
		}
		b.see(t, "/admin", http.StatusOK, "Needs attention", "/admin/dead-letters?tenant_id="+deadID,
			"/admin/tenants/"+pausedID+"/pause", "Queue depth", "Queue latency", "Workers")
		p.PauseDeliveries(t, idle, false)
		if b.troubleCells(t, idle) != nil {
			t.Error("tenant whose deliveries were resumed: got it on the page, want it left out")
		}
	})
}

// sameTrouble compares all but the newest dead letter.
func sameTrouble(a, b gen.TenantTrouble) bool {
	return a.TenantID == b.TenantID && a.Name == b.Name && a.DeliveriesPaused == b.DeliveriesPaused &&
		a.Waiting == b.Waiting && a.Retrying == b.Retrying && a.Throttled == b.Throttled &&
		a.Suspended == b.Suspended && a.Overdue == b.Overdue && a.Dead == b.Dead
}
