package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/hibiken/asynq"
)

// Lane is the Asynq queue that deliveries wait in, and whose archive shows the dead ones. Bulk is the one for tenants
// who have very many at once, so that nobody stands in line behind those; Slow the one for endpoints that are held to a
// few at a time. Each has workers of its own. TaskType is the type of all tasks.
const (
	Lane     = "webhooks"
	Bulk     = "webhooks-bulk"
	Slow     = "webhooks-slow"
	TaskType = "webhook:deliver"
)

// maxRetry only has to be out of reach: how often a delivery is tried is its endpoint's policy, kept in SQL.
const maxRetry = 100_000

// markerKey exists as long as Redis has kept its memory.
const markerKey = "hookline:marker"

// Queue puts deliveries, and runs of agents, on the schedule. A task's id is its delivery's id, so a delivery is in
// each lane once.
type Queue struct {
	redis       *Redis
	client      *asynq.Client
	inspector   *asynq.Inspector
	taskTimeout time.Duration
}

// New makes a Queue on an open Redis. taskTimeout bounds one run of a task.
func New(r *Redis, taskTimeout time.Duration) *Queue {
	return &Queue{
		redis:       r,
		client:      asynq.NewClientFromRedisClient(r.UniversalClient),
		inspector:   asynq.NewInspectorFromRedisClient(r.UniversalClient),
		taskTimeout: taskTimeout,
	}
}

type payload struct {
	DeliveryID string `json:"delivery_id"`
}

// work is what a task is for: the lane it waits in, its type, what it carries, and how long one run of it may take.
type work struct {
	lane, kind string
	id         string // of the delivery, or whatever else is worked on
	payload    any
	timeout    time.Duration
}

func (q *Queue) deliver(lane, deliveryID string) work {
	return work{lane, TaskType, deliveryID, payload{DeliveryID: deliveryID}, q.taskTimeout}
}

// Enqueue schedules a delivery for now in a lane. A task that exists there already is left as it is.
func (q *Queue) Enqueue(ctx context.Context, lane, deliveryID string) error {
	return q.once(ctx, q.deliver(lane, deliveryID))
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
	_, err = q.client.EnqueueContext(ctx, asynq.NewTask(w.kind, body),
		asynq.TaskID(taskID), asynq.Queue(w.lane), asynq.MaxRetry(maxRetry), asynq.Timeout(w.timeout))
	return err
}

// maxTasks bounds how many tasks one thing can come to have by being gone around.
const maxTasks = 10

// Run makes sure that a delivery that is due now is run soon in a lane, whatever Redis believes: it enqueues the task
// when there is none, hurries one that waits for later or is archived, leaves one that is about to run, and goes around
// one that Redis thinks is running although SQL knows that it is not: Asynq never takes an orphaned active task back
// when its lease is lost too. The delivery then gets another task; whichever runs first claims it in SQL.
func (q *Queue) Run(ctx context.Context, lane, deliveryID string) error {
	return q.runAround(ctx, q.deliver(lane, deliveryID))
}

func (q *Queue) runAround(ctx context.Context, w work) error {
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
	return fmt.Errorf("queue: %s has %d tasks that never end", w.id, maxTasks)
}

func (q *Queue) run(ctx context.Context, w work, taskID string) (orphaned bool, err error) {
	err = q.enqueue(ctx, w, taskID)
	if !errors.Is(err, asynq.ErrTaskIDConflict) {
		return false, err
	}
	state, err := q.state(w.lane, taskID)
	if err != nil {
		return false, err
	}
	switch state {
	case asynq.TaskStateScheduled, asynq.TaskStateRetry, asynq.TaskStateArchived:
		err := q.inspector.RunTask(w.lane, taskID)
		if now, stateErr := q.state(w.lane, taskID); err != nil && stateErr == nil && now != state {
			err = nil // somebody was faster
		}
		return false, err
	case asynq.TaskStateActive, asynq.TaskStateCompleted:
		return true, nil
	case asynq.TaskStatePending, asynq.TaskStateAggregating:
		return false, nil
	}
	return false, q.once(ctx, w) // it ended in between
}

// state returns 0 when there is no such task.
func (q *Queue) state(lane, taskID string) (asynq.TaskState, error) {
	info, err := q.inspector.GetTaskInfo(lane, taskID)
	if errors.Is(err, asynq.ErrTaskNotFound) || errors.Is(err, asynq.ErrQueueNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("queue: %w", err)
	}
	return info.State, nil
}

// WasArchived says whether the task went through Asynq's archive as a dead letter, which is how a run that an
// operator asked for with Asynq's own tools is told from a run that Redis repeats by mistake.
func (q *Queue) WasArchived(taskID string) (bool, error) {
	info, err := q.inspector.GetTaskInfo(Lane, taskID)
	if errors.Is(err, asynq.ErrTaskNotFound) || errors.Is(err, asynq.ErrQueueNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("queue: %w", err)
	}
	return isDeadMessage(info.LastErr), nil
}

// Register makes Redis know the lanes again after it lost its memory: a live client registers them only once, and
// without it Asynq's tools say "queue not found".
func (q *Queue) Register(ctx context.Context) error {
	return q.redis.SAdd(ctx, "asynq:queues", Lane, Bulk, Slow, Agents).Err()
}

// HasMemory says whether Redis still remembers that MarkMemory was called.
func (q *Queue) HasMemory(ctx context.Context) (bool, error) {
	n, err := q.redis.Exists(ctx, markerKey).Result()
	return n > 0, err
}

// MarkMemory makes HasMemory true until Redis loses its memory.
func (q *Queue) MarkMemory(ctx context.Context) error {
	return q.redis.Set(ctx, markerKey, time.Now().UTC().Format(time.RFC3339), 0).Err()
}
