package metrics

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/retention"
	"github.com/hookline/hookline/internal/tracing"
)

// queryLimit limits what a scrape asks the database or Redis.
const queryLimit = 2 * time.Second

// reader is a set of gauges whose values are read from the database or Redis at each scrape. While they can't be read
// they are absent: 0 would say that all is well.
type reader struct {
	descs []*prometheus.Desc
	read  func(ctx context.Context, set setter)
}

// setter sets a gauge; labels are the values of its labels in their order.
type setter func(d *prometheus.Desc, value float64, labels ...string)

// Describe implements prometheus.Collector.
func (r reader) Describe(out chan<- *prometheus.Desc) {
	for _, d := range r.descs {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (r reader) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), queryLimit)
	defer cancel()
	r.read(ctx, func(d *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	})
}

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("hookline_"+name, help, labels, nil)
}

// single is a reader of one gauge.
func single(name, help string, read func(ctx context.Context) (float64, error)) reader {
	d := desc(name, help)
	return reader{[]*prometheus.Desc{d}, func(ctx context.Context, set setter) {
		if value, err := read(ctx); err == nil {
			set(d, value)
		}
	}}
}

// since reads the seconds since a moment; 0 for one that is yet to come, and for none.
func since(moment func(context.Context) (time.Time, error)) func(context.Context) (float64, error) {
	return func(ctx context.Context) (float64, error) {
		at, err := moment(ctx)
		if err != nil || at.IsZero() {
			return 0, err
		}
		return max(0, time.Since(at).Seconds()), nil
	}
}

// Deliveries expose what is late, throttled, deferred, admitted and in flight. Deferred deliveries are not counted in
// the database: they may be very many.
func Deliveries(s *delivery.Store) []prometheus.Collector {
	total := func(name, help string, read func() uint64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "hookline_" + name, Help: help},
			func() float64 { return float64(read()) })
	}
	out := []prometheus.Collector{
		single("oldest_overdue_delivery_seconds",
			"How long the most overdue delivery has been due without being processed; 0 when none is overdue, absent "+
				"while the database does not respond.",
			since(s.OldestWaiting)),
		single("throttled_endpoints",
			"Endpoints that get a few deliveries at a time because they are slow, failing or rate limited; absent "+
				"while the database does not respond.",
			func(ctx context.Context) (float64, error) {
				n, err := s.ThrottledEndpoints(ctx)
				return float64(n), err
			}),
		total("deferred_deliveries_total",
			"Deliveries that this process deferred because their endpoint is throttled.", s.Deferred),
		total("admitted_deliveries_total", "Deferred deliveries that this process admitted to the queue.", s.Admitted),
		total("reconciled_deliveries_total",
			"Deliveries that the queue did not run in time and this process made due: after a crash, or when Redis lost "+
				"its data.", s.Reconciled),
		total("delivery_internal_errors_total",
			"Requests to endpoints that this process could not make because of an error that is Hookline's own. They are "+
				"no attempts, and tried again.", s.InternalErrors),
	}
	for _, name := range []string{queue.Fast, queue.Bulk, queue.Slow} {
		out = append(out, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name:        "hookline_delivery_requests_in_flight",
			Help:        "Requests to endpoints that this process has in flight.",
			ConstLabels: prometheus.Labels{"queue": name},
		}, func() float64 { return float64(s.InFlight(name)) }))
	}
	return out
}

// Dependencies expose whether the process is ready and what it depends on answers. The check writes to the database, as
// that of /readyz does.
func Dependencies(p Probes) prometheus.Collector {
	ready := desc("ready", "1 while the process answers /readyz with 200, else 0.")
	up := desc("dependency_up", "1 while the dependency answers, else 0: database, which must take writes, and redis.",
		"dependency")
	return reader{[]*prometheus.Desc{ready, up}, func(ctx context.Context, set setter) {
		h := p.Ready(ctx)
		set(ready, flag(h.Status == OK))
		for _, name := range []string{"database", "redis"} {
			set(up, flag(h.Checks[name] == OK), name)
		}
	}}
}

// Reconciler exposes how far the reconciler is behind, over all processes.
func Reconciler(events *event.Store) prometheus.Collector {
	return single("reconciler_lag_seconds",
		"Age of the oldest event that the reconciler has not looked at: some ten seconds while events are committed, 0 "+
			"when there is none, absent while the database does not respond.", since(events.OldestUnwalked))
}

