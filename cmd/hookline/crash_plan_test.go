package main_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/testkit"
)

// The targets of a crash run.
const (
	theAPI    = "api"
	workerA   = "worker A"
	workerB   = "worker B"
	postgres  = "postgres"
	redisOld  = "redis, back with what it had saved"
	redisBare = "redis, back empty"
)

var targets = []string{theAPI, workerA, workerB, postgres, redisOld, redisBare}

// blow is one kill of a crash run.
type blow struct {
	target string
	at     time.Duration // since the start of the run
	down   time.Duration // before it is started again
}

// calm is how long a run is whose kills come at the pace of the worst of days. A shorter one is as much more hectic.
const calm = 15 * time.Second

// plan is a schedule that depends on the seed and the length alone. Targets are dealt like cards, each once before any
// twice, at least all of them; what is down may overlap.
func plan(seed uint64, length time.Duration) []blow {
	random := rand.New(rand.NewPCG(seed, seed))
	between := func(least, most time.Duration) time.Duration {
		at := least + time.Duration(random.Int64N(int64(most-least)))
		return time.Duration(float64(at) * min(1, length.Seconds()/calm.Seconds()))
	}
	var blows []blow
	at := between(500*time.Millisecond, 2*time.Second)
	for {
		for _, i := range random.Perm(len(targets)) {
			if at > length && len(blows) >= len(targets) {
				return blows
			}
			blows = append(blows, blow{targets[i], at, between(10*time.Millisecond, 3*time.Second)})
			gap := between(time.Second, 4*time.Second)
			if random.IntN(4) == 0 {
				gap = between(0, 100*time.Millisecond) // as good as together
			}
			at += gap
		}
	}
}

func TestACrashPlanIsItsSeedsAndSparesNobody(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		blows, again := plan(seed, 10*time.Second), plan(seed, 10*time.Second)
		hit := map[string]int{}
		for i, b := range blows {
			if b != again[i] || (i > 0 && b.at < blows[i-1].at) {
				t.Fatalf("blow %d of seed %d: got %v, want %v, as in the first plan and after the one before", i,
					seed, again[i], b)
			}
			hit[b.target]++
		}
		if len(hit) != len(targets) {
			t.Errorf("targets hit with seed %d: got %v, want each of %d", seed, hit, len(targets))
		}
	}
}

// site is Hookline in production, every process of it killable.
type site struct {
	t       testing.TB
	private *testkit.Private
	env     testkit.Environment
	base    atomic.Value // string: where the API listens
	refused atomic.Int64 // starts that ended because a server did not answer
	killed  map[string]int
	running map[string]*testkit.Process
	mu      sync.Mutex
}

func newSite(t testing.TB) *site {
	s := &site{t: t, private: testkit.NewPrivate(t), killed: map[string]int{}, running: map[string]*testkit.Process{}}
	s.env = testkit.Production(s.private.Services).With(
		"HOOKLINE_DELIVERY_TIMEOUT", "3s", "HOOKLINE_TASK_TIMEOUT", "5s", "HOOKLINE_SHUTDOWN_TIMEOUT", "6s")
	testkit.Binary(t)
	for _, name := range []string{theAPI, workerA, workerB} {
		if err := s.launch(name); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// launch starts a process of ours until it stays up, as a supervisor does: it ends while the servers are away.
func (s *site) launch(name string) error {
	command := "worker"
	if name == theAPI {
		command = "serve"
	}
	for limit := time.Now().Add(time.Minute); ; s.refused.Add(1) {
		p, err := testkit.Launch(s.t, s.env, command)
		if err != nil {
			if time.Now().After(limit) {
				return fmt.Errorf("%s: %w", name, err)
			}
			continue
		}
		if name == theAPI {
			s.base.Store(p.Base())
		}
		s.mu.Lock()
		s.running[name] = p
		s.mu.Unlock()
		return nil
	}
}

// suffer kills and restarts processes according to a plan, until it is complete and all are running.
func (s *site) suffer(blows []blow) {
	queues := map[string]chan blow{}
	var all sync.WaitGroup
	for _, b := range blows {
		name := groupOf(b.target)
		if queues[name] == nil {
			queue := make(chan blow, len(blows))
			queues[name] = queue
			all.Go(func() {
				for b := range queue {
					if err := s.strike(b); err != nil {
						s.t.Error(err)
						return
					}
				}
			})
		}
	}
	start := time.Now()
	for _, b := range blows {
		<-time.After(time.Until(start.Add(b.at)))
		queues[groupOf(b.target)] <- b
	}
	for _, q := range queues {
		close(q)
	}
	all.Wait()
}

// groupOf is the process that is killed for a target.
func groupOf(target string) string {
	if target == redisOld {
		return redisBare
	}
	return target
}

// strike kills one target, leaves it down, and starts it again.
func (s *site) strike(b blow) error {
	s.mu.Lock()
	s.killed[b.target]++
	p := s.running[b.target]
	s.mu.Unlock()
	switch {
	case p != nil && !p.Running():
		return fmt.Errorf("%s ended by itself:\n%s", b.target, tail(p.Stderr()))
	case p != nil:
		p.Kill()
	case b.target == postgres:
		s.private.Postgres.Kill()
	default:
		s.private.Redis.Kill()
	}
	<-time.After(b.down)
	switch b.target {
	case postgres:
		return s.private.Postgres.Restart(s.t.Context())
	case redisBare:
		return errors.Join(s.private.Forget(), s.private.Redis.Restart(s.t.Context()))
	case redisOld:
		return s.private.Redis.Restart(s.t.Context())
	}
	return s.launch(b.target)
}

// survivors fails the test for each process that is not running.
func (s *site) survivors() {
	for name, p := range s.running {
		if !p.Running() {
			s.t.Errorf("%s exited by itself, want it running:\n%s", name, tail(p.Stderr()))
		}
	}
}

func tail(text string) string { return text[max(0, len(text)-4000):] }
