package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/testkit"
)

const (
	producers   = 32
	burstEvents = 20_000
	fanEvents   = 2_000
	fanWidth    = 10
	pacedEvents = 2_000
	pace        = 10 * time.Millisecond
)

// BenchmarkLoad measures the program as it runs in production: the API and a worker as processes of their own, on
// PostgreSQL and Redis; producers and consumers are in this process, so that one clock times both ends. Beside it stand
// what nothing can go below: the bare signed request, and Asynq's tasks that do nothing.
func BenchmarkLoad(b *testing.B) {
	b.Run("limits", func(b *testing.B) {
		for b.Loop() {
			signedPosts(b)
			noopTasks(b)
		}
	})
	b.Run("burst", func(b *testing.B) {
		for b.Loop() {
			s := newSystem(b)
			s.endpoints(b, 1)
			s.burst(b, burstEvents, burstEvents)
		}
	})
	b.Run("fanout", func(b *testing.B) {
		for b.Loop() {
			s := newSystem(b)
			s.endpoints(b, fanWidth)
			s.burst(b, fanEvents, fanEvents*fanWidth)
		}
	})
	b.Run("paced", func(b *testing.B) {
		for b.Loop() {
			s := newSystem(b)
			s.endpoints(b, 1)
			s.paced(b, "quiet")
			s.flood(b)
			s.paced(b, "beside_a_hanging_neighbour")
		}
	})
}

// usage is CPU seconds: of Hookline's processes, of the servers, and of this process, which is both ends.
type usage struct{ own, postgres, redis, bench float64 }

func (u usage) total() float64 { return u.own + u.postgres + u.redis + u.bench }

func (u usage) since(before usage) usage {
	return usage{u.own - before.own, u.postgres - before.postgres, u.redis - before.redis, u.bench - before.bench}
}

func (u usage) plus(more usage) usage {
	return usage{u.own + more.own, u.postgres + more.postgres, u.redis + more.redis, u.bench + more.bench}
}

// system is Hookline in production, with one tenant and one consumer.
type system struct {
	services testkit.Services
	env      testkit.Environment
	meter    meter
	serve    *testkit.Process
	worker   *testkit.Process
	operator *testkit.Client
	base     string
	key      string
	client   *testkit.Client
	http     *http.Client
	consumer *consumer
	stop     func()  // ends its processes
	rate     float64 // deliveries a second of the last burst
}

func newSystem(b *testing.B) *system {
	b.Helper()
	services := testkit.NewServices(b, testkit.Servers)
	return startSystem(b, services, testkit.Production(services).With("HOOKLINE_DATABASE_URL",
		services.DatabaseURL))
}

// startSystem starts the processes with a new tenant and a new consumer.
func startSystem(b *testing.B, services testkit.Services, env testkit.Environment) *system {
	b.Helper()
	worker := testkit.Work(b, env)
	serve, base := testkit.Serve(b, env)
	s := &system{
		services: services, env: env, serve: serve, worker: worker, base: base, consumer: newConsumer(b),
		http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: producers}},
		stop: func() { serve.Interrupt(b); worker.Interrupt(b) },
	}
	s.operator = testkit.NewClient(s.base, testkit.OperatorKey)
	s.client, s.key = s.tenant(b)
	s.meter = newMeter(b, services, worker, serve)
	return s
}

// tenant makes a tenant whose key is limited far beyond what is measured.
func (s *system) tenant(b *testing.B) (*testkit.Client, string) {
	b.Helper()
	c := s.operator.NewTenant(b, "enterprise", map[string]any{"rate_limit": map[string]any{"requests": 1_000_000}})
	return c, c.Key()
}

// endpoints makes n endpoints at the consumer.
func (s *system) endpoints(b *testing.B, n int) {
	b.Helper()
	for i := range n {
		path := fmt.Sprintf("/%d", i)
		s.consumer.trust(path, s.client.NewEndpoint(b, s.consumer.URL+path, nil).Secret)
	}
}

// leadData makes an event of about 1 KiB.
var leadData = `{"id":"lead_1","name":"Ada Lovelace","email":"ada@example.com","company":null,"first_name":null,"last_name":null,"phone":null,"website":null,"position":null,"twitter":null,"linkedin":null,"notes":"` +
	strings.Repeat("x", 700) +
	`","score":42,"source":"load","status":"new","created_at":"2026-11-21T09:00:00Z","updated_at":"2026-11-21T09:00:00Z"}`

