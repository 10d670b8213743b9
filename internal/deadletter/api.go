package deadletter

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/deliverylog"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/job"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/wire"
)

type enqueuer interface {
	// Enqueue makes a worker run a delivery soon; it never blocks.
	Enqueue(deliveryID string)
}

type endpoints interface {
	Get(ctx context.Context, scope principal.Scope, endpointID string) (endpoint.Endpoint, error)
}

// Kept has the retentions.
type Kept struct{ Events, Deliveries time.Duration }

// API serves a tenant's operations on dead letters.
type API struct {
	store     *Store
	endpoints endpoints
	bulk      *Bulk
	jobs      *job.Store
	queue     enqueuer
	audit     *audit.Log
	now       clock.Clock
	kept      Kept
}

// NewAPI makes the API.
func NewAPI(store *Store, e endpoints, jobs *job.Store, queue enqueuer, log *audit.Log, now clock.Clock,
	kept Kept) *API {
	return &API{store: store, endpoints: e, bulk: NewBulk(store, jobs, log, now), jobs: jobs, queue: queue, audit: log,
		now: now, kept: kept}
}

// ListDeadLetters implements the operation of the contract.
func (a *API) ListDeadLetters(ctx context.Context,
	r api.ListDeadLettersRequestObject) (api.ListDeadLettersResponseObject, error) {
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
	rows, next, err := a.store.List(ctx, accessOfCaller(ctx), l, f)
	if err != nil {
		return nil, err
	}
	data, err := a.store.log.Lines(ctx, rows)
	return api.ListDeadLetters200JSONResponse{Data: data, Meta: api.CursorMeta{NextCursor: wire.Null(next)}}, err
}

// GetDeadLetter implements the operation of the contract.
func (a *API) GetDeadLetter(ctx context.Context, r api.GetDeadLetterRequestObject) (api.GetDeadLetterResponseObject,
	error) {
	detail, err := a.store.Find(ctx, accessOfCaller(ctx), r.DeliveryID)
	if err == nil && detail.Delivery.Status != delivery.Dead {
		err = problem.Missing("delivery")
	}
	if err != nil {
		return nil, err
	}
	return api.GetDeadLetter200JSONResponse(deliverylog.DetailToWire(detail)), nil
}

// ReplayDeadLetter implements the operation of the contract.
func (a *API) ReplayDeadLetter(ctx context.Context,
	r api.ReplayDeadLetterRequestObject) (api.ReplayDeadLetterResponseObject, error) {
	d, err := a.replay(ctx, r.DeliveryID, a.store.Replay)
	return api.ReplayDeadLetter202JSONResponse(deliverylog.ToWire(d)), err
}

// ReplayDelivery implements the operation of the contract.
func (a *API) ReplayDelivery(ctx context.Context, r api.ReplayDeliveryRequestObject) (api.ReplayDeliveryResponseObject,
	error) {
	d, err := a.replay(ctx, r.DeliveryID, a.store.Resend)
	return api.ReplayDelivery202JSONResponse(deliverylog.ToWire(d)), err
}

func (a *API) replay(ctx context.Context, deliveryID string, by func(context.Context, principal.Scope,
	string) (delivery.Delivery, error)) (delivery.Delivery, error) {
	var d delivery.Delivery
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		var err error
		if d, err = by(ctx, principal.From(ctx).Scope, deliveryID); err != nil {
			return audit.Change{}, err
		}
		if d.Admission != delivery.Deferred {
			db.AfterCommit(ctx, func() { a.queue.Enqueue(d.ID) })
		}
		return audit.Change{Target: d.ID, After: deliverylog.ToWire(d)}, nil
	})
	return d, err
}

// ReplayDeadLetters implements the operation of the contract.
func (a *API) ReplayDeadLetters(ctx context.Context,
	r api.ReplayDeadLettersRequestObject) (api.ReplayDeadLettersResponseObject, error) {
	request := Request{Kind: KindReplay, Scope: principal.From(ctx).Scope,
		Owner: principal.From(ctx).Owner, Filter: r.Body.Filter}
	if wire.Or(r.Body.DryRun, false) {
		s, err := a.bulk.Preview(ctx, request)
		return api.ReplayDeadLetters200JSONResponse(preview(s)), err
	}
	j, err := a.bulk.Start(ctx, request)
	return api.ReplayDeadLetters202JSONResponse(job.ToWire(j)), err
}

