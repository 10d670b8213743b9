package queue

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hibiken/asynq"

	"github.com/hookline/hookline/internal/problem"
)

// Info describes a queue as Asynq reports it.
type Info struct {
	Name                                              string
	Paused                                            bool
	Size, Pending, Active, Scheduled, Retry, Archived int
	Latency                                           time.Duration // how long the oldest pending task has waited
	MemoryBytes                                       int64
	Processed, Failed                                 int // today
	Servers                                           int // that take its tasks, over all processes
}

// Worker describes an Asynq server that runs tasks; a process has several.
type Worker struct {
	ID, Host, Status         string
	PID, Concurrency, Active int
	Queues                   []string
	Started                  time.Time
}

// aliveWithin is how soon Redis answers a ping, unless it is away or hangs.
const aliveWithin = 2 * time.Second

// Alive says whether Redis answers soon. It is for asking before what would wait much longer for a Redis that is away.
func (q *Queue) Alive(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, aliveWithin)
	defer cancel()
	return q.redis.Alive(ctx)
}

// Queues returns all queues, by name.
func (q *Queue) Queues() ([]Info, error) {
	names, err := q.inspector.Queues()
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	slices.Sort(names)
	servers, err := q.Servers()
	if err != nil {
		return nil, err
	}
	out := make([]Info, 0, len(names))
	for _, name := range names {
		info, err := q.info(name)
		if err != nil {
			return nil, err
		}
		info.Servers = servers[name]
		out = append(out, info)
	}
	return out, nil
}

func (q *Queue) info(name string) (Info, error) {
	i, err := q.inspector.GetQueueInfo(name)
	if err != nil {
		return Info{}, fmt.Errorf("queue: %w", err)
	}
	return Info{
		Name: i.Queue, Paused: i.Paused, Size: i.Size, Pending: i.Pending, Active: i.Active, Scheduled: i.Scheduled,
		Retry:    i.Retry,
		Archived: i.Archived, Latency: i.Latency, MemoryBytes: i.MemoryUsage, Processed: i.Processed, Failed: i.Failed,
	}, nil
}

// Workers returns the servers that are running, over all processes.
func (q *Queue) Workers() ([]Worker, error) {
	servers, err := q.inspector.Servers()
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	out := make([]Worker, 0, len(servers))
	for _, s := range servers {
		out = append(out, Worker{
			ID: s.ID, Host: s.Host, Status: s.Status, PID: s.PID, Concurrency: s.Concurrency,
			Active: len(s.ActiveWorkers),
			Queues: slices.Sorted(maps.Keys(s.Queues)), Started: s.Started,
		})
	}
	return out, nil
}

// Latency is how long the oldest pending task of the fast and the bulk queue has waited; 0 when none is pending. A
// queue that an operator paused doesn't count. Workers take tasks in the order in which they became due, so every task
// that became due earlier has been taken.
func (q *Queue) Latency() (time.Duration, error) {
	names, err := q.inspector.Queues()
	if err != nil {
		return 0, fmt.Errorf("queue: %w", err)
	}
	var longest time.Duration
	for _, name := range []string{Fast, Bulk} {
		if !slices.Contains(names, name) { // nothing has been enqueued yet
			continue
		}
		i, err := q.info(name)
		if err != nil {
			return 0, err
		}
		if !i.Paused {
			longest = max(longest, i.Latency) // negative when another machine's clock is ahead
		}
	}
	return longest, nil
}

// Pause pauses a queue for all workers, or resumes it, and returns it. Pausing a paused queue changes nothing.
func (q *Queue) Pause(name string, paused bool) (Info, error) {
	names, err := q.inspector.Queues()
	if err != nil {
		return Info{}, fmt.Errorf("queue: %w", err)
	}
	if !slices.Contains(names, name) {
		return Info{}, problem.Missing("queue")
	}
	servers, err := q.Servers()
	if err != nil {
		return Info{}, err
	}
	before, err := q.info(name)
	before.Servers = servers[name]
	if err != nil || before.Paused == paused {
		return before, err
	}
	change := q.inspector.UnpauseQueue
	if paused {
		change = q.inspector.PauseQueue
	}
	changeErr := change(name)
	after, err := q.info(name)
	after.Servers = servers[name]
	if err == nil && after.Paused != paused {
		err = fmt.Errorf("queue: %w", changeErr)
	}
	return after, err
}

// Forget deletes the archived tasks of purged deliveries. It leaves tasks in other states alone.
func (q *Queue) Forget(ctx context.Context, deliveryIDs []string) error {
	if err := q.redis.Alive(ctx); err != nil {
		return err
	}
	for _, deliveryID := range deliveryIDs {
		if err := ctx.Err(); err != nil {
			return err
		}
		state, err := q.state(Fast, deliveryID)
		if err != nil {
			return err
		}
		if state != asynq.TaskStateArchived {
			continue
		}
		if err := q.inspector.DeleteTask(Fast, deliveryID); err != nil && !errors.Is(err, asynq.ErrTaskNotFound) {
			return fmt.Errorf("queue: %w", err)
		}
	}
	return nil
}
