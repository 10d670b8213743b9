package dashboard

import (
	"strconv"
	"strings"
	"time"

	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/egress"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/profile"
)

// statuses in the order people ask about them.
var statuses = []delivery.Status{
	delivery.Succeeded, delivery.Pending, delivery.Delivering, delivery.Retrying, delivery.Dead, delivery.Cancelled,
}

// reasons in plain words, by code.
var reasons = map[string]string{
	delivery.ReasonHTTPStatus:       "answered with an error",
	delivery.ReasonExhausted:        "all attempts failed",
	delivery.ReasonWorkerLost:       "the worker was lost",
	delivery.ReasonEndpointDisabled: "the endpoint is disabled",
	delivery.ReasonEndpointDeleted:  "the endpoint was deleted",
	delivery.ReasonFiltered:         "kept out by the filter",
	delivery.ReasonFilterError:      "the filter failed",
	egress.CodeAuthFailed:           "no access token",
	delivery.ReasonInternal:         "an error on our side",
	delivery.ReasonNoEndpoint:       "no endpoint subscribes to this type",
	egress.CodeBlockedAddress:       "private or reserved address",
	egress.CodeInvalidURL:           "not a usable URL",
	egress.CodeInvalidRequest:       "not a legal request",
	egress.CodeTimeout:              "took too long",
	egress.CodeDNS:                  "host name not found",
	egress.CodeConnect:              "no connection",
	egress.CodeTLS:                  "no trusted TLS connection",
	egress.CodeProtocol:             "no valid HTTP answer",
	endpoint.ReasonManual:           "turned off by its owner",
}

func reason(code string) string {
	if text, ok := reasons[code]; ok {
		return text
	}
	return strings.ReplaceAll(code, "_", " ")
}

type deliveryRow struct {
	ID, EventType, EventID string
	EndpointID, Endpoint   string // Endpoint is its name, or its id when it was deleted
	Status                 delivery.Status
	Reason                 string
	Attempts, MaxAttempts  int
	HTTP                   int // status of the last answer, 0 without one
	Created, Next          time.Time
}

func deliveryRows(list []delivery.Delivery, names map[string]string) []deliveryRow {
	out := make([]deliveryRow, 0, len(list))
	for _, d := range list {
		out = append(out, deliveryRowOf(d, names[d.EndpointID]))
	}
	return out
}

func deliveryRowOf(d delivery.Delivery, endpointName string) deliveryRow {
	r := deliveryRow{
		ID: d.ID, EventType: d.EventType, EventID: d.EventID, EndpointID: d.EndpointID, Endpoint: endpointName,
		Status: d.Status, Reason: reason(d.Reason), Attempts: d.AttemptCount, MaxAttempts: d.MaxAttempts, Created: d.CreatedAt.Time,
	}
	if r.Endpoint == "" {
		r.Endpoint = d.EndpointID
	}
	if d.ResponseStatus != nil {
		r.HTTP = *d.ResponseStatus
	}
	if d.Status == delivery.Pending || d.Status == delivery.Retrying {
		r.Next = d.NextAttemptAt.Time
	}
	return r
}

type eventRow struct {
	ID, Type          string
	Dispatched        bool
	Deliveries        int
	Reason            string // why there are none
	Occurred, Created time.Time
	Data              ui.Text
}

// maxData is how many bytes of an event's data a list shows.
const maxData = 8 << 10

func eventRows(list []event.Event) []eventRow {
	out := make([]eventRow, 0, len(list))
	for _, e := range list {
		out = append(out, eventRow{
			ID: e.ID, Type: e.Type, Dispatched: !e.DispatchedAt.IsZero(), Deliveries: e.DeliveryCount, Reason: reason(e.Reason),
			Occurred: e.OccurredAt.Time, Created: e.CreatedAt.Time, Data: ui.Pretty([]byte(e.Data), maxData),
		})
	}
	return out
}

type endpointRow struct {
	ID, Name, URL, Method string
	Events                []string
	Enabled               bool
	Reason                string // why it is not enabled
	Profile               string
	Attempts              int
	Retry                 string
	Inbox                 string // address of Hookline's own inbox when that is where it points
	Created               time.Time
}

func endpointRows(list []endpoint.Endpoint, base string) []endpointRow {
	out := make([]endpointRow, 0, len(list))
	for _, e := range list {
		r := endpointRow{
			ID: e.ID, Name: nameOf(e), URL: e.URL, Method: e.Method, Events: e.Events.V, Enabled: e.Enabled, Reason: reason(e.DisabledReason),
			Profile: e.Profile, Attempts: e.RetryPolicy.V.Attempts(), Retry: describe(e.RetryPolicy.V), Created: e.CreatedAt.Time,
		}
		if inbox := base + "/dev/inbox"; e.URL == inbox || strings.HasPrefix(e.URL, inbox+"?") {
			r.Inbox = inbox
		}
		out = append(out, r)
	}
	return out
}

// describe says what a retry policy does after the first attempt.
func describe(p profile.Policy) string {
	var b strings.Builder
	switch {
	case p.Attempts() <= 1:
		return "never retried"
	case len(p.Schedule) > 0:
		waits := make([]string, 0, len(p.Schedule))
		for _, w := range p.Schedule {
			waits = append(waits, w.Text)
		}
		b.WriteString("after " + strings.Join(waits, ", "))
	case p.Initial != nil:
		b.WriteString("after " + p.Initial.Text + ", then ×" + strconv.FormatFloat(p.Multiplier, 'g', 4, 64))
		if p.MaxInterval != nil {
			b.WriteString(", at most " + p.MaxInterval.Text)
		}
	}
	if p.Jitter > 0 {
		b.WriteString(" (±" + strconv.FormatFloat(100*p.Jitter, 'f', -1, 64) + " %)")
	}
	return b.String()
}
