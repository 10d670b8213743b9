package dashboard

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/hookline/hookline/gen/client"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
)

// periods are the periods of the overview, as the contract names them.
var periods = []struct{ Name, Text string }{{"1h", "Hour"}, {"24h", "24 hours"}, {"7d", "7 days"}, {"30d", "30 days"}}

type overview struct {
	Periods    []ui.Link
	Period     string // in words
	Stats      client.DeliveryStats
	Rate       string
	P50, P95   string
	Chart      ui.Bars
	Latency    ui.Lines
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
	period := v.QueryParam("period")
	if !slices.ContainsFunc(periods, func(p struct{ Name, Text string }) bool { return p.Name == period }) {
		period = "24h"
	}
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
	var stats client.DeliveryStats
	var recent client.DeliveryList
	var known endpointNames
	var all errgroup.Group
	all.Go(func() (err error) {
		stats, err = inhouse.Read[client.DeliveryStats](v.API.GetDeliveryStats(v.Ctx,
			&client.GetDeliveryStatsParams{Period: inhouse.Opt[client.GetDeliveryStatsParamsPeriod](period)}))
		return err
	})
	all.Go(func() (err error) {
		recent, err = inhouse.Read[client.DeliveryList](v.API.ListDeliveries(v.Ctx,
			&client.ListDeliveriesParams{Limit: new(8)}))
		return err
	})
	all.Go(func() (err error) {
		known, err = v.endpoints()
		return err
	})
	err := all.Wait()
	if err != nil {
		return err
	}
	o.draw(stats, known)
	o.Recent = deliveryRows(recent.Data, known)
	if len(recent.Data) == 0 {
		if o.Onboarding, err = v.onboarding(known); err != nil {
			return err
		}
	}
	return v.render(http.StatusOK, "overview", "Overview", o)
}

func (o *overview) draw(s client.DeliveryStats, known endpointNames) {
	o.Stats, o.Rate = s, percent(inhouse.Or(s.SuccessRate), s.SuccessRate.IsNull())
	o.P50, o.P95 = latency(s.Latency.P50Ms.Get()), latency(s.Latency.P95Ms.Get())
	o.Chart = ui.NewBars(len(s.Series), func(i int) (time.Time, [3]int) {
		p := s.Series[i]
		return p.At, [3]int{p.Succeeded, p.Failed, p.Other}
	}, time.Duration(s.BucketSeconds)*time.Second)
	o.Latency = ui.NewLines(len(s.Series), func(i int) (time.Time, *float64, *float64) {
		return s.Series[i].At, number(s.Series[i].P50Ms.Get()), number(s.Series[i].P95Ms.Get())
	}, time.Duration(s.BucketSeconds)*time.Second)
	total := 0
	for _, c := range s.ResponseClasses {
		total += c.Count
	}
	for _, c := range s.ResponseClasses {
		name := string(c.Class)
		if name == "none" {
			name = "no answer"
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
	for i := range s.Endpoints[:min(len(s.Endpoints), 8)] {
		f := &s.Endpoints[i]
		w := client.Webhook{ID: f.WebhookID, Name: f.WebhookID, Enabled: true}
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
	events, err := inhouse.Read[client.EventList](v.API.ListEvents(v.Ctx, &client.ListEventsParams{Limit: new(1)}))
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
