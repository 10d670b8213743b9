package main

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func TestBehindAPoolerInTransactionModeEverythingWorks(t *testing.T) {
	t.Parallel()
	services := testkit.Pooled(t, testkit.NewServices(t, testkit.Servers))
	env := testkit.Production(services)
	migrate := func(to string) {
		if p := testkit.Run(t, env.List(), "migrate", to); p.Exit(t) != 0 {
			t.Errorf("migrate %s: got %s, want success", to, p.Stderr())
		}
	}
	migrate("down")
	var both sync.WaitGroup // two that migrate at the same time
	both.Go(func() { migrate("up") })
	both.Go(func() { migrate("up") })
	both.Wait()
	_, base := testkit.Serve(t, env)
	for range 2 {
		testkit.Work(t, env)
	}
	tenant := testkit.NewClient(base, testkit.OperatorKey).NewTenant(t, "enterprise", nil)
	receiver := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, n int) {
		if n%20 == 0 {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	tenant.NewEndpoint(t, receiver.URL, map[string]any{"retry_policy": map[string]any{"schedule": []string{"1s", "1s",
		"1s", "1s"}}})
	const producers, each = 8, 12
	var all sync.WaitGroup
	for p := range producers {
		all.Go(func() {
			for i := range each {
				tenant.NewLead(t, fmt.Sprintf("%d-%d@example.com", p, i))
			}
		})
	}
	all.Wait()
	testkit.Await(t, "every delivery", func() bool {
		return len(tenant.Deliveries(t, "&status=succeeded")) == producers*each
	})
	page := testkit.Get[api.LeadList](t, tenant, "/api/v1/leads?q=example&per_page=100")
	if page.Meta.Total != producers*each {
		t.Errorf("leads: got %d, want %d", page.Meta.Total, producers*each)
	}
	if p := testkit.Run(t, env.List(), "dlq", "list"); p.Exit(t) != 0 {
		t.Errorf("dlq list: got %s, want success", p.Stderr())
	}
}
