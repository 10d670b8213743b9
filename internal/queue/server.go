package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/hookline/hookline/internal/background"
	"github.com/hookline/hookline/internal/id"
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

// Handler runs one task of deliveries. nil deletes the task, *Later runs it again, and Dead archives it. Any other
// error is internal to Hookline; the task runs again after two seconds.
type Handler func(ctx context.Context, t Task) error

// Task is a run of a task of deliveries: of events that are delivered for the first time, or of deliveries that have a
// row.
type Task struct {
	ID, Queue           string
	Events, Deliveries  []id.UUID
	Committed, Enqueued time.Time // of events: when they were committed, and their task enqueued
	Retried             int       // how often it ran before
}

// ServerConfig sizes the servers of a process.
type ServerConfig struct {
	Servers     int           // servers of the fast queue; each has one dispatcher, which uses one core; 0 to leave it
	Concurrency int           // active tasks of each server
	Bulk        int           // servers of the bulk queue, with the same concurrency; 0 to leave it to other processes
	Slow        int           // active tasks of the slow queue; 0 to leave it to other processes
	Shutdown    time.Duration // the longest that a stop may take; the context of Stop may end earlier
	// Room says whether this process should take another task of a queue; it is asked before each.
	Room func(queue string) bool
}

// Servers runs tasks. Several dispatchers share a process because each hands out tasks one at a time.
type Servers struct {
	all     []*asynq.Server
	handler asynq.Handler
	clients []redis.UniversalClient
	tasks   context.Context //nolint:containedctx // of the tasks: cancelled when a stop has no more time for them
	cancel  context.CancelFunc

	stopping chan struct{} // closed by Stop: no server waits for tasks any more
	stopOnce sync.Once
}

func newServers(h asynq.Handler) *Servers {
	s := &Servers{handler: h, stopping: make(chan struct{})}
	s.tasks, s.cancel = context.WithCancel(context.Background())
	return s
}

// NewServers makes the servers; Start starts them.
func NewServers(r *Redis, c ServerConfig, handle Handler) *Servers {
	s := newServers(adapt(handle))
	for range c.Servers {
		s.add(r, Fast, c.Concurrency, c.Shutdown, c.Room)
	}
	for range c.Bulk {
		s.add(r, Bulk, c.Concurrency, c.Shutdown, c.Room)
	}
	if c.Slow > 0 {
		s.add(r, Slow, c.Slow, c.Shutdown, c.Room)
	}
	return s
}

// add makes a server for one queue alone: queues that share a server compete for its concurrency.
func (s *Servers) add(r *Redis, name string, concurrency int, shutdown time.Duration, room func(string) bool) {
	client := r.waiting(name, room, s.stopping)
	s.clients = append(s.clients, client)
	s.all = append(s.all, asynq.NewServerFromRedisClient(client, asynq.Config{
		Concurrency:              concurrency,
		Queues:                   map[string]int{name: 1},
		TaskCheckInterval:        time.Millisecond, // the client waits; see waiting
		DelayedTaskCheckInterval: forwardEvery(name),
		ShutdownTimeout:          shutdown, // Stop cancels tasks before that
		BaseContext:              func() context.Context { return s.tasks },
		RetryDelayFunc: func(_ int, err error, t *asynq.Task) time.Duration {
			if s.cancelled(err) {
				return 0 // another process may take it at once
			}
			timeRetry(r, name, err, t)
			return retryDelay(err)
		},
		IsFailure: func(err error) bool { return !s.cancelled(err) && isFailure(err) },
		Logger:    logger{},
		LogLevel:  asynq.ErrorLevel,
	}))
}

// forwardEvery is how often a server looks for tasks whose time has come. Retries are in the fast queue.
func forwardEvery(name string) time.Duration {
	if name == Fast {
		return time.Second
	}
	return 2 * time.Second
}

func adapt(handle Handler) asynq.Handler {
	return asynq.HandlerFunc(func(ctx context.Context, t *asynq.Task) error {
		var p payload
		if err := json.Unmarshal(t.Payload(), &p); err != nil || t.Type() != TaskType {
			return fmt.Errorf("queue: unknown task: %w", asynq.RevokeTask)
		}
		out := Task{Committed: time.UnixMilli(p.Committed), Enqueued: time.UnixMilli(p.Enqueued)}
		var err, failed error
		out.Events, err = id.In(p.Events)
		out.Deliveries, failed = id.In(p.Deliveries)
		if errors.Join(err, failed) != nil || len(out.Events)+len(out.Deliveries) == 0 {
			return fmt.Errorf("queue: unknown task: %w", asynq.RevokeTask)
		}
		out.ID, _ = asynq.GetTaskID(ctx)
		out.Queue, _ = asynq.GetQueueName(ctx)
		out.Retried, _ = asynq.GetRetryCount(ctx)
		return handle(ctx, out)
	})
}

// retryDelay turns Later into Asynq's delay. Asynq truncates delays to whole seconds, so this one is rounded up: a task
// that runs early would only be put back.
func retryDelay(err error) time.Duration {
	var later *Later
	if !errors.As(err, &later) {
		return 2 * time.Second
	}
	return wholeSeconds(later.After)
}

// timeRetry has the task of one delivery, whose id is the delivery's, run when its delay ends.
func timeRetry(r *Redis, name string, err error, t *asynq.Task) {
	var later *Later
	var p payload
	if errors.As(err, &later) && json.Unmarshal(t.Payload(), &p) == nil && len(p.Deliveries) == 1 {
		r.onTime.run(name, p.Deliveries[0], later.After)
	}
}

// wholeSeconds rounds a delay up: Asynq truncates it.
func wholeSeconds(d time.Duration) time.Duration {
	return max(0, (d + time.Second - 1).Truncate(time.Second))
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
	s.stopOnce.Do(func() { close(s.stopping) })
	var stopping sync.WaitGroup
	for _, srv := range s.all {
		stopping.Go(srv.Shutdown)
	}
	err := background.Wait(ctx, &stopping)
	for _, client := range s.clients {
		err = errors.Join(err, client.Close())
	}
	return err
}
