package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hibiken/asynq"
)

// Agents is the queue of agent runs. It has workers of its own: a run may wait a minute for a model, and deliveries
// should not wait for that.
const Agents = "agents"

const agentTask = "agent:run"

type agentPayload struct {
	RunID string `json:"run_id"`
}

func agentRun(runID string, timeout time.Duration) work {
	return work{queue: Agents, kind: agentTask, id: runID, payload: agentPayload{runID}, timeout: timeout}
}

// EnqueueAgent adds the task of an agent run, for now; timeout limits it. An existing task is left as it is.
func (q *Queue) EnqueueAgent(ctx context.Context, runID string, timeout time.Duration) error {
	return q.once(ctx, agentRun(runID, timeout))
}

// RunAgent makes sure that a worker runs an agent run soon, whatever state its task has in Redis, as Run does.
func (q *Queue) RunAgent(ctx context.Context, runID string, timeout time.Duration) error {
	return q.runUnlessOrphaned(ctx, agentRun(runID, timeout))
}

// NewAgentServers makes the server of the agents' queue. handle returns errors as a Handler does.
func NewAgentServers(r *Redis, concurrency int, shutdown time.Duration, handle func(ctx context.Context,
	runID string) error) *Servers {
	s := newServers(asynq.HandlerFunc(func(ctx context.Context, t *asynq.Task) error {
		var p agentPayload
		if err := json.Unmarshal(t.Payload(), &p); err != nil || t.Type() != agentTask {
			return fmt.Errorf("queue: unknown task: %w", asynq.RevokeTask)
		}
		return handle(ctx, p.RunID)
	}))
	s.add(r, Agents, concurrency, shutdown, nil)
	return s
}
