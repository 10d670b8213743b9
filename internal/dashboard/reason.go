package dashboard

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
)

// reasons in plain words, by code.
var reasons = map[string]string{
	"http_status": "error response", "exhausted": "attempts exhausted",
	"lease_expired": "lease expired: the worker stopped responding", "throttled": "throttled",
	"endpoint_disabled": "endpoint disabled", "endpoint_deleted": "endpoint deleted",
	"filtered":     "excluded by the filter",
	"filter_error": "the filter could not be evaluated", "gone": "the endpoint answered 410 Gone",
	"timeout": "timeout: no response in time",
	"dns":     "DNS: host not found", "connect": "connection failed", "tls": "TLS handshake failed",
	"protocol":         "invalid HTTP response",
	"answer_too_large": "response too large", "blocked_address": "address not allowed",
	"invalid_url":     "invalid URL",
	"invalid_request": "invalid request", "auth_failed": "authentication failed: no access token",
	"entitlement_required": "suspended until the plan includes webhooks",
	"paused":               "paused by the operator", "internal": "internal error",
	"no_listener": "the listener had no connection",
	"no_endpoint": "no endpoint subscribes to it",
}

func reason(code string) string {
	if text, ok := reasons[code]; ok {
		return text
	}
	return strings.ReplaceAll(code, "_", " ")
}

// wait says what a delivery waits for.
type wait struct {
	Heading, Text string
	Until         time.Time // when it goes on; zero when nobody knows
	UntilText     string    // what happens then
	Retry         bool      // whether "retry now" of the endpoint helps
	Error         string    // of the latest attempt
}

// waitOf says what a delivery waits for; nil when it is over or under way.
func (v *visit) waitOf(d api.DeliveryDetail, e api.Webhook) *wait {
	code := inhouse.Or(d.Reason)
	w := &wait{Until: inhouse.Or(d.NextAttemptAt), UntilText: "Next attempt", Error: inhouse.Or(d.Error)}
	probe := inhouse.Or(e.Circuit.NextProbeAt)
	switch {
	case d.Status != api.DeliveryStatusPending && d.Status != api.DeliveryStatusRetrying:
		return nil
	case code == "paused":
		w.Heading, w.Until = "Suspended: deliveries are paused", time.Time{}
		w.Text = "The operator has paused the deliveries of your organisation. It is sent when they are resumed."
		if why := v.Session.Tenant.DeliveriesPausedReason; why != "" {
			w.Text += " The operator says: " + why
		}
	case code == "entitlement_required":
		w.Heading, w.Until = "Suspended: your plan does not include webhooks", time.Time{}
		w.Text = "It is kept, and is sent when the plan includes webhooks again."
	case code == "throttled" && e.Circuit.State == api.CircuitStateOpen:
		w.Heading, w.Retry = "Throttled: the circuit breaker of the endpoint is open", true
		w.Text = "The endpoint failed ten times in a row, so nothing is sent to it until a probe succeeds."
		w.Until, w.UntilText = probe, "Next probe"
	case code == "throttled":
		w.Heading, w.Text = "Throttled", "The endpoint gets a few deliveries at a time, and others are before this one."
		w.Retry = e.Circuit.State == api.CircuitStateHalfOpen
	case d.Status == api.DeliveryStatusRetrying:
		w.Heading, w.Retry = "Backing off: "+reason(code), true
		if status, err := d.ResponseStatus.Get(); err == nil && code == "http_status" {
			w.Heading = strings.TrimSpace("Backing off: " + strconv.Itoa(status) + " " + http.StatusText(status))
		}
		w.Text = "The latest attempt failed. It is made again as the retry policy of the endpoint says."
	default:
		w.Heading, w.Text = "Pending", "It is about to be sent."
	}
	return w
}
