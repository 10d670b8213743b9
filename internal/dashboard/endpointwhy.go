package dashboard

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
)

const (
	// drawnMost is how many of an endpoint's latest deliveries its page draws, and looks at for errors in each status.
	drawnMost = 100
	// shownMost is how many of them it lists, and errorsMost how many kinds of errors.
	shownMost  = 10
	errorsMost = 5
)

// errorGroup is one reason why deliveries to an endpoint fail.
type errorGroup struct {
	Text  string
	HTTP  int
	Count int
	Share float64 // of the failures that were looked at, of 100
	Last  time.Time
	Href  string // those deliveries
}

// statsOf returns the statistics of the last day of one endpoint; nil without any.
func (v *visit) statsOf(id string) (*api.WebhookStats, error) {
	if !v.can(readDeliveries) {
		return nil, nil //nolint:nilnil // no deliveries are no fault
	}
	stats, err := inhouse.Read[api.DeliveryStats](v.API.GetDeliveryStats(v.Ctx,
		&api.GetDeliveryStatsParams{WebhookID: &id}))
	for i := range stats.Endpoints {
		if stats.Endpoints[i].WebhookID == id {
			return &stats.Endpoints[i], err
		}
	}
	return nil, err
}

// readDeliveriesOf adds the latest deliveries of an endpoint, how fast it answered, and why deliveries fail.
func (v *visit) readDeliveriesOf(p *endpointDetail) error {
	var lists [3]api.DeliveryList
	var all errgroup.Group
	for i, status := range []string{"", "retrying", "dead"} {
		all.Go(func() (err error) {
			lists[i], err = inhouse.Read[api.DeliveryList](v.API.ListDeliveries(v.Ctx, &api.ListDeliveriesParams{
				WebhookID: &p.Webhook.ID, Limit: new(drawnMost), Status: inhouse.Opt[api.DeliveryStatus](status)}))
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return err
	}
	latest, failed := lists[0].Data, slices.Concat(lists[1].Data, lists[2].Data)
	p.Recent = deliveryRows(latest[:min(len(latest), shownMost)], endpointNames{p.Webhook})
	filter := "?" + url.Values{"webhook_id": {p.Webhook.ID}}.Encode()
	for i := range p.Recent {
		p.Recent[i].Filter = filter
	}
	p.Responses = ui.NewResponses(responses(latest, filter))
	p.Errors, p.Sampled = groupErrors(p.Webhook.ID, failed), len(failed)
	return nil
}

// responses are the deliveries, newest first, that have an attempt, as a chart takes them.
func responses(latest []api.Delivery, filter string) []ui.Response {
	var out []ui.Response
	for _, d := range slices.Backward(latest) {
		if d.DurationMs == nil {
			continue
		}
		r := ui.Response{At: d.CreatedAt, Took: milliseconds(*d.DurationMs), Kind: "bad",
			Note: reason(inhouse.Or(d.Reason)), Href: "/app/deliveries/" + d.ID + filter}
		if status, err := d.ResponseStatus.Get(); err == nil {
			r.Note = http.StatusText(status)
		}
		switch d.Status {
		case api.DeliveryStatusSucceeded:
			r.Kind = "good"
		case api.DeliveryStatusRetrying, api.DeliveryStatusPending, api.DeliveryStatusDelivering:
			r.Kind = "warn"
		}
		out = append(out, r)
	}
	return out
}

// groupErrors counts failures by their latest response, or by their error where none came.
func groupErrors(endpointID string, failed []api.Delivery) []errorGroup {
	var out []errorGroup
	for _, d := range failed {
		g := errorGroup{Last: d.CreatedAt}
		filter := url.Values{"webhook_id": {endpointID}}
		if status, err := d.ResponseStatus.Get(); err == nil {
			g.HTTP, g.Text = status, cmp.Or(http.StatusText(status), "HTTP status")
			filter.Set("http_class", string(rune('0'+status/100))+"xx")
		} else {
			g.Text = cmp.Or(inhouse.Or(d.Error), reason(inhouse.Or(d.Reason)))
			filter.Set("http_class", "none")
		}
		g.Href = "/app/deliveries?" + filter.Encode()
		i := slices.IndexFunc(out, func(o errorGroup) bool { return o.HTTP == g.HTTP && o.Text == g.Text })
		if i < 0 {
			i, out = len(out), append(out, g)
		}
		out[i].Count++
		if g.Last.After(out[i].Last) {
			out[i].Last = g.Last
		}
	}
	slices.SortStableFunc(out, func(a, b errorGroup) int { return cmp.Compare(b.Count, a.Count) })
	for i := range out {
		out[i].Share = 100 * float64(out[i].Count) / float64(len(failed))
	}
	return out[:min(len(out), errorsMost)]
}

// retryEndpoint has an endpoint tried now: see the operation enableWebhook.
func retryEndpoint(v *visit) error {
	id := v.Param("id")
	if _, err := inhouse.Read[api.Webhook](v.API.EnableWebhook(v.Ctx, id, nil)); err != nil {
		return err
	}
	back := "/app/endpoints/" + url.PathEscape(id)
	if delivery := v.FormValue("delivery"); delivery != "" {
		back = "/app/deliveries/" + url.PathEscape(delivery)
	}
	return v.Back(back, "retried")
}
