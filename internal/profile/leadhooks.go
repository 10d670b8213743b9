package profile

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/role"
)

const leadhooksSignature = "X-Webhook-Signature"

var leadhooksNames = map[string]string{"lead.created": "new_lead", "lead.updated": "lead_update"}

// leadhooks is a lead manager for organisations.
var leadhooks = Profile{
	Name:         "leadhooks",
	Keys:         Keys{Live: "wk_live_", Test: "wk_test_", Shown: 12, Default: role.Developer},
	Calls:        Calls{Subject: ratelimit.Key, Limit: ratelimit.PerHour(1000)},
	Policy:       exponential("1s", 2, 6),
	Names:        leadhooksNames,
	Signing:      []Signing{SignHMAC},
	Headers:      hexHeaders(leadhooksSignature),
	FirstEvent:   leadCreated,
	Resources:    []string{leads},
	WholeSeconds: true,
	Forms: map[string]Form{
		"delivery.dead": deadAs(leadhooksNames),
		// The document's new_lead has an id, a name, an email address, a phone number and a source.
		"lead.created": {Absent: absentLead},
		"lead.updated": {From: newValues, To: withOldValues, Absent: append([]string{"source"}, absentLead...)},
	},
	Envelope: func(e event.Event) ([]byte, string, error) {
		return encodeJSON(struct {
			Event     string         `json:"event"`
			Timestamp string         `json:"timestamp"`
			Data      jsontext.Value `json:"data"`
		}{e.Type, seconds(e.OccurredAt.Time), jsontext.Value(e.Data)})
	},
	Sign: func(s Secrets, messageID string, _ time.Time, body []byte) (http.Header, error) {
		return signHex(s, leadhooksSignature, messageID, body)
	},
}

// absentLead are the fields of a lead that the document's payloads lack.
var absentLead = []string{"company", "first_name", "last_name", "website", "position", "twitter", "linkedin", "notes",
	"score", "status", "created_at", "updated_at"}

// newValues turns the changes of a lead, {"status":{"old":"new","new":"contacted"}}, into {"status":"contacted"}.
func newValues(data []byte) ([]byte, error) {
	var lead Fields
	if err := json.Unmarshal(data, &lead); err != nil {
		return nil, err
	}
	var changes map[string]struct {
		New json.RawMessage `json:"new"`
	}
	if err := json.Unmarshal(lead["changes"], &changes); err != nil {
		return nil, fmt.Errorf("changes: %w", err)
	}
	values := make(Fields, len(changes))
	for field, c := range changes {
		values[field] = c.New
	}
	var err error
	if lead["changes"], err = encode(values); err != nil {
		return nil, err
	}
	return encode(lead)
}

// withOldValues is the reverse of newValues. The old value is not known, unless the publisher gave both: no field of a
// lead has an object with just these two.
func withOldValues(lead Fields) {
	var values Fields
	if json.Unmarshal(lead["changes"], &values) != nil || values == nil {
		return
	}
	for field, value := range values {
		var both Fields
		if json.Unmarshal(value, &both) == nil && len(both) == 2 && both["old"] != nil && both["new"] != nil {
			continue
		}
		values[field] = slices.Concat([]byte(`{"new":`), value, []byte(`,"old":null}`))
	}
	if changes, err := encode(values); err == nil {
		lead["changes"] = changes
	}
}
