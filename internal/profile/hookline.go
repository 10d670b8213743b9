package profile

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/pkg/webhook"
)

// hookline is Standard Webhooks.
var hookline = Profile{
	Name:   Default,
	Keys:   Keys{Live: "hk_live_", Test: "hk_test_", Shown: 12},
	Calls:  Calls{Subject: ratelimit.Key},
	Policy: Policy{Schedule: schedule("5s", "5m", "30m", "2h", "5h", "10h", "14h", "20h", "24h"), Jitter: DefaultJitter},
	Envelope: func(e event.Event) ([]byte, string, error) {
		body, err := encode(struct {
			Type      string          `json:"type"`
			Timestamp time.Time       `json:"timestamp"`
			Data      json.RawMessage `json:"data"`
		}{e.Type, e.OccurredAt.Time, json.RawMessage(e.Data)})
		return body, "application/json", err
	},
	Sign: func(s Secrets, messageID string, at time.Time, body []byte) (http.Header, error) {
		key, err := webhook.ParseSecret(s.Current)
		if err != nil {
			return nil, err
		}
		signatures := []string{webhook.Sign(key, messageID, at, body)}
		for _, previous := range s.Previous {
			key, err := webhook.ParseSecret(previous)
			if err != nil {
				return nil, err
			}
			signatures = append(signatures, webhook.Sign(key, messageID, at, body))
		}
		return http.Header{
			// Lower case on the wire, as the specification writes them; HTTP itself does not care.
			webhook.HeaderID:        {messageID},
			webhook.HeaderTimestamp: {strconv.FormatInt(at.Unix(), 10)},
			webhook.HeaderSignature: {strings.Join(signatures, " ")},
		}, nil
	},
}

func schedule(waits ...string) []Duration {
	out := make([]Duration, 0, len(waits))
	for _, w := range waits {
		d, err := ParseDuration(w)
		if err != nil {
			panic(err)
		}
		out = append(out, d)
	}
	return out
}

// encode writes JSON without escaping <, > and &, which would needlessly change what publishers sent.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}
