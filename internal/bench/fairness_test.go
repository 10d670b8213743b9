package bench

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	crowdSize   = 50
	crowdEvents = 2_000                 // of all of them together, in each half
	floodPace   = 4 * time.Millisecond  // between two events of the flood
	floodLead   = 1_000                 // events of the flood before anything is measured
	floodHangs  = 30 * time.Second      // what its endpoint does with a request
	fairLimit   = 1.5                   // what the ratio of the p95s should stay below
	crowdPace   = 20 * time.Millisecond // between two events of the crowd: one a second for each tenant
)

// BenchmarkFairness measures how long the events of fifty tenants at a steady pace take to arrive, first alone, then
// beside a tenant that floods an endpoint that hangs.
func BenchmarkFairness(b *testing.B) {
	for b.Loop() {
		s := newSystem(b)
		crowd := s.crowd(b)
		s.steady(b, crowd, "warm", 10*crowdSize)
		s.consumer.reset()

		before := s.meter.read()
		quiet := s.steady(b, crowd, "quiet", crowdEvents)
		s.consumer.reset()
		alone := s.meter.read().since(before)

		flood := s.hang(b)
		before = s.meter.read()
		beside := s.steady(b, crowd, "beside", crowdEvents)
		flooded := s.meter.read().since(before)
		flood.stop()

		reportAt(b, "quiet", quiet)
		reportAt(b, "flooded", beside)
		for _, q := range []float64{0.5, 0.95, 0.99} {
			b.ReportMetric(quantile(beside, q)/quantile(quiet, q), fmt.Sprintf("p%.0f_ratio", 100*q))
		}
		b.ReportMetric(fairLimit, "p95_ratio_limit")
		for name, used := range map[string]usage{"quiet": alone, "flooded": flooded} {
			b.ReportMetric(used.total(), name+"_cpu_s")
			b.ReportMetric(used.own, name+"_hookline_cpu_s")
			b.ReportMetric(used.postgres, name+"_postgres_cpu_s")
			b.ReportMetric(used.redis, name+"_redis_cpu_s")
		}
		b.ReportMetric(float64(flood.sent.Load()), "flood_events")
		b.ReportMetric(float64(flood.hung.Load()), "flood_requests")
		b.ReportMetric(float64(s.consumer.forged.Load()), "bad_signatures")
	}
}

// crowd makes the tenants, each with an endpoint of its own at the consumer.
func (s *system) crowd(b *testing.B) []*system {
	b.Helper()
	var crowd []*system
	for i := range crowdSize {
		one := *s
		one.client, one.key = s.tenant(b)
		path := fmt.Sprintf("/crowd-%d", i)
		s.consumer.trust(path, one.client.NewEndpoint(b, s.consumer.URL+path, nil).Secret)
		crowd = append(crowd, &one)
	}
	return crowd
}

// steady has the crowd publish n events in turn, at a steady pace, and returns how long they took to arrive.
func (s *system) steady(b *testing.B, crowd []*system, name string, n int) []time.Duration {
	b.Helper()
	sent := make([]time.Time, n)
	tick := time.NewTicker(crowdPace)
	defer tick.Stop()
	var all sync.WaitGroup
	for i := range n {
		<-tick.C
		all.Go(func() { sent[i] = crowd[i%len(crowd)].publish(b, fmt.Sprintf("%s-%d", name, i)) })
	}
	all.Wait()
	arrived := s.consumer.await(b, n)
	took := make([]time.Duration, n)
	for i, at := range sent {
		took[i] = arrived[fmt.Sprintf("%s-%d", name, i)].Sub(at)
	}
	slices.Sort(took)
	return took
}

// hanging is a tenant that floods an endpoint that hangs.
type hanging struct {
	sent, hung atomic.Int64
	stop       func()
}

// hang starts the flood and returns when it is well under way.
func (s *system) hang(b *testing.B) *hanging {
	b.Helper()
	h, over, well := &hanging{}, make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		h.hung.Add(1)
		select {
		case <-over:
		case <-r.Context().Done():
		case <-time.After(floodHangs):
		}
	}))
	tenant := *s
	tenant.client, tenant.key = s.tenant(b)
	tenant.client.NewEndpoint(b, server.URL, map[string]any{"timeout": floodHangs.String()})
	var all sync.WaitGroup
	all.Go(func() {
		tick := time.NewTicker(floodPace)
		defer tick.Stop()
		for i := 0; ; i++ {
			select {
			case <-over:
				return
			case <-tick.C:
			}
			all.Go(func() {
				tenant.publish(b, fmt.Sprintf("flood-%d", i))
				if h.sent.Add(1) == floodLead {
					close(well)
				}
			})
		}
	})
	h.stop = sync.OnceFunc(func() {
		close(over)
		all.Wait()
		server.Close()
	})
	b.Cleanup(h.stop)
	<-well
	return h
}

// quantile is in milliseconds, of what is sorted.
func quantile(sorted []time.Duration, q float64) float64 {
	return float64(sorted[int(q*float64(len(sorted)-1))]) / float64(time.Millisecond)
}

func reportAt(b *testing.B, name string, sorted []time.Duration) {
	b.Helper()
	for _, q := range []float64{0.5, 0.95, 0.99} {
		b.ReportMetric(quantile(sorted, q), fmt.Sprintf("%s_p%.0f_ms", name, 100*q))
	}
}
