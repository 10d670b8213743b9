package deadletter

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/job"
	"github.com/hookline/hookline/internal/principal"
)

const (
	// stepSize is how many deliveries a step changes. It holds up other writers of SQLite for some milliseconds.
	stepSize = 200
	// pace keeps a large replay from becoming due all at once: 1,000 deliveries a second for each job.
	pace = 200 * time.Millisecond
)

type forgetter interface {
	// Forget removes the archived tasks of deliveries that are gone.
	Forget(ctx context.Context, deliveryIDs []string) error
}

// Steps are the step functions of this room's kinds of jobs. tasks, when not nil, is told of what is purged;
// deliveriesKept is how long finished deliveries are kept.
func Steps(store *delivery.Store, tasks forgetter, deliveriesKept time.Duration) map[string]job.Step {
	return map[string]job.Step{
		KindReplay: func(ctx context.Context, j job.Job) (job.Result, error) {
			f, err := filterOf(j)
			if err != nil {
				return job.Result{}, err
			}
			part, err := store.ReplayDead(ctx, reachOf(j), f, j.CreatedAt.Time, j.Progress, stepSize)
			return result(part, pace), err
		},
		KindPurge: func(ctx context.Context, j job.Job) (job.Result, error) {
			f, err := filterOf(j)
			if err != nil {
				return job.Result{}, err
			}
			part, err := store.PurgeDead(ctx, reachOf(j), f, j.CreatedAt.Time, j.Progress, stepSize)
			r := result(part, 0)
			if tasks != nil && len(part.IDs) > 0 {
				r.After = func() { forget(tasks, part.IDs) }
			}
			return r, err
		},
		KindRecover: func(ctx context.Context, j job.Job) (job.Result, error) {
			var r recovery
			if err := json.Unmarshal([]byte(j.Filter), &r); err != nil {
				return job.Result{}, err
			}
			scope := principal.Scope{TenantID: j.TenantID, Environment: j.Environment}
			part, err := store.Recover(ctx, r.missed(scope, knownSince(j.CreatedAt.Time, deliveriesKept)), j.Progress,
				stepSize)
			return result(part, pace), err
		},
	}
}

// margin keeps clear of what retention deletes while a job runs.
const margin = time.Hour

// knownSince is since when an event without a delivery never had one.
func knownSince(now time.Time, deliveriesKept time.Duration) time.Time {
	return now.Add(-deliveriesKept + min(margin, deliveriesKept/2))
}

func filterOf(j job.Job) (delivery.DeadFilter, error) {
	var w api.DeadLetterFilter
	if err := json.Unmarshal([]byte(j.Filter), &w); err != nil {
		return delivery.DeadFilter{}, err
	}
	return filter(w, "")
}

func reachOf(j job.Job) delivery.Reach {
	scope := principal.Scope{TenantID: j.TenantID, Environment: j.Environment}
	if j.Operator {
		return delivery.Everywhere(scope)
	}
	return delivery.Within(scope)
}

func result(p delivery.Part, pause time.Duration) job.Result {
	return job.Result{Done: len(p.IDs), Skipped: p.Skipped, Progress: p.Next, End: p.End, Pause: pause}
}

func forget(tasks forgetter, deliveryIDs []string) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := tasks.Forget(ctx, deliveryIDs); err != nil {
		slog.Warn("archived tasks of purged dead letters stay in the operators' view", "count", len(deliveryIDs),
			"error", err)
	}
}
