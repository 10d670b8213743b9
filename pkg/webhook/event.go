package webhook

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// Event is an event of the profile hookline: a pointer to one of the types of this package, such as *LeadCreatedEvent,
// or *OtherEvent.
type Event interface {
	// EventType is the type of the event, such as lead.created.
	EventType() string
	// OccurredAt is the time of the event.
	OccurredAt() time.Time
}

// Envelope is what all events have.
type Envelope struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
}

// EventType implements Event.
func (e Envelope) EventType() string { return e.Type }

// OccurredAt implements Event.
func (e Envelope) OccurredAt() time.Time { return e.Timestamp }

// OtherEvent is an event of a type that this package does not know: one of your own, or a newer one.
type OtherEvent struct {
	Envelope
	Data json.RawMessage `json:"data"`
}

// Parse verifies a request as Verify does, and reads its event. Errors are those of Verify, or that the body is no
// event
// of the profile hookline: another profile or envelope has another form.
func Parse(h http.Header, body []byte, now time.Time, secrets ...string) (Event, error) {
	if err := Verify(h, body, now, secrets...); err != nil {
		return nil, err
	}
	var e Envelope
	if err := json.Unmarshal(body, &e); err != nil || e.Type == "" {
		return nil, fmt.Errorf("webhook: the body is no event of the profile hookline")
	}
	event := known(e.Type)
	if event == nil {
		event = new(OtherEvent)
	}
	if err := json.Unmarshal(body, event); err != nil {
		return nil, fmt.Errorf("webhook: the data of %s can't be read: %w", e.Type, err)
	}
	return event, nil
}
