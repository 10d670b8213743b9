package mcp

import (
	"cmp"
	"fmt"
	"net/http"
	"time"

	gen "github.com/hookline/hookline/gen/api"
)

// Explanation says what happened to a delivery.
type Explanation struct {
	DeliveryID string    `json:"delivery_id"`
	EventType  string    `json:"event_type"`
	Status     string    `json:"status"`
	Reason     string    `json:"reason,omitempty" jsonschema:"code of why it has not succeeded"`
	Endpoint   string    `json:"endpoint" jsonschema:"URL of the endpoint, or its id"`
	Summary    string    `json:"summary"`
	Cause      string    `json:"cause,omitempty" jsonschema:"what is likely wrong"`
	Next       string    `json:"next" jsonschema:"what happens by itself, and what helps"`
	NextAt     string    `json:"next_attempt_at,omitempty" jsonschema:"RFC 3339"`
	Attempts   []Attempt `json:"attempts" jsonschema:"oldest first, at most the last ten"`
	Response   string    `json:"last_response,omitempty" jsonschema:"the beginning of the latest response's body"`
}

// Attempt is one request.
type Attempt struct {
	Number     int     `json:"number"`
	StartedAt  string  `json:"started_at" jsonschema:"RFC 3339"`
	HTTPStatus int     `json:"http_status,omitempty"`
	Error      string  `json:"error,omitempty"`
	DurationMS float64 `json:"duration_ms,omitempty"`
}

const (
	attemptsMost = 10
	responseMost = 2000 // bytes
)

// explain describes a delivery; e is nil when the endpoint can't be read.
func explain(d gen.DeliveryDetail, e *gen.Webhook, now time.Time) Explanation {
	code, _ := d.Reason.Get()
	status, _ := d.ResponseStatus.Get()
	out := Explanation{DeliveryID: d.ID, EventType: d.EventType, Status: string(d.Status), Reason: code,
		Endpoint: d.WebhookID, Attempts: []Attempt{}}
	if e != nil {
		out.Endpoint = e.URL
	}
	for _, a := range d.Attempts[max(0, len(d.Attempts)-attemptsMost):] {
		one := Attempt{Number: a.Number, StartedAt: a.StartedAt.UTC().Format(time.RFC3339)}
		one.HTTPStatus, _ = a.ResponseStatus.Get()
		one.Error, _ = a.Error.Get()
		one.DurationMS, _ = a.DurationMs.Get()
		out.Attempts = append(out.Attempts, one)
		out.Response = a.ResponseBody[:min(len(a.ResponseBody), responseMost)]
	}
	out.Summary = summary(d, status)
	if d.Status != gen.DeliveryStatusSucceeded {
		out.Cause = cause(lastReason(d, code), status, d)
	}
	out.Next = next(d, code, e)
	if at, err := d.NextAttemptAt.Get(); err == nil {
		out.NextAt = at.UTC().Format(time.RFC3339)
		if at.After(now) {
			out.Next = fmt.Sprintf("The next attempt is in %s. %s", at.Sub(now).Round(time.Second), out.Next)
		}
	}
	return out
}

// lastReason is why the latest attempt failed: a dead letter's own reason is only that it used up its attempts.
func lastReason(d gen.DeliveryDetail, code string) string {
	if code != "exhausted" || len(d.Attempts) == 0 {
		return code
	}
	last, _ := d.Attempts[len(d.Attempts)-1].ErrorCode.Get()
	return last
}

func summary(d gen.DeliveryDetail, status int) string {
	text := fmt.Sprintf("The delivery is %s after %d of %d attempts.", d.Status, d.AttemptCount, d.MaxAttempts)
	if status != 0 {
		text += fmt.Sprintf(" The latest response was %d %s.", status, http.StatusText(status))
	}
	if message, err := d.Error.Get(); err == nil && message != "" {
		text += " The latest error: " + message
	}
	return text
}

