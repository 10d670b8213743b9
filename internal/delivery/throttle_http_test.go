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
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/throttle"
)

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

// patient keeps what hangs hanging for as long as a test takes, and has few workers, so that few requests are many.
func patient(c *config.Config, _ *app.Options) {
	c.WorkerConcurrency, c.WorkerSlow = 16, 8
	c.DeliveryTimeout, c.TaskTimeout, c.ShutdownTimeout = 30*time.Second, 31*time.Second, 32*time.Second
}

func TestNobodyWaitsForAnEndpointThatHangsNotEvenItsOwnTenant(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e, patient) // of its own: its workers are few, and Redis loses everything
		noisy, other := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		h := newHanging(t)
		own, neighbour := testkit.NewReceiver(t, nil), testkit.NewReceiver(t, nil)
		stuck := noisy.NewEndpoint(t, h.url, nil)
		noisy.NewEndpoint(t, own.URL, nil)
		other.NewEndpoint(t, neighbour.URL, nil)

		const events, others = 60, 5 // several times what the workers take at once
		flood(t, noisy, events)
		flood(t, other, others)
		for range others {
			neighbour.Next(t)
		}
		for range events {
			own.Next(t)
		}
		p.Await(t, "the throttle", func() bool { return throttled(t, noisy, stuck.ID) })
		// A quarter of the workers before it was throttled, and the first concurrency limit.
		if most, limit := h.most.Load(), int64(p.Config.WorkerConcurrency/4+
			throttle.InitialLimit); h.answers.Load() != 0 ||
			most > limit {
			t.Errorf("at the endpoint that hangs: got %d answers and %d requests at a time, want none and at most %d",
				h.answers.Load(), most, limit)
		}
		if err := p.App.Redis().FlushDB(t.Context()).Err(); err != nil { // deferred deliveries are not in Redis
			t.Fatal(err)
		}
		h.answer()
		p.AwaitCount(t, noisy, api.DeliveryStatusSucceeded, 2*events)
		if n, most := h.begun.Load(), int64(events+p.Config.WorkerConcurrency); n < events || n > most {
			t.Errorf("requests for %d events: got %d, want at most %d", events, n, most)
		}
	})
}

func TestACircuitOpensLetsProbesThroughAndDrainsWithoutStarvingWhatIsNew(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		clock := &testkit.Clock{}
		p := testkit.Start(t, e, testkit.WithClock(clock)) // of its own: probes wait for many seconds of its clock
		tenant := p.NewTenant(t, "business")
		receiver, healed := repairable(t)
		hook := tenant.NewEndpoint(t, receiver.URL, object{"retry_policy": atOnce(20)})
		const backlog = 40
		flood(t, tenant, backlog)
		p.Await(t, "the circuit to open and what was under way to end", func() bool {
			return circuit(t, tenant, hook.ID).State == api.CircuitStateOpen &&
				idle(p)
		})
		opened := circuit(t, tenant, hook.ID)
		since := opened.OpenedAt.MustGet()
		probe := func(n int) time.Time {
			t.Helper()
			next := circuit(t, tenant, hook.ID).NextProbeAt.MustGet()
			before := len(p.Attempts(t, tenant))
			clock.Advance(next.Sub(clock.Now()) - 200*time.Millisecond) // the rest passes by itself
			p.Await(t, fmt.Sprintf("probe %d", n), func() bool { return len(p.Attempts(t, tenant)) > before })
			return p.Attempts(t, tenant)[before].Attempt.StartedAt.Time
		}
		first := probe(1)
		p.Await(
			t,
			"the circuit to open again",
			func() bool { return circuit(t, tenant, hook.ID).State == api.CircuitStateOpen },
		)
		second := probe(2)
		if first.Sub(since) < 2*time.Second || second.Sub(first) < 4*time.Second {
			t.Errorf(
				"probes after opening: got %s and %s, want at least 2s and 6s",
				first.Sub(since),
				second.Sub(since),
			)
		}
		p.Await(
			t,
			"the circuit to open once more",
			func() bool { return circuit(t, tenant, hook.ID).State == api.CircuitStateOpen },
		)
		if got := circuit(t, tenant, hook.ID).OpenedAt.MustGet(); !got.Equal(since) {
			t.Errorf("opened at, after a failed probe: got %s, want %s", got, since)
		}

		fresh := tenant.NewLead(t, "fresh@example.com")
		before := receiver.Count()
		healed.Store(true)
		probe(3)
		p.AwaitCount(t, tenant, api.DeliveryStatusSucceeded, backlog+1)
		if c := circuit(t, tenant, hook.ID); c.State != api.CircuitStateClosed || !c.OpenedAt.IsNull() {
			t.Errorf("circuit after success: got %+v, want it closed", c)
		}
		place := slices.IndexFunc(
			receiver.All()[before:],
			func(r testkit.Received) bool { return leadID(t, r) == fresh.ID },
		)
		if place < 0 || place > backlog/2 {
			t.Errorf("place of the new event among %d: got %d, want at most %d", backlog+1, place, backlog/2)
		}
		p.Await(t, "the throttle to go", func() bool { return !throttled(t, tenant, hook.ID) })
	})
}

