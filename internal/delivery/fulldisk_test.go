package delivery_test

import (
	"database/sql"
	"fmt"
	"net/http"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// limitPages limits the size of the program's SQLite database, in pages and on all of its connections; what it has
// stays. A full disk fails writes with the same error.
func limitPages(t *testing.T, p *testkit.Program, pages int) {
	t.Helper()
	pool, err := p.App.Database().Pool()
	if err != nil {
		t.Fatal(err)
	}
	var all []*sql.Conn
	for range pool.Stats().MaxOpenConnections {
		c, err := pool.Conn(t.Context())
		if err == nil {
			all = append(all, c)
			_, err = c.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range all {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAFullDiskAcceptsNothingThatIsNotKept(t *testing.T) {
	t.Parallel()
	p := testkit.Start(t, testkit.Embedded) // of its own: its disk is full
	tenant := p.NewTenant(t, "business")
	receiver := testkit.NewReceiver(t, nil)
	tenant.NewEndpoint(t, receiver.URL, nil)
	tenant.NewLead(t, "before@example.com")
	accepted, refused := 1, 0
	limitPages(t, p, 1)
	for i := 0; refused < 5; i++ { // what is left of the pages takes some more
		if i == 1000 {
			t.Fatalf("leads on a full disk: got %d accepted and %d refused, want it to be full", accepted, refused)
		}
		if _, ok := tenant.TryLead(fmt.Sprintf("%d@example.com", i)); ok {
			accepted++
		} else {
			refused++
		}
	}
	p.Await(t, "readyz to say that nothing can be written", func() bool {
		return p.Monitoring.Call(t, http.MethodGet, "/readyz", nil).Status == http.StatusServiceUnavailable
	})
	a := tenant.Call(t, http.MethodPost, "/api/v1/leads", map[string]any{"name": "A", "email": "full@example.com"})
	if a.Status < http.StatusInternalServerError {
		t.Errorf("a lead on a full disk: got %d %s, want an error of the server", a.Status, a.Body)
	}
	if list := testkit.Get[api.LeadList](t, tenant, "/api/v1/leads"); list.Meta.Total != accepted {
		t.Errorf("leads on a full disk: got %d, want the %d that were accepted", list.Meta.Total, accepted)
	}
	limitPages(t, p, 1<<30)
	p.AwaitCount(t, tenant, api.DeliveryStatusSucceeded, accepted)
	p.Await(t, "readyz to say that it can write again", func() bool {
		return p.Monitoring.Call(t, http.MethodGet, "/readyz", nil).Status == http.StatusOK
	})
	tenant.NewLead(t, "after@example.com")
	p.AwaitCount(t, tenant, api.DeliveryStatusSucceeded, accepted+1)
}
