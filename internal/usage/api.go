package usage

import (
	"context"
	"fmt"
	"time"

	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/plan"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/quota"
	"github.com/hookline/hookline/internal/wire"
)

// The limits of one answer, as the contract states them.
const (
	defaultDays = 30
	maxDays     = 366
	maxRows     = 10_000
)

// API serves the operation on usage.
type API struct {
	store  *Store
	now    clock.Clock
	gauges map[plan.QuotaName]quota.Gauge
}

// NewAPI makes the API. gauges tell what tenants use; a quota without one has no figure.
func NewAPI(store *Store, now clock.Clock, gauges []quota.Gauge) *API {
	a := &API{store: store, now: now, gauges: map[plan.QuotaName]quota.Gauge{}}
	for _, g := range gauges {
		a.gauges[g.Name] = g
	}
	return a
}

// GetUsage implements the operation of the contract.
func (a *API) GetUsage(ctx context.Context, r api.GetUsageRequestObject) (api.GetUsageResponseObject, error) {
	last := a.now().UTC().Truncate(24 * time.Hour)
	if r.Params.To != nil {
		last = r.Params.To.Time
	}
	first := last.AddDate(0, 0, 1-defaultDays)
	if r.Params.From != nil {
		first = r.Params.From.Time
	}
	switch {
	case first.After(last):
		return nil, problem.Invalid(problem.Detail{Field: "from", Message: "must not be after to, " + dayOf(last)})
	case first.Before(last.AddDate(0, 0, 1-maxDays)):
		return nil, problem.Invalid(problem.Detail{Field: "from",
			Message: fmt.Sprintf("must be at most %d days before to, %s, both included", maxDays, dayOf(last))})
	}
	rows, err := a.store.List(ctx, principal.From(ctx).Scope, first, last, wire.Or(r.Params.KeyID, ""), maxRows+1)
	if err != nil {
		return nil, err
	}
	if len(rows) > maxRows {
		return nil, problem.Invalid(problem.Detail{Field: "from",
			Message: "covers more than 10,000 counts; ask for fewer days or for one key_id"})
	}
	quotas, err := a.quotas(ctx, principal.From(ctx).TenantID)
	if err != nil {
		return nil, err
	}
	return respond(first, last, rows, quotas)
}

// quotas returns each quota of a tenant but those of resources that its product lacks.
func (a *API) quotas(ctx context.Context, tenantID string) ([]api.Quota, error) {
	limits, err := quota.Of(a.store.db.Read(ctx), tenantID)
	if err != nil {
		return nil, err
	}
	var out []api.Quota
	p := profile.Of(principal.From(ctx).Profile)
	for _, name := range plan.QuotaNames() {
		if !p.Sells(name.Resource()) {
			continue
		}
		q := api.Quota{Name: api.QuotaName(name), Limit: limits.Limit(name)}
		q.Used.SetNull()
		if g, ok := a.gauges[name]; ok {
			used, err := g.Used(ctx, tenantID)
			if err != nil {
				return nil, err
			}
			q.Used.Set(used)
		}
		out = append(out, q)
	}
	return out, nil
}

func respond(first, last time.Time, rows []Count, quotas []api.Quota) (api.GetUsageResponseObject, error) {
	out := api.GetUsage200JSONResponse{Data: make([]api.UsageCount, 0, len(rows)), Quotas: quotas}
	out.Meta.From, out.Meta.To = openapi_types.Date{Time: first}, openapi_types.Date{Time: last}
	for _, row := range rows {
		day, err := time.Parse(time.DateOnly, row.Day)
		if err != nil {
			return nil, fmt.Errorf("usage: %w", err)
		}
		out.Data = append(out.Data, api.UsageCount{Date: openapi_types.Date{Time: day}, KeyID: row.KeyID,
			Status: row.Status, Calls: row.Calls})
		out.Meta.Total += row.Calls
	}
	return out, nil
}
