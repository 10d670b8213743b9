package webhook

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// vector is one of testdata/vectors.json, which the SDKs of all languages read.
type vector struct {
	Name    string
	Headers map[string]string
	Body    string
	Now     int64 // Unix seconds
	Secrets []string
	Error   string // "" if the request is accepted
	Type    string // of the event, then
}

func TestVectors(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(raw, &vectors); err != nil {
		t.Fatal(err)
	}
	reasons := map[string]error{"": nil, "signature": ErrSignature, "timestamp": ErrTimestamp,
		"header": ErrMissingHeader,
		"secret": ErrSecret}
	counts := map[string]int{}
	for _, v := range vectors {
		counts[v.Error]++
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			h := http.Header{}
			for name, value := range v.Headers {
				h.Set(name, value)
			}
			want, known := reasons[v.Error]
			if !known {
				t.Fatalf("error: got the name %q, want one of the reasons", v.Error)
			}
			event, err := Parse(h, []byte(v.Body), time.Unix(v.Now, 0), v.Secrets...)
			if !errors.Is(err, want) || (err == nil) != (want == nil) {
				t.Fatalf("Parse: got %v, want %v", err, want)
			}
			if err == nil && event.EventType() != v.Type {
				t.Errorf("type: got %s, want %s", event.EventType(), v.Type)
			}
		})
	}
	for reason := range reasons {
		if counts[reason] == 0 {
			t.Errorf("vectors with the error %q: got none, want some", reason)
		}
	}
}

func parse(t *testing.T, body string) (Event, error) {
	t.Helper()
	h := headers(testID, seconds(testNow), Sign(mustKey(t, testSecret), testID, testNow, []byte(body)))
	return Parse(h, []byte(body), testNow, testSecret)
}

func TestParseGivesTheTypeOfTheEvent(t *testing.T) {
	t.Parallel()
	event, err := parse(t, `{"type":"lead.updated","timestamp":"2026-11-21T09:00:00Z","data":{"id":"lead_1","email":null,
		"score":42,"changes":{"score":{"old":41,"new":42}},"unknown":1}}`)
	if err != nil {
		t.Fatal(err)
	}
	updated, ok := event.(*LeadUpdatedEvent)
	if !ok {
		t.Fatalf("event: got %T, want *LeadUpdatedEvent", event)
	}
	if d := updated.Data; d.ID != "lead_1" || d.Email != nil || d.Score != 42 ||
		string(d.Changes["score"].New) != "42" {
		t.Errorf("data: got %+v, want those of the body", d)
	}
	if !event.OccurredAt().Equal(time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("time: got %s, want that of the body", event.OccurredAt())
	}

	event, err = parse(t, `{"type":"order.paid","timestamp":"2026-11-21T09:00:00Z","data":{"total":7}}`)
	if other, ok := event.(*OtherEvent); err != nil || !ok || string(other.Data) != `{"total":7}` {
		t.Errorf("own type: got %T, %v, want an *OtherEvent with the data", event, err)
	}
}

func TestParseRefusesWhatIsNoEvent(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "{}", "[]", `{"event":"lead.created","data":{}}`,
		`{"type":"lead.created","timestamp":"2026-11-21T09:00:00Z","data":{"score":"high"}}`} {
		if event, err := parse(t, body); err == nil || !strings.HasPrefix(err.Error(), "webhook: ") {
			t.Errorf("%s: got %v, %v, want an error", body, event, err)
		}
	}
}
