package metrics

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Health is what the probes answer.
type Health struct {
	Status  string            `json:"status"` // ok or failing
	Version string            `json:"version"`
	Checks  map[string]string `json:"checks"` // of /readyz: database and redis, ok or failing; process, stopping
}

// The values of Health.Status and Health.Checks.
const (
	OK      = "ok"
	Failing = "failing"
)

// probeLimit limits each check of /readyz.
const probeLimit = 2 * time.Second

// Probes say how the process is.
type Probes struct {
	Version string
	// Database fails when the database can't be written, Redis when it does not respond.
	Database, Redis func(context.Context) error
	// Stopping says that the process has been asked to stop.
	Stopping func() bool
}

// Ready checks the dependencies. The process is ready while the database can be written, until it stops. A Redis that
// is away is shown but does not make the process unready, since no accepted event depends on it.
func (p Probes) Ready(ctx context.Context) Health {
	h := Health{Version: p.Version, Checks: map[string]string{}}
	database, redis := state(ctx, p.Database), state(ctx, p.Redis)
	h.Checks["database"], h.Checks["redis"] = <-database, <-redis
	h.Status = h.Checks["database"]
	if p.Stopping() {
		h.Status, h.Checks["process"] = Failing, "stopping"
	}
	return h
}

// state runs a check beside others, with a limit of its own: a dependency that hangs must not make the others look as
// if they failed.
func state(ctx context.Context, check func(context.Context) error) <-chan string {
	out := make(chan string, 1)
	go func() {
		ctx, cancel := context.WithTimeout(ctx, probeLimit)
		defer cancel()
		if check(ctx) != nil {
			out <- Failing
			return
		}
		out <- OK
	}()
	return out
}

// Server serves /metrics, /healthz and /readyz at HOOKLINE_METRICS_ADDR. The address is for the operator's network
// alone: nothing there needs a credential.
type Server struct {
	http     *http.Server
	listener func() net.Listener
}

// NewServer makes a Server. listener is asked at the start for the open listener; with nil the server does nothing.
func NewServer(listener func() net.Listener, m *Metrics, p Probes) *Server {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.Handler())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, Health{Status: OK, Version: p.Version, Checks: map[string]string{}})
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) { answer(w, p.Ready(r.Context())) })
	return &Server{listener: listener, http: &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 16 << 10}}
}

func answer(w http.ResponseWriter, h Health) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if h.Status != OK {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(h) // a probe that went away
}

// Start serves until Stop.
func (s *Server) Start(context.Context) error {
	l := s.listener()
	if l == nil {
		return nil
	}
	go func() {
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			slog.Error("metrics and probes are not served any more", "error", err)
		}
	}()
	return nil
}

// Stop lets requests under way finish until ctx ends.
func (s *Server) Stop(ctx context.Context) error { return s.http.Shutdown(ctx) }
