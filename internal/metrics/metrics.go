// Package metrics has the process's Prometheus metrics, and the address of its own at which a process serves them and
// its probes.
//
// No label has a tenant or an id: their number is unlimited. Histograms are native and classic at once, and carry
// exemplars with the ids of sampled traces.
package metrics

import (
	"net/http"
	"runtime"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"

	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/egress"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/tracing"
)

// Metrics are what a process counts itself. What it reads from the database and the queue when it is asked, Register
// adds.
type Metrics struct {
	registry   *prometheus.Registry
	scraped    *prometheus.Registry // what is read elsewhere at each scrape and no page shows
	events     prometheus.Counter
	deliveries *prometheus.CounterVec
	attempts   *prometheus.CounterVec
	failures   *prometheus.CounterVec
	attempt    prometheus.Histogram
	delivered  *prometheus.HistogramVec
	requests   *prometheus.HistogramVec
	limited    *prometheus.CounterVec
	proxy      *prometheus.CounterVec
	redis      prometheus.Histogram
	redisFault prometheus.Counter
}

// New makes the metrics of a process of this version.
func New(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(), scraped: prometheus.NewRegistry(),
		events: counter("events_total", "Events committed by this process."),
		deliveries: counters("deliveries_total",
			"Deliveries that ended in this process, by their status: succeeded, dead or cancelled.", "status"),
		attempts: counters("delivery_attempts_total",
			"Delivery attempts recorded by this process, by their outcome and the status of the delivery after them.",
			"outcome", "delivery_status"),
		failures: counters("delivery_attempt_failures_total",
			"Failed delivery attempts, by their cause: a class of HTTP statuses, such as 5xx, or a code, such as "+
				"timeout.", "cause"),
		attempt: prometheus.NewHistogram(histogram("delivery_attempt_duration_seconds",
			"Duration of delivery attempts, until the response was read.")),
		delivered: prometheus.NewHistogramVec(histogram("time_to_delivery_seconds",
			"Time from the commit of an event to the end of the attempt that delivered it, by which attempt that was: "+
				"first or later."), []string{"attempt"}),
		requests: prometheus.NewHistogramVec(histogram("http_request_duration_seconds",
			"Duration of requests to the API."), []string{"method", "path", "status"}),
		limited: counters("rate_limited_requests_total",
			"Requests rejected with 429, by the subject of the limit: key, tenant, operator or address.", "subject"),
		proxy: counters("egress_proxy_connects_total",
			"Connections that this process asked the egress proxy for: opened, refused (the proxy does not permit the "+
				"host), unreachable (the proxy does not reach the host), failed (the proxy itself).", "outcome"),
		redis: prometheus.NewHistogram(histogram("redis_command_duration_seconds",
			"Round trips to Redis of the queue's commands and pipelines, failed ones included.")),
		redisFault: counter("redis_errors_total", "Commands and pipelines of the queue that Redis did not answer."),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "hookline_build_info",
		Help:        "1; the labels say which build runs.",
		ConstLabels: prometheus.Labels{"version": version, "go_version": runtime.Version()}})
	build.Set(1)
	m.Register(m.events, m.deliveries, m.attempts, m.failures, m.attempt, m.delivered, m.requests, m.limited, m.proxy,
		m.redis, m.redisFault, build, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, s := range []delivery.Status{delivery.Succeeded, delivery.Dead, delivery.Cancelled} {
		m.deliveries.WithLabelValues(string(s)) // a rate needs the 0 before the first
	}
	return m
}

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Name: "hookline_" + name, Help: help})
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "hookline_" + name, Help: help}, labels)
}

// histogram describes a histogram of seconds from a millisecond to two minutes: classic buckets, and native ones, a
// tenth apart, for servers that ask for them.
func histogram(name, help string) prometheus.HistogramOpts {
	return prometheus.HistogramOpts{Name: "hookline_" + name, Help: help,
		Buckets:                         prometheus.ExponentialBuckets(0.001, 2.5, 14),
		NativeHistogramBucketFactor:     1.1,
		NativeHistogramMaxBucketNumber:  100,
		NativeHistogramMinResetDuration: time.Hour,
	}
}

