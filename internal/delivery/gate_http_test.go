package delivery_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/testkit"
)

// flood makes n leads, several at a time.
func flood(t *testing.T, tenant *testkit.Client, n int) {
	t.Helper()
	var made atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := made.Add(1); i <= int64(n); i = made.Add(1) {
				if _, ok := tenant.TryLead(fmt.Sprintf("%d@example.com", i)); !ok {
					t.Errorf("lead %d was not accepted", i)
				}
			}
		})
	}
	all.Wait()
}

// hanging answers nothing until it is opened.
type hanging struct {
	url            string
	open           chan struct{}
	once           sync.Once
	flying, most   atomic.Int64
	begun, answers atomic.Int64
}

func newHanging(t *testing.T) *hanging {
	h := &hanging{open: make(chan struct{})}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.begun.Add(1)
		n := h.flying.Add(1)
		defer h.flying.Add(-1)
		for most := h.most.Load(); n > most && !h.most.CompareAndSwap(most, n); most = h.most.Load() {
		}
		select {
		case <-h.open:
			h.answers.Add(1)
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(func() { h.answer(); server.Close() })
	h.url = server.URL
	return h
}

// answer lets it answer from now on.
func (h *hanging) answer() { h.once.Do(func() { close(h.open) }) }

// patient keeps what hangs hanging for as long as a test takes.
func patient(c *config.Config, _ *app.Options) {
	c.DeliveryTimeout, c.TaskTimeout, c.ShutdownTimeout = 30*time.Second, 31*time.Second, 32*time.Second
}

// ended counts the recorded attempts of an endpoint that succeeded.
func ended(p *testkit.Program, endpointID string) int {
	n := 0
	for _, o := range p.Attempts() {
		if o.Endpoint.ID == endpointID && o.Attempt.Status == delivery.AttemptSucceeded {
			n++
		}
	}
	return n
}

func circuit(t *testing.T, tenant *testkit.Client, endpointID string) api.Circuit {
	t.Helper()
	return testkit.Get[api.Webhook](t, tenant, "/api/v1/webhooks/"+endpointID).Circuit
}

func TestNobodyWaitsForAnEndpointThatHangsNotEvenItsOwnTenant(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e, patient)
		noisy, other := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		h := newHanging(t)
		own, neighbour := testkit.NewReceiver(t, nil), testkit.NewReceiver(t, nil)
		stuck := noisy.NewEndpoint(t, h.url, nil)
		noisy.NewEndpoint(t, own.URL, nil)
		other.NewEndpoint(t, neighbour.URL, nil)

		const events = 300
		flood(t, noisy, events)
		for i := range 20 {
			other.NewLead(t, fmt.Sprintf("%d@example.com", i))
		}
		for range 20 {
			neighbour.Next(t)
		}
		for range events {
			own.Next(t)
		}
		p.Await(t, "the gate", func() bool {
			return circuit(t, noisy, stuck.ID).ConcurrencyLimit.IsSpecified() && !circuit(t, noisy,
				stuck.ID).ConcurrencyLimit.IsNull()
		})
		// A quarter of the fast lane before it had a gate, and what a new gate lets through.
		if most := h.most.Load(); h.answers.Load() != 0 || most > int64(p.Config.WorkerConcurrency/4+
			endpoint.InitialLimit) {
			t.Errorf("%d answers, %d requests at a time", h.answers.Load(), most)
		}
		if err := p.App.Redis().FlushDB(t.Context()).Err(); err != nil { // what is parked does not care
			t.Fatal(err)
		}
		h.answer()
		p.Await(t, "the backlog to be delivered", func() bool { return ended(p, stuck.ID) >= events })
		if n := h.begun.Load(); n < events || n > events+int64(p.Config.WorkerConcurrency) {
			t.Errorf("%d requests for %d events", n, events)
		}
		p.Await(t, "every delivery to succeed", func() bool {
			return len(noisy.Deliveries(t, "&status=pending"))+len(noisy.Deliveries(t, "&status=delivering"))+
				len(noisy.Deliveries(t, "&status=retrying")) == 0
		})
	})
}

