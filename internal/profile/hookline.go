package profile

import (
	"crypto/ed25519"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/role"
	"github.com/hookline/hookline/pkg/webhook"
)

// hookline is Standard Webhooks.
var hookline = Profile{
	Name:  Default,
	Keys:  Keys{Live: "hk_live_", Test: "hk_test_", Shown: 12, Default: role.Developer},
	Calls: Calls{Subject: ratelimit.Key},
	Policy: Policy{Schedule: schedule("5s", "5m", "30m", "2h", "5h", "10h", "14h", "20h", "24h"),
		Jitter: DefaultJitter},
	FirstEvent:  leadCreated,
	CloudEvents: true,
	Signing:     []Signing{SignHMAC, SignEd25519, SignBoth},
	Envelope: func(e event.Event) ([]byte, string, error) {
		return encodeJSON(struct {
			Type      string          `json:"type"`
			Timestamp time.Time       `json:"timestamp"`
			Data      json.RawMessage `json:"data"`
		}{e.Type, e.OccurredAt.Time, json.RawMessage(e.Data)})
	},
	Sign: signStandard,
}

// signStandard sends one signature for each secret, the current one's first, and then those of the ed25519 keys.
func signStandard(s Secrets, messageID string, at time.Time, body []byte) (http.Header, error) {
	var signatures []string
	if s.Current != "" || s.Ed25519 == nil {
		key, err := webhook.ParseSecret(s.Current)
		if err != nil {
			return nil, err
		}
		signatures = append(signatures, webhook.Sign(key, messageID, at, body))
	}
	for _, previous := range s.Previous {
		// A secret that was chosen under another profile may have a form that can't sign here; no consumer verifies
		// with it.
		if key, err := webhook.ParseSecret(previous); err == nil {
			signatures = append(signatures, webhook.Sign(key, messageID, at, body))
		}
	}
	if s.Ed25519 != nil {
		for _, key := range append([]ed25519.PrivateKey{s.Ed25519}, s.PreviousEd25519...) {
			signatures = append(signatures, webhook.SignEd25519(key, messageID, at, body))
		}
	}
	return http.Header{
		// Lower case on the wire, as the specification writes them; HTTP itself does not care.
		webhook.HeaderID:        {messageID},
		webhook.HeaderTimestamp: {strconv.FormatInt(at.Unix(), 10)},
		webhook.HeaderSignature: {strings.Join(signatures, " ")},
	}, nil
}

func schedule(waits ...string) []Duration {
	out := make([]Duration, 0, len(waits))
	for _, w := range waits {
		out = append(out, duration(w))
	}
	return out
}

func duration(text string) Duration {
	d, err := ParseDuration(text)
	if err != nil {
		panic(err)
	}
	return d
}

// exponential is a policy that doubles, or multiplies otherwise, the first wait.
func exponential(initial string, multiplier float64, attempts int) Policy {
	first := duration(initial)
	return Policy{Initial: &first, Multiplier: multiplier, MaxAttempts: attempts, Jitter: DefaultJitter}
}
