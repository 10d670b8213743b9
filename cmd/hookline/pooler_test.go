package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func TestBehindAPoolerInTransactionModeEverythingWorks(t *testing.T) {
	t.Parallel()
	services := testkit.Pooled(t, testkit.NewServices(t, testkit.Servers), "transaction")
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

func TestAPoolerInTransactionModeThatTheURLDoesNotAnnounceIsRefused(t *testing.T) {
	t.Parallel()
	direct := testkit.NewServices(t, testkit.Servers)
	services := testkit.Pooled(t, direct, "transaction")
	env := testkit.Production(services)
	const variable = "HOOKLINE_DATABASE_URL"
	silent := env.With(variable, strings.Replace(services.DatabaseURL, "&pool_mode=transaction", "", 1))
	session := env.With(variable, strings.Replace(services.DatabaseURL, "=transaction", "=session", 1))
	const want = "leads to a connection pooler in transaction mode"
	refused := func(when string) {
		t.Helper()
		for _, command := range [][]string{{"serve"}, {"worker"}, {"migrate", "up"}, {"migrate", "status"},
			{"dlq", "list"}, {"keys", "rotate-encryption", "--dry-run"}} {
			for name, e := range map[string]testkit.Environment{"no pool_mode": silent, "pool_mode=session": session} {
				p := testkit.Run(t, e.List(), command...)
				if code := p.Exit(t); code == 0 || !strings.Contains(p.Stderr(), want) ||
					!strings.Contains(p.Stderr(), "Add pool_mode=transaction to the URL's parameters.") {
					t.Errorf("%v with %s, %s: got exit %d, %q, want a refusal with %q", command, name, when, code,
						p.Stderr(), want)
				}
			}
		}
	}
	refused("on a pooler without other clients")
	testkit.Serve(t, env)
	testkit.Work(t, env)
	refused("beside processes")
	for name, e := range map[string]testkit.Environment{"no pool_mode": silent, "pool_mode=session": session} {
		p := testkit.Run(t, env.With("HOOKLINE_DATABASE_READ_URL", e[variable]).List(), "serve")
		if code := p.Exit(t); code == 0 || !strings.Contains(p.Stderr(), "HOOKLINE_DATABASE_READ_URL "+want) {
			t.Errorf("serve with %s in the URL of the read replica: got exit %d, %q, want a refusal that names it", name,
				code, p.Stderr())
		}
	}
}

func TestAPoolerInSessionModeNeedsNoParameter(t *testing.T) {
	t.Parallel()
	services := testkit.Pooled(t, testkit.NewServices(t, testkit.Servers), "session")
	services.DatabaseURL = strings.Replace(services.DatabaseURL, "&pool_mode=session", "", 1)
	env := testkit.Production(services)
	for range 3 {
		if p := testkit.Run(t, env.List(), "migrate", "status"); p.Exit(t) != 0 {
			t.Errorf("migrate status: got %s, want success", p.Stderr())
		}
	}
}
