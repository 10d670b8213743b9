package deadletter

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/job"
	"github.com/hookline/hookline/internal/principal"
)

const (
	// defaultStepSize is how many deliveries a step changes. On SQLite other writers wait some milliseconds for it.
	defaultStepSize = 200
	// pace is the pause between two steps. It limits a large replay to 1,000 deliveries a second for each job.
	pace = 200 * time.Millisecond
)

type forgetter interface {
	// Forget deletes the archived tasks of purged deliveries.
	Forget(ctx context.Context, deliveryIDs []string) error
}

// Steps are the step functions of this package's kinds of jobs. tasks, when not nil, forgets purged deliveries.
// deliveriesKept is how long finished deliveries are kept. A step changes at most size deliveries; 0 is the default.
func Steps(store *Store, tasks forgetter, deliveriesKept time.Duration, size int) map[string]job.Step {
	size = cmp.Or(size, defaultStepSize)
	return map[string]job.Step{
		KindReplay: func(ctx context.Context, j job.Job) (job.Result, error) {
			f, err := filterOf(j)
			if err != nil {
				return job.Result{}, err
			}
			part, err := store.ReplayPart(ctx, accessOf(j), f, j.CreatedAt.Time, j.Progress, size)
			return result(part, pace), err
		},
		KindResend: func(ctx context.Context, j job.Job) (job.Result, error) {
			f, err := resent(j.Filter, j.CreatedAt.Time)
			if err != nil {
				return job.Result{}, err
			}
			scope := principal.Scope{TenantID: j.TenantID, Environment: j.Environment}
			part, err := store.ResendPart(ctx, scope, j.Owner(), f, j.Progress, size)
			return result(part, pace), err
		},
		KindPurge: func(ctx context.Context, j job.Job) (job.Result, error) {
			f, err := filterOf(j)
			if err != nil {
				return job.Result{}, err
			}
			part, err := store.PurgePart(ctx, accessOf(j), f, j.CreatedAt.Time, j.Progress, size)
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
				size)
			return result(part, pace), err
		},
	}
}

// margin keeps a job away from rows that retention deletes while it runs.
const margin = time.Hour

// knownSince is the time since which an event without a delivery never had one: retention has deleted none since.
func knownSince(now time.Time, deliveriesKept time.Duration) time.Time {
	return now.Add(-deliveriesKept + min(margin, deliveriesKept/2))
}

func filterOf(j job.Job) (Filter, error) {
	var w api.DeadLetterFilter
	if err := json.Unmarshal([]byte(j.Filter), &w); err != nil {
		return Filter{}, err
	}
	return filter(w, "")
}

func accessOf(j job.Job) AccessScope {
	scope := principal.Scope{TenantID: j.TenantID, Environment: j.Environment}
	if j.Operator {
		return Everywhere(scope)
	}
	return Within(scope, j.Owner())
}

// result is the result of a step. A step that found nothing among those it looked at needs no pause.
func result(p Part, pause time.Duration) job.Result {
	if len(p.IDs) == 0 {
		pause = 0
	}
	return job.Result{Done: len(p.IDs), Skipped: p.Skipped, Progress: p.Next, End: p.End, Pause: pause}
}

func forget(tasks forgetter, deliveryIDs []string) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := tasks.Forget(ctx, deliveryIDs); err != nil {
		slog.Warn("archived tasks of purged dead letters stay in Asynq's archive", "count", len(deliveryIDs),
			"error", err)
	}
}
