package deliverylog

import (
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/sender"
	"github.com/hookline/hookline/internal/wire"
)

// ToWire is a delivery in the contract's form.
func ToWire(d delivery.Delivery) api.Delivery {
	return api.Delivery{
		ID: d.ID, EventID: d.WireEventID(), EventType: d.EventType, WebhookID: d.EndpointID,
		Environment: api.Environment(d.Environment), Status: api.DeliveryStatus(d.Status),
		Reason: wire.Null(wire.Text(d.Reason)), AttemptCount: d.AttemptCount, MaxAttempts: d.MaxAttempts,
		NextAttemptAt: wire.Null(d.NextAttemptAt.Pointer()), ResponseStatus: wire.Null(d.ResponseStatus),
		Error: wire.Null(wire.Text(d.Error)), CreatedAt: d.CreatedAt.Time,
		FinishedAt: wire.Null(d.FinishedAt.Pointer()), Test: d.TestBody != nil,
	}
}

// DetailToWire is a delivery with its body and its attempts in the contract's form.
func DetailToWire(d Detail) api.DeliveryDetail {
	w := ToWire(d.Delivery)
	return api.DeliveryDetail{
		ID: w.ID, EventID: w.EventID, EventType: w.EventType, WebhookID: w.WebhookID, Environment: w.Environment,
		Status: w.Status, Reason: w.Reason, AttemptCount: w.AttemptCount, MaxAttempts: w.MaxAttempts,
		NextAttemptAt: w.NextAttemptAt, ResponseStatus: w.ResponseStatus, Error: w.Error,
		CreatedAt: w.CreatedAt, FinishedAt: w.FinishedAt, Test: w.Test,
		ContentType: d.ContentType, Body: string(d.Body), Attempts: wire.Map(d.Attempts, attemptToWire),
	}
}

func attemptToWire(a delivery.Attempt) api.Attempt {
	w := api.Attempt{
		ID: a.ID(), Number: a.Number, Status: api.AttemptStatus(a.Status), Method: a.Method, URL: a.URL,
		RequestHeaders: a.RequestHeaders.V, ResponseStatus: wire.Null(a.ResponseStatus),
		ResponseHeaders: a.ResponseHeaders.V,
		ResponseBody:    string(a.ResponseBody), ResponseTruncated: a.ResponseTruncated,
		ErrorCode: wire.Null(wire.Text(a.ErrorCode)), Error: wire.Null(wire.Text(a.Error)), StartedAt: a.StartedAt.Time,
		Timings: timingsToWire(a.Timings.V),
	}
	var took *float64
	if !a.FinishedAt.IsZero() {
		ms := float64(a.FinishedAt.Sub(a.StartedAt.Time)) / float64(time.Millisecond)
		took = &ms
	}
	w.DurationMs = wire.Null(took)
	return w
}

func timingsToWire(t *sender.Timings) api.AttemptTimings {
	if t == nil {
		t = &sender.Timings{}
	}
	w := api.AttemptTimings{
		DNSMs: wire.Null(t.DNS), ConnectMs: wire.Null(t.Connect), TLSMs: wire.Null(t.TLS), WaitMs: wire.Null(t.Wait),
		Reused: t.Reused, HTTPVersion: wire.Null(wire.Text(t.HTTPVersion)), TotalMs: wire.Null[float64](nil),
	}
	if t.Total > 0 {
		w.TotalMs = wire.Null(&t.Total)
	}
	return w
}

// ToWire is a change in the contract's form.
func (c Change) ToWire() api.DeliveryChange {
	w := api.DeliveryChange{Delivery: ToWire(c.Delivery)}
	if a := c.Attempt; a != nil {
		full := attemptToWire(*a)
		w.Attempt = &api.AttemptSummary{
			ID: full.ID, Number: full.Number, Status: api.AttemptSummaryStatus(full.Status),
			ResponseStatus: full.ResponseStatus,
			ErrorCode:      full.ErrorCode, Error: full.Error, StartedAt: full.StartedAt, DurationMs: full.DurationMs,
		}
	}
	return w
}
