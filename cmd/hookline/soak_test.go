package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"github.com/hookline/hookline/internal/testkit"
)

var soakFor = flag.Duration("soak.for", 10*time.Second, "how long the soak's load lasts")

const (
	soakSamples = 60
	// soakJudged is how long a soak must last before growth is judged: heaps and pools fill for the first minutes.
	soakJudged = 5 * time.Minute
)

// TestASoakIsFlat has two APIs and two workers run under a steady load of fifty leads a second, of which each goes to a
// healthy consumer, a slow one, and one that fails now and then. Memory, goroutines, threads, descriptors, connections
// and latency must not grow, and everything must arrive. `make soak` does it for half an hour.
func TestASoakIsFlat(t *testing.T) {
	t.Parallel()
	s := newSoak(t)
	load := produce(func(email string) bool {
		s.sent.begin(email)
		_, ok := s.tenant.TryLead(email)
		return ok
	})
	every := max(time.Second, *soakFor/soakSamples)
	tick := time.NewTicker(every)
	defer tick.Stop()
	begun := time.Now()
	t.Log(soakHeader)
	for time.Since(begun) < *soakFor {
		<-tick.C
		s.readPages(t)
		sample := s.sample(t, time.Since(begun))
		s.samples = append(s.samples, sample)
		t.Log(sample)
	}
	made, refused := load.end()
	if refused > 0 {
		t.Errorf("leads: got %d refused, want all accepted", refused)
	}
	for name, a := range s.arrived {
		testkit.AwaitWithin(t, 2*time.Minute, "every lead at the consumer "+name, func() bool {
			return len(a.missing(made)) == 0
		})
	}
	t.Logf("%d leads to %d consumers, 0 lost", len(made), len(s.arrived))
	if *soakFor < soakJudged {
		t.Logf("%s are too short to judge growth, which takes %s", *soakFor, soakJudged)
		return
	}
	for _, complaint := range judge(s.samples) {
		t.Error(complaint)
	}
}

// soak is the program under a steady load.
type soak struct {
	processes []*testkit.Process
	bases     []string
	tenant    *testkit.Client
	arrived   map[string]*arrivals
	database  *pgx.Conn
	redis     *redis.Client
	samples   []soakSample
	sent      *stamps
}

// stamps times leads from their call to their arrival at the healthy consumer.
type stamps struct {
	mu   sync.Mutex
	sent map[string]time.Time
	took []time.Duration // since they were read last
}

func (s *stamps) begin(email string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent[email] = time.Now()
}

func (s *stamps) end(email string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at, ok := s.sent[email]; ok {
		s.took = append(s.took, time.Since(at))
		delete(s.sent, email)
	}
}

// quantiles of the leads that arrived since it was called last.
func (s *stamps) quantiles() (p50, p99 time.Duration, leads int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if leads = len(s.took); leads == 0 {
		return 0, 0, 0
	}
	slices.Sort(s.took)
	p50, p99 = s.took[leads/2], s.took[leads*99/100]
	s.took = s.took[:0]
	return p50, p99, leads
}

// consumer starts a consumer that keeps no requests. accept says whether it answers the n-th with 200.
func (s *soak) consumer(t *testing.T, name string, accept func(email string, n int64) bool) {
	t.Helper()
	arrived, requests := &arrivals{at: map[string]time.Time{}}, atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		var body struct {
			Data struct{ Email string }
		}
		if json.Unmarshal(raw, &body) != nil || !accept(body.Data.Email, requests.Add(1)) {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		arrived.take(w, testkit.Received{Body: raw}, 0)
	}))
	t.Cleanup(server.Close)
	s.arrived[name] = arrived
	s.tenant.NewEndpoint(t, server.URL, map[string]any{"retry_policy": map[string]any{"initial": "1s",
		"multiplier": 1, "max_attempts": 10}})
}

func newSoak(t *testing.T) *soak {
	t.Helper()
	private := testkit.NewPrivate(t)
	env := testkit.Production(private.Services).With("HOOKLINE_DATABASE_URL", private.DatabaseURL)
	s := &soak{arrived: map[string]*arrivals{}, sent: &stamps{sent: map[string]time.Time{}}}
	for range 2 {
		serve, base := testkit.Serve(t, env)
		s.bases = append(s.bases, base)
		s.processes = append(s.processes, serve, testkit.Work(t, env))
	}
	s.tenant = testkit.NewClient(s.bases[0], testkit.OperatorKey).NewTenant(t, "enterprise",
		map[string]any{"rate_limit": map[string]any{"requests": 1_000_000}})
	s.consumer(t, "healthy", func(email string, _ int64) bool { s.sent.end(email); return true })
	s.consumer(t, "slow", func(string, int64) bool { <-time.After(200 * time.Millisecond); return true })
	s.consumer(t, "fickle", func(_ string, n int64) bool { return n%20 != 0 })
	var err error
	if s.database, err = pgx.Connect(t.Context(), private.DatabaseURL); err != nil {
		t.Fatal(err)
	}
	o, err := redis.ParseURL(private.RedisURL)
	if err != nil {
		t.Fatal(err)
	}
	s.redis = redis.NewClient(o)
	t.Cleanup(func() { _ = s.redis.Close() })
	return s
}

