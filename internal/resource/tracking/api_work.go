package tracking

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/wire"
)

// CreateDirectMessage implements the operation of the contract.
func (a *API) CreateDirectMessage(ctx context.Context,
	r api.CreateDirectMessageRequestObject) (api.CreateDirectMessageResponseObject, error) {
	n := NewMessage{TargetUsername: r.Body.TargetUsername, Message: r.Body.Message, DeviceID: wire.Or(r.Body.DeviceID,
		"")}
	made, err := a.store.CreateMessage(ctx, principal.From(ctx).Scope, r.TrackedAccountID, n)
	if err != nil {
		return nil, err
	}
	return api.CreateDirectMessage202JSONResponse(messageToWire(made)), nil
}

// ListDirectMessages implements the operation of the contract.
func (a *API) ListDirectMessages(ctx context.Context,
	r api.ListDirectMessagesRequestObject) (api.ListDirectMessagesResponseObject, error) {
	p := page.New(r.Params.Page, r.Params.PerPage)
	f := MessageFilter{
		Status: string(wire.Or(r.Params.Status, "")), AccountID: wire.Or(r.Params.TrackedAccountID, ""),
		TargetUsername: wire.Or(r.Params.TargetUsername, ""),
	}
	rows, total, err := a.store.Messages(ctx, principal.From(ctx).Scope, p, f)
	if err != nil {
		return nil, err
	}
	return api.ListDirectMessages200JSONResponse{Data: wire.Map(rows, messageToWire), Meta: wire.PageMeta(p, total)},
		nil
}

// GetDirectMessage implements the operation of the contract.
func (a *API) GetDirectMessage(ctx context.Context,
	r api.GetDirectMessageRequestObject) (api.GetDirectMessageResponseObject, error) {
	found, err := a.store.Message(ctx, principal.From(ctx).Scope, r.DirectMessageID)
	if err != nil {
		return nil, err
	}
	return api.GetDirectMessage200JSONResponse(messageToWire(found)), nil
}

// ListQueuedDirectMessages implements the operation of the contract.
func (a *API) ListQueuedDirectMessages(ctx context.Context,
	r api.ListQueuedDirectMessagesRequestObject) (api.ListQueuedDirectMessagesResponseObject, error) {
	l, err := wire.Log(r.Params.Cursor, r.Params.Limit)
	if err != nil {
		return nil, err
	}
	rows, next, err := a.store.QueuedMessages(ctx, l, wire.Or(r.Params.TenantID, ""))
	if err != nil {
		return nil, err
	}
	return api.ListQueuedDirectMessages200JSONResponse{Data: wire.Map(rows, messageToOperators),
		Meta: api.CursorMeta{NextCursor: wire.Null(next)}}, nil
}

// leaseTime is the default lease of a claim.
const leaseTime = 300

// ClaimDirectMessages implements the operation of the contract.
func (a *API) ClaimDirectMessages(ctx context.Context,
	r api.ClaimDirectMessagesRequestObject) (api.ClaimDirectMessagesResponseObject, error) {
	lease := time.Duration(wire.Or(r.Body.LeaseSeconds, leaseTime)) * time.Second
	rows, err := a.store.ClaimMessages(ctx, wire.Or(r.Body.Limit, page.DefaultSize), lease)
	if err != nil {
		return nil, err
	}
	return api.ClaimDirectMessages200JSONResponse{Data: wire.Map(rows, messageToOperators)}, nil
}

// ReportDirectMessage implements the operation of the contract.
func (a *API) ReportDirectMessage(ctx context.Context,
	r api.ReportDirectMessageRequestObject) (api.ReportDirectMessageResponseObject, error) {
	report := Report{
		Status: Status(r.Body.Status), Error: wire.Or(r.Body.Error, ""), DeviceID: wire.Or(r.Body.DeviceID, ""),
		At: db.At(wire.Or(r.Body.OccurredAt, time.Time{})),
	}
	var m Message
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		var before Message
		var err error
		before, m, err = a.store.ReportMessage(ctx, r.DirectMessageID, report)
		return audit.Change{TenantID: m.TenantID, Target: m.ID, Before: messageToAudit(before),
			After: messageToAudit(m)}, err
	})
	if err != nil {
		return nil, err
	}
	return api.ReportDirectMessage200JSONResponse(messageToOperators(m)), nil
}

// messageToAudit is a message for the audit log, without its text and its target.
func messageToAudit(m Message) map[string]any {
	return map[string]any{
		"status": m.Status, "error": wire.Text(m.Error), "device_id": wire.Text(m.DeviceID),
		"occurred_at": m.OccurredAt.Pointer(),
	}
}

// CreateTrackerJob implements the operation of the contract.
func (a *API) CreateTrackerJob(ctx context.Context,
	r api.CreateTrackerJobRequestObject) (api.CreateTrackerJobResponseObject, error) {
	parameters := wire.Or(r.Body.Parameters, json.RawMessage("{}"))
	made, err := a.store.CreateJob(ctx, principal.From(ctx).Scope, r.Body.JobType, string(parameters))
	if err != nil {
		return nil, err
	}
	return api.CreateTrackerJob202JSONResponse(jobToWire(made)), nil
}