func TestACircuitOpensLetsProbesThroughAndDrainsWithoutStarvingWhatIsNew(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		var healed atomic.Bool
		receiver := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) {
			if !healed.Load() {
				w.WriteHeader(http.StatusInternalServerError)
			}
		})
		hook := tenant.NewEndpoint(t, receiver.URL, map[string]any{"retry_policy": atOnce(20)})
		const backlog = 40
		flood(t, tenant, backlog)
		var opened api.Circuit
		p.Await(t, "the circuit to open", func() bool {
			opened = circuit(t, tenant, hook.ID)
			return opened.State == api.CircuitStateOpen
		})
		since := opened.OpenedAt.MustGet()
		if !opened.NextProbeAt.MustGet().After(since) {
			t.Errorf("%+v", opened)
		}
		probes := func() (at []time.Time) {
			for _, o := range p.Attempts() {
				// What was under way past no gate when the circuit opened is no probe.
				if o.Delivery.Admission == delivery.Deferred && o.Attempt.StartedAt.After(since) {
					at = append(at, o.Attempt.StartedAt.Time)
				}
			}
			return at
		}
		p.Await(t, "two probes", func() bool { return len(probes()) >= 2 })
		all := probes()
		if all[0].Sub(since) < 2*time.Second || all[1].Sub(all[0]) < 4*time.Second {
			t.Errorf("opened at %s, probes at %v", since, all)
		}
		if again := circuit(t, tenant, hook.ID); again.State == api.CircuitStateClosed || !again.OpenedAt.MustGet().
			Equal(since) {
			t.Errorf("after a failed probe: %+v", again)
		}

		fresh := tenant.NewLead(t, "fresh@example.com")
		before := len(receiver.All())
		healed.Store(true)
		p.Await(t, "all to be delivered", func() bool { return ended(p, hook.ID) == backlog+1 })
		if c := circuit(t, tenant, hook.ID); c.State != api.CircuitStateClosed || !c.OpenedAt.IsNull() {
			t.Errorf("after success: %+v", c)
		}
		place := slices.IndexFunc(receiver.All()[before:], func(r testkit.Received) bool {
			return leadID(t, r) == fresh.ID
		})
		if place < 0 || place > backlog/2 {
			t.Errorf("what was new arrived as number %d of %d", place, backlog+1)
		}
		p.Await(t, "the fast path", func() bool { return circuit(t, tenant, hook.ID).ConcurrencyLimit.IsNull() })
	})
}

func TestA429SlowsTheWholeEndpointAndNoOther(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, n int) {
			if n == 1 {
				w.Header().Set("Retry-After", "3")
				w.WriteHeader(http.StatusTooManyRequests)
			}
		})
		neighbour := testkit.NewReceiver(t, nil)
		hook := tenant.NewEndpoint(t, receiver.URL, map[string]any{"retry_policy": atOnce(3)})
		tenant.NewLead(t, "first@example.com")
		p.Await(t, "the 429", func() bool { return len(p.Attempts()) == 1 })
		told := p.Attempts()[0].Attempt.FinishedAt
		tenant.NewEndpoint(t, neighbour.URL, nil)
		for i := range 5 {
			tenant.NewLead(t, fmt.Sprintf("%d@example.com", i))
		}
		for range 5 {
			neighbour.Next(t)
		}
		p.Await(t, "all to be delivered", func() bool { return ended(p, hook.ID) == 6 })
		for _, o := range p.Attempts() {
			if waited := o.Attempt.StartedAt.Sub(told.Time); o.Endpoint.ID == hook.ID &&
				o.Attempt.Status == delivery.AttemptSucceeded && waited < 3*time.Second {
				t.Errorf("a request after %s", waited)
			}
		}
	})
}

