package dashboard

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
)

// periods are the periods of the overview, as the contract names them.
var periods = []struct{ Name, Text string }{{"1h", "1 hour"}, {"24h", "24 hours"}, {"7d", "7 days"}, {"30d", "30 days"}}

// shownEndpoints is how many endpoints the overview has in its table.
const shownEndpoints = 8

type overview struct {
	Periods    []ui.Link
	Period     string // in words
	Health     health
	Tiles      []tile
	Stats      api.DeliveryStats
	Chart      ui.Bars
	Latency    ui.Lines // from the event to its arrival
	Response   ui.Lines // of the endpoints
	Classes    []share
	Types      []share
	Endpoints  []endpointRow
	Recent     []deliveryRow
	Onboarding *onboarding // until something was delivered
	MayRead    bool        // deliveries
	Missing    *planGap    // when the plan has no webhooks
	Paused     time.Time
	PausedWhy  string
}

// share is a part of a whole, with a bar that is 100 wide.
type share struct {
	Name, Kind, Href string
	Count            int
	Width            float64
	Note             string
}

// onboarding says which steps to the first delivery are done.
type onboarding struct {
	Endpoint, Event   bool
	MayWrite, MayKeys bool
	EndpointID        string
	Base, Key         string
	Step, First       string // what fires an event, in words, and its type
	Path, Body        string // of the call that does it
}

func overviewPage(v *visit) error {
	var names []string
	for _, p := range periods {
		names = append(names, p.Name)
	}
	period := cmp.Or(v.Choice("period", "Period", names...), "24h")
	t := v.Session.Tenant
	o := overview{MayRead: v.can(readDeliveries), Paused: t.DeliveriesPausedAt.Time,
		PausedWhy: t.DeliveriesPausedReason}
	for _, p := range periods {
		current := p.Name == period
		if current {
			o.Period = p.Text
		}
		o.Periods = append(o.Periods, ui.Link{Text: p.Text, Href: "/app?period=" + p.Name, Current: current})
	}
	if !o.MayRead && v.may(readDeliveries) {
		o.Missing = new(v.planGap("Deliveries and their metrics", readDeliveries))
	}
	if !o.MayRead {
		return v.render(http.StatusOK, "overview", "Overview", o)
	}
	health, stats, recent, known, err := v.readOverview(period)
	if err != nil {
		return err
	}
	o.Health = healthOf(health, len(known), v.can(writeWebhooks), v.can(writeDeliveries), time.Now())
	o.Tiles = tilesOf(stats, o.Health.Failing)
	o.draw(stats, known)
	o.Recent = deliveryRows(recent.Data, known)
	if len(recent.Data) == 0 {
		if o.Onboarding, err = v.onboarding(known); err != nil {
			return err
		}
	}
	return v.render(http.StatusOK, "overview", "Overview", o)
}

// readOverview reads what the overview shows, and the endpoints that it names.
func (v *visit) readOverview(period string) (health api.WebhookHealth, stats api.DeliveryStats, recent api.DeliveryList,
	known endpointNames, err error) {
	var all errgroup.Group
	all.Go(func() (err error) {
		health, err = inhouse.Read[api.WebhookHealth](v.API.GetWebhookHealth(v.Ctx))
		return err
	})
	all.Go(func() (err error) {
		stats, err = inhouse.Read[api.DeliveryStats](v.API.GetDeliveryStats(v.Ctx,
			&api.GetDeliveryStatsParams{Period: inhouse.Opt[api.GetDeliveryStatsParamsPeriod](period)}))
		return err
	})
	all.Go(func() (err error) {
		recent, err = inhouse.Read[api.DeliveryList](v.API.ListDeliveries(v.Ctx,
			&api.ListDeliveriesParams{Limit: new(8)}))
		return err
	})
	all.Go(func() (err error) {
		known, err = v.endpoints()
		return err
	})
	if err = all.Wait(); err != nil {
		return health, stats, recent, known, err
	}
	ids := ofDeliveries(recent.Data)
	for _, f := range stats.Endpoints[:min(len(stats.Endpoints), shownEndpoints)] {
		ids = append(ids, f.WebhookID)
	}
	known, err = v.named(known, ids...)
	return health, stats, recent, known, err
}

// deliveryKinds are the parts of the chart of deliveries.
var deliveryKinds = []ui.Kind{{Class: "good", Name: "succeeded"}, {Class: "bad", Name: "dead"},
	{Class: "warn", Name: "waiting"}, {Class: "mute", Name: "cancelled"}}

