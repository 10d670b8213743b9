package main

import (
	"errors"
	"flag"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/testkit"
)

var frozenFor = flag.Duration("outage.for", 3*time.Second, "how long a server hangs in the tests of outages")

// late is how long after an outage the last delivery may be under way: leases, the reconciler and a slow machine.
const late = 2 * time.Minute

// outage is a program under load, whose consumer remembers what arrived.
type outage struct {
	*testkit.Private
	env     testkit.Environment
	workers []*testkit.Process
	tenant  *testkit.Client
	arrived *arrivals
}

func newOutage(t *testing.T, private *testkit.Private, services testkit.Services) *outage {
	t.Helper()
	o := &outage{Private: private, arrived: &arrivals{at: map[string]time.Time{}}}
	o.env = testkit.Production(services).With(
		"HOOKLINE_DELIVERY_TIMEOUT", "3s", "HOOKLINE_TASK_TIMEOUT", "5s", "HOOKLINE_SHUTDOWN_TIMEOUT", "6s")
	_, base := testkit.Serve(t, o.env)
	o.workers = []*testkit.Process{testkit.Work(t, o.env), testkit.Work(t, o.env)}
	o.tenant = testkit.NewClient(base, testkit.OperatorKey).NewTenant(t, "enterprise", nil)
	o.tenant.NewEndpoint(t, testkit.NewReceiver(t, o.arrived.take).URL, nil)
	return o
}

// loses runs what happens between two moments of a load, and checks that every accepted lead arrives.
func (o *outage) loses(t *testing.T, happens func()) {
	t.Helper()
	load := produce(func(email string) bool { _, ok := o.tenant.TryLead(email); return ok })
	testkit.Await(t, "deliveries before", func() bool { return o.arrived.count() > 20 })
	happens()
	before := o.arrived.count()
	testkit.AwaitWithin(t, late, "deliveries after", func() bool { return o.arrived.count() > before+20 })
	over := time.Now()
	made, refused := load.end()
	testkit.AwaitWithin(t, late, "every accepted lead at its consumer", func() bool {
		return len(o.arrived.missing(made)) == 0
	})
	t.Logf("%d leads accepted and %d not, 0 lost; the last arrived %s after deliveries went on", len(made), refused,
		time.Since(over).Round(10*time.Millisecond))
}

func TestAServerThatHangsForAWhileLosesNothing(t *testing.T) {
	t.Parallel()
	for name, freeze := range map[string]func(o *outage) (thaw func() error, err error){
		"postgres": func(o *outage) (func() error, error) { return o.Postgres.Freeze() },
		"redis":    func(o *outage) (func() error, error) { return o.Redis.Freeze() },
		"worker": func(o *outage) (func() error, error) {
			return o.workers[0].Thaw, o.workers[0].Freeze()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			private := testkit.NewPrivate(t)
			o := newOutage(t, private, private.Services)
			o.loses(t, func() {
				thaw, err := freeze(o)
				<-time.After(*frozenFor)
				if err := errors.Join(err, thaw()); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

func TestAFailoverOfPostgreSQLLosesNothing(t *testing.T) {
	t.Parallel()
	private := testkit.NewPrivate(t)
	both, fail := private.Standby(t)
	o := newOutage(t, private, both)
	o.loses(t, func() {
		if err := fail(); err != nil {
			t.Fatal(err)
		}
	})
}

// TestAnUpgradeProcessByProcessRefusesNobody replaces two APIs and two workers one by one, as a rolling update does:
// HOOKLINE_TEST_OLDER names the build to begin with.
func TestAnUpgradeProcessByProcessRefusesNobody(t *testing.T) {
	t.Parallel()
	env := testkit.Production(testkit.NewServices(t, testkit.Servers))
	launch := func(binary, command string) *testkit.Process {
		t.Helper()
		p, err := testkit.LaunchOf(t, binary, env, command)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	older, newer := testkit.Older(t), testkit.Binary(t)
	olds := []*testkit.Process{launch(older, "serve"), launch(older, "serve"), launch(older, "worker"),
		launch(older, "worker")}
	tenant := testkit.NewClient(olds[0].Base(), testkit.OperatorKey).NewTenant(t, "enterprise", nil)
	arrived := &arrivals{at: map[string]time.Time{}}
	tenant.NewEndpoint(t, testkit.NewReceiver(t, arrived.take).URL, nil)

	// A balancer sends nothing to an API that is told to stop; requests under way are answered.
	var serving atomic.Pointer[testkit.Client]
	to := func(p *testkit.Process) { serving.Store(testkit.NewClient(p.Base(), tenant.Key())) }
	to(olds[1])
	load := produce(func(email string) bool { _, ok := serving.Load().TryLead(email); return ok })
	testkit.Await(t, "deliveries before", func() bool { return arrived.count() > 20 })
	for i, command := range []string{"serve", "serve", "worker", "worker"} {
		fresh := launch(newer, command)
		if command == "serve" {
			to(fresh)
		}
		if code := olds[i].Interrupt(t); code != 0 {
			t.Errorf("%s, stopped: got exit code %d, want 0:\n%s", command, code, olds[i].Stderr())
		}
	}
	before := arrived.count()
	testkit.Await(t, "deliveries after", func() bool { return arrived.count() > before+20 })
	made, refused := load.end()
	if refused > 0 {
		t.Errorf("POST /leads during an upgrade: got %d not accepted, want all %d accepted", refused, len(made)+refused)
	}
	testkit.Await(t, "every lead at its consumer", func() bool { return len(arrived.missing(made)) == 0 })
	if got := serving.Load().Call(t, http.MethodGet, "/api/v1/me", nil).Status; got != http.StatusOK {
		t.Errorf("GET /me after the upgrade: got %d, want 200", got)
	}
}
