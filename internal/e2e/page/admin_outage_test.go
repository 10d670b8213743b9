package page_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/fake"
)

// lacks fails when a page says what it must not.
func lacks(t *testing.T, when, page string, unwanted ...string) {
	t.Helper()
	for _, text := range unwanted {
		if strings.Contains(page, text) {
			t.Errorf("%s: got a page with %q, want it without", when, text)
		}
	}
}

// change runs a statement on a program's database.
func change(t *testing.T, p *testkit.Program, statement string, values ...any) {
	t.Helper()
	if err := p.App.Database().Tx(t.Context(), func(tx *gorm.DB) error {
		return tx.Exec(statement, values...).Error
	}); err != nil {
		t.Fatal(err)
	}
}

func TestWithoutRedisOperatorsSeeThatItIsAwayAndAllThatTheDatabaseKnows(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p, cut, restore := fake.StartWithRedis(t, e)
		b := newBrowser(t, p)
		b.signIn(t, p.NewOperatorKey(t, "support", nil).Key)
		bad := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) { w.WriteHeader(500) })
		tenant := p.NewTenant(t, "business")
		for _, policy := range []map[string]any{{"initial": "1s", "max_attempts": 1}, {"schedule": []string{"1h"}}} {
			tenant.NewEndpoint(t, bad.URL, map[string]any{"retry_policy": policy})
		}
		tenant.NewLead(t, "ada@example.com")
		p.AwaitCount(t, tenant, gen.DeliveryStatusDead, 1)
		p.AwaitCount(t, tenant, gen.DeliveryStatusRetrying, 1)
		lacks(t, "with Redis", b.see(t, "/admin", http.StatusOK).body, "does not respond", "not known")
		cut()
		late := time.Now().Add(-2 * time.Hour).UnixMicro()
		change(t, p, "UPDATE deliveries SET next_attempt_at = ?, deadline_at = ? WHERE status = 'retrying'", late, late)
		page := b.see(t, "/admin", http.StatusOK, "Redis does not respond.", "not known",
			"Deliveries are late: the oldest has been due for 2", testkit.TenantOf(t, tenant)).body
		if cells := b.troubleCells(t, testkit.TenantOf(t, tenant)); cells["Overdue"] != "1" || cells["Dead"] != "1" {
			t.Errorf("tenant with a dead and an overdue delivery: got %v, want 1 of each", cells)
		}
		lacks(t, "without Redis", page, "No worker is running", "Nothing needs attention")
		b.see(t, "/admin/queues", http.StatusServiceUnavailable, "A part of Hookline does not respond")
		restore()
		p.Await(t, "Redis to be back on the page", func() bool {
			return !strings.Contains(b.see(t, "/admin", http.StatusOK).body, "Redis does not respond.")
		})
	})
}

func TestWhenATableCanNotBeReadOperatorsStillSeeTheRest(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e) // of its own: its tables go away
		b := newBrowser(t, p)
		b.signIn(t, p.NewOperatorKey(t, "support", nil).Key)
		rename := func(from, to string) {
			t.Helper()
			change(t, p, "ALTER TABLE "+from+" RENAME TO "+to)
		}
		for table, wants := range map[string][]string{
			"alerts":     {"The alerts can't be read:", "Queue depth"},
			"deliveries": {"The tenants' deliveries can't be counted:", "not known", "Queue depth", "No alerts"},
		} {
			rename(table, "away")
			page := b.see(t, "/admin", http.StatusOK, wants...).body
			lacks(t, "without "+table, page, "Nothing needs attention")
			rename("away", table)
		}
		b.see(t, "/admin", http.StatusOK, "Nothing needs attention")
	})
}

func TestOperatorsSeeThatNoWorkerTakesTasks(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e, testkit.WithoutWorker())
		b := newBrowser(t, p)
		b.signIn(t, p.NewOperatorKey(t, "support", nil).Key)
		b.see(t, "/admin", http.StatusOK, "No worker is running: nothing is delivered.")
		tenant := p.NewTenant(t, "business")
		tenant.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, nil)
		tenant.NewLead(t, "ada@example.com")
		p.Await(t, "the task that nobody takes", func() bool {
			return strings.Contains(b.see(t, "/admin", http.StatusOK).body, ">no worker<")
		})
		b.see(t, "/admin/queues", http.StatusOK, "no worker")
	})
}
