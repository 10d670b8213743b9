package main

import (
	"errors"
	"flag"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/pkg/webhook"
)

var frozenFor = flag.Duration("outage.for", 3*time.Second, "how long a server hangs in the tests of outages")

// late is how long after an outage the last delivery may be under way: leases, the reconciler and a slow machine.
const late = 2 * time.Minute

// outage is a program under load, whose consumer remembers what arrived.
type outage struct {
	*testkit.Private
	env     testkit.Environment
	serve   *testkit.Process
	workers []*testkit.Process
	tenant  *testkit.Client
	arrived *arrivals
}

func newOutage(t *testing.T, private *testkit.Private, services testkit.Services) *outage {
	t.Helper()
	o := &outage{Private: private, arrived: &arrivals{at: map[string]time.Time{}}}
	o.env = testkit.Production(services).With(
		"HOOKLINE_DELIVERY_TIMEOUT", "3s", "HOOKLINE_TASK_TIMEOUT", "5s", "HOOKLINE_SHUTDOWN_TIMEOUT", "6s")
	var base string
	o.serve, base = testkit.Serve(t, o.env)
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

// upgrades are the orders in which processes are replaced, by the build that comes after HOOKLINE_TEST_OLDER, or before
// it when a release is taken back.
var upgrades = map[string]struct {
	order []string
	back  bool
}{
	"APIs first":    {[]string{"serve", "serve", "worker", "worker"}, false},
	"workers first": {[]string{"worker", "worker", "serve", "serve"}, false},
	"taken back":    {[]string{"serve", "worker", "serve", "worker"}, true},
}

// TestAnUpgradeProcessByProcessRefusesNobody replaces two APIs and two workers one by one, as a rolling update does:
// HOOKLINE_TEST_OLDER names the build to begin with.
func TestAnUpgradeProcessByProcessRefusesNobody(t *testing.T) {
	t.Parallel()
	for name, u := range upgrades {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			older, newer := testkit.Older(t), testkit.Binary(t)
			if u.back {
				older, newer = newer, older
			}
			upgrade(t, older, newer, u.order)
		})
	}
}

func upgrade(t *testing.T, older, newer string, order []string) {
	t.Helper()
	env := testkit.Production(testkit.NewServices(t, testkit.Servers))
	launch := func(binary, command string) *testkit.Process {
		t.Helper()
		p, err := testkit.LaunchOf(t, binary, env, command)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	var olds []*testkit.Process
	// A balancer sends nothing to an API that is told to stop; requests under way are answered.
	var serving atomic.Pointer[testkit.Client]
	key := testkit.OperatorKey
	to := func(p *testkit.Process) { serving.Store(testkit.NewClient(p.Base(), key)) }
	for _, command := range order {
		olds = append(olds, launch(older, command))
		if command == "serve" {
			to(olds[len(olds)-1])
		}
	}
	tenant := serving.Load().NewTenant(t, "enterprise", nil)
	arrived, forged, secret := &arrivals{at: map[string]time.Time{}}, atomic.Int64{}, atomic.Value{}
	receiver := testkit.NewReceiver(t, func(w http.ResponseWriter, r testkit.Received, n int) {
		if webhook.Verify(r.Header, r.Body, time.Now(), secret.Load().(string)) != nil {
			forged.Add(1)
		}
		arrived.take(w, r, n)
	})
	secret.Store(tenant.NewEndpoint(t, receiver.URL, nil).Secret)
	key = tenant.Key()
	for i, p := range olds {
		if order[i] == "serve" {
			to(p) // the last one is replaced last
		}
	}
	load := produce(func(email string) bool { _, ok := serving.Load().TryLead(email); return ok })
	testkit.Await(t, "deliveries before", func() bool { return arrived.count() > 20 })
	for i, command := range order {
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
	if forged.Load() > 0 {
		t.Errorf("signatures: got %d that don't verify, want none", forged.Load())
	}
	t.Logf("%d leads, none refused, none lost", len(made))
}
