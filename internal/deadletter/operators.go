package deadletter

import (
	"context"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/deliverylog"
	"github.com/hookline/hookline/internal/job"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/tenant"
	"github.com/hookline/hookline/internal/wire"
)

type tenants interface {
	Get(ctx context.Context, tenantID string) (tenant.Tenant, error)
}

// queues shows, pauses and resumes queues; *queue.Queue is one.
type queues interface {
	Alive(ctx context.Context) error
	Queues() ([]queue.Info, error)
	Workers() ([]queue.Worker, error)
	Pause(name string, paused bool) (queue.Info, error)
}

// OperatorAPI serves the operators' operations on dead letters and queues.
type OperatorAPI struct {
	store   *Store
	tenants tenants
	bulk    *Bulk
	queues  queues
	audit   *audit.Log
}

// NewOperatorAPI makes the API.
func NewOperatorAPI(store *Store, t tenants, bulk *Bulk, q queues, log *audit.Log) *OperatorAPI {
	return &OperatorAPI{store: store, tenants: t, bulk: bulk, queues: q, audit: log}
}

// ListAllDeadLetters implements the operation of the contract.
func (a *OperatorAPI) ListAllDeadLetters(ctx context.Context,
	r api.ListAllDeadLettersRequestObject) (api.ListAllDeadLettersResponseObject, error) {
	l, err := wire.Log(r.Params.Cursor, r.Params.Limit)
	if err != nil {
		return nil, err
	}
	p := r.Params
	f, err := filter(api.DeadLetterFilter{
		WebhookID: p.WebhookID, EventType: p.EventType, Reason: p.Reason, HTTPStatus: p.HTTPStatus,
		HTTPClass:   p.HTTPClass,
		CreatedFrom: p.CreatedFrom, CreatedTo: p.CreatedTo, DiedFrom: p.DiedFrom, DiedTo: p.DiedTo,
	}, "")
	if err != nil {
		return nil, err
	}
	scope := principal.Scope{TenantID: wire.Or(p.TenantID, ""),
		Environment: principal.Environment(wire.Or(p.Environment, ""))}
	rows, next, err := a.store.List(ctx, Everywhere(scope), l, f)
	return api.ListAllDeadLetters200JSONResponse{Data: wire.Map(rows, ToTenantWire),
		Meta: api.CursorMeta{NextCursor: wire.Null(next)}}, err
}

// ToTenantWire is a dead letter as operators see it.
func ToTenantWire(d delivery.Delivery) api.TenantDeadLetter {
	w := deliverylog.ToWire(d)
	return api.TenantDeadLetter{
		ID: w.ID, TenantID: d.TenantID, EventID: w.EventID, EventType: w.EventType, WebhookID: w.WebhookID,
		Environment: w.Environment,
		Status:      w.Status, Reason: w.Reason, AttemptCount: w.AttemptCount, MaxAttempts: w.MaxAttempts,
		NextAttemptAt:  w.NextAttemptAt,
		ResponseStatus: w.ResponseStatus, Error: w.Error, CreatedAt: w.CreatedAt, FinishedAt: w.FinishedAt,
	}
}

// request reads an operator's request. The tenant must exist, so that a typing error does not select nothing.
func (a *OperatorAPI) request(ctx context.Context, kind string, w api.TenantDeadLetterBulk) (Request, error) {
	r := Request{Kind: kind, Operator: true, Filter: w.Filter}
	r.Scope = principal.Scope{TenantID: wire.Or(w.TenantID, ""),
		Environment: principal.Environment(wire.Or(w.Environment, ""))}
	if r.Scope.TenantID == "" {
		return r, nil
	}
	_, err := a.tenants.Get(ctx, r.Scope.TenantID)
	return r, err
}

