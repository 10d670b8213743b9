package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/hookline/hookline/internal/id"
)

// The Asynq queues of deliveries, each with workers of its own, and the type of their tasks. Fast is the default, and
// its archive shows the dead letters. Bulk takes what a tenant enqueues beyond its share, so that no other tenant's
// deliveries are queued behind a flood. Slow takes the admitted deliveries of throttled endpoints.
const (
	Fast     = "webhooks"
	Bulk     = "webhooks-bulk"
	Slow     = "webhooks-slow"
	TaskType = "webhook:deliver"
)

// maxRetry is higher than any delivery gets: the endpoint's retry policy, in SQL, limits the attempts.
const maxRetry = 100_000

// names are all queues.
var names = []string{Fast, Bulk, Slow, Agents}

// queuesKey is the set in which Asynq registers queues.
const queuesKey = "asynq:queues"

// markers exist until Redis loses its data: one in the slot of each queue, and one in that of their register, since a
// Cluster can lose the data of one of its servers alone.
func markers() []string {
	out := []string{"hookline:marker:{" + queuesKey + "}"}
	for _, name := range names {
		out = append(out, "hookline:marker:{"+name+"}")
	}
	return out
}

// Queue enqueues deliveries and agent runs.
//
// A task of deliveries has one of two payloads. Events that shared a commit are one task, {"events":["evt_…"],…}, which
// makes the first attempts of all their deliveries; its id is random. Deliveries that have a row are {"deliveries":
// ["dlv_…"]}: of one, such as a retry or a dead letter, the task's id is the delivery's, so it is in each queue once.
type Queue struct {
	redis       *Redis
	client      *asynq.Client
	inspector   *asynq.Inspector
	taskTimeout time.Duration
	wakeUps     *wakeUps
}

// New makes a Queue on an open Redis. taskTimeout limits one run of a task.
func New(r *Redis, taskTimeout time.Duration) *Queue {
	return &Queue{
		redis:       r,
		client:      asynq.NewClientFromRedisClient(r.UniversalClient),
		inspector:   asynq.NewInspectorFromRedisClient(r.UniversalClient),
		taskTimeout: taskTimeout,
		wakeUps:     r.wakeUps,
	}
}

type payload struct {
	Events     []string `json:"events,omitempty"`
	Committed  int64    `json:"committed,omitempty"` // Unix milliseconds
	Enqueued   int64    `json:"enqueued,omitempty"`
	Deliveries []string `json:"deliveries,omitempty"`
}

// work describes a task: its queue, its type, its payload, and how long one run of it may take.
type work struct {
	queue, kind string
	id          string // of the delivery or the agent run; empty for a random one
	payload     any
	timeout     time.Duration
	after       time.Duration
}

func (q *Queue) deliver(name string, deliveryID id.UUID) work {
	text := deliveryID.TypeID(id.Delivery)
	return work{queue: name, kind: TaskType, id: text, payload: payload{Deliveries: []string{text}},
		timeout: q.taskTimeout}
}

// EnqueueEvents adds a task that delivers events, which were committed together, for the first time.
func (q *Queue) EnqueueEvents(ctx context.Context, name string, committed time.Time, eventIDs []id.UUID) error {
	return q.enqueue(ctx, work{queue: name, kind: TaskType, timeout: q.taskTimeout, payload: payload{
		Events: id.TypeIDs(id.Event, eventIDs), Committed: committed.UnixMilli(), Enqueued: time.Now().UnixMilli(),
	}}, "")
}

// EnqueueRows adds a task for deliveries that have a row, for now. An existing task of a single one is left as it is.
func (q *Queue) EnqueueRows(ctx context.Context, name string, deliveryIDs []id.UUID) error {
	if len(deliveryIDs) == 1 {
		return q.once(ctx, q.deliver(name, deliveryIDs[0]))
	}
	return q.enqueue(ctx, work{queue: name, kind: TaskType, timeout: q.taskTimeout, payload: payload{
		Deliveries: id.TypeIDs(id.Delivery, deliveryIDs)}}, "")
}

// Schedule adds the task of one delivery, for later. An existing task is left as it is.
func (q *Queue) Schedule(ctx context.Context, name string, deliveryID id.UUID, after time.Duration) error {
	w := q.deliver(name, deliveryID)
	w.after = wholeSeconds(after)
	if err := q.once(ctx, w); err != nil {
		return err
	}
	q.redis.onTime.run(name, w.id, after)
	return nil
}

func (q *Queue) once(ctx context.Context, w work) error {
	err := q.enqueue(ctx, w, w.id)
	if errors.Is(err, asynq.ErrTaskIDConflict) {
		return nil
	}
	return err
}

