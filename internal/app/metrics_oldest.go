package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hookline/hookline/internal/retention"
)

// oldestRows exposes the age of the oldest row of each kind with a retention. Rows that are older than their retention
// are not being deleted.
type oldestRows struct {
	app *App
	age *prometheus.Desc
}

func newOldestRows(a *App) oldestRows {
	return oldestRows{a, prometheus.NewDesc("hookline_oldest_row_age_seconds",
		"Age of the oldest row, by kind: deliveries, attempts or events. Absent when there is none.", []string{"kind"},
		nil)}
}

// Describe implements prometheus.Collector.
func (o oldestRows) Describe(out chan<- *prometheus.Desc) { out <- o.age }

// Collect implements prometheus.Collector.
func (o oldestRows) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), queryLimit)
	defer cancel()
	report := func(kind string, at time.Time, err error) {
		if err == nil && !at.IsZero() {
			out <- prometheus.MustNewConstMetric(o.age, prometheus.GaugeValue, max(0, time.Since(at).Seconds()), kind)
		}
	}
	t, err := retention.Oldest(ctx, o.app.db)
	report("deliveries", t.Deliveries, err)
	report("attempts", t.Attempts, err)
	report("events", t.Events, err)
}
