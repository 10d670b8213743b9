package mcp

import (
	"strings"
	"testing"
	"time"

	"github.com/oapi-codegen/nullable"

	gen "github.com/hookline/hookline/gen/api"
)

var noon = time.Date(2026, 2, 3, 12, 0, 0, 0, time.UTC)

func TestAFailureIsExplainedWithItsCauseAndWhatHelps(t *testing.T) {
	t.Parallel()
	is := nullable.NewNullableWithValue[string]
	attempted := func(code string, status int, headers map[string]string) []gen.Attempt {
		a := gen.Attempt{Number: 1, StartedAt: noon, ErrorCode: is(code), ResponseHeaders: headers,
			ResponseBody: "no such user"}
		if status != 0 {
			a.ResponseStatus = nullable.NewNullableWithValue(status)
		}
		return []gen.Attempt{a}
	}
	enabled, disabled := &gen.Webhook{URL: "https://example.com/hook", Enabled: true}, &gen.Webhook{}
	for name, c := range map[string]struct {
		status   gen.DeliveryStatus
		reason   string
		attempts []gen.Attempt
		endpoint *gen.Webhook
		next     time.Duration
		cause    string
		helps    string
	}{
		"succeeded": {gen.DeliveryStatusSucceeded, "", attempted("", 200, nil), enabled, 0, "", "Nothing is left"},
		"backing off": {gen.DeliveryStatusRetrying, "http_status", attempted("http_status", 503, nil), enabled,
			time.Minute, "server failed", "The next attempt is in 1m0s. Hookline tries again by itself"},
		"bad signature": {gen.DeliveryStatusDead, "exhausted", attempted("http_status", 401, nil), enabled, 0,
			"signature check", "replay_delivery"},
		"redirected": {gen.DeliveryStatusDead, "exhausted", attempted("http_status", 308,
			map[string]string{"Location": "https://example.com/hook/"}), enabled, 0, "https://example.com/hook/",
			"replay_delivery"},
		"no host": {gen.DeliveryStatusDead, "exhausted", attempted("dns", 0, nil), nil, 0, "host name", "replay"},
		"disabled": {gen.DeliveryStatusCancelled, "endpoint_disabled", nil, disabled, 0, "is disabled",
			"enable the endpoint"},
		"paused":   {gen.DeliveryStatusPending, "paused", nil, enabled, 0, "operator paused", "It is kept"},
		"filtered": {gen.DeliveryStatusCancelled, "filtered", nil, enabled, 0, "filter is false", "change the filter"},
	} {
		d := gen.DeliveryDetail{ID: "dlv_1", WebhookID: "whe_1", Status: c.status, Attempts: c.attempts,
			MaxAttempts: 10}
		if c.reason != "" {
			d.Reason = is(c.reason)
		}
		if len(c.attempts) > 0 {
			d.ResponseStatus = c.attempts[0].ResponseStatus
		}
		if c.next > 0 {
			d.NextAttemptAt = nullable.NewNullableWithValue(noon.Add(c.next))
		}
		got := explain(d, c.endpoint, noon)
		if !strings.Contains(got.Cause, c.cause) || (c.cause == "") != (got.Cause == "") {
			t.Errorf("cause, %s: got %q, want %q", name, got.Cause, c.cause)
		}
		if !strings.Contains(got.Next, c.helps) {
			t.Errorf("what helps, %s: got %q, want %q", name, got.Next, c.helps)
		}
	}
}

func TestEveryReasonOfADeliveryHasACause(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"timeout", "dns", "connect", "tls", "protocol", "answer_too_large", "blocked_address",
		"invalid_url", "invalid_request", "lease_expired", "auth_failed", "throttled", "filtered", "filter_error",
		"endpoint_disabled", "endpoint_deleted", "gone", "entitlement_required", "paused", "internal"} {
		if cause(code, 0, gen.DeliveryDetail{}) == "" {
			t.Errorf("cause of %s: got none, want one", code)
		}
	}
}
