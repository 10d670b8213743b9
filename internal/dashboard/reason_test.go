package dashboard

import (
	"testing"
	"time"

	"github.com/oapi-codegen/nullable"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/session"
	"github.com/hookline/hookline/internal/tenant"
)

func TestADeliverySaysWhatItWaitsForAndUntilWhen(t *testing.T) {
	t.Parallel()
	v := &visit{Visit: &inhouse.Visit{Session: session.Current{
		Tenant: &tenant.Tenant{DeliveriesPausedReason: "Migration."}}}}
	next, probe := time.Unix(1000, 0), time.Unix(2000, 0)
	open := api.Circuit{State: api.CircuitStateOpen, NextProbeAt: nullable.NewNullableWithValue(probe)}
	for _, c := range []struct {
		name    string
		status  api.DeliveryStatus
		reason  string
		circuit api.Circuit
		heading string
		until   time.Time
		retry   bool
	}{
		{"retrying", "retrying", "timeout", api.Circuit{}, "Backing off: timeout: no response in time", next, true},
		{"retrying after a response", "retrying", "http_status", api.Circuit{},
			"Backing off: 503 Service Unavailable", next, true},
		{"throttled", "pending", "throttled", api.Circuit{}, "Throttled", next, false},
		{"behind a circuit breaker", "retrying", "throttled", open,
			"Throttled: the circuit breaker of the endpoint is open", probe, true},
		{"paused", "pending", "paused", api.Circuit{}, "Suspended: deliveries are paused", time.Time{}, false},
		{"not in the plan", "retrying", "entitlement_required", open,
			"Suspended: your plan does not include webhooks", time.Time{}, false},
		{"pending", "pending", "", api.Circuit{}, "Pending", next, false},
	} {
		got := v.waitOf(api.DeliveryDetail{Status: c.status, Reason: nullable.NewNullableWithValue(c.reason),
			ResponseStatus: nullable.NewNullableWithValue(503), NextAttemptAt: nullable.NewNullableWithValue(next)},
			api.Webhook{Circuit: c.circuit})
		if got == nil || got.Heading != c.heading || !got.Until.Equal(c.until) || got.Retry != c.retry {
			t.Errorf("%s: got %+v, want %q until %v, retry %v", c.name, got, c.heading, c.until, c.retry)
		}
	}
	for _, status := range []api.DeliveryStatus{"delivering", "succeeded", "dead", "cancelled"} {
		if got := v.waitOf(api.DeliveryDetail{Status: status}, api.Webhook{}); got != nil {
			t.Errorf("%s: got %q, want nothing that it waits for", status, got.Heading)
		}
	}
}

func TestFailuresAreGroupedByTheirResponseOrError(t *testing.T) {
	t.Parallel()
	failed := func(http int, text string, at int64) api.Delivery {
		d := api.Delivery{CreatedAt: time.Unix(at, 0), Error: nullable.NewNullableWithValue(text),
			ResponseStatus: nullable.NewNullNullable[int]()}
		if http != 0 {
			d.ResponseStatus.Set(http)
		}
		return d
	}
	got := groupErrors("whe_1", []api.Delivery{failed(503, "a", 3), failed(0, "no route", 9), failed(503, "b", 5),
		failed(404, "c", 1)})
	if len(got) != 3 || got[0].HTTP != 503 || got[0].Count != 2 || got[0].Share != 50 || got[0].Last.Unix() != 5 ||
		got[0].Href != "/app/deliveries?http_class=5xx&webhook_id=whe_1" || got[1].Text != "no route" {
		t.Errorf("groups: got %+v, want 503 twice first, then the error without a response and 404", got)
	}
}

func TestOnlyADeliveryThatTheThrottleDefersIsShownAsThrottled(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status api.DeliveryStatus
		reason string
		want   bool
	}{{"pending", "throttled", true}, {"pending", "", false}, {"retrying", "throttled", false}} {
		d := api.Delivery{Status: c.status, Reason: nullable.NewNullableWithValue(c.reason)}
		if got := deliveryRowOf(d, nil).Throttled(); got != c.want {
			t.Errorf("%s delivery with the reason %q: got throttled %t, want %t", c.status, c.reason, got, c.want)
		}
	}
}