// ListTrackerJobs implements the operation of the contract.
func (a *API) ListTrackerJobs(ctx context.Context,
	r api.ListTrackerJobsRequestObject) (api.ListTrackerJobsResponseObject, error) {
	p := page.New(r.Params.Page, r.Params.PerPage)
	f := JobFilter{Status: string(wire.Or(r.Params.Status, "")), JobType: wire.Or(r.Params.JobType, "")}
	rows, total, err := a.store.Jobs(ctx, principal.From(ctx).Scope, p, f)
	if err != nil {
		return nil, err
	}
	return api.ListTrackerJobs200JSONResponse{Data: wire.Map(rows, jobToWire), Meta: wire.PageMeta(p, total)}, nil
}

// GetTrackerJob implements the operation of the contract.
func (a *API) GetTrackerJob(ctx context.Context, r api.GetTrackerJobRequestObject) (api.GetTrackerJobResponseObject,
	error) {
	found, err := a.store.Job(ctx, principal.From(ctx).Scope, r.TrackerJobID)
	if err != nil {
		return nil, err
	}
	return api.GetTrackerJob200JSONResponse(jobToWire(found)), nil
}

// ListOpenTrackerJobs implements the operation of the contract.
func (a *API) ListOpenTrackerJobs(ctx context.Context,
	r api.ListOpenTrackerJobsRequestObject) (api.ListOpenTrackerJobsResponseObject, error) {
	l, err := wire.Log(r.Params.Cursor, r.Params.Limit)
	if err != nil {
		return nil, err
	}
	rows, next, err := a.store.OpenJobs(ctx, l, string(wire.Or(r.Params.Status, "")), wire.Or(r.Params.TenantID, ""))
	if err != nil {
		return nil, err
	}
	return api.ListOpenTrackerJobs200JSONResponse{Data: wire.Map(rows, jobToOperators),
		Meta: api.CursorMeta{NextCursor: wire.Null(next)}}, nil
}

// UpdateTrackerJob implements the operation of the contract.
func (a *API) UpdateTrackerJob(ctx context.Context,
	r api.UpdateTrackerJobRequestObject) (api.UpdateTrackerJobResponseObject, error) {
	report := Report{
		Status: Status(r.Body.Status), Error: wire.Or(r.Body.Error, ""), TotalLeadsStored: r.Body.TotalLeadsStored,
		At: db.At(wire.Or(r.Body.OccurredAt, time.Time{})),
	}
	var j Job
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		var before Job
		var err error
		before, j, err = a.store.ReportJob(ctx, r.TrackerJobID, report)
		return audit.Change{TenantID: j.TenantID, Target: j.ID, Before: jobToWire(before), After: jobToWire(j)}, err
	})
	if err != nil {
		return nil, err
	}
	return api.UpdateTrackerJob200JSONResponse(jobToOperators(j)), nil
}

func messageToWire(m Message) api.DirectMessage {
	return api.DirectMessage{
		ID: m.ID, TrackedAccountID: m.TrackedAccountID, Platform: m.Platform, TrackedUsername: m.TrackedUsername,
		TargetUsername: m.TargetUsername, Message: m.Message, DeviceID: wire.Null(wire.Text(m.DeviceID)),
		Status: api.DirectMessageStatus(m.Status), Error: wire.Null(wire.Text(m.Error)),
		OccurredAt: wire.Null(m.OccurredAt.Pointer()), CreatedAt: m.CreatedAt.Time,
	}
}

func messageToOperators(m Message) api.TenantDirectMessage {
	w := messageToWire(m)
	return api.TenantDirectMessage{
		TenantID: m.TenantID, Environment: api.Environment(m.Environment),
		ID: w.ID, TrackedAccountID: w.TrackedAccountID, Platform: w.Platform, TrackedUsername: w.TrackedUsername,
		TargetUsername: w.TargetUsername, Message: w.Message, DeviceID: w.DeviceID, Status: w.Status, Error: w.Error,
		OccurredAt: w.OccurredAt, CreatedAt: w.CreatedAt,
	}
}

func jobToWire(j Job) api.TrackerJob {
	return api.TrackerJob{
		ID: j.ID, JobID: j.Number, JobType: j.JobType, Parameters: json.RawMessage(j.Parameters),
		Status:           api.TrackerJobStatus(j.Status),
		TotalLeadsStored: j.TotalLeadsStored, Error: wire.Null(wire.Text(j.Error)), CreatedAt: j.CreatedAt.Time,
		StartedAt: wire.Null(j.StartedAt.Pointer()), FinishedAt: wire.Null(j.FinishedAt.Pointer()),
	}
}

func jobToOperators(j Job) api.TenantTrackerJob {
	w := jobToWire(j)
	return api.TenantTrackerJob{
		TenantID: j.TenantID, Environment: api.Environment(j.Environment),
		ID: w.ID, JobID: w.JobID, JobType: w.JobType, Parameters: w.Parameters, Status: w.Status,
		TotalLeadsStored: w.TotalLeadsStored,
		Error:            w.Error, CreatedAt: w.CreatedAt, StartedAt: w.StartedAt, FinishedAt: w.FinishedAt,
	}
}
