package deliverylog

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/wire"
)

func (o Stats) toWire(period string, p profile.Profile) api.DeliveryStats {
	return api.DeliveryStats{
		Period: period, From: o.From, To: o.To, Complete: o.Complete, BucketSeconds: int(o.Step.Seconds()),
		Total: o.Total.All(), Succeeded: o.Total.Succeeded, Failing: o.ByStatus[delivery.Retrying],
		Dead: o.ByStatus[delivery.Dead], Cancelled: o.ByStatus[delivery.Cancelled],
		Waiting:     o.ByStatus[delivery.Pending] + o.ByStatus[delivery.Delivering],
		SuccessRate: wire.Null(o.Total.Rate()),
		Throttled:   o.Throttled, Latency: o.Latency.toWire(), ResponseTime: api.ResponseTime(o.Response.toWire()),
		Previous: o.Previous.toWire(),
		Series: wire.Map(o.Series, func(p StatsPoint) api.DeliveryStatsPoint {
			return api.DeliveryStatsPoint{
				At: p.At, Succeeded: p.Succeeded, Failed: p.Failed, Other: p.Other,
				P50Ms: wire.Null(p.Latency.Quantile(.5)), P95Ms: wire.Null(p.Latency.Quantile(.95)),
				ResponseP50Ms: wire.Null(p.Response.Quantile(.5)), ResponseP95Ms: wire.Null(p.Response.Quantile(.95)),
			}
		}),
		ResponseClasses: o.classes(),
		EventTypes: wire.Map(named(o.EventTypes, p), func(t TypeStats) api.EventTypeStats {
			return api.EventTypeStats{EventType: t.EventType, Total: t.All(), Succeeded: t.Succeeded, Failed: t.Failed,
				SuccessRate: wire.Null(t.Rate())}
		}),
		Endpoints: wire.Map(o.Endpoints, EndpointStats.toWire),
	}
}

func (h Histogram) toWire() api.DeliveryLatency {
	return api.DeliveryLatency{P50Ms: wire.Null(h.Quantile(.5)), P95Ms: wire.Null(h.Quantile(.95)),
		P99Ms: wire.Null(h.Quantile(.99))}
}

func (p Previous) toWire() api.PreviousDeliveryStats {
	return api.PreviousDeliveryStats{
		Total: p.Succeeded + p.Dead + p.Cancelled, Succeeded: p.Succeeded, Dead: p.Dead, Cancelled: p.Cancelled,
		SuccessRate: wire.Null(share(p.Succeeded, p.Succeeded+p.Dead)), Latency: p.Latency.toWire(),
		ResponseTime: api.ResponseTime(p.Response.toWire()),
	}
}

// named adds up the types that have one name in a profile.
func named(types []TypeStats, p profile.Profile) []TypeStats {
	var out []TypeStats
	for _, t := range types {
		name := p.EventName(t.EventType)
		i := slices.IndexFunc(out, func(o TypeStats) bool { return p.EventName(o.EventType) == name })
		if i < 0 {
			out = append(out, t)
			continue
		}
		out[i].Succeeded += t.Succeeded
		out[i].Failed += t.Failed
		out[i].Other += t.Other
	}
	return out
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
		Retrying: e.ByStatus[delivery.Retrying], Dead: e.ByStatus[delivery.Dead],
		Waiting:     e.ByStatus[delivery.Pending] + e.ByStatus[delivery.Delivering],
		SuccessRate: wire.Null(e.Rate()), LastDeliveryAt: e.Last,
	}
	for _, t := range e.Series {
		w.Failures = append(w.Failures, wire.Null(share(t.Failed, t.Succeeded+t.Failed)))
	}
	return w
}

func sortedTypes(m map[string]*TypeStats) []TypeStats {
	out := make([]TypeStats, 0, len(m))
	for _, t := range m {
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b TypeStats) int {
		return cmp.Or(cmp.Compare(b.All(), a.All()), cmp.Compare(a.EventType, b.EventType))
	})
	return out[:min(len(out), statsTypes)]
}

// sortedEndpoints are the endpoints, the highest share of failures first.
func sortedEndpoints(m map[string]*EndpointStats) []EndpointStats {
	out := make([]EndpointStats, 0, len(m))
	for _, e := range m {
		out = append(out, *e)
	}
	failed := func(e EndpointStats) float64 { return float64(e.Failed) / float64(max(1, e.Failed+e.Succeeded)) }
	slices.SortFunc(out, func(a, b EndpointStats) int {
		return cmp.Or(cmp.Compare(failed(b), failed(a)), cmp.Compare(b.All(), a.All()),
			cmp.Compare(a.EndpointID, b.EndpointID))
	})
	return out
}
