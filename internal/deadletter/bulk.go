package deadletter

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/job"
	"github.com/hookline/hookline/internal/principal"
)

// Bulk makes the jobs that replay and purge many dead letters. It is the same for tenants, operators and the command
// line.
type Bulk struct {
	store *Store
	jobs  *job.Store
	audit *audit.Log
	now   clock.Clock
}

// NewBulk makes a Bulk.
func NewBulk(store *Store, jobs *job.Store, log *audit.Log, now clock.Clock) *Bulk {
	return &Bulk{store: store, jobs: jobs, audit: log, now: now}
}

// Request says what to do with which dead letters. In an operator's request an incomplete scope means all tenants or
// both environments.
type Request struct {
	Kind     string
	Scope    principal.Scope
	Owner    principal.Owner // of a tenant's request
	Operator bool
	Filter   api.DeadLetterFilter
}

func (r Request) access() AccessScope {
	if r.Operator {
		return Everywhere(r.Scope)
	}
	return Within(r.Scope, r.Owner)
}

// Preview counts what a request would do.
func (b *Bulk) Preview(ctx context.Context, r Request) (Survey, error) {
	return b.survey(ctx, r, b.now())
}

func (b *Bulk) survey(ctx context.Context, r Request, by time.Time) (Survey, error) {
	f, err := filter(r.Filter, "filter.")
	if err != nil {
		return Survey{}, err
	}
	return b.store.SurveyDead(ctx, r.access(), f, by, r.Kind == KindReplay)
}

// Start creates the job and audits that under the action that ctx carries. The job covers what was dead at its start.
func (b *Bulk) Start(ctx context.Context, r Request) (job.Job, error) {
	now := b.now().UTC().Truncate(time.Microsecond)
	s, err := b.survey(ctx, r, now)
	if err != nil {
		return job.Job{}, err
	}
	asked, err := json.Marshal(r.Filter)
	if err != nil {
		return job.Job{}, err
	}
	return create(ctx, b.jobs, b.audit, job.New{
		Scope: r.Scope, Owner: r.Owner, Operator: r.Operator, Kind: r.Kind, Filter: string(asked),
		Total: s.Total, CreatedAt: now,
	})
}

func create(ctx context.Context, jobs *job.Store, log *audit.Log, n job.New) (job.Job, error) {
	var j job.Job
	err := log.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		var err error
		j, err = jobs.Create(ctx, n)
		return audit.Change{TenantID: j.TenantID, Target: j.ID, After: job.ToTenantWire(j)}, err
	})
	return j, err
}

func preview(s Survey) api.BulkPreview {
	w := api.BulkPreview{Total: s.Total, SkipReasons: s.Skipped, SampleIds: s.Sample}
	for _, n := range s.Skipped {
		w.Skipped += n
	}
	return w
}
