package profile

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"pgregory.net/rapid"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/pkg/webhook"
)

func TestEveryProfileIsFoundByItsNameAndIsComplete(t *testing.T) {
	t.Parallel()
	for name, p := range profiles {
		found, ok := Find(name)
		if !ok || found.Name != name || p.Envelope == nil || p.Sign == nil || p.Policy.Check() != nil ||
			p.Policy.Attempts() < 1 {
			t.Errorf("profile %s: got %+v, %t, want it complete", name, p, ok)
		}
	}
	if _, ok := Find(Default); !ok {
		t.Errorf("default profile %q: got none, want it", Default)
	}
	if p, ok := Find("nope"); ok || p.Name != "" {
		t.Errorf("unknown profile: got %+v, want none", p)
	}
}

// TestTheHooklineEnvelopeHasTheseBytes because consumers' code, and the signatures of deliveries that are being
// retried while a new version starts, stand on them.
func TestTheHooklineEnvelopeHasTheseBytes(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	for _, c := range []struct {
		name string
		e    event.Event
		want string
	}{
		{
			"whole seconds", event.Event{ID: "evt_1", Type: "lead.created", Data: `{"id":"lead_1","score":7}`,
				OccurredAt: db.At(at)},
			`{"type":"lead.created","timestamp":"2026-02-03T04:05:06Z","data":{"id":"lead_1","score":7}}`,
		},
		{
			"microseconds, from another zone",
			event.Event{Type: "lead.created", Data: `{}`, OccurredAt: db.At(at.Add(120_450 * time.Microsecond).
				In(time.FixedZone("east", 3600)))},
			`{"type":"lead.created","timestamp":"2026-02-03T04:05:06.12045Z","data":{}}`,
		},
		{
			"what HTML would escape, and big numbers",
			event.Event{Type: "a.b",
				Data:       `{"html":"<a href=\"x?a=1&b=2\">é 😀</a>","n":12345678901234567890.10,"u":"\u003c"}`,
				OccurredAt: db.At(at)},
			`{"type":"a.b","timestamp":"2026-02-03T04:05:06Z","data":{"html":"<a href=\"x?a=1&b=2\">é 😀</a>","n":12345678901234567890.10,"u":"\u003c"}}`,
		},
		{
			"the order and the keys of the publisher", event.Event{Type: "a.b", Data: `{"z":1,"a":null,"m":[]}`,
				OccurredAt: db.At(at)},
			`{"type":"a.b","timestamp":"2026-02-03T04:05:06Z","data":{"z":1,"a":null,"m":[]}}`,
		},
	} {
		body, contentType, err := hookline.Envelope(c.e)
		if err != nil || string(body) != c.want || contentType != "application/json" {
			t.Errorf("%s: %s, %s, %v instead of\n%s", c.name, body, contentType, err, c.want)
		}
	}
}

func TestAnEnvelopeOfBrokenDataIsAnErrorAndNotABrokenBody(t *testing.T) {
	t.Parallel()
	for _, data := range []string{"", "{", `{"a":1} x`, "nonsense"} {
		if body, _, err := hookline.Envelope(event.Event{Type: "a.b", Data: data}); err == nil {
			t.Errorf("%q: got %s, want an error", data, body)
		}
	}
}

func FuzzHooklineEnvelope(f *testing.F) {
	f.Add("lead.created", `{"a":"<&>"}`, int64(1_790_000_000_000_000))
	f.Add(`"},"x":"`, `{"data":{"data":1}}`, int64(0))
	f.Add("\xff\u2028", `{"a":"\u2028\ud800"}`, int64(-1))
	f.Fuzz(func(t *testing.T, eventType, data string, micros int64) {
		at := time.UnixMicro(micros).UTC()
		body, _, err := hookline.Envelope(event.Event{Type: eventType, Data: data, OccurredAt: db.At(at)})
		if err != nil {
			return
		}
		var got struct {
			Type      string
			Timestamp time.Time
			Data      json.RawMessage
		}
		if err := json.Unmarshal(body, &got); err != nil || !got.Timestamp.Equal(at) {
			t.Fatalf("envelope: got %s, %v, want the timestamp %s", body, err, at)
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, []byte(data)); err != nil || !bytes.Equal(got.Data, compact.Bytes()) {
			t.Errorf("data %s: got %s, %v, want the same without spaces", data, got.Data, err)
		}
		if bytes.HasSuffix(body, []byte("\n")) {
			t.Errorf("body: got %q, want no line break at its end", body)
		}
	})
}

func TestTheHooklineHeadersAreThese(t *testing.T) {
	t.Parallel()
	secret := webhook.SecretPrefix + base64.StdEncoding.EncodeToString([]byte("0123456789abcdef0123456789abcdef"))
	at := time.Date(2026, 2, 3, 4, 5, 6, 999_999_000, time.UTC)
	got, err := hookline.Sign(Secrets{Current: secret}, "evt_1", at, []byte(`{"a":"<&>"}`))
	if err != nil {
		t.Fatal(err)
	}
	// printf 'evt_1.1770091506.{"a":"<&>"}' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef -binary |
	// base64
	want := http.Header{
		"webhook-id":        {"evt_1"},
		"webhook-timestamp": {"1770091506"},
		"webhook-signature": {"v1,gP158tqFh6HB3QOj+wce6oMvkRU7kczwcYEGXhWb1t0="},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v instead of %v", got, want)
	}
}

func TestSignaturesVerifyWithOurLibraryAndTheOfficialOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		secret, now := webhook.NewSecret(), time.Now()
		messageID := rapid.StringMatching(`[A-Za-z0-9_-]{1,64}`).Draw(t, "id")
		body := rapid.SliceOf(rapid.Byte()).Draw(t, "body")
		signed, err := hookline.Sign(Secrets{Current: secret}, messageID, now, body)
		if err != nil {
			t.Fatal(err)
		}
		h := http.Header{} // as a server reads them
		for name, values := range signed {
			h.Set(name, values[0])
		}
		official, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			t.Fatal(err)
		}
		if err := webhook.Verify(h, body, now, secret); err != nil {
			t.Error(err)
		}
		if err := official.Verify(body, h); err != nil {
			t.Error(err)
		}
		if at, err := strconv.ParseInt(h.Get("webhook-timestamp"), 10, 64); err != nil || at != now.Unix() ||
			h.Get("webhook-id") != messageID {
			t.Errorf("headers: got %v, want the id and the time in seconds", h)
		}
		other := append([]byte("x"), body...)
		if webhook.Verify(h, other, now, secret) == nil || official.Verify(other, h) == nil || webhook.Verify(h, body,
			now, webhook.NewSecret()) == nil {
			t.Error("signature: got another body or secret accepted, want both refused")
		}
	})
}

func TestSigningWithAnInvalidSecretFails(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"", "whsec_", "whsec_!", "0123456789abcdef0123456789abcdef", "whsec_c2hvcnQ="} {
		if h, err := hookline.Sign(Secrets{Current: secret}, "evt_1", time.Unix(0, 0), nil); err == nil || h != nil {
			t.Errorf("Sign with %q: got %v, %v, want an error", secret, h, err)
		}
	}
}
