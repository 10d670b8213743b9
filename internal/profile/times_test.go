package profile

import (
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
)

// TestTimesInBodiesAreWholeSecondsInUTC of each type of the catalogue, under each profile whose document shows them so.
func TestTimesInBodiesAreWholeSecondsInUTC(t *testing.T) {
	t.Parallel()
	c, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"leadmetrics", "inboxops", "leadhooks", "leadie"} {
		for _, et := range c.EventTypes {
			texts := strings.Split(string(et.Sample), `"`)
			changed := 0
			for i, text := range texts {
				if _, err := time.Parse(time.RFC3339, text); err == nil {
					texts[i] = "2026-11-21T11:00:00.25+02:00"
					changed++
				}
			}
			at := db.At(time.Date(2026, 11, 21, 9, 0, 0, 250_000_000, time.UTC))
			body, _, err := Of(name).Encode(Standard, event.Event{Type: et.Name, Data: strings.Join(texts, `"`),
				OccurredAt: at, CreatedAt: at})
			if err != nil {
				t.Errorf("%s of %s: got %v, want a body", et.Name, name, err)
			}
			whole := strings.Count(string(body), `"2026-11-21T09:00:00Z"`)
			if whole != changed+1 || strings.Contains(string(body), "+02:00") {
				t.Errorf("%s of %s: got %s, want %d times, as 2026-11-21T09:00:00Z", et.Name, name, body, changed+1)
			}
		}
	}
}

func TestWhatIsNoTimeOfTheCatalogueStaysAsItWasPublished(t *testing.T) {
	t.Parallel()
	for eventType, data := range map[string]string{
		"order.created":    `{"created_at":"2026-11-21T11:00:00.25+02:00"}`, // a type of a tenant's own
		"message.received": `{"body_text":"2026-11-21T11:00:00.25+02:00","created_at":"soon"}`,
		"invoice.paid":     `{"period_start":null,"number":1.50,"more":"2026-11-21T11:00:00.25+02:00"}`,
	} {
		got, err := wholeSeconds(eventType, []byte(data))
		if err != nil || string(got) != data {
			t.Errorf("%s: got %s, %v, want %s", eventType, got, err, data)
		}
	}
}
