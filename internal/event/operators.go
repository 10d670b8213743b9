package event

import (
	"context"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
)

// seen is what the audit log shows of events that an operator published for a tenant: not their data, which the events
// themselves have.
type seen struct {
	Environment api.Environment `json:"environment"`
	EventIDs    []string        `json:"event_ids"`
}

// PublishTenantEvent implements the operation of the contract. The caller is the operator as the tenant.
func (a *API) PublishTenantEvent(ctx context.Context,
	r api.PublishTenantEventRequestObject) (api.PublishTenantEventResponseObject, error) {
	var w api.Event
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		e, err := a.publish(ctx, *r.Body)
		if err != nil {
			return audit.Change{}, err
		}
		w, err = a.toWire(ctx, e)
		return audit.Change{Target: e.ID, After: seen{w.Environment, []string{e.ID}}}, err
	})
	return api.PublishTenantEvent202JSONResponse(w), err
}

// PublishTenantEvents implements the operation of the contract. The caller is the operator as the tenant.
func (a *API) PublishTenantEvents(ctx context.Context,
	r api.PublishTenantEventsRequestObject) (api.PublishTenantEventsResponseObject, error) {
	var out api.EventBulkResult
	err := a.audit.DoIf(ctx, func(ctx context.Context) (audit.Change, bool, error) {
		var accepted []Event
		var err error
		if out, accepted, err = a.publishAll(ctx, r.Body.Events); err != nil || len(accepted) == 0 {
			return audit.Change{}, false, err
		}
		change := seen{Environment: api.Environment(accepted[0].Environment)}
		for _, e := range accepted {
			change.EventIDs = append(change.EventIDs, e.ID)
		}
		return audit.Change{After: change}, true, nil
	})
	return api.PublishTenantEvents200JSONResponse(out), err
}
