package delivery

import (
	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/egress"
	"github.com/hookline/hookline/internal/sender"
	"github.com/hookline/hookline/internal/wire"
)

// timed keeps the timings, unless nothing was tried.
func (a *Attempt) timed(t egress.Timings) {
	if kept := sender.TimingsOf(t); kept != nil {
		a.Timings.V = kept
	}
}

func timingsToWire(t *sender.Timings) api.AttemptTimings {
	if t == nil {
		t = &sender.Timings{}
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