func TestARateLimitHoldsOverAllProcesses(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		services := testkit.NewServices(t, e)
		p := testkit.StartOn(t, services)
		all := []*testkit.Program{p}
		if e == testkit.Servers {
			all = append(all, testkit.StartOn(t, services, testkit.WithKey(p.Config.EncryptionKey),
				func(_ *config.Config, o *app.Options) { o.API = false }))
		}
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		const rate, events = 20, 70
		hook := tenant.NewEndpoint(t, receiver.URL, map[string]any{"rate_limit": rate})
		if hook.RateLimit.MustGet() != rate {
			t.Errorf("%+v", hook)
		}
		flood(t, tenant, events)
		for range events {
			receiver.Next(t)
		}
		p.Await(t, "all attempts to be recorded", func() bool {
			n := 0
			for _, program := range all {
				n += ended(program, hook.ID)
			}
			return n == events
		})
		var starts []time.Time
		for _, program := range all {
			for _, o := range program.Attempts() {
				starts = append(starts, o.Attempt.StartedAt.Time)
			}
		}
		slices.SortFunc(starts, time.Time.Compare)
		for i := rate; i < len(starts); i++ {
			if within := starts[i].Sub(starts[i-rate]); within < time.Second {
				t.Fatalf("%d requests began within %s", rate+1, within)
			}
		}
		off := tenant.Call(t, http.MethodPatch, "/api/v1/webhooks/"+hook.ID, map[string]any{"rate_limit": nil}).
			Want(t, http.StatusOK)
		if w := testkit.Into[api.Webhook](t, off); !w.RateLimit.IsNull() {
			t.Errorf("%s", off.Body)
		}
		p.Await(t, "the gate to go", func() bool { return circuit(t, tenant, hook.ID).ConcurrencyLimit.IsNull() })
		for _, wrong := range []any{0, 1001, 1.5, "5"} {
			tenant.Call(t, http.MethodPatch, "/api/v1/webhooks/"+hook.ID, map[string]any{"rate_limit": wrong}).
				Want(t, http.StatusBadRequest)
		}
	})
}

// leadID is the id of the lead that a webhook tells of.
func leadID(t *testing.T, r testkit.Received) string {
	t.Helper()
	var body struct{ Data struct{ ID string } }
	if err := json.Unmarshal(r.Body, &body); err != nil {
		t.Fatal(err)
	}
	return body.Data.ID
}

func TestWhatAKilledPumpReleasedIsDelivered(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		services := testkit.NewServices(t, e)
		p := testkit.StartOn(t, services, func(_ *config.Config, o *app.Options) { o.Worker = false })
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		hook := tenant.NewEndpoint(t, receiver.URL, map[string]any{"rate_limit": 1000})
		const events = 5
		flood(t, tenant, events)
		var released []string
		p.Await(t, "all to be released", func() bool {
			ids, err := delivery.ReleaseOnly(t.Context(), p.App.Delivered, hook.ID)
			if err != nil {
				t.Fatal(err)
			}
			released = append(released, ids...)
			return len(released) == events
		})
		if n := len(receiver.All()); n != 0 {
			t.Errorf("%d requests without a worker", n)
		}
		testkit.StartOn(t, services, testkit.WithKey(p.Config.EncryptionKey), func(_ *config.Config, o *app.Options) {
			o.API = false
		})
		for range events {
			receiver.Next(t)
		}
		p.Await(t, "all to succeed", func() bool { return len(tenant.Deliveries(t, "&status=succeeded")) == events })
	})
}

func TestADeadLetterOfAGatedEndpointIsInTheOneArchive(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, answerWith(500, 500, 200))
		tenant.NewEndpoint(t, receiver.URL, map[string]any{"rate_limit": 100, "retry_policy": atOnce(2)})
		tenant.NewLead(t, "ada@example.com")
		dead := p.AwaitDelivery(t, tenant, api.DeliveryStatusDead)
		if err := archived(t, p, dead.ID).RunTask(queue.Fast, dead.ID); err != nil {
			t.Fatal(err)
		}
		p.AwaitDelivery(t, tenant, api.DeliveryStatusSucceeded)
	})
}
