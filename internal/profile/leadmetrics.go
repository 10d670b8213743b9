package profile

import (
	"net/http"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/role"
)

const leadmetricsSignature = "X-Leadmetrics-Signature"

// leadmetrics is a marketing platform for agencies.
var leadmetrics = Profile{
	Name:         "leadmetrics",
	Keys:         Keys{Live: "lm_live_", Test: "lm_test_", Shown: 12, Default: role.Developer},
	Calls:        Calls{Subject: ratelimit.Key},
	Policy:       exponential("1m", 5, 4), // 3 retries, says its document, and nothing of the waits
	Signing:      []Signing{SignHMAC},
	Headers:      hexHeaders(leadmetricsSignature),
	FirstEvent:   leadCreated,
	Resources:    []string{leads, "content", "analytics", Billing},
	WholeSeconds: true,
	Envelope: func(e event.Event) ([]byte, string, error) {
		return encodeJSON(struct {
			ID        string         `json:"id"`
			Event     string         `json:"event"`
			CreatedAt string         `json:"created_at"`
			Data      jsontext.Value `json:"data"`
		}{e.WireID(), e.Type, seconds(e.OccurredAt.Time), jsontext.Value(e.Data)})
	},
	Sign: func(s Secrets, messageID string, _ time.Time, body []byte) (http.Header, error) {
		return signHex(s, leadmetricsSignature, messageID, body)
	},
}
