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
	"github.com/hookline/hookline/internal/egress"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/ratelimit"
)

// metrics are exposed at /metrics. No label has a tenant or an id: their number is unlimited.
type metrics struct {
	registry *prometheus.Registry
	events   prometheus.Counter
	attempts *prometheus.CounterVec
	attempt  prometheus.Histogram
	requests *prometheus.HistogramVec
	limited  *prometheus.CounterVec
	proxy    *prometheus.CounterVec
}

func newMetrics(a *App) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		events: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "hookline_events_total", Help: "Events committed by this process.",
		}),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hookline_delivery_attempts_total",
			Help: "Delivery attempts recorded by this process, by their outcome and the status of the " +
				"delivery after it.",
		}, []string{"outcome", "delivery_status"}),
		attempt: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "hookline_delivery_attempt_duration_seconds",
			Help:    "Duration of delivery attempts, until the response was read.",
			Buckets: prometheus.ExponentialBuckets(0.002, 2.5, 11),
		}),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "hookline_http_request_duration_seconds", Help: "Duration of requests to the API.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2.5, 10),
		}, []string{"method", "path", "status"}),
		limited: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hookline_rate_limited_requests_total",
			Help: "Requests rejected with 429, by the subject of the limit: key, operator or address.",
		}, []string{"subject"}),
		proxy: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hookline_egress_proxy_connects_total",
			Help: "Connections that this process asked the egress proxy for: opened, refused (the proxy does not " +
				"permit the host), unreachable (the proxy does not reach the host), failed (the proxy itself).",
		}, []string{"outcome"}),
	}
	fallback := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "hookline_rate_limit_fallback",
		Help: "1 while this process counts rate limits in its own memory because Redis does not respond, else 0.",
	}, func() float64 {
		if a.limiter != nil && a.limiter.Alone() {
			return 1
		}
		return 0
	})
	m.registry.MustRegister(m.events, m.attempts, m.attempt, m.requests, m.limited, m.proxy, fallback,
		newOldestRows(a),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.registry.MustRegister(deliveryMetrics(a)...)
	if a.config.EgressProxy != "" {
		for _, o := range []egress.Outcome{egress.Opened, egress.Refused, egress.Unreachable, egress.Failed} {
			m.proxy.WithLabelValues(string(o)) // from 0 on, so that a rate knows the first one
		}
	}
	return m
}

// queryLimit limits a query of a scrape.
const queryLimit = 2 * time.Second

// deliveryMetrics expose the delay of deliveries, the throttled endpoints, and deferred, admitted and in-flight
// requests. Deferred deliveries are not counted in the database: they may be very many.
func deliveryMetrics(a *App) []prometheus.Collector {
	out := []prometheus.Collector{
		newQueried("hookline_oldest_overdue_delivery_seconds",
			"How long the most overdue delivery has been due without being processed; 0 when none is overdue, absent "+
				"while the database does not respond.",
			func(ctx context.Context) (float64, error) {
				deadline, err := a.Delivered.OldestWaiting(ctx)
				if err != nil || deadline.IsZero() {
					return 0, err
				}
				return max(0, time.Since(deadline).Seconds()), nil
			}),
		newQueried("hookline_throttled_endpoints",
			"Endpoints that get a few deliveries at a time because they are slow, failing or rate limited; absent "+
				"while the database does not respond.",
			func(ctx context.Context) (float64, error) {
				n, err := a.Delivered.ThrottledEndpoints(ctx)
				return float64(n), err
			}),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "hookline_deferred_deliveries_total",
			Help: "Deliveries that this process deferred because their endpoint is throttled.",
		}, func() float64 { return float64(a.Delivered.Deferred()) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "hookline_admitted_deliveries_total",
			Help: "Deferred deliveries that this process admitted to the queue.",
		}, func() float64 { return float64(a.Delivered.Admitted()) }),
	}
	for label, name := range map[string]string{"fast": queue.Fast, "bulk": queue.Bulk, "slow": queue.Slow} {
		out = append(out, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name:        "hookline_delivery_requests_in_flight",
			Help:        "Requests to endpoints that this process has in flight.",
			ConstLabels: prometheus.Labels{"queue": label},
		}, func() float64 { return float64(a.Delivered.InFlight(name)) }))
	}
	return out
}

func (m *metrics) committed(events []event.Event) { m.events.Add(float64(len(events))) }

func (m *metrics) attempted(o delivery.Observation) {
	m.attempts.WithLabelValues(string(o.Attempt.Status), string(o.Delivery.Status)).Inc()
	m.attempt.Observe(o.Attempt.FinishedAt.Sub(o.Attempt.StartedAt.Time).Seconds())
}

func (m *metrics) connected(o egress.Outcome) { m.proxy.WithLabelValues(string(o)).Inc() }

func (m *metrics) answered(method, path string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, path, strconv.Itoa(status)).Observe(took.Seconds())
}

func (m *metrics) refused(k ratelimit.Kind) { m.limited.WithLabelValues(string(k)).Inc() }

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
