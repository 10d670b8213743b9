package deliverylog_test

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/deliverylog"
	"github.com/hookline/hookline/internal/principal"
)

// connection is the server's side of a stream. A full one blocks writes until its deadline.
type connection struct {
	header http.Header
	full   bool

	mu       sync.Mutex
	sent     bytes.Buffer
	deadline time.Time
	moved    chan struct{} // closed and replaced when the deadline changes
}

// Header implements http.ResponseWriter.
func (c *connection) Header() http.Header { return c.header }

// WriteHeader implements http.ResponseWriter.
func (c *connection) WriteHeader(int) {}

// FlushError is called by http.ResponseController.
func (c *connection) FlushError() error { return nil }

// SetWriteDeadline is called by http.ResponseController.
func (c *connection) SetWriteDeadline(at time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = at
	close(c.moved)
	c.moved = make(chan struct{})
	return nil
}

// Write implements http.ResponseWriter.
func (c *connection) Write(p []byte) (int, error) {
	for c.full {
		c.mu.Lock()
		late, moved := time.After(time.Until(c.deadline)), c.moved
		c.mu.Unlock()
		select {
		case <-late:
			return 0, os.ErrDeadlineExceeded
		case <-moved:
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sent.Write(p)
}

// TestTheEndOfStreamsWaitsForNoTimer measures with a clock that moves only when all goroutines are blocked, so the
// result does not depend on the machine.
func TestTheEndOfStreamsWaitsForNoTimer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		full bool
		want time.Duration
	}{
		"viewers who read":        {false, 0},
		"viewers who do not read": {true, 200 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub := deliverylog.NewHub(&log{}, atNoon, nil)
				streams := deliverylog.NewAPI(nil, hub)
				ctx, stop := context.WithCancel(principal.With(t.Context(), principal.Principal{Scope: scope}))
				defer stop()
				var ended sync.WaitGroup
				connections := make([]*connection, 200)
				for i := range connections {
					connections[i] = &connection{header: http.Header{}, full: c.full, moved: make(chan struct{})}
					stream, err := streams.StreamDeliveries(ctx, api.StreamDeliveriesRequestObject{})
					if err != nil {
						t.Fatal(err)
					}
					ended.Go(func() {
						if err := stream.VisitStreamDeliveriesResponse(connections[i]); err != nil {
							t.Error(err)
						}
					})
				}
				synctest.Wait() // until all goroutines are blocked
				begun := time.Now()
				closeHub := func() { _ = hub.Stop(context.Background()) }
				defer time.AfterFunc(time.Minute, closeHub).Stop() // which ends those that the stop did not
				stop()
				ended.Wait()
				if took := time.Since(begun); took != c.want {
					t.Errorf("they ended after %s instead of %s", took, c.want)
				}
				for _, v := range connections {
					if got := v.sent.String(); !c.full && (!strings.Contains(got, "event: ready") ||
						!strings.Contains(got, `"shutdown"`)) {
						t.Fatalf("a viewer got %s, want ready and shutdown", got)
					}
				}
				closeHub()
				if n := hub.Viewers(); n != 0 {
					t.Errorf("viewers: got %d, want 0", n)
				}
			})
		})
	}
}
