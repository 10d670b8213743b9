// Package job runs durable bulk operations in steps. A job is a row: each step locks it, changes a few hundred things
// and stores where the next step begins, all in one transaction. So after a worker was killed another one continues the
// job exactly where it was, and no two workers run the same step.
//
//	queued ──► running ──► done
//	   │          │  └───► failed
//	   └──────────┴──────► cancelled
package job

import (
	"context"
	"maps"
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/principal"
)

// Status of a job.
type Status string

// The states; the last three are final.
const (
	Queued    Status = "queued"
	Running   Status = "running"
	Done      Status = "done"
	Failed    Status = "failed"
	Cancelled Status = "cancelled"
)

// Job is a row of jobs. Its step function decides what Filter and Progress hold.
type Job struct {
	ID string
	// The tenant whose data it changes; empty for all tenants, in operators' jobs
	TenantID    string                `tenant:"optional"`
	Environment principal.Environment // empty for both, in operators' jobs
	UserNumber  int64                 // of the member whose things it changes; 0 for those of all
	OfRest      bool                  // whether also things that belong to no member
	Operator    bool                  // made by an operator; its tenant does not see it
	Kind        string
	Status      Status
	Filter      string // JSON: which things it changes
	Progress    string // where the next step begins; empty at first
	Total       int
	Done        int
	Skipped     int
	SkipReasons db.JSON[map[string]int]
	Failures    int // of the next step, in a row
	Error       string
	RunAt       db.Time // when the next step is due; zero once the job is over
	CreatedAt   db.Time
	StartedAt   db.Time
	FinishedAt  db.Time
}

// CompareFollowers is the kind of the jobs that compare a list of followers with the one before. Tenants
// can't cancel it: keys with permissions for deliveries need not have those for tracking.
const CompareFollowers = "followers.compare"

// Over says whether the job has ended.
func (j Job) Over() bool { return j.Status != Queued && j.Status != Running }

// Owner is whose things the job changes.
func (j Job) Owner() principal.Owner { return principal.Owner{Owns: j.UserNumber, OwnsRest: j.OfRest} }

// Step runs the next step of a job, for a few hundred things at most, in the transaction that ctx carries. It must have
// no effect outside of that transaction.
type Step func(ctx context.Context, j Job) (Result, error)

// Result is the result of a step.
type Result struct {
	Done     int
	Skipped  map[string]int // how many were skipped, by reason
	Progress string         // where the next step begins
	End      bool           // there is nothing left to do
	Pause    time.Duration  // until the next step is due
	After    func()         // when not nil, called after the commit; skipped when the process dies first
}

const (
	maxFailures = 10
	maxBackoff  = time.Minute
	broken      = "Something went wrong on our side, again and again. What is done stays done; make another job " +
		"for the rest."
)

// advance is the job after a step.
func (j Job) advance(r Result, now time.Time) Job {
	if j.Status == Queued {
		j.Status, j.StartedAt = Running, db.At(now)
	}
	j.Done += r.Done
	reasons := maps.Clone(j.SkipReasons.V)
	if reasons == nil {
		reasons = map[string]int{}
	}
	for reason, n := range r.Skipped {
		j.Skipped += n
		reasons[reason] += n
	}
	j.SkipReasons.V, j.Progress, j.Failures = reasons, r.Progress, 0
	j.RunAt = db.At(now.Add(r.Pause))
	if r.End {
		return j.end(Done, now)
	}
	return j
}

// failStep is the job after a failed step: the step is retried later; after maxFailures the job fails.
func (j Job) failStep(now time.Time) Job {
	j.Failures++
	if j.Failures >= maxFailures {
		j.Error = broken
		return j.end(Failed, now)
	}
	j.RunAt = db.At(now.Add(min(time.Second<<(j.Failures-1), maxBackoff)))
	return j
}

func (j Job) end(s Status, now time.Time) Job {
	j.Status, j.RunAt, j.FinishedAt = s, db.Time{}, db.At(now)
	return j
}