// Register adds collectors. It panics when two have the same name, which is a mistake in the program.
func (m *Metrics) Register(c ...prometheus.Collector) { m.registry.MustRegister(c...) }

// RegisterScraped adds collectors that only Handler collects, and Sums does not.
func (m *Metrics) RegisterScraped(c ...prometheus.Collector) { m.scraped.MustRegister(c...) }

// Committed counts events after their commit.
func (m *Metrics) Committed(events []event.Event) { m.events.Add(float64(len(events))) }

// Attempted counts a recorded attempt.
func (m *Metrics) Attempted(o delivery.Observation) {
	m.attempts.WithLabelValues(string(o.Attempt.Status), string(o.Delivery.Status)).Inc()
	observe(m.attempt, o.Attempt.FinishedAt.Sub(o.Attempt.StartedAt.Time), o.TraceID)
	if o.Attempt.Status == delivery.AttemptFailed {
		m.failures.WithLabelValues(causeOf(o.Attempt)).Inc()
	}
	if o.Delivery.Status == delivery.Succeeded {
		which := "later"
		if o.Attempt.Number == 1 {
			which = "first"
		}
		took := o.Attempt.FinishedAt.Sub(o.Delivery.CreatedAt.Time)
		observe(m.delivered.WithLabelValues(which), max(0, took), o.TraceID)
	}
	m.Ended(o.Delivery.Status)
}

// Ended counts a delivery whose status is final, and no other.
func (m *Metrics) Ended(s delivery.Status) {
	if s.Final() {
		m.deliveries.WithLabelValues(string(s)).Inc()
	}
}

// causeOf names why an attempt failed, with as many values as there are codes and classes of statuses.
func causeOf(a delivery.Attempt) string {
	switch {
	case a.ErrorCode != "":
		return a.ErrorCode
	case a.ResponseStatus != nil:
		return strconv.Itoa(*a.ResponseStatus/100) + "xx"
	}
	return "unknown"
}

// Answered counts a request to the API. path is the route, not what the caller asked for; traceID is empty when the
// request is not sampled.
func (m *Metrics) Answered(method, path string, status int, took time.Duration, traceID string) {
	observe(m.requests.WithLabelValues(method, path, strconv.Itoa(status)), took, traceID)
}

// observe adds a duration, with the id of the sampled trace that it was measured in as exemplar.
func observe(h prometheus.Observer, took time.Duration, traceID string) {
	if e, ok := h.(prometheus.ExemplarObserver); ok && traceID != "" {
		e.ObserveWithExemplar(took.Seconds(), prometheus.Labels{tracing.LogKey: traceID})
		return
	}
	h.Observe(took.Seconds())
}

// Limited counts a request that a rate limit rejected.
func (m *Metrics) Limited(k ratelimit.Kind) { m.limited.WithLabelValues(string(k)).Inc() }

// Connected counts what became of a connection that the egress proxy was asked for.
func (m *Metrics) Connected(o egress.Outcome) { m.proxy.WithLabelValues(string(o)).Inc() }

// ProxyUsed begins the counts of the egress proxy at 0, so that a rate knows the first.
func (m *Metrics) ProxyUsed() {
	for _, o := range []egress.Outcome{egress.Opened, egress.Refused, egress.Unreachable, egress.Failed} {
		m.proxy.WithLabelValues(string(o))
	}
}

// Handler answers with all metrics, in the format that the server asks for.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(prometheus.Gatherers{m.registry, m.scraped},
		promhttp.HandlerOpts{EnableOpenMetrics: true})
}

// Sums are the metrics of this process by name, without those of RegisterScraped, added up over their labels; of
// histograms the number of observations, with _count at the end of the name.
func (m *Metrics) Sums() (map[string]float64, error) {
	families, err := m.registry.Gather()
	out := map[string]float64{}
	for _, f := range families {
		for _, s := range f.GetMetric() {
			switch f.GetType() {
			case dto.MetricType_COUNTER:
				out[f.GetName()] += s.GetCounter().GetValue()
			case dto.MetricType_GAUGE:
				out[f.GetName()] += s.GetGauge().GetValue()
			case dto.MetricType_HISTOGRAM:
				out[f.GetName()+"_count"] += float64(s.GetHistogram().GetSampleCount())
			}
		}
	}
	return out, err
}