// publish sends an event, with an id of its own unless that is empty, and returns when it began to.
func (s *system) publish(b *testing.B, id string) time.Time {
	b.Helper()
	body := fmt.Sprintf(`{"id":%q,"type":"lead.created","data":%s}`, id, leadData)
	if id == "" {
		body = fmt.Sprintf(`{"type":"lead.created","data":%s}`, leadData)
	}
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, s.base+"/api/v1/events",
		strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.key)
	r.Header.Set("Content-Type", "application/json")
	start := time.Now()
	response, err := s.http.Do(r)
	if err != nil {
		b.Error(err)
		return start
	}
	answer, _ := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if response.StatusCode != http.StatusAccepted {
		b.Errorf("status %d: %s", response.StatusCode, answer)
	}
	return start
}

// burst publishes as fast as the producers can and waits until everything has arrived.
func (s *system) burst(b *testing.B, events, arrivals int) {
	b.Helper()
	s.warm(b, arrivals/events)
	size := s.size(b)
	before, start := s.meter.read(), time.Now()
	var next atomic.Int64
	var all sync.WaitGroup
	for range producers {
		all.Go(func() {
			for n := next.Add(1); n <= int64(events); n = next.Add(1) {
				s.publish(b, "")
			}
		})
	}
	all.Wait()
	accepted := time.Since(start)
	s.consumer.await(b, arrivals)
	took := time.Since(start)
	used := s.meter.read().since(before)
	grown := s.size(b)
	b.ReportMetric((grown.wal-size.wal)/float64(arrivals), "wal_B/delivery")
	b.ReportMetric((grown.disk-size.disk)/float64(arrivals), "disk_B/delivery")
	per := 10_000 / float64(arrivals)
	b.ReportMetric(float64(events)/accepted.Seconds(), "ingest/s")
	s.rate = float64(arrivals) / took.Seconds()
	b.ReportMetric(s.rate, "delivered/s")
	b.ReportMetric(used.total()*per, "cpu_s/10k")
	b.ReportMetric(used.total()/used.bench, "cpu_of_both_ends")
	b.ReportMetric(used.total()/used.bench-1, "cpu_of_both_ends_without_them")
	b.ReportMetric(used.own*per, "hookline_cpu_s/10k")
	b.ReportMetric(used.postgres*per, "postgres_cpu_s/10k")
	b.ReportMetric(used.redis*per, "redis_cpu_s/10k")
	b.ReportMetric(used.bench*per, "both_ends_cpu_s/10k")
	b.ReportMetric(float64(s.consumer.forged.Load()), "bad_signatures")
}

// size is how much PostgreSQL has written, in bytes: its log, and the tables of events and deliveries.
type size struct{ wal, disk float64 }

func (s *system) size(b *testing.B) size {
	b.Helper()
	d, err := db.Open(b.Context(), s.services.DatabaseURL)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	var out size
	err = d.Read(b.Context()).Raw(`SELECT (pg_current_wal_lsn() - '0/0')::float8,
		(SELECT sum(pg_total_relation_size(oid))::float8 FROM pg_class WHERE relkind = 'r'
			AND (relname ~ '^(events|deliveries|attempts)_[0-9]+$' OR relname = 'publisher_ids'))`).
		Row().Scan(&out.wal, &out.disk)
	if err != nil {
		b.Fatal(err)
	}
	return out
}

// warm opens connections and lets PostgreSQL plan what it will run.
func (s *system) warm(b *testing.B, width int) {
	b.Helper()
	const n = 200
	var all sync.WaitGroup
	for p := range producers {
		all.Go(func() {
			for i := p; i < n; i += producers {
				s.publish(b, fmt.Sprintf("warm-%d", i))
			}
		})
	}
	all.Wait()
	s.consumer.await(b, n*width)
	s.consumer.reset()
}

// paced publishes at a steady pace and reports how long events took to arrive.
func (s *system) paced(b *testing.B, name string) {
	b.Helper()
	s.warm(b, 1)
	report(b, name, s.steady(b, []*system{s}, name, pacedEvents, pace))
}

// flood gives another tenant 2,000 events for an endpoint that never answers.
func (s *system) flood(b *testing.B) {
	b.Helper()
	over := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-over:
		case <-r.Context().Done():
		}
	}))
	b.Cleanup(hanging.Close)
	b.Cleanup(func() { close(over) })
	neighbour := *s
	neighbour.client, neighbour.key = s.tenant(b)
	neighbour.client.NewEndpoint(b, hanging.URL, nil)
	var all sync.WaitGroup
	for p := range producers {
		all.Go(func() {
			for i := p; i < 2_000; i += producers {
				neighbour.publish(b, fmt.Sprintf("flood-%d", i))
			}
		})
	}
	all.Wait()
}
