package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/hookline/hookline/internal/db"
)

// Replica exposes how far the read replica is behind, and who answered what may be stale.
func Replica(r *db.Replica) prometheus.Collector {
	return replica{r,
		desc("read_replica_lag_seconds", "How long ago the read replica had every commit; absent while it is away."),
		desc("stale_reads_total", "Requests for lists and statistics, by the database that answered: replica, or primary "+
			"when the replica was away or too far behind.", "database")}
}

type replica struct {
	*db.Replica

	lag, reads *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (r replica) Describe(out chan<- *prometheus.Desc) {
	out <- r.lag
	out <- r.reads
}

// Collect implements prometheus.Collector.
func (r replica) Collect(out chan<- prometheus.Metric) {
	if lag, known := r.Lag(); known {
		out <- prometheus.MustNewConstMetric(r.lag, prometheus.GaugeValue, lag.Seconds())
	}
	fromReplica, fromPrimary := r.Reads()
	out <- prometheus.MustNewConstMetric(r.reads, prometheus.CounterValue, float64(fromReplica), "replica")
	out <- prometheus.MustNewConstMetric(r.reads, prometheus.CounterValue, float64(fromPrimary), "primary")
}
