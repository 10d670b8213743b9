package endpoint

import (
	"math"
	"time"

	"github.com/hookline/hookline/internal/db"
)

// Circuit says whether an endpoint is tried at all.
type Circuit string

// The states of a circuit: requests go through, none does, or one does to find out.
const (
	Closed   Circuit = "closed"
	Open     Circuit = "open"
	HalfOpen Circuit = "half_open"
)

// Gate holds an endpoint to as many deliveries at a time as it can take. Most endpoints have none: GatedAt is zero, and
// the rest means nothing. internal/delivery decides about it; owners see it.
type Gate struct {
	GatedAt         db.Time
	GateWindow      float64 // deliveries that may be released and not finished
	GateThreshold   float64 // below it the window grows fast
	Circuit         Circuit
	CircuitOpenedAt db.Time // since when it is not closed
	CircuitUntil    db.Time // when an open circuit lets a probe through
	CircuitTrips    int     // how often it opened without closing in between
	HoldUntil       db.Time // the endpoint asked for no request before
	SlotAt          db.Time // when its rate limit has room for the next request
	PumpAt          db.Time // when somebody has to look; zero while nothing waits
}

// What a gate begins with, and how far it opens.
const (
	FirstWindow    = 4
	FirstThreshold = 32
	MaxWindow      = 64
)

// Gated says whether the endpoint has a gate.
func (g Gate) Gated() bool { return !g.GatedAt.IsZero() }

// Shut gives an endpoint without a gate one that begins small; a gate that is there stays as it is.
func (g Gate) Shut(now time.Time) Gate {
	if g.Gated() {
		return g
	}
	at := db.At(now)
	return Gate{GatedAt: at, GateWindow: FirstWindow, GateThreshold: FirstThreshold, Circuit: Closed, SlotAt: g.SlotAt,
		PumpAt: at}
}

// limited is the gate of an endpoint whose owner set or removed a rate limit: a limit needs a gate, which begins wide
// open, and without one the gate may go as soon as nothing waits at it.
func (g Gate) limited(rate *int, now time.Time) Gate {
	if rate != nil && !g.Gated() {
		g = g.Shut(now)
		g.GateWindow, g.GateThreshold = MaxWindow, MaxWindow
	}
	if g.Gated() {
		g.PumpAt = db.At(now)
	}
	return g
}

// again is the gate of an endpoint whose owner says that it takes events again: an open circuit is probed at once, and
// what the endpoint asked for before is over.
func (g Gate) again(now time.Time) Gate {
	if !g.Gated() {
		return g
	}
	if g.Circuit == Open {
		g.CircuitUntil = db.At(now)
	}
	g.HoldUntil, g.PumpAt = db.Time{}, db.At(now)
	return g
}

// Window is how many deliveries may be under way, as owners see it.
func (g Gate) Window() int { return int(math.Floor(g.GateWindow)) }

// Columns is the gate as GORM's Updates takes it.
func (g Gate) Columns() map[string]any {
	return map[string]any{
		"gated_at": g.GatedAt, "gate_window": g.GateWindow, "gate_threshold": g.GateThreshold, "circuit": g.Circuit,
		"circuit_opened_at": g.CircuitOpenedAt, "circuit_until": g.CircuitUntil, "circuit_trips": g.CircuitTrips,
		"hold_until": g.HoldUntil, "slot_at": g.SlotAt, "pump_at": g.PumpAt,
	}
}
