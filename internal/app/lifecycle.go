package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// service is a part of the program that runs from Start to Stop.
type service interface {
	// Start returns when the service runs. ctx limits the start alone: the service keeps running when it ends.
	Start(ctx context.Context) error
	// Stop completes running work and returns. When ctx ends first, it returns ctx's error soon.
	Stop(ctx context.Context) error
}

type named struct {
	name string
	service
}

// lifecycle starts services in order and stops them in reverse order, within one time limit.
type lifecycle struct {
	limit    time.Duration // for the whole stop
	services []named       // to start
	running  []named       // to stop, in the order in which they started
}

func (l *lifecycle) add(name string, s service) { l.services = append(l.services, named{name, s}) }

// opened registers an open connection: a service that only has to stop.
func (l *lifecycle) opened(name string, closeIt func() error) {
	l.running = append(l.running, named{name, connection(closeIt)})
}

// start starts the services. When one fails, everything that is running is stopped.
func (l *lifecycle) start(ctx context.Context) error {
	for _, s := range l.services {
		if err := s.Start(ctx); err != nil {
			l.stop()
			return fmt.Errorf("starting %s: %w", s.name, err)
		}
		l.running = append(l.running, s)
	}
	return nil
}

// reserve is the part of a stop that is kept for the services after one that uses up all the rest.
func reserve(limit time.Duration) time.Duration { return min(limit/10, 2*time.Second) }

// stop stops what is running, the last started first, and returns within the limit, even if a service hangs. All
// services share one context, which ends shortly before the limit. The service that is stopping then is abandoned, and
// those after it get equal parts of the remaining time. Stopping again does nothing.
func (l *lifecycle) stop() {
	deadline := time.Now().Add(l.limit)
	shared, cancel := context.WithDeadline(context.Background(), deadline.Add(-reserve(l.limit)))
	defer cancel()
	for left := len(l.running); left > 0; left-- {
		s := l.running[left-1]
		l.running = l.running[:left-1]
		if shared.Err() == nil {
			s.stop(shared)
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Until(deadline)/time.Duration(left))
		s.stop(ctx)
		cancel()
	}
}

// stop stops the service, or abandons it when ctx ends, even if its Stop does not heed ctx.
func (s named) stop(ctx context.Context) {
	stopped := make(chan error, 1)
	go func() { stopped <- s.Stop(ctx) }()
	var err error
	select {
	case err = <-stopped:
	case <-ctx.Done():
		err = ctx.Err()
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		slog.Warn("a service did not stop in time", "service", s.name)
	case err != nil:
		slog.Warn("stopping a service failed", "service", s.name, "error", err)
	}
}

// connection is a service that is started by opening it, and stopped by this function.
type connection func() error

func (connection) Start(context.Context) error { return nil }

func (c connection) Stop(context.Context) error { return c() }
