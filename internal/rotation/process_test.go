package rotation_test

import (
	"slices"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/job"
	"github.com/hookline/hookline/internal/rotation"
	"github.com/hookline/hookline/internal/secret"
	"github.com/hookline/hookline/internal/testkit/engine"
)

func TestRunningProcessesThatEncryptWithAnotherKeyAreKnown(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		d := engine.Database(t, e)
		a, b := secret.GenerateKey(), secret.GenerateKey()
		now := time.Now()
		start := func(command, keys string) *rotation.Heartbeat {
			t.Helper()
			h, err := rotation.NewHeartbeat(d, parse(t, keys), clock.System, command)
			if err == nil {
				err = h.Start(t.Context())
			}
			if err != nil {
				t.Fatal(err)
			}
			return h
		}
		stop := func(h *rotation.Heartbeat) {
			t.Helper()
			if err := h.Stop(t.Context()); err != nil {
				t.Errorf("stop: got %v, want nil", err)
			}
		}
		r := rotation.New(d, parse(t, b+","+a), job.NewStore(d, clock.System), audit.New(d, clock.System),
			func() time.Time { return now }, size)
		others := func(when string, want ...string) {
			t.Helper()
			found, err := r.Others(t.Context())
			var got []string
			for _, p := range found {
				got = append(got, p.Command+" "+p.SealsWith())
			}
			slices.Sort(got)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%s: got %v, %v, want %v", when, got, err, want)
			}
		}
		others("no process")
		old, both, fresh := start("serve", a), start("worker", a+","+b), start("worker", b+","+a)
		others("old key first in two", "serve "+keyOf(t, a), "worker "+keyOf(t, a))
		stop(old)
		others("one of them stopped", "worker "+keyOf(t, a))
		now = now.Add(rotation.Silence + 10*time.Second)
		others("the other one silent")
		stop(both)
		stop(fresh)
	})
}

func keyOf(t *testing.T, keys string) string { t.Helper(); return parse(t, keys).IDs()[0].String() }
