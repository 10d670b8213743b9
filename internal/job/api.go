package job

import (
	"context"
	"encoding/json"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/wire"
)

// API serves the operations on jobs.
type API struct {
	store *Store
	audit *audit.Log
}

// NewAPI makes the API.
func NewAPI(store *Store, log *audit.Log) *API { return &API{store: store, audit: log} }

// ListJobs implements the operation of the contract.
func (a *API) ListJobs(ctx context.Context, r api.ListJobsRequestObject) (api.ListJobsResponseObject, error) {
	l, err := wire.Log(r.Params.Cursor, r.Params.Limit)
	if err != nil {
		return nil, err
	}
	rows, next, err := a.store.List(ctx, principal.From(ctx).Scope, l)
	return api.ListJobs200JSONResponse{Data: wire.Map(rows, ToWire), Meta: api.CursorMeta{NextCursor: wire.Null(next)}},
		err
}

// GetJob implements the operation of the contract.
func (a *API) GetJob(ctx context.Context, r api.GetJobRequestObject) (api.GetJobResponseObject, error) {
	j, err := a.store.Get(ctx, principal.From(ctx).Scope, r.JobID)
	return api.GetJob200JSONResponse(ToWire(j)), err
}

// CancelJob implements the operation of the contract.
func (a *API) CancelJob(ctx context.Context, r api.CancelJobRequestObject) (api.CancelJobResponseObject, error) {
	var after Job
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		var before Job
		var err error
		before, after, err = a.store.Cancel(ctx, principal.From(ctx).Scope, r.JobID)
		return audit.Change{Target: r.JobID, Before: ToWire(before), After: ToWire(after)}, err
	})
	return api.CancelJob200JSONResponse(ToWire(after)), err
}

// ListAnyJobs implements the operation of the contract.
func (a *API) ListAnyJobs(ctx context.Context, r api.ListAnyJobsRequestObject) (api.ListAnyJobsResponseObject, error) {
	l, err := wire.Log(r.Params.Cursor, r.Params.Limit)
	if err != nil {
		return nil, err
	}
	rows, next, err := a.store.ListAny(ctx, l, wire.Or(r.Params.TenantID, ""))
	return api.ListAnyJobs200JSONResponse{Data: wire.Map(rows, ToTenantWire),
		Meta: api.CursorMeta{NextCursor: wire.Null(next)}}, err
}

// GetAnyJob implements the operation of the contract.
func (a *API) GetAnyJob(ctx context.Context, r api.GetAnyJobRequestObject) (api.GetAnyJobResponseObject, error) {
	j, err := a.store.GetAny(ctx, r.JobID)
	return api.GetAnyJob200JSONResponse(ToTenantWire(j)), err
}

// CancelAnyJob implements the operation of the contract.
func (a *API) CancelAnyJob(ctx context.Context, r api.CancelAnyJobRequestObject) (api.CancelAnyJobResponseObject,
	error) {
	var after Job
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		var before Job
		var err error
		before, after, err = a.store.CancelAny(ctx, r.JobID)
		return audit.Change{TenantID: after.TenantID, Target: r.JobID, Before: ToTenantWire(before),
			After: ToTenantWire(after)}, err
	})
	return api.CancelAnyJob200JSONResponse(ToTenantWire(after)), err
}

// ToWire is a job in the contract's form.
func ToWire(j Job) api.Job {
	reasons := j.SkipReasons.V
	if reasons == nil {
		reasons = map[string]int{}
	}
	return api.Job{
		ID: j.ID, Kind: api.JobKind(j.Kind), Status: api.JobStatus(j.Status), Total: j.Total, Done: j.Done,
		Skipped:     j.Skipped,
		SkipReasons: reasons, Filter: json.RawMessage(j.Filter), Error: wire.Null(wire.Text(j.Error)),
		CreatedAt: j.CreatedAt.Time,
		StartedAt: wire.Null(j.StartedAt.Pointer()), FinishedAt: wire.Null(j.FinishedAt.Pointer()),
	}
}

// ToTenantWire is a job in the form that operators see.
func ToTenantWire(j Job) api.TenantJob {
	w := ToWire(j)
	return api.TenantJob{
		ID: w.ID, TenantID: wire.Null(wire.Text(j.TenantID)), Environment: wire.Null(wire.Text(string(j.Environment))),
		Operator: j.Operator,
		Kind:     api.TenantJobKind(w.Kind), Status: api.TenantJobStatus(w.Status), Total: w.Total, Done: w.Done,
		Skipped:     w.Skipped,
		SkipReasons: w.SkipReasons, Filter: w.Filter, Error: w.Error, CreatedAt: w.CreatedAt, StartedAt: w.StartedAt,
		FinishedAt: w.FinishedAt,
	}
}
