package app

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/ratelimit"
)

// figures is what /metrics shows. No label carries a tenant or an id: their number has no bound.
type figures struct {
	registry *prometheus.Registry
	events   prometheus.Counter
	attempts *prometheus.CounterVec
	took     prometheus.Histogram
	requests *prometheus.HistogramVec
	limited  *prometheus.CounterVec
}

func newFigures(a *App) *figures {
	f := &figures{
		registry: prometheus.NewRegistry(),
		events:   prometheus.NewCounter(prometheus.CounterOpts{Name: "hookline_events_total", Help: "Events committed by this process."}),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "hookline_attempts_total", Help: "Attempts recorded by this process, by outcome and by what became of the delivery."}, []string{"outcome", "delivery"}),
		took:     prometheus.NewHistogram(prometheus.HistogramOpts{Name: "hookline_attempt_seconds", Help: "How long attempts took, answer included.", Buckets: prometheus.ExponentialBuckets(0.002, 2.5, 11)}),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "hookline_http_request_seconds", Help: "How long requests to the API took.", Buckets: prometheus.ExponentialBuckets(0.001, 2.5, 10)}, []string{"method", "path", "status"}),
		limited:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "hookline_rate_limited_total", Help: "Requests that were turned away because they were too many, by whose limit it was: key, operator or address."}, []string{"subject"}),
	}
	oldest := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "hookline_overdue_seconds", Help: "How long the delivery that has waited the longest is past the moment when the queue should have moved it on; 0 when none is.",
	}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		deadline, err := a.Delivered.OldestWaiting(ctx)
		if err != nil || deadline.IsZero() {
			return 0
		}
		return max(0, time.Since(deadline).Seconds())
	})
	alone := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "hookline_rate_limits_alone", Help: "1 while this process counts rate limits for itself because Redis is away.",
	}, func() float64 {
		if a.limiter != nil && a.limiter.Alone() {
			return 1
		}
		return 0
	})
	f.gates(a)
	f.registry.MustRegister(f.events, f.attempts, f.took, f.requests, f.limited, oldest, alone, newOldestKept(a),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return f
}

// gates shows how many endpoints are held to a few deliveries at a time, and what goes through the lanes. What is parked
// is not counted: it may be a great deal.
func (f *figures) gates(a *App) {
	f.registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "hookline_gated_endpoints", Help: "Endpoints that get a few deliveries at a time because they are slow, failing or limited.",
		}, func() float64 {
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
			defer cancel()
			n, err := a.Delivered.GatedEndpoints(ctx)
			if err != nil {
				return 0
			}
			return float64(n)
		}),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "hookline_parked_total", Help: "Deliveries that this process sent to wait at their endpoint's gate.",
		}, func() float64 { return float64(a.Delivered.Parked()) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "hookline_released_total", Help: "Deliveries that this process let through their endpoint's gate.",
		}, func() float64 { return float64(a.Delivered.Released()) }),
	)
	for name, lane := range map[string]string{"fast": queue.Lane, "bulk": queue.Bulk, "slow": queue.Slow} {
		f.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "hookline_requests_under_way", Help: "Requests to endpoints under way in this process.", ConstLabels: prometheus.Labels{"lane": name},
		}, func() float64 { return float64(a.Delivered.UnderWay(lane)) }))
	}
}

func (f *figures) committed(events []event.Event) { f.events.Add(float64(len(events))) }

func (f *figures) attempted(o delivery.Observation) {
	f.attempts.WithLabelValues(string(o.Attempt.Status), string(o.Delivery.Status)).Inc()
	f.took.Observe(o.Attempt.FinishedAt.Sub(o.Attempt.StartedAt.Time).Seconds())
}

func (f *figures) answered(method, path string, status int, took time.Duration) {
	f.requests.WithLabelValues(method, path, strconv.Itoa(status)).Observe(took.Seconds())
}

func (f *figures) refused(k ratelimit.Kind) { f.limited.WithLabelValues(string(k)).Inc() }

func (f *figures) handler() http.Handler {
	return promhttp.HandlerFor(f.registry, promhttp.HandlerOpts{})
}
