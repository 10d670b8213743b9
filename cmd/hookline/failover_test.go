package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/testkit"
)

var failovers = flag.Int("failovers", 1, "how often the master of the fast queue is killed in tests of failovers")

// arrivals remembers when the event with each name first arrived.
type arrivals struct {
	mu sync.Mutex
	at map[string]time.Time
}

func (a *arrivals) take(_ http.ResponseWriter, r testkit.Received, _ int) {
	var body struct {
		Data struct{ Email string }
	}
	if json.Unmarshal(r.Body, &body) != nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, before := a.at[body.Data.Email]; !before {
		a.at[body.Data.Email] = time.Now()
	}
}

func (a *arrivals) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.at)
}

// missing lists leads that did not arrive.
func (a *arrivals) missing(made map[string]time.Time) []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []string
	for email := range made {
		if _, there := a.at[email]; !there {
			out = append(out, email)
		}
	}
	return out
}

// production makes a lead in every twenty milliseconds.
type production struct {
	stop    chan struct{}
	ended   sync.WaitGroup
	made    map[string]time.Time // when each accepted one was
	refused int
}

// produce begins a production; lead makes one with an address and says whether it was accepted.
func produce(lead func(email string) bool) *production {
	p := &production{stop: make(chan struct{}), made: map[string]time.Time{}}
	p.ended.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for n := 0; ; n++ {
			select {
			case <-p.stop:
				return
			case <-tick.C:
			}
			if email := fmt.Sprintf("%d@example.com", n); lead(email) {
				p.made[email] = time.Now()
			} else {
				p.refused++
			}
		}
	})
	return p
}

// end stops it and returns the accepted leads.
func (p *production) end() (made map[string]time.Time, refused int) {
	close(p.stop)
	p.ended.Wait()
	return p.made, p.refused
}

func TestAFailoverOfRedisLosesNothingAndDeliveriesGoOn(t *testing.T) {
	t.Parallel()
	for name, start := range replicas {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			redis := start(t)
			services := testkit.NewServices(t, testkit.Servers)
			services.RedisURL = redis.URL
			env := testkit.Production(services)
			api, base := testkit.Serve(t, env)
			worker := testkit.Work(t, env)
			tenant := testkit.NewClient(base, testkit.OperatorKey).NewTenant(t, "enterprise", nil)
			arrived := &arrivals{at: map[string]time.Time{}}
			tenant.NewEndpoint(t, testkit.NewReceiver(t, arrived.take).URL, nil)

			production := produce(func(email string) bool { _, ok := tenant.TryLead(email); return ok })
			testkit.Await(t, "deliveries before", func() bool { return arrived.count() > 20 })
			var elected time.Time
			for range *failovers {
				redis.Restart(t)
				elected = redis.Fail(t, "asynq:{"+queue.Fast+"}:pending")
				before := arrived.count()
				testkit.AwaitWithin(t, 2*time.Minute, "deliveries after", func() bool {
					return arrived.count() > before+50
				})
			}
			made, refused := production.end()
			if refused > 0 {
				t.Errorf("POST /leads while Redis fails over: got %d not accepted, want all accepted", refused)
			}
			testkit.AwaitWithin(t, 2*time.Minute, "every lead at its consumer", func() bool {
				return arrived.count() == len(made)
			})
			slowest := time.Duration(0)
			for email, at := range made {
				if at.After(elected) {
					slowest = max(slowest, arrived.at[email].Sub(at))
				}
			}
			if slowest > 30*time.Second { // a client that does not ask again who the master is takes a minute
				t.Errorf("slowest lead after the election: got it after %s, want 30s", slowest)
			}
			lines := strings.Count(api.Stderr()+worker.Stderr(), `"level":"WARN"`) +
				strings.Count(api.Stderr()+worker.Stderr(), `"level":"ERROR"`)
			t.Logf("%s: %d leads, none lost; the slowest of those made after the election took %s; %d warnings and "+
				"errors", name, len(made), slowest.Round(time.Millisecond), lines)
			if lines > 100**failovers {
				t.Errorf("warnings and errors of %d failovers: got %d, want each kind once a second", *failovers, lines)
			}
		})
	}
}
