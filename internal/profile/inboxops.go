package profile

import (
	"net/http"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/role"
)

const inboxopsSignature = "X-InboxOps-Signature"

// inboxops is a shared support inbox.
var inboxops = Profile{
	Name:         "inboxops",
	Keys:         Keys{Live: "ixk_", Test: "ixk_", Shown: 8, Default: role.Developer},
	Calls:        Calls{Subject: ratelimit.Tenant, Limit: ratelimit.PerMinute(100)},
	Policy:       exponential("1m", 2, 10),
	Signing:      []Signing{SignHMAC},
	Headers:      hexHeaders(inboxopsSignature),
	SecretOnce:   true,
	FirstEvent:   "ticket.created",
	Resources:    []string{"support"},
	WholeSeconds: true,
	Envelope: func(e event.Event) ([]byte, string, error) {
		return encodeJSON(struct {
			Event     string         `json:"event"`
			EventID   string         `json:"event_id"`
			TenantID  string         `json:"tenant_id"`
			CreatedAt string         `json:"created_at"`
			Data      jsontext.Value `json:"data"`
		}{e.Type, e.WireID(), e.TenantID, seconds(e.OccurredAt.Time), jsontext.Value(e.Data)})
	},
	Sign: func(s Secrets, messageID string, _ time.Time, body []byte) (http.Header, error) {
		return signHex(s, inboxopsSignature, messageID, body)
	},
}