func TestA429SlowsTheWholeEndpointAndNoOther(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, n int) {
			if n == 1 {
				w.Header().Set("Retry-After", "2")
				w.WriteHeader(http.StatusTooManyRequests)
			}
		})
		neighbour := testkit.NewReceiver(t, nil)
		hook := tenant.NewEndpoint(t, receiver.URL, object{"retry_policy": atOnce(3)})
		tenant.NewLead(t, "first@example.com")
		p.Await(t, "the 429", func() bool { return len(p.Attempts(t, tenant)) == 1 })
		told := p.Attempts(t, tenant)[0].Attempt.FinishedAt
		tenant.NewEndpoint(t, neighbour.URL, nil)
		const events = 5
		flood(t, tenant, events)
		for range events {
			neighbour.Next(t)
		}
		p.Await(t, "all to be delivered", func() bool { return succeeded(t, p, tenant, hook.ID) == events+1 })
		for _, o := range p.Attempts(t, tenant) {
			waited := o.Attempt.StartedAt.Sub(told.Time)
			if o.Endpoint.ID == hook.ID && o.Attempt.Status == delivery.AttemptSucceeded && waited < 2*time.Second {
				t.Errorf("a request after the 429: got one after %s, want none for 2s", waited)
			}
		}
	})
}

func TestARateLimitHoldsOverAllProcesses(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		services := testkit.NewServices(t, e)
		p := testkit.StartOn(t, services) // of its own: with another worker on the same services
		all := []*testkit.Program{p}
		if e == testkit.Servers {
			all = append(all, testkit.StartOn(t, services, testkit.WithKeys(p.Config.EncryptionKeys), withoutAPI))
		}
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		const rate, events = 20, 45 // two seconds and a little
		hook := tenant.NewEndpoint(t, receiver.URL, object{"rate_limit": object{"requests": rate}})
		if got := hook.RateLimit; got.Requests == nil || *got.Requests != rate ||
			*got.Per != api.EndpointRateLimitPerSecond {
			t.Errorf("rate limit: got %+v, want %d per second", got, rate)
		}
		flood(t, tenant, events)
		var starts []time.Time
		p.Await(t, "all attempts to be recorded", func() bool {
			starts = nil
			for _, program := range all {
				for _, o := range program.Attempts(t, tenant) {
					starts = append(starts, o.Attempt.StartedAt.Time)
				}
			}
			return len(starts) == events
		})
		slices.SortFunc(starts, time.Time.Compare)
		for i := rate; i < len(starts); i++ {
			if within := starts[i].Sub(starts[i-rate]); within < time.Second {
				t.Fatalf("%d requests began within %s, want no more than %d within a second", rate+1, within, rate)
			}
		}
		off := tenant.Call(t, http.MethodPatch, "/api/v1/webhooks/"+hook.ID, object{"rate_limit": object{}}).
			Want(t, http.StatusOK)
		if w := testkit.Into[api.Webhook](t, off); w.RateLimit != (api.EndpointRateLimit{}) {
			t.Errorf("rate limit that was removed: got %s, want none", off.Body)
		}
		p.Await(t, "the throttle to go", func() bool { return !throttled(t, tenant, hook.ID) })
		for _, wrong := range []any{5, nil, object{"requests": 0}, object{"requests": 1001}, object{"requests": 1.5},
			object{"requests": "5"}, object{"requests": 5, "per": "minute"}} {
			tenant.Call(t, http.MethodPatch, "/api/v1/webhooks/"+hook.ID, object{"rate_limit": wrong}).
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

func TestDeliveriesAdmittedByAKilledReleaserAreDelivered(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		services := testkit.NewServices(t, e)
		p := testkit.StartOn(t, services, testkit.WithoutWorker()) // of its own: no worker may run yet
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		hook := tenant.NewEndpoint(t, receiver.URL, object{"rate_limit": object{"requests": 1000}})
		const events = 5
		flood(t, tenant, events)
		admitted := 0
		p.Await(t, "all to be admitted", func() bool {
			n, err := delivery.ReleaseOnly(t.Context(), p.App.Delivered, hook.ID)
			if err != nil {
				t.Fatal(err)
			}
			admitted += n
			return admitted == events
		})
		if n := receiver.Count(); n != 0 {
			t.Errorf("requests without a worker: got %d, want none", n)
		}
		testkit.StartOn(t, services, testkit.WithKeys(p.Config.EncryptionKeys), withoutAPI)
		for range events {
			receiver.Next(t)
		}
		p.AwaitCount(t, tenant, api.DeliveryStatusSucceeded, events)
	})
}