// readPages reads what people look at, at the second API.
func (s *soak) readPages(t *testing.T) {
	t.Helper()
	reader := testkit.NewClient(s.bases[1], s.tenant.Key())
	for _, path := range []string{"/webhooks/deliveries", "/webhooks/deliveries?status=retrying", "/events",
		"/webhooks/stats", "/webhooks/health"} {
		reader.Call(t, http.MethodGet, "/api/v1"+path, nil).Want(t, http.StatusOK)
	}
}

// soakSample is one look at the program: the sums over its processes, and the latencies since the look before.
type soakSample struct {
	after                      time.Duration
	memory                     float64 // resident, in MiB
	goroutines, threads, files float64 // goroutines of the APIs alone
	postgres, redis            float64 // connections
	p50, p99                   time.Duration
	leads                      int
}

const soakHeader = "   time   memory goroutines threads  files postgres  redis    p50     p99  leads"

func (s soakSample) String() string {
	return fmt.Sprintf("%7s %5.0f MB %10.0f %7.0f %6.0f %8.0f %6.0f %4d ms %4d ms %6d", s.after.Round(time.Second),
		s.memory, s.goroutines, s.threads, s.files, s.postgres, s.redis, s.p50.Milliseconds(), s.p99.Milliseconds(),
		s.leads)
}

func (s *soak) sample(t *testing.T, after time.Duration) soakSample {
	t.Helper()
	out := soakSample{after: after}
	for _, p := range s.processes {
		if !p.Running() {
			t.Fatalf("process: got it ended, want it running:\n%s", p.Stderr())
		}
		out.goroutines += metric(t, p, "go_goroutines")
		out.memory += procStatus(t, p.ID(), "VmRSS") / 1024
		out.threads += procStatus(t, p.ID(), "Threads")
		files, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.ID()))
		out.files += float64(len(files))
	}
	if err := s.database.QueryRow(t.Context(), "SELECT count(*)::float8 FROM pg_stat_activity WHERE backend_type = "+
		"'client backend'").Scan(&out.postgres); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(s.redis.Info(t.Context(), "clients").Val()) {
		if value, ok := strings.CutPrefix(line, "connected_clients:"); ok {
			_, _ = fmt.Sscan(value, &out.redis)
		}
	}
	out.p50, out.p99, out.leads = s.sent.quantiles()
	return out
}

// procStatus reads a number of /proc/PID/status: kilobytes, or how many. It is 0 where there is no /proc.
func procStatus(t *testing.T, pid int, name string) float64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil && runtime.GOOS != "linux" {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			var n float64
			if _, err := fmt.Sscan(value, &n); err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("/proc/%d/status: got no %s, want it", pid, name)
	return 0
}

// allowance is how much something may grow from the first third of a soak that counts to the last: by a share of it,
// and by an amount for what is small.
type allowance struct {
	name   string
	of     func(soakSample) float64
	share  float64
	amount float64
}

var allowances = []allowance{
	{"memory in MB", func(s soakSample) float64 { return s.memory }, 0.10, 20},
	{"goroutines", func(s soakSample) float64 { return s.goroutines }, 0.10, 40},
	{"threads", func(s soakSample) float64 { return s.threads }, 0.20, 10},
	{"open files", func(s soakSample) float64 { return s.files }, 0.10, 40},
	{"connections to PostgreSQL", func(s soakSample) float64 { return s.postgres }, 0.10, 8},
	{"connections to Redis", func(s soakSample) float64 { return s.redis }, 0.10, 8},
	{"p50 in ms", func(s soakSample) float64 { return float64(s.p50.Milliseconds()) }, 0.5, 20},
	{"p99 in ms", func(s soakSample) float64 { return float64(s.p99.Milliseconds()) }, 1, 100},
}

// judge compares medians of the second and the last quarter of the samples: the first is for filling pools and heaps.
func judge(all []soakSample) (complaints []string) {
	quarter := len(all) / 4
	if quarter == 0 {
		return []string{"samples: got too few to judge growth"}
	}
	for _, a := range allowances {
		before, after := median(all[quarter:2*quarter], a.of), median(all[len(all)-quarter:], a.of)
		if most := before*(1+a.share) + a.amount; after > most {
			complaints = append(complaints, fmt.Sprintf("%s: got a growth from %.0f to %.0f, want at most %.0f", a.name,
				before, after, most))
		}
	}
	return complaints
}

func median(samples []soakSample, of func(soakSample) float64) float64 {
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = of(s)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func TestASoakThatGrowsIsComplainedOf(t *testing.T) {
	t.Parallel()
	steady := soakSample{memory: 300, goroutines: 400, threads: 60, files: 200, postgres: 40, redis: 60,
		p50: 15 * time.Millisecond, p99: 60 * time.Millisecond}
	flat, growing := make([]soakSample, 40), make([]soakSample, 40)
	for i := range flat {
		flat[i], growing[i] = steady, steady
		if i < 10 { // what fills at first counts for nothing
			flat[i].memory = float64(30 * i)
		}
		growing[i].memory += float64(3 * i)
		growing[i].postgres += float64(i)
		growing[i].p99 += time.Duration(3*i*i) * time.Millisecond
	}
	if got := judge(flat); len(got) != 0 {
		t.Errorf("complaints of a soak that is flat: got %q, want none", got)
	}
	if got := judge(growing); len(got) != 3 {
		t.Errorf("complaints of growing memory, connections and p99: got %q, want 3", got)
	}
}
