package profile

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/role"
)

const (
	leadhooksSignature = "X-Webhook-Signature"
	leadhooksUpdate    = "lead_update"
)

var leadhooksNames = map[string]string{"lead.created": "new_lead", "lead.updated": leadhooksUpdate}

// leadhooks is a lead manager for organisations.
var leadhooks = Profile{
	Name:      "leadhooks",
	Keys:      Keys{Live: "wk_live_", Test: "wk_test_", Shown: 12, Default: role.Developer},
	Calls:     Calls{Subject: ratelimit.Key, Limit: ratelimit.PerHour(1000)},
	Policy:    exponential("1s", 2, 6),
	Names:     leadhooksNames,
	Signing:   []Signing{SignHMAC},
	Headers:   hexHeaders(leadhooksSignature),
	Resources: []string{leads},
	Envelope: func(e event.Event) ([]byte, string, error) {
		name, data := Profile{Names: leadhooksNames}.EventName(e.Type), any(wholeSeconds(e.Data))
		if name == leadhooksUpdate {
			var err error
			if data, err = newValues(string(wholeSeconds(e.Data))); err != nil {
				return nil, "", err
			}
		}
		return encodeJSON(struct {
			Event     string `json:"event"`
			Timestamp string `json:"timestamp"`
			Data      any    `json:"data"`
		}{name, seconds(e.OccurredAt.Time), data})
	},
	Sign: func(s Secrets, messageID string, _ time.Time, body []byte) (http.Header, error) {
		return signHex(s, leadhooksSignature, messageID, body)
	},
}

// newValues turns the changes of a lead, {"status":{"old":"new","new":"contacted"}}, into {"status":"contacted"}.
func newValues(data string) (map[string]json.RawMessage, error) {
	var lead map[string]json.RawMessage
	if err := json.Unmarshal([]byte(data), &lead); err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	var changes map[string]struct {
		New json.RawMessage `json:"new"`
	}
	if err := json.Unmarshal(lead["changes"], &changes); err != nil {
		return nil, fmt.Errorf("profile: changes: %w", err)
	}
	values := make(map[string]json.RawMessage, len(changes))
	for field, c := range changes {
		values[field] = c.New
	}
	var err error
	lead["changes"], err = encode(values)
	return lead, err
}
