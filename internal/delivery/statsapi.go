package delivery

import (
	"context"
	"math"
	"strconv"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/wire"
)

// GetDeliveryStats implements the operation of the contract.
func (a *API) GetDeliveryStats(ctx context.Context,
	r api.GetDeliveryStatsRequestObject) (api.GetDeliveryStatsResponseObject, error) {
	period := string(wire.Or(r.Params.Period, "24h"))
	stats, err := a.store.Stats(ctx, principal.From(ctx).Scope, StatsPeriods[period], wire.Or(r.Params.WebhookID, ""))
	if err != nil {
		return nil, err
	}
	return api.GetDeliveryStats200JSONResponse(stats.toWire(period)), nil
}

func (o Stats) toWire(period string) api.DeliveryStats {
	return api.DeliveryStats{
		Period: period, From: o.From, To: o.To, Complete: o.Complete, BucketSeconds: int(o.Step.Seconds()),
		Total: o.Total.All(), Succeeded: o.Total.Succeeded, Failing: o.ByStatus[Retrying], Dead: o.ByStatus[Dead],
		Cancelled: o.ByStatus[Cancelled], Waiting: o.ByStatus[Pending] + o.ByStatus[Delivering],
		SuccessRate: wire.Null(o.Total.Rate()),
		Latency: api.DeliveryLatency{
			P50Ms: wire.Null(o.Latency.Quantile(.5)), P95Ms: wire.Null(o.Latency.Quantile(.95)),
			P99Ms: wire.Null(o.Latency.Quantile(.99)),
		},
		Series: wire.Map(o.Series, func(p StatsPoint) api.DeliveryStatsPoint {
			return api.DeliveryStatsPoint{
				At: p.At, Succeeded: p.Succeeded, Failed: p.Failed, Other: p.Other,
				P50Ms: wire.Null(p.Latency.Quantile(.5)), P95Ms: wire.Null(p.Latency.Quantile(.95)),
			}
		}),
		ResponseClasses: o.classes(),
		EventTypes: wire.Map(o.EventTypes, func(t TypeStats) api.EventTypeStats {
			return api.EventTypeStats{EventType: t.EventType, Total: t.All(), Succeeded: t.Succeeded, Failed: t.Failed,
				SuccessRate: wire.Null(t.Rate())}
		}),
		Endpoints: wire.Map(o.Endpoints, EndpointStats.toWire),
	}
}

func (o Stats) classes() []api.DeliveryStatsResponseClass {
	out := []api.DeliveryStatsResponseClass{}
	for _, class := range []int{2, 3, 4, 5, 1, 0} {
		if n := o.Classes[class]; n > 0 {
			name := strconv.Itoa(class) + "xx"
			if class == 0 {
				name = "none"
			}
			out = append(out, api.DeliveryStatsResponseClass{Class: api.DeliveryStatsResponseClassClass(name),
				Count: n})
		}
	}
	return out
}

func (e EndpointStats) toWire() api.WebhookStats {
	w := api.WebhookStats{
		WebhookID: e.EndpointID, Total: e.All(), Succeeded: e.Succeeded, Failed: e.Failed,
		SuccessRate: wire.Null(e.Rate()), LastDeliveryAt: e.Last,
	}
	for _, t := range e.Series {
		var share *float64
		if t.Succeeded+t.Failed > 0 {
			s := math.Round(float64(t.Failed)/float64(t.Succeeded+t.Failed)*10_000) / 10_000
			share = &s
		}
		w.Failures = append(w.Failures, wire.Null(share))
	}
	return w
}
