package app

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
)

// queried is a gauge whose value is read from the database at each scrape. While it can't be read, the gauge is absent:
// 0 would say that all is well.
type queried struct {
	desc *prometheus.Desc
	read func(ctx context.Context) (float64, error)
}

func newQueried(name, help string, read func(ctx context.Context) (float64, error)) queried {
	return queried{prometheus.NewDesc(name, help, nil, nil), read}
}

// Describe implements prometheus.Collector.
func (q queried) Describe(out chan<- *prometheus.Desc) { out <- q.desc }

// Collect implements prometheus.Collector.
func (q queried) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), queryLimit)
	defer cancel()
	if value, err := q.read(ctx); err == nil {
		out <- prometheus.MustNewConstMetric(q.desc, prometheus.GaugeValue, value)
	}
}
