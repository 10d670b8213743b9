package main_test

import (
	"sync"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/fake"
)

func TestProcessesStopInTimeWhenTheDatabaseHangs(t *testing.T) {
	t.Parallel()
	const limit = 4 * time.Second
	services := testkit.NewServices(t, testkit.Servers)
	database, through := fake.NewProxy(t, services.DatabaseURL)
	services.DatabaseURL = through
	env := testkit.Production(services).
		With("HOOKLINE_DELIVERY_TIMEOUT", "1s", "HOOKLINE_TASK_TIMEOUT", "3s",
			"HOOKLINE_SHUTDOWN_TIMEOUT", limit.String())
	api, base := testkit.Serve(t, env)
	worker := testkit.Work(t, env)
	tenant := testkit.NewClient(base, testkit.OperatorKey).NewTenant(t, "enterprise", nil)
	receiver := testkit.NewReceiver(t, nil)
	tenant.NewEndpoint(t, receiver.URL, nil)

	a := &accepted{ids: map[string]bool{}}
	stop, enough := make(chan struct{}), make(chan struct{})
	clients := a.burst(tenant, stop, 50, enough)
	<-enough // requests and deliveries are under way
	database.Stall()
	var processes sync.WaitGroup
	for name, p := range map[string]*testkit.Process{"serve": api, "worker": worker} {
		processes.Go(func() {
			began := time.Now()
			code := p.Interrupt(t)
			took := time.Since(began)
			t.Logf("%s stopped after %s", name, took)
			if code != 0 || took > limit+time.Second { // a second for a busy machine to start and end the process
				t.Errorf("%s: exit %d after %s, want 0 within %s:\n%s", name, code, took, limit, p.Stderr())
			}
		})
	}
	processes.Wait()
	close(stop)
	clients.Wait()
}