// deliveryCounts are the counts of a part of the statistics, in the order of deliveryKinds. Deliveries in progress are
// in the last part.
func deliveryCounts(s api.DeliveryStats, i int) []int {
	p, retrying, waiting := s.Series[i], 0, 0
	if i == len(s.Series)-1 {
		retrying, waiting = s.Failing, s.Waiting
	}
	return []int{p.Succeeded, max(0, p.Failed-retrying), retrying + waiting, max(0, p.Other-waiting)}
}

// deliveriesOf is the list of the deliveries of a time.
func deliveriesOf(from, to time.Time) string {
	const form = "2006-01-02T15:04"
	return "/app/deliveries?" + url.Values{"from": {from.UTC().Format(form)},
		"to": {to.UTC().Format(form)}}.Encode()
}

func (o *overview) draw(s api.DeliveryStats, known endpointNames) {
	o.Stats = s
	axis := ui.Axis{From: s.From, Step: time.Duration(s.BucketSeconds) * time.Second, N: len(s.Series), Now: s.To}
	o.Chart = ui.NewBars(axis, deliveryKinds, func(i int) []int { return deliveryCounts(s, i) }, deliveriesOf)
	o.Latency = ui.NewLines(axis, "p50", "p95", func(i int) (low, high *float64) {
		return number(s.Series[i].P50Ms.Get()), number(s.Series[i].P95Ms.Get())
	}, deliveriesOf)
	o.Response = ui.NewLines(axis, "p50", "p95", func(i int) (low, high *float64) {
		return number(s.Series[i].ResponseP50Ms.Get()), number(s.Series[i].ResponseP95Ms.Get())
	}, deliveriesOf)
	total := 0
	for _, c := range s.ResponseClasses {
		total += c.Count
	}
	for _, c := range s.ResponseClasses {
		name := string(c.Class)
		if name == "none" {
			name = "no response"
		}
		o.Classes = append(o.Classes, share{name, "c" + string(c.Class[:1]), "/app/deliveries?http_class=" +
			string(c.Class), c.Count, 100 * float64(c.Count) / float64(max(1, total)), ""})
	}
	for _, t := range s.EventTypes[:min(len(s.EventTypes), 8)] {
		note := ""
		if t.Failed > 0 {
			note = strconv.Itoa(t.Failed) + " failed"
		}
		o.Types = append(o.Types, share{t.EventType, "type", "/app/deliveries?event_type=" + t.EventType, t.Total,
			100 * float64(t.Total) / float64(max(1, s.EventTypes[0].Total)), note})
	}
	for i := range s.Endpoints[:min(len(s.Endpoints), shownEndpoints)] {
		f := &s.Endpoints[i]
		w := api.Webhook{ID: f.WebhookID, Name: f.WebhookID, Enabled: true}
		for _, k := range known {
			if k.ID == f.WebhookID {
				w = k
			}
		}
		o.Endpoints = append(o.Endpoints, endpointRowOf(w, f))
	}
}

func number(n int, err error) *float64 {
	if err != nil {
		return nil
	}
	f := float64(n)
	return &f
}

func latency(n int, err error) string {
	if err != nil {
		return "–"
	}
	return ui.Took(time.Duration(n) * time.Millisecond)
}

func (v *visit) onboarding(known endpointNames) (*onboarding, error) {
	o := &onboarding{
		Endpoint: len(known) > 0, MayWrite: v.can(writeWebhooks), MayKeys: v.can(writeKeys), Base: ui.Base(v.Request()),
		Key: v.rules().Keys.Prefix(v.Session.Session.Environment) + "…",
	}
	if len(known) > 0 {
		o.EndpointID = known[0].ID
	}
	if err := v.describeFirst(o); err != nil {
		return nil, err
	}
	if !v.can(readEvents) {
		return o, nil
	}
	events, err := inhouse.Read[api.EventList](v.API.ListEvents(v.Ctx, &api.ListEventsParams{Limit: new(1)}))
	o.Event = len(events.Data) > 0
	return o, err
}

// describeFirst says how to fire the product's first event: by a new lead where it has leads, else by publishing one.
func (v *visit) describeFirst(o *onboarding) error {
	o.First = v.firstEvent()
	if v.rules().Sells("leads") {
		o.Step, o.Path = "Create a lead", "/api/v1/leads"
		o.Body = `{"name": "Ada Lovelace", "email": "ada@example.com"}`
		return nil
	}
	o.Step, o.Path = "Publish an event", "/api/v1/events"
	types, err := v.eventTypes()
	for _, t := range types {
		if t.Type == o.First {
			o.Body = `{"type": "` + t.Type + `", "data": ` + strings.ReplaceAll(string(t.Sample), "'", `'\''`) + `}`
		}
	}
	return err
}