// causes are by the reason of the latest attempt.
var causes = map[string]string{
	"timeout": "The endpoint did not answer in time. It should answer 2xx first and do its work afterwards.",
	"dns":     "The host name of the URL does not exist, or has no public address.",
	"connect": "The endpoint's server refused the connection or can't be reached: it may be down, or behind a firewall.",
	"tls": "The TLS handshake failed: the certificate may have expired, be for another name, or lack an " +
		"intermediate certificate.",
	"protocol":         "The server answered something that is not HTTP.",
	"answer_too_large": "The response has more than 1 MiB. A short one, such as ok, is enough.",
	"blocked_address":  "The URL has a private or otherwise reserved address, which Hookline does not call.",
	"invalid_url":      "The URL is not valid.",
	"invalid_request":  "The endpoint's settings make no valid request.",
	"auth_failed":      "Hookline got no access token for the endpoint: check the OAuth settings of the endpoint.",
	"lease_expired":    "Hookline's worker stopped before it recorded the response. The request may have arrived.",
	"throttled": "The endpoint failed or answered slowly before, so Hookline sends it a few deliveries at a time, or " +
		"none until a probe succeeds.",
	"filtered":             "The endpoint's filter is false for this event.",
	"filter_error":         "The endpoint's filter can't be evaluated for this event.",
	"endpoint_disabled":    "The endpoint is disabled.",
	"endpoint_deleted":     "The endpoint was deleted.",
	"gone":                 "The endpoint answered 410 Gone, which means: never again. Hookline disabled it.",
	"entitlement_required": "The plan does not include webhooks.",
	"paused":               "An operator paused the deliveries of the organisation.",
	"internal":             "An internal error of Hookline before the request. It counts as no attempt and is retried.",
}

func cause(code string, status int, d gen.DeliveryDetail) string {
	if code != "http_status" {
		return causes[code]
	}
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return "The endpoint refused the request's credentials. Either its signature check fails (another secret, or " +
			"a body that was parsed and written again before it was verified), or it wants a header that the " +
			"endpoint's settings lack."
	case status == http.StatusNotFound:
		return "The server has nothing at this URL: the path may be wrong, or the application is not deployed there."
	case status == http.StatusMethodNotAllowed:
		return "The server does not take this method at this URL."
	case status == http.StatusRequestEntityTooLarge:
		return "The server takes no body of this size."
	case status == http.StatusTooManyRequests:
		return "The endpoint wants fewer requests. Hookline slows down by itself; the endpoint's rate limit helps, too."
	case status >= 300 && status < 400:
		return "The endpoint answered with a redirect to " + location(d) + ", which Hookline does not follow. Set " +
			"the final address as the endpoint's URL."
	case status >= 500:
		return "The consumer's server failed while it handled the request. Its logs say why; last_response may, too."
	}
	return "The consumer refused the request. last_response may say why."
}

// location is where the latest response redirects to.
func location(d gen.DeliveryDetail) string {
	if len(d.Attempts) == 0 {
		return "another address"
	}
	return cmp.Or(d.Attempts[len(d.Attempts)-1].ResponseHeaders["Location"], "another address")
}

func next(d gen.DeliveryDetail, code string, e *gen.Webhook) string {
	switch {
	case d.Status == gen.DeliveryStatusSucceeded:
		return "Nothing is left to do."
	case code == "paused" || code == "entitlement_required":
		return "It is kept, and sent when that has changed."
	case d.Status == gen.DeliveryStatusRetrying || d.Status == gen.DeliveryStatusPending ||
		d.Status == gen.DeliveryStatusDelivering:
		return "Hookline tries again by itself. Mend the cause; no replay is needed."
	case e != nil && !e.Enabled:
		return "Nothing is sent to a disabled endpoint. Mend the cause, enable the endpoint, then replay the delivery."
	case code == "endpoint_deleted":
		return "Create the endpoint again; an event can be sent to it with a new delivery only."
	case code == "filtered":
		return "If it should have been sent, change the filter and replay the delivery."
	}
	return "Hookline does not try again. Mend the cause, then replay the delivery with replay_delivery."
}
