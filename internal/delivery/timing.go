package delivery

import (
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/egress"
	"github.com/hookline/hookline/internal/wire"
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

// timed keeps the timings, unless nothing was tried.
func (a *Attempt) timed(t egress.Timings) {
	if t.Total == 0 {
		return
	}
	a.Timings.V = &Timings{
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

func (t *Timings) toWire() api.AttemptTimings {
	if t == nil {
		t = &Timings{}
	}
	w := api.AttemptTimings{
		DNSMs: wire.Null(t.DNS), ConnectMs: wire.Null(t.Connect), TLSMs: wire.Null(t.TLS), WaitMs: wire.Null(t.Wait),
		Reused: t.Reused, HTTPVersion: wire.Null(wire.Text(t.HTTPVersion)), TotalMs: wire.Null[float64](nil),
	}
	if t.Total > 0 {
		w.TotalMs = wire.Null(&t.Total)
	}
	return w
}