// ReplayAllDeadLetters implements the operation of the contract.
func (a *OperatorAPI) ReplayAllDeadLetters(ctx context.Context,
	r api.ReplayAllDeadLettersRequestObject) (api.ReplayAllDeadLettersResponseObject, error) {
	request, err := a.request(ctx, KindReplay, *r.Body)
	if err != nil {
		return nil, err
	}
	if wire.Or(r.Body.DryRun, false) {
		s, err := a.bulk.Preview(ctx, request)
		return api.ReplayAllDeadLetters200JSONResponse(preview(s)), err
	}
	j, err := a.bulk.Start(ctx, request)
	return api.ReplayAllDeadLetters202JSONResponse(job.ToTenantWire(j)), err
}

// PurgeAllDeadLetters implements the operation of the contract.
func (a *OperatorAPI) PurgeAllDeadLetters(ctx context.Context,
	r api.PurgeAllDeadLettersRequestObject) (api.PurgeAllDeadLettersResponseObject, error) {
	request, err := a.request(ctx, KindPurge, *r.Body)
	if err != nil {
		return nil, err
	}
	if wire.Or(r.Body.DryRun, false) {
		s, err := a.bulk.Preview(ctx, request)
		return api.PurgeAllDeadLetters200JSONResponse(preview(s)), err
	}
	j, err := a.bulk.Start(ctx, request)
	return api.PurgeAllDeadLetters202JSONResponse(job.ToTenantWire(j)), err
}

// answering fails fast when Redis is unreachable: the inspector would wait much longer.
func (a *OperatorAPI) answering(ctx context.Context) error {
	if a.queues.Alive(ctx) != nil {
		return problem.New(problem.Unavailable,
			"Redis does not answer, and the queues are in it. Bring it back, and try again.")
	}
	return nil
}

// ListQueues implements the operation of the contract.
func (a *OperatorAPI) ListQueues(ctx context.Context, _ api.ListQueuesRequestObject) (api.ListQueuesResponseObject,
	error) {
	if err := a.answering(ctx); err != nil {
		return nil, err
	}
	all, err := a.queues.Queues()
	if err != nil {
		return nil, err
	}
	workers, err := a.queues.Workers()
	return api.ListQueues200JSONResponse{Queues: wire.Map(all, infoToWire), Servers: wire.Map(workers, workerToWire)},
		err
}

// PauseQueue implements the operation of the contract.
func (a *OperatorAPI) PauseQueue(ctx context.Context, r api.PauseQueueRequestObject) (api.PauseQueueResponseObject,
	error) {
	after, err := a.pause(ctx, r.Queue, true)
	return api.PauseQueue200JSONResponse(after), err
}

// UnpauseQueue implements the operation of the contract.
func (a *OperatorAPI) UnpauseQueue(ctx context.Context,
	r api.UnpauseQueueRequestObject) (api.UnpauseQueueResponseObject, error) {
	after, err := a.pause(ctx, r.Queue, false)
	return api.UnpauseQueue200JSONResponse(after), err
}

func (a *OperatorAPI) pause(ctx context.Context, name string, paused bool) (api.Queue, error) {
	var after api.Queue
	if err := a.answering(ctx); err != nil {
		return after, err
	}
	err := a.audit.Do(ctx, func(context.Context) (audit.Change, error) {
		info, err := a.queues.Pause(name, paused)
		after = infoToWire(info)
		return audit.Change{Target: name, After: map[string]any{"paused": paused}}, err
	})
	return after, err
}

func infoToWire(i queue.Info) api.Queue {
	return api.Queue{
		Name: i.Name, Paused: i.Paused, Size: i.Size, Pending: i.Pending, Active: i.Active, Scheduled: i.Scheduled,
		Retry:    i.Retry,
		Archived: i.Archived, LatencySeconds: i.Latency.Seconds(), MemoryBytes: i.MemoryBytes,
		ProcessedToday: i.Processed, FailedToday: i.Failed, Servers: i.Servers,
	}
}

func workerToWire(w queue.Worker) api.QueueServer {
	return api.QueueServer{
		ID: w.ID, Host: w.Host, Pid: w.PID, Concurrency: w.Concurrency, Active: w.Active, Status: w.Status,
		Queues: w.Queues, StartedAt: w.Started.UTC(),
	}
}
