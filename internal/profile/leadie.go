package profile

import (
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/role"
)

const (
	leadieSignature = "X-Leadie-Signature"
	leadieTimestamp = "X-Leadie-Timestamp"
)

// leadie is a tracker of social accounts, whose keys belong to users.
var leadie = Profile{
	Name:  "leadie",
	Keys:  Keys{Live: "ld_live_", Test: "ld_test_", Shown: 12, OfUsers: true, Default: role.Developer},
	Calls: Calls{Subject: ratelimit.User, Limit: ratelimit.PerMinute(60)},
	// Every wait of its document happens: its "max 5 attempts" counts the retries.
	Policy:       Policy{Schedule: schedule("1m", "5m", "30m", "2h", "12h"), Jitter: DefaultJitter},
	Signing:      []Signing{SignHMAC},
	SecretOnce:   true,
	Headers:      append(hexHeaders(leadieSignature), leadieTimestamp),
	FirstEvent:   "stats.updated",
	Resources:    []string{"tracking"},
	WholeSeconds: true,
	Envelope: func(e event.Event) ([]byte, string, error) {
		return encodeJSON(struct {
			Event  string         `json:"event"`
			UserID int64          `json:"user_id"`
			Data   jsontext.Value `json:"data"`
			SentAt string         `json:"sent_at"`
		}{e.Type, e.User(), jsontext.Value(e.Data), seconds(e.CreatedAt.Time)})
	},
	Sign: func(s Secrets, messageID string, at time.Time, body []byte) (http.Header, error) {
		h, err := signHex(s, leadieSignature, messageID, body)
		if err == nil {
			h[leadieTimestamp] = []string{strconv.FormatInt(at.Unix(), 10)}
		}
		return h, err
	},
}
