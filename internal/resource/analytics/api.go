package analytics

import (
	"context"
	"time"

	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/wire"
)

// API serves the operation on metrics.
type API struct {
	store *Store
	now   clock.Clock
}

// NewAPI makes the API.
func NewAPI(store *Store, now clock.Clock) *API { return &API{store: store, now: now} }

// GetAnalyticsOverview implements the operation of the contract.
func (a *API) GetAnalyticsOverview(ctx context.Context,
	r api.GetAnalyticsOverviewRequestObject) (api.GetAnalyticsOverviewResponseObject, error) {
	p, err := newPeriod(day(r.Params.From), day(r.Params.To), a.now())
	if err != nil {
		return nil, err
	}
	caller := principal.From(ctx)
	o, err := a.store.Overview(ctx, caller.Scope, p, profile.Of(caller.Profile).Sells)
	if err != nil {
		return nil, err
	}
	return api.GetAnalyticsOverview200JSONResponse(toWire(p, o)), nil
}

func day(d *openapi_types.Date) *time.Time {
	if d == nil {
		return nil
	}
	return &d.Time
}

func toWire(p Period, o Overview) api.AnalyticsOverview {
	out := api.AnalyticsOverview{
		Leads: api.AnalyticsLeads{
			Total: o.Leads.Total,
			BySource: wire.Map(o.Leads.BySource, func(c Count) api.AnalyticsSource {
				return api.AnalyticsSource{Source: wire.Null(c.Name), Count: c.Count}
			}),
			ByStatus: wire.Map(o.Leads.ByStatus, func(c Count) api.AnalyticsStatus {
				return api.AnalyticsStatus{Status: *c.Name, Count: c.Count}
			}),
		},
		Deliveries: deliveriesToWire(o.Deliveries),
	}
	if o.Tickets != nil {
		out.Tickets = &api.AnalyticsTickets{Total: total(o.Tickets)}
		tickets := &out.Tickets.ByStatus
		tickets.Open, tickets.Pending, tickets.Resolved, tickets.Closed = o.Tickets["open"], o.Tickets["pending"],
			o.Tickets["resolved"], o.Tickets["closed"]
	}
	if f := o.Followers; f != nil {
		out.Followers = &api.AnalyticsFollowers{Accounts: f.Accounts, AtStart: f.AtStart, AtEnd: f.AtEnd,
			Net: f.AtEnd - f.AtStart}
	}
	out.Period.From, out.Period.To = openapi_types.Date{Time: p.First}, openapi_types.Date{Time: p.Last}
	out.Content.BlogPosts, out.Content.SocialPosts = postsToWire(o.BlogPosts), postsToWire(o.SocialPosts)
	return out
}

func postsToWire(counts map[string]int64) api.AnalyticsPosts {
	out := api.AnalyticsPosts{Total: total(counts)}
	out.ByStatus.Generating, out.ByStatus.Draft, out.ByStatus.Approved = counts["generating"], counts["draft"],
		counts["approved"]
	out.ByStatus.Published, out.ByStatus.Failed = counts["published"], counts["failed"]
	return out
}

func deliveriesToWire(d Deliveries) api.AnalyticsDeliveries {
	return api.AnalyticsDeliveries{
		Total: d.Succeeded + d.Dead + d.Cancelled + d.UnderWay, Succeeded: d.Succeeded, Dead: d.Dead,
		Cancelled: d.Cancelled, UnderWay: d.UnderWay, SuccessRate: wire.Null(successRate(d.Succeeded, d.Dead)),
	}
}
