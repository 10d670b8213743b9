package content

import (
	"errors"
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/generator"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
)

// RunStatus is the status of an agent run.
type RunStatus string

// The states of a run; the last three are final.
const (
	Queued    RunStatus = "queued"
	Running   RunStatus = "running"
	Completed RunStatus = "completed"
	Failed    RunStatus = "failed"
	Cancelled RunStatus = "cancelled"
)

// The events that the end of a run fires; each run fires one of them.
const (
	AgentCompleted = "agent.completed"
	AgentFailed    = "agent.failed"
)

// Why a run failed, where the generator did not say.
const (
	reasonInterrupted = "interrupted"
	reasonCancelled   = "cancelled"
	reasonInternal    = "internal"
)

const (
	textInterrupted = "The run was interrupted again and again. Try again."
	textCancelled   = "The run was cancelled."
	textInternal    = "Something went wrong on our side. Try again."
)

// Run is a row of agent_runs.
type Run struct {
	ID           string
	TenantID     string
	Environment  principal.Environment
	Agent        string
	PostID       string
	Status       RunStatus
	Attempt      int // how often a worker began; it tells the worker that holds the run from those before
	Generator    string
	Model        string
	Reason       string
	Error        string
	InputTokens  *int64
	OutputTokens *int64
	ChargeID     string // empty when it was free
	RefundID     string // empty unless it was given back
	DeadlineAt   db.Time
	CreatedAt    db.Time
	StartedAt    db.Time
	FinishedAt   db.Time
}

// TableName implements GORM's Tabler.
func (Run) TableName() string { return "agent_runs" }

const (
	// lease is how long a worker is believed to be there without a sign; it gives one each beat.
	lease = 15 * time.Second
	beat  = 2 * time.Second
	// recheck is how long the queue has to begin a run before it is reminded.
	recheck = 5 * time.Second
	// maxAttempts bounds how many workers a run may take down with it.
	maxAttempts = 3
)

var agents = map[generator.Kind]string{generator.Blog: "blog_writer", generator.Social: "social_writer"}

func newRun(p Post, chargeID string, now time.Time) Run {
	return Run{
		ID: id.New(id.AgentRun), TenantID: p.TenantID, Environment: p.Environment, Agent: agents[p.Kind], PostID: p.ID,
		Status: Queued, ChargeID: chargeID, CreatedAt: db.At(now), DeadlineAt: db.At(now.Add(recheck)),
	}
}

func (r Run) scope() principal.Scope {
	return principal.Scope{TenantID: r.TenantID, Environment: r.Environment}
}

// Over says whether the run has ended.
func (r Run) Over() bool { return r.Status != Queued && r.Status != Running }

// begun is the run in the hands of a worker.
func (r Run) begun(now time.Time) Run {
	if r.StartedAt.IsZero() {
		r.StartedAt = db.At(now)
	}
	r.Status, r.DeadlineAt = Running, db.At(now.Add(lease))
	r.Attempt++
	return r
}

// completed is the run that brought a result.
func (r Run) completed(result generator.Result, now time.Time) Run {
	r.Generator, r.Model = result.Generator, result.Model
	r.InputTokens, r.OutputTokens = result.InputTokens, result.OutputTokens
	return r.end(Completed, now)
}

// failed is the run that brought none, and why.
func (r Run) failed(reason, text string, now time.Time) Run {
	r.Reason, r.Error = reason, text
	return r.end(Failed, now)
}

// cancelled is the run that somebody stopped.
func (r Run) cancelled(now time.Time) Run {
	r.Reason, r.Error = reasonCancelled, textCancelled
	return r.end(Cancelled, now)
}

func (r Run) end(s RunStatus, now time.Time) Run {
	r.Status, r.DeadlineAt, r.FinishedAt = s, db.Time{}, db.At(now)
	return r
}

// explain says why a generator brought nothing: for programs, and for people.
func explain(err error) (reason, text string) {
	var f *generator.Failure
	switch {
	case errors.As(err, &f):
		return string(f.Reason), f.Text
	case errors.Is(err, errTooLong):
		return string(generator.Timeout), "The generator did not finish in time. Try again."
	}
	return reasonInternal, textInternal
}
