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
	fairRounds  = 9                     // of a quiet half and a flooded one
	crowdEvents = 300                   // of all of them together, in each half of a round
	floodPace   = 4 * time.Millisecond  // between two events of the flood
	floodLead   = 300                   // events of the flood in a round before anything is measured
	floodHangs  = 30 * time.Second      // what its endpoint does with a request
	fairLimit   = 1.5                   // what the ratio of the p95s should stay below
	crowdPace   = 20 * time.Millisecond // between two events of the crowd: one a second for each tenant
)

// BenchmarkFairness measures how long the events of fifty tenants at a steady pace take to arrive, alone and beside a
// tenant that floods an endpoint that hangs, in turn. The ratios are the medians of those of the rounds, since a
// machine that others use, too, slows down for seconds.
func BenchmarkFairness(b *testing.B) {
	for b.Loop() {
		s := newSystem(b)
		crowd := s.crowd(b)
		s.steady(b, crowd, "warm", 10*crowdSize, crowdPace)
		flood := s.hang(b)
		took, used := map[string][]time.Duration{}, map[string]usage{}
		half := func(name string, round int) []time.Duration {
			s.consumer.reset()
			before := s.meter.read()
			sorted := s.steady(b, crowd, fmt.Sprint(name, "-", round), crowdEvents, crowdPace)
			took[name] = append(took[name], sorted...)
			used[name] = used[name].plus(s.meter.read().since(before))
			return sorted
		}
		ratios := map[float64][]float64{0.5: nil, 0.95: nil, 0.99: nil}
		for round := range fairRounds {
			quiet, flooded := half("quiet", round), []time.Duration(nil)
			flood.during(b, func() { flooded = half("flooded", round) })
			for q := range ratios {
				ratios[q] = append(ratios[q], quantile(flooded, q)/quantile(quiet, q))
			}
		}
		flood.end()
		for name, all := range took {
			report(b, name, all)
			b.ReportMetric(used[name].total(), name+"_cpu_s")
			b.ReportMetric(used[name].own, name+"_hookline_cpu_s")
			b.ReportMetric(used[name].postgres, name+"_postgres_cpu_s")
			b.ReportMetric(used[name].redis, name+"_redis_cpu_s")
		}
		for q, all := range ratios {
			slices.Sort(all)
			b.ReportMetric(all[len(all)/2], fmt.Sprintf("p%.0f_ratio", 100*q))
		}
		b.ReportMetric(ratios[0.95][0], "p95_ratio_least")
		b.ReportMetric(ratios[0.95][fairRounds-1], "p95_ratio_most")
		b.ReportMetric(fairLimit, "p95_ratio_limit")
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

// steady has the crowd publish n events in turn, one in each pace, and returns how long they took to arrive, sorted.
func (s *system) steady(b *testing.B, crowd []*system, name string, n int, pace time.Duration) []time.Duration {
	b.Helper()
	sent := make([]time.Time, n)
	tick := time.NewTicker(pace)
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
	tenant     system
	sent, hung atomic.Int64
	end        func() // lets the endpoint answer
}

func (s *system) hang(b *testing.B) *hanging {
	b.Helper()
	h, over := &hanging{tenant: *s}, make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		h.hung.Add(1)
		select {
		case <-over:
		case <-r.Context().Done():
		case <-time.After(floodHangs):
		}
	}))
	h.tenant.client, h.tenant.key = s.tenant(b)
	h.tenant.client.NewEndpoint(b, server.URL, map[string]any{"timeout": floodHangs.String()})
	h.end = sync.OnceFunc(func() { close(over); server.Close() })
	b.Cleanup(h.end)
	return h
}

// during does f while the flood is well under way.
func (h *hanging) during(b *testing.B, f func()) {
	b.Helper()
	over, well := make(chan struct{}), make(chan struct{})
	lead := h.sent.Load() + floodLead
	var all sync.WaitGroup
	all.Go(func() {
		tick := time.NewTicker(floodPace)
		defer tick.Stop()
		for {
			select {
			case <-over:
				return
			case <-tick.C:
			}
			all.Go(func() {
				n := h.sent.Add(1)
				h.tenant.publish(b, fmt.Sprintf("flood-%d", n))
				if n == lead {
					close(well)
				}
			})
		}
	})
	<-well
	f()
	close(over)
	all.Wait()
}
