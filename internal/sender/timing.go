package sender

import (
	"time"

	"github.com/hookline/hookline/internal/egress"
)

// Timings is where the time of an attempt went, as it is kept: in milliseconds, nil for a phase that did not take
// place.
type Timings struct {
	DNS         *float64 `json:"dns_ms,omitempty"`
	Connect     *float64 `json:"connect_ms,omitempty"`
	TLS         *float64 `json:"tls_ms,omitempty"`
	Wait        *float64 `json:"wait_ms,omitempty"`
	Total       float64  `json:"total_ms"`
	Reused      bool     `json:"reused,omitempty"`
	HTTPVersion string   `json:"http_version,omitempty"`
}

// TimingsOf returns the timings of a request as they are kept; nil when nothing was tried.
func TimingsOf(t egress.Timings) *Timings {
	if t.Total == 0 {
		return nil
	}
	return &Timings{
		DNS: milliseconds(t.DNS), Connect: milliseconds(t.Connect), TLS: milliseconds(t.TLS),
		Wait:  milliseconds(t.Wait),
		Total: *milliseconds(&t.Total), Reused: t.Reused, HTTPVersion: t.Protocol,
	}
}

// milliseconds keeps three digits after the point: what is finer than a microsecond is noise.
func milliseconds(d *time.Duration) *float64 {
	if d == nil {
		return nil
	}
	ms := float64(d.Microseconds()) / 1000
	return &ms
}