func TestADeadLetterOfAThrottledEndpointIsInTheOneArchive(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, answerWith(500, 500, 200))
		tenant.NewEndpoint(t, receiver.URL, object{"rate_limit": object{"requests": 100}, "retry_policy": atOnce(2)})
		tenant.NewLead(t, "ada@example.com")
		dead := p.AwaitDelivery(t, tenant, api.DeliveryStatusDead)
		if err := archived(t, p, dead.ID).RunTask(queue.Fast, dead.ID); err != nil {
			t.Fatal(err)
		}
		p.AwaitDelivery(t, tenant, api.DeliveryStatusSucceeded)
	})
}

func TestADueDeliveryIsNotDeferredUntilTheRetryOfAnother(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, answerWith(503, 503, 200))
		hook := tenant.NewEndpoint(t, receiver.URL, object{"retry_policy": object{"schedule": []string{"0s", "1h"}}})
		tenant.NewLead(t, "waits@example.com")
		p.Await(t, "two attempts, and its throttle", func() bool {
			return len(p.Attempts(t, tenant)) == 2 && throttled(t, tenant, hook.ID)
		})
		waits := tenant.Deliveries(t, "")[0]
		p.Await(t, "the releaser to look at nothing but the retry", func() bool {
			var release db.Time
			err := p.App.Database().Read(t.Context()).Table("endpoints").Where("id = ?", hook.ID).
				Pluck("release_at", &release).Error
			return err == nil && time.Until(release.Time) > time.Minute
		})
		tenant.NewLead(t, "due@example.com")
		p.AwaitCount(t, tenant, api.DeliveryStatusSucceeded, 1)
		if got := tenant.Delivery(t, waits.ID); got.Status != api.DeliveryStatusRetrying ||
			time.Until(got.NextAttemptAt.MustGet()) < 30*time.Minute {
			t.Errorf("the other: got %s, next at %v, want it to wait for its retry", got.Status, got.NextAttemptAt)
		}
	})
}
