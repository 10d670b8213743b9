package app

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// recorder keeps what happened to services, in order.
type recorder struct{ events []string }

// fake is a service of which a test says how it starts and stops.
type fake struct {
	name  string
	to    *recorder
	start func() error
	stop  func(ctx context.Context) error
}

func (f fake) Start(context.Context) error {
	f.to.events = append(f.to.events, "start "+f.name)
	if f.start != nil {
		return f.start()
	}
	return nil
}

func (f fake) Stop(ctx context.Context) error {
	event := "stop " + f.name
	if ctx.Err() != nil {
		event += " too late"
	}
	f.to.events = append(f.to.events, event)
	if f.stop != nil {
		return f.stop(ctx)
	}
	return nil
}

// program makes a lifecycle of a connection and the services.
func program(r *recorder, limit time.Duration, services ...fake) *lifecycle {
	l := &lifecycle{limit: limit}
	l.opened("connection", func() error {
		r.events = append(r.events, "close connection")
		return nil
	})
	for _, s := range services {
		s.to = r
		l.add(s.name, s)
	}
	return l
}

func (r *recorder) want(t *testing.T, events ...string) {
	t.Helper()
	if !slices.Equal(r.events, events) {
		t.Errorf("got  %q\nwant %q", r.events, events)
	}
}

func TestServicesStartInOrderAndStopInReverseOrder(t *testing.T) {
	t.Parallel()
	var r recorder
	broken := func(context.Context) error { return errors.New("broken") }
	l := program(&r, time.Minute, fake{name: "a"}, fake{name: "b", stop: broken})
	if err := l.start(t.Context()); err != nil {
		t.Fatalf("start: got %v, want nil", err)
	}
	l.stop()
	l.stop()
	r.want(t, "start a", "start b", "stop b", "stop a", "close connection")
}

func TestAServiceThatFailsToStartStopsThoseBeforeIt(t *testing.T) {
	t.Parallel()
	var r recorder
	broken := errors.New("broken")
	l := program(&r, time.Minute,
		fake{name: "a"}, fake{name: "b", start: func() error { return broken }}, fake{name: "c"})
	if err := l.start(t.Context()); !errors.Is(err, broken) || err.Error() != "starting b: broken" {
		t.Errorf("start returned %v, want one that wraps %v and names b", err, broken)
	}
	l.stop()
	r.want(t, "start a", "start b", "stop a", "close connection")
}

// TestAStopEndsInTimeWhateverHangs measures by a clock that moves only when nothing else can.
func TestAStopEndsInTimeWhateverHangs(t *testing.T) {
	t.Parallel()
	const limit = 40 * time.Second
	patient := func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}
	const allButReserve = limit - 2*time.Second
	for name, c := range map[string]struct {
		hang func(ctx context.Context, forever <-chan struct{}) error
		took time.Duration
	}{
		"returns when its context ends": {
			func(ctx context.Context, _ <-chan struct{}) error { return patient(ctx) }, allButReserve,
		},
		"does not heed its context": {
			func(_ context.Context, forever <-chan struct{}) error { <-forever; return nil }, allButReserve,
		},
		"takes long, but not too long": {
			func(context.Context, <-chan struct{}) error { <-time.After(limit / 2); return nil }, limit / 2,
		},
		"fails instead of stopping": {
			func(context.Context, <-chan struct{}) error { return errors.New("broken") }, 0,
		},
		"ends with its context, cleanly": {
			func(ctx context.Context, _ <-chan struct{}) error { <-ctx.Done(); return nil }, allButReserve,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var r recorder
				forever := make(chan struct{})
				hang := func(ctx context.Context) error { return c.hang(ctx, forever) }
				l := program(&r, limit, fake{name: "a"}, fake{name: "b"}, fake{name: "hangs", stop: hang})
				if err := l.start(t.Context()); err != nil {
					t.Fatalf("start: got %v, want nil", err)
				}
				began := time.Now()
				l.stop()
				if took := time.Since(began); took != c.took {
					t.Errorf("the stop took %s, want %s", took, c.took)
				}
				r.want(t, "start a", "start b", "start hangs", "stop hangs", "stop b", "stop a", "close connection")
				close(forever)
			})
		})
	}
	t.Run("all services", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var r recorder
			l := program(&r, limit,
				fake{name: "a", stop: patient}, fake{name: "b", stop: patient}, fake{name: "c", stop: patient})
			if err := l.start(t.Context()); err != nil {
				t.Fatalf("start: got %v, want nil", err)
			}
			began := time.Now()
			l.stop()
			if took := time.Since(began); took > limit {
				t.Errorf("the stop took %s, want at most %s", took, limit)
			}
			r.want(t, "start a", "start b", "start c", "stop c", "stop b", "stop a", "close connection")
		})
	})
}
