package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hibiken/asynq"
)

// Agents is the lane of agent runs. It has workers of its own: a run waits for a model for a minute, and no delivery
// should wait for that.
const Agents = "agents"

const agentTask = "agent:run"

type agentPayload struct {
	RunID string `json:"run_id"`
}

func agentRun(runID string, timeout time.Duration) work {
	return work{Agents, agentTask, runID, agentPayload{runID}, timeout}
}

// EnqueueAgent schedules an agent run for now; timeout bounds it. A task that exists already is left as it is.
func (q *Queue) EnqueueAgent(ctx context.Context, runID string, timeout time.Duration) error {
	return q.once(ctx, agentRun(runID, timeout))
}

// RunAgent makes sure that a run that is due is run soon, whatever Redis believes, as Run does for deliveries.
func (q *Queue) RunAgent(ctx context.Context, runID string, timeout time.Duration) error {
	return q.runAround(ctx, agentRun(runID, timeout))
}

// NewAgentServers makes the server of the agents' lane. handle answers as a Handler does.
func NewAgentServers(r *Redis, concurrency int, shutdown time.Duration, handle func(ctx context.Context, runID string) error) *Servers {
	s := newServers(asynq.HandlerFunc(func(ctx context.Context, t *asynq.Task) error {
		var p agentPayload
		if err := json.Unmarshal(t.Payload(), &p); err != nil || t.Type() != agentTask {
			return fmt.Errorf("queue: not a task of ours: %w", asynq.RevokeTask)
		}
		return handle(ctx, p.RunID)
	}))
	s.add(r, Agents, concurrency, 100*time.Millisecond, shutdown)
	return s
}
