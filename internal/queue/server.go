package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/hibiken/asynq"

	"github.com/hookline/hookline/internal/background"
)

// Later is the error that a handler returns to run the delivery again After this long.
type Later struct {
	After  time.Duration
	Reason string
}

func (l *Later) Error() string { return l.Reason }

const deadPrefix = "dead letter: "

// Dead makes the error that a handler returns when the delivery used up its attempts: its task is archived with the
// reason.
func Dead(reason string) error { return fmt.Errorf("%s%s: %w", deadPrefix, reason, asynq.SkipRetry) }

func isDeadMessage(lastErr string) bool { return strings.HasPrefix(lastErr, deadPrefix) }

// Handler runs one delivery. nil deletes the task, *Later runs it again, and Dead archives it. Any other error is
// internal to Hookline; the task runs again after two seconds.
type Handler func(ctx context.Context, t Task) error

// Task is a run of a delivery that is due.
type Task struct {
	ID, DeliveryID, Queue string
}

// ServerConfig sizes the servers of a process.
type ServerConfig struct {
	Servers     int           // servers of the fast queue; each has one dispatcher, which uses one core
	Concurrency int           // active tasks of each server
	Bulk        int           // servers of the bulk queue, with the same concurrency; 0 to leave it to other processes
	Slow        int           // active tasks of the slow queue; 0 to leave it to other processes
	Shutdown    time.Duration // the longest that a stop may take; the context of Stop may end earlier
}

// Servers runs tasks. Several dispatchers share a process because each hands out tasks one at a time.
type Servers struct {
	all     []*asynq.Server
	handler asynq.Handler
	tasks   context.Context //nolint:containedctx // of the tasks: cancelled when a stop has no more time for them
	cancel  context.CancelFunc
}

func newServers(h asynq.Handler) *Servers {
	s := &Servers{handler: h}
	s.tasks, s.cancel = context.WithCancel(context.Background())
	return s
}

// NewServers makes the servers; Start starts them.
func NewServers(r *Redis, c ServerConfig, handle Handler) *Servers {
	s := newServers(adapt(handle))
	poll := 5 * time.Millisecond
	if r.Embedded() != nil {
		poll = 20 * time.Millisecond // polling the embedded server costs this process's own CPU
	}
	for range c.Servers { // together they poll as often as one would
		s.add(r, Fast, c.Concurrency, poll*time.Duration(c.Servers), c.Shutdown)
	}
	for range c.Bulk {
		s.add(r, Bulk, c.Concurrency, patient*poll*time.Duration(c.Bulk), c.Shutdown)
	}
	if c.Slow > 0 {
		s.add(r, Slow, c.Slow, patient*poll, c.Shutdown)
	}
	return s
}

// patient is how much less often an empty queue is polled whose tasks are not urgent.
const patient = 5

// add makes a server for one queue alone: queues that share a server compete for its concurrency.
func (s *Servers) add(r *Redis, name string, concurrency int, poll, shutdown time.Duration) {
	s.all = append(s.all, asynq.NewServerFromRedisClient(r.UniversalClient, asynq.Config{
		Concurrency:              concurrency,
		Queues:                   map[string]int{name: 1},
		TaskCheckInterval:        poll,
		DelayedTaskCheckInterval: 250 * time.Millisecond,
		ShutdownTimeout:          shutdown, // Stop cancels tasks before that
		BaseContext:              func() context.Context { return s.tasks },
		RetryDelayFunc: func(n int, err error, t *asynq.Task) time.Duration {
			if s.cancelled(err) {
				return 0 // another process may take it at once
			}
			return retryDelay(n, err, t)
		},
		IsFailure: func(err error) bool { return !s.cancelled(err) && isFailure(err) },
		Logger:    logger{},
		LogLevel:  asynq.ErrorLevel,
	}))
}

func adapt(handle Handler) asynq.Handler {
	return asynq.HandlerFunc(func(ctx context.Context, t *asynq.Task) error {
		var p payload
		if err := json.Unmarshal(t.Payload(), &p); err != nil || t.Type() != TaskType {
			return fmt.Errorf("queue: unknown task: %w", asynq.RevokeTask)
		}
		taskID, _ := asynq.GetTaskID(ctx)
		name, _ := asynq.GetQueueName(ctx)
		return handle(ctx, Task{ID: taskID, DeliveryID: p.DeliveryID, Queue: name})
	})
}

// retryDelay turns Later into Asynq's delay. Asynq truncates delays to whole seconds, so this one is rounded up: a task
// that runs early would only be put back.
func retryDelay(_ int, err error, _ *asynq.Task) time.Duration {
	var later *Later
	if !errors.As(err, &later) {
		return 2 * time.Second
	}
	if later.After <= 0 {
		return 0
	}
	return (later.After + time.Second - 1).Truncate(time.Second)
}

// cancelled says whether err comes from a task that Stop cancelled.
func (s *Servers) cancelled(err error) bool {
	return s.tasks.Err() != nil && errors.Is(err, context.Canceled)
}

// isFailure keeps failures of endpoints out of Asynq's failure counts, which are for operators. Attempts are counted in
// SQL.
func isFailure(err error) bool {
	var later *Later
	return !errors.As(err, &later) && !errors.Is(err, asynq.ErrLeaseExpired) &&
		!errors.Is(err, context.DeadlineExceeded)
}

// Start starts all servers.
func (s *Servers) Start(context.Context) error {
	for _, srv := range s.all {
		if err := srv.Start(s.handler); err != nil {
			return fmt.Errorf("queue: %w", err)
		}
	}
	return nil
}

// pushBack is how long before its deadline Stop cancels the tasks that are still active, so that they are back on the
// queue when the process exits. That takes a round trip to Redis for each.
const pushBack = 500 * time.Millisecond

// Stop takes no more tasks and waits for the active ones. Shortly before ctx ends it cancels those that are left, which
// puts them back on the queue. When ctx ends first, because Redis hangs, it returns ctx's error; the leases of their
// deliveries then expire as if the process had been killed.
func (s *Servers) Stop(ctx context.Context) error {
	if deadline, bounded := ctx.Deadline(); bounded {
		left := time.Until(deadline)
		defer time.AfterFunc(left-min(pushBack, left/4), s.cancel).Stop()
	}
	var stopping sync.WaitGroup
	for _, srv := range s.all {
		stopping.Go(srv.Shutdown)
	}
	return background.Wait(ctx, &stopping)
}

// logger writes Asynq's messages to the program's log.
type logger struct{}

func (logger) Debug(args ...any) { slog.Debug("asynq", "message", fmt.Sprint(args...)) }
func (logger) Info(args ...any)  { slog.Info("asynq", "message", fmt.Sprint(args...)) }
func (logger) Warn(args ...any)  { slog.Warn("asynq", "message", fmt.Sprint(args...)) }
func (logger) Error(args ...any) { slog.Error("asynq", "message", fmt.Sprint(args...)) }
func (logger) Fatal(args ...any) { slog.Error("asynq", "message", fmt.Sprint(args...)) }