// Queues expose Asynq's queues as Redis has them, so that every process reports the same; absent while Redis does not
// respond.
func Queues(q *queue.Queue) prometheus.Collector {
	latency := desc("queue_latency_seconds", "How long the oldest task that waits for a worker has waited.", "queue")
	tasks := desc("queue_tasks", "Tasks by state: pending, active, scheduled, retry or archived.", "queue", "state")
	paused := desc("queue_paused", "1 while an operator has paused the queue, else 0.", "queue")
	servers := desc("queue_servers", "Servers that take tasks from the queue, over all worker processes.", "queue")
	return reader{[]*prometheus.Desc{latency, tasks, paused, servers},
		func(ctx context.Context, set setter) {
			if q.Alive(ctx) != nil { // Asynq's inspector has no context
				return
			}
			queues, err := q.Queues()
			if err != nil {
				return
			}
			serving, err := q.Servers()
			if err != nil {
				return
			}
			for name, n := range serving {
				set(servers, float64(n), name)
			}
			for _, i := range queues {
				set(latency, max(0, i.Latency.Seconds()), i.Name)
				for state, n := range map[string]int{"pending": i.Pending, "active": i.Active, "scheduled": i.Scheduled,
					"retry": i.Retry, "archived": i.Archived} {
					set(tasks, float64(n), i.Name, state)
				}
				set(paused, flag(i.Paused), i.Name)
			}
		}}
}

func flag(on bool) float64 {
	if on {
		return 1
	}
	return 0
}

// Fallback exposes whether the process counts rate limits alone.
func Fallback(alone func() bool) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "hookline_rate_limit_fallback",
		Help: "1 while this process counts rate limits in its own memory because Redis does not respond, else 0.",
	}, func() float64 { return flag(alone()) })
}

// Traces exposes what became of the spans of this process.
func Traces(t *tracing.Tracer) prometheus.Collector {
	spans := desc("trace_spans_total", "Sampled spans by what became of them: exported to the collector, failed because "+
		"it did not take them, or dropped because too many waited.", "result")
	return counterReader{spans, func() map[string]uint64 {
		exported, failed, dropped := t.Spans()
		return map[string]uint64{"exported": exported, "failed": failed, "dropped": dropped}
	}}
}

// counterReader is a counter whose values are kept elsewhere.
type counterReader struct {
	desc *prometheus.Desc
	read func() map[string]uint64 // by the value of the label
}

// Describe implements prometheus.Collector.
func (r counterReader) Describe(out chan<- *prometheus.Desc) { out <- r.desc }

// Collect implements prometheus.Collector.
func (r counterReader) Collect(out chan<- prometheus.Metric) {
	for label, n := range r.read() {
		out <- prometheus.MustNewConstMetric(r.desc, prometheus.CounterValue, float64(n), label)
	}
}

// errUnknown leaves out a gauge whose value is not known.
var errUnknown = errors.New("metrics: not known")

// Replica exposes what the read replica does, how far it is behind, and who answered what may be stale.
func Replica(r *db.Replica) []prometheus.Collector {
	reads := desc("stale_reads_total", "Requests for lists and statistics, by the database that answered: replica, or "+
		"primary when the replica was away or too far behind.", "database")
	state := desc("read_replica_state", "1 for what the read replica does at present, else 0: serves, behind (too far), "+
		"away, refuses (the user, the password or the database), no_standby.", "state")
	return []prometheus.Collector{
		stateReader{state, r.State},
		single("read_replica_lag_seconds", "How long ago the read replica had every commit; absent while it is away.",
			func(context.Context) (float64, error) {
				lag, known := r.Lag()
				if !known {
					return 0, errUnknown
				}
				return lag.Seconds(), nil
			}),
		counterReader{reads, func() map[string]uint64 {
			replica, primary := r.Reads()
			return map[string]uint64{"replica": uint64(replica), "primary": uint64(primary)}
		}},
	}
}

// stateReader exposes which state of several is the present one.
type stateReader struct {
	desc *prometheus.Desc
	read func() db.ReplicaState
}

// Describe implements prometheus.Collector.
func (r stateReader) Describe(out chan<- *prometheus.Desc) { out <- r.desc }

// Collect implements prometheus.Collector.
func (r stateReader) Collect(out chan<- prometheus.Metric) {
	present := r.read()
	for _, state := range db.ReplicaStates {
		value := 0.0
		if state == present {
			value = 1
		}
		out <- prometheus.MustNewConstMetric(r.desc, prometheus.GaugeValue, value, string(state))
	}
}

// Database exposes the connection pool of the database, in the names of Prometheus's own collector for Go: go_sql_….
func Database(d *db.DB) (prometheus.Collector, error) {
	pool, err := d.Pool()
	if err != nil {
		return nil, err
	}
	return collectors.NewDBStatsCollector(pool, "hookline"), nil
}

// Retention exposes the age of the oldest row of each kind with a retention. Rows that are older than their retention
// are not being deleted.
func Retention(d *db.DB) prometheus.Collector {
	age := desc("oldest_row_age_seconds",
		"Age of the oldest row, by kind: deliveries, attempts or events. Absent when there is none.", "kind")
	return reader{[]*prometheus.Desc{age}, func(ctx context.Context, set setter) {
		t, err := retention.Oldest(ctx, d)
		if err != nil {
			return
		}
		for kind, at := range map[string]time.Time{"deliveries": t.Deliveries, "attempts": t.Attempts,
			"events": t.Events} {
			if !at.IsZero() {
				set(age, max(0, time.Since(at).Seconds()), kind)
			}
		}
	}}
}