// ReplayDeliveries implements the operation of the contract.
func (a *API) ReplayDeliveries(ctx context.Context,
	r api.ReplayDeliveriesRequestObject) (api.ReplayDeliveriesResponseObject, error) {
	p, now := principal.From(ctx), a.now().UTC().Truncate(time.Microsecond)
	raw, err := json.Marshal(r.Body.Filter)
	if err != nil {
		return nil, err
	}
	f, err := resent(string(raw), now)
	if err != nil {
		return nil, err
	}
	s, err := a.store.SurveyOver(ctx, p.Scope, p.Owner, f)
	if err != nil {
		return nil, err
	}
	if wire.Or(r.Body.DryRun, false) {
		return api.ReplayDeliveries200JSONResponse(preview(s)), nil
	}
	j, err := create(ctx, a.jobs, a.audit, job.New{Scope: p.Scope, Owner: p.Owner, Kind: KindResend,
		Filter: string(raw), Total: s.Total, CreatedAt: now})
	return api.ReplayDeliveries202JSONResponse(job.ToWire(j)), err
}

// PurgeDeadLetters implements the operation of the contract.
func (a *API) PurgeDeadLetters(ctx context.Context,
	r api.PurgeDeadLettersRequestObject) (api.PurgeDeadLettersResponseObject, error) {
	request := Request{Kind: KindPurge, Scope: principal.From(ctx).Scope,
		Owner: principal.From(ctx).Owner, Filter: r.Body.Filter}
	if wire.Or(r.Body.DryRun, false) {
		s, err := a.bulk.Preview(ctx, request)
		return api.PurgeDeadLetters200JSONResponse(preview(s)), err
	}
	j, err := a.bulk.Start(ctx, request)
	return api.PurgeDeadLetters202JSONResponse(job.ToWire(j)), err
}

// RecoverWebhook implements the operation of the contract.
func (a *API) RecoverWebhook(ctx context.Context, r api.RecoverWebhookRequestObject) (api.RecoverWebhookResponseObject,
	error) {
	scope, now := principal.From(ctx).Scope, a.now().UTC().Truncate(time.Microsecond)
	e, err := a.endpoints.Get(ctx, scope, r.WebhookID)
	if err != nil {
		return nil, err
	}
	asked := recovery{WebhookID: e.ID, Since: r.Body.Since.UTC(), Until: wire.Or(r.Body.Until, now).UTC(),
		EventTypes: wire.Or(r.Body.EventTypes, nil)}
	if asked.Until.After(now) {
		asked.Until = now // later events are not part of the job
	}
	if details := a.checkSpan(asked, now); len(details) > 0 {
		return nil, problem.Invalid(details...)
	}
	if !e.Enabled {
		return nil, problem.New(problem.Conflict,
			"This endpoint is disabled. Enable it first: PATCH /api/v1/webhooks/%s", e.ID)
	}
	s, err := a.store.SurveyMissed(ctx, asked.missed(scope, knownSince(now, a.kept.Deliveries)))
	if err != nil {
		return nil, err
	}
	if wire.Or(r.Body.DryRun, false) {
		return api.RecoverWebhook200JSONResponse(preview(s)), nil
	}
	raw, err := json.Marshal(asked)
	if err != nil {
		return nil, err
	}
	j, err := create(ctx, a.jobs, a.audit, job.New{Scope: scope, Owner: principal.From(ctx).Owner, Kind: KindRecover,
		Filter: string(raw), Total: s.Total, CreatedAt: now})
	return api.RecoverWebhook202JSONResponse(job.ToWire(j)), err
}

func (a *API) checkSpan(r recovery, now time.Time) []problem.Detail {
	switch {
	case r.Since.Before(now.Add(-a.kept.Events)):
		return []problem.Detail{{Field: "since",
			Message: fmt.Sprintf("must be within the %d hours that events are kept", int(a.kept.Events.Hours()))}}
	case r.Since.After(now):
		return []problem.Detail{{Field: "since", Message: "must not be in the future"}}
	case r.Until.Before(r.Since):
		return []problem.Detail{{Field: "until", Message: "must not be before since"}}
	}
	return nil
}
