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
	ID           string `gorm:"serializer:run"`
	TenantID     string `gorm:"serializer:tnt"`
	Environment  principal.Environment
	Agent        string
	PostID       id.UUID // see postWireID
	Status       RunStatus
	Attempt      int // how many workers started it; distinguishes the worker with the lease from earlier ones
	Generator    string
	Model        string
	Reason       string
	Error        string
	InputTokens  *int64
	OutputTokens *int64
	ChargeID     string `gorm:"serializer:crd"` // empty when it was free
	RefundID     string `gorm:"serializer:crd"` // empty unless it was given back
	DeadlineAt   db.Time
	CreatedAt    db.Time
	StartedAt    db.Time
	FinishedAt   db.Time
}

// TableName implements GORM's Tabler.
func (Run) TableName() string { return "agent_runs" }

const (
	// lease is the time after which a worker that did not renew it is considered dead; it renews each beat.
	lease = 15 * time.Second
	beat  = 2 * time.Second
	// recheck is the time after which a run that no worker started is enqueued again.
	recheck = 5 * time.Second
	// maxAttempts limits the workers that may crash on a run.
	maxAttempts = 3
)

var agents = map[generator.Kind]string{generator.Blog: "blog_writer", generator.Social: "social_writer"}

func newRun(p Post, chargeID string, now time.Time) Run {
	return Run{
		ID: id.New(id.AgentRun), TenantID: p.TenantID, Environment: p.Environment, Agent: agents[p.Kind], PostID: p.ID,
		Status: Queued, ChargeID: chargeID, CreatedAt: db.At(now), DeadlineAt: db.At(now.Add(recheck)),
	}
}

// postWireID returns the TypeID of the run's post, whose kind follows from the agent.
func (r Run) postWireID() string {
	for kind, agent := range agents {
		if agent == r.Agent {
			return r.PostID.TypeID(prefixes[kind])
		}
	}
	return ""
}

func (r Run) scope() principal.Scope {
	return principal.Scope{TenantID: r.TenantID, Environment: r.Environment}
}

// Over reports whether the run has ended.
func (r Run) Over() bool { return r.Status != Queued && r.Status != Running }

// begun returns the run as claimed by a worker.
func (r Run) begun(now time.Time) Run {
	if r.StartedAt.IsZero() {
		r.StartedAt = db.At(now)
	}
	r.Status, r.DeadlineAt = Running, db.At(now.Add(lease))
	r.Attempt++
	return r
}

// completed returns the run with its result.
func (r Run) completed(result generator.Result, now time.Time) Run {
	r.Generator, r.Model = result.Generator, result.Model
	r.InputTokens, r.OutputTokens = result.InputTokens, result.OutputTokens
	return r.end(Completed, now)
}

// failed returns the run with the reason of its failure.
func (r Run) failed(reason, text string, now time.Time) Run {
	r.Reason, r.Error = reason, text
	return r.end(Failed, now)
}

// cancelled returns the run after its cancellation.
func (r Run) cancelled(now time.Time) Run {
	r.Reason, r.Error = reasonCancelled, textCancelled
	return r.end(Cancelled, now)
}

func (r Run) end(s RunStatus, now time.Time) Run {
	r.Status, r.DeadlineAt, r.FinishedAt = s, db.Time{}, db.At(now)
	return r
}

// explain returns the reason of a failure as a code and as a text for people.
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
