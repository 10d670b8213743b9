package metrics_test

import (
	"context"
	"errors"
	"testing"

	"github.com/hookline/hookline/internal/metrics"
)

// TestADependencyThatHangsIsTheOnlyOneBlamed has one check that hangs until its context ends, as that of a stopped
// server does, and another that answers if it still has time.
func TestADependencyThatHangsIsTheOnlyOneBlamed(t *testing.T) {
	t.Parallel()
	hangs := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	healthy := func(ctx context.Context) error { return ctx.Err() }
	absent := func(context.Context) error { return errors.New("no connection") }
	for _, c := range []struct {
		what                            string
		database, redis                 func(context.Context) error
		status, wantDatabase, wantRedis string
	}{
		{"all answer", healthy, healthy, "ok", "ok", "ok"},
		{"the database hangs", hangs, healthy, "failing", "failing", "ok"},
		{"Redis hangs", healthy, hangs, "ok", "ok", "failing"},
		{"the database is absent", absent, healthy, "failing", "failing", "ok"},
		{"both hang", hangs, hangs, "failing", "failing", "failing"},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			p := metrics.Probes{Database: c.database, Redis: c.redis, Stopping: func() bool { return false }}
			h := p.Ready(t.Context())
			if h.Status != c.status || h.Checks["database"] != c.wantDatabase || h.Checks["redis"] != c.wantRedis {
				t.Errorf("got %s, database: %s, redis: %s, want %s, %s, %s", h.Status, h.Checks["database"],
					h.Checks["redis"], c.status, c.wantDatabase, c.wantRedis)
			}
		})
	}
}
