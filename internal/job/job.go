// Package job is durable work on many things at once, done a little at a time. A job is a row, and SQL is the truth
// about it: each step takes the row's lock, changes a few hundred things and writes down where the next step begins,
// all in one transaction. So a job goes on, after its worker was killed, exactly where it was, and no two workers ever
// do the same step.
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
	ID          string
	TenantID    string                `tenant:"optional"` // whose data it works on; empty, with operators' jobs, for all tenants'
	Environment principal.Environment // empty, with operators' jobs, for both
	Operator    bool                  // made by an operator; its tenant does not see it
	Kind        string
	Status      Status
	Filter      string // JSON: what it was asked to do
	Progress    string // where the next step begins; empty at first
	Total       int
	Done        int
	Skipped     int
	SkipReasons db.JSON[map[string]int]
	Failures    int // of the step that is due, in a row
	Error       string
	RunAt       db.Time // when the next step is due; zero once the job is over
	CreatedAt   db.Time
	StartedAt   db.Time
	FinishedAt  db.Time
}

// CompareFollowers is the kind of the jobs that compare a list of followers with the one before. It is not the tenant's to
// cancel: keys that may work on deliveries need have nothing to do with tracking.
const CompareFollowers = "followers.compare"

// Over says whether the job has ended.
func (j Job) Over() bool { return j.Status != Queued && j.Status != Running }

// Step does the next part of a job, a few hundred things at most, in the transaction that ctx carries. It must do
// nothing outside of that transaction.
type Step func(ctx context.Context, j Job) (Result, error)

// Result is what a step did.
type Result struct {
	Done     int
	Skipped  map[string]int // how many were passed over, by reason
	Progress string         // where the next step begins
	End      bool           // there is nothing left to do
	Pause    time.Duration  // how long to leave the job alone before its next step
	After    func()         // done once the step is committed, when not nil; what it does may be lost
}

const (
	maxFailures = 10
	maxBackoff  = time.Minute
	broken      = "Something went wrong on our side, again and again. What is done stays done; make another job for the rest."
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

// stumble is the job after a step that failed: it is tried again later, and given up in the end.
func (j Job) stumble(now time.Time) Job {
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