func (q *Queue) enqueue(ctx context.Context, w work, taskID string) error {
	body, err := json.Marshal(w.payload)
	if err != nil {
		return err
	}
	options := []asynq.Option{asynq.Queue(w.queue), asynq.MaxRetry(maxRetry), asynq.Timeout(w.timeout)}
	if taskID != "" {
		options = append(options, asynq.TaskID(taskID))
	}
	if w.after > 0 {
		options = append(options, asynq.ProcessIn(w.after))
	}
	if _, err = q.client.EnqueueContext(ctx, asynq.NewTask(w.kind, body), options...); err == nil && w.after <= 0 {
		q.wakeUps.send(w.queue)
	}
	return err
}

// maxTasks limits how many tasks a delivery can have because earlier ones are orphaned.
const maxTasks = 10

// Run makes sure that a worker runs a delivery soon, whatever state its task has in Redis. It enqueues a missing task,
// runs a scheduled, retried or archived one now, and leaves a pending one alone. SQL knows that the delivery is not in
// flight, so a task that Redis reports as active is orphaned, and Asynq never recovers an orphaned task without a
// lease: the delivery gets another task. The task that runs first claims the delivery in SQL.
func (q *Queue) Run(ctx context.Context, name string, deliveryID id.UUID) error {
	return q.runUnlessOrphaned(ctx, q.deliver(name, deliveryID))
}

func (q *Queue) runUnlessOrphaned(ctx context.Context, w work) error {
	for n := 1; n <= maxTasks; n++ {
		taskID := w.id
		if n > 1 {
			taskID += "-" + strconv.Itoa(n)
		}
		orphaned, err := q.run(ctx, w, taskID)
		if err != nil || !orphaned {
			return err
		}
	}
	return fmt.Errorf("queue: %s has %d orphaned tasks", w.id, maxTasks)
}

func (q *Queue) run(ctx context.Context, w work, taskID string) (orphaned bool, err error) {
	err = q.enqueue(ctx, w, taskID)
	if !errors.Is(err, asynq.ErrTaskIDConflict) {
		return false, err
	}
	state, err := q.state(w.queue, taskID)
	if err != nil {
		return false, err
	}
	switch state {
	case asynq.TaskStateScheduled, asynq.TaskStateRetry, asynq.TaskStateArchived:
		err := q.inspector.RunTask(w.queue, taskID)
		q.wakeUps.send(w.queue)
		if now, stateErr := q.state(w.queue, taskID); err != nil && stateErr == nil && now != state {
			err = nil // another process changed the task first
		}
		return false, err
	case asynq.TaskStateActive, asynq.TaskStateCompleted:
		return true, nil
	case asynq.TaskStatePending, asynq.TaskStateAggregating:
		return false, nil
	}
	return false, q.once(ctx, w) // the task ended between the two calls
}

// state returns 0 when there is no such task.
func (q *Queue) state(name, taskID string) (asynq.TaskState, error) {
	info, err := q.inspector.GetTaskInfo(name, taskID)
	if errors.Is(err, asynq.ErrTaskNotFound) || errors.Is(err, asynq.ErrQueueNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("queue: %w", err)
	}
	return info.State, nil
}

// WasArchived says whether the task was archived as a dead letter before. It distinguishes a run that an operator
// started with Asynq's tools from a run that Redis repeats by mistake.
func (q *Queue) WasArchived(taskID string) (bool, error) {
	info, err := q.inspector.GetTaskInfo(Fast, taskID)
	if errors.Is(err, asynq.ErrTaskNotFound) || errors.Is(err, asynq.ErrQueueNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("queue: %w", err)
	}
	return isDeadMessage(info.LastErr), nil
}

// Register registers the queues again after Redis lost its data: a client registers a queue only once, and Asynq's
// tools answer "queue not found" for one that is not registered.
func (q *Queue) Register(ctx context.Context) error {
	return q.redis.SAdd(ctx, queuesKey, Fast, Bulk, Slow, Agents).Err()
}

// HasMemory says whether Redis, and each server of a Cluster that has a queue, has kept its data since MarkMemory was
// called.
func (q *Queue) HasMemory(ctx context.Context) (bool, error) {
	keys := markers()
	found, err := q.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, key := range keys {
			p.Exists(ctx, key)
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	for _, cmd := range found {
		if n, ok := cmd.(*redis.IntCmd); !ok || n.Val() == 0 {
			return false, nil
		}
	}
	return true, nil
}

// MarkMemory makes HasMemory true until Redis loses its data.
func (q *Queue) MarkMemory(ctx context.Context) error {
	now := time.Now().UTC().Format(time.RFC3339)
	_, err := q.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, key := range markers() {
			p.Set(ctx, key, now, 0)
		}
		return nil
	})
	return err
}
