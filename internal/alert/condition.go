package alert

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
)

// about identifies an endpoint in the data of an event.
type about struct {
	WebhookID string `json:"webhook_id"`
	Name      string `json:"name"`
	URL       string `json:"url"`
}

func of(e endpoint.Endpoint) about { return about{e.ID, e.Name, e.URL} }

type failingData struct {
	about
	Percent             int       `json:"percent"`
	FailingSince        time.Time `json:"failing_since"`
	ConsecutiveFailures int       `json:"consecutive_failures"`
	WarnedAt            time.Time `json:"warned_at"`
}

type disabledData struct {
	about
	Reason              string     `json:"reason"`
	FailingSince        *time.Time `json:"failing_since"`
	ConsecutiveFailures int        `json:"consecutive_failures"`
	DisabledAt          time.Time  `json:"disabled_at"`
}

type recoveredData struct {
	about
	RecoveredAt time.Time `json:"recovered_at"`
}

type deadData struct {
	DeliveryID     string    `json:"delivery_id"`
	EventID        string    `json:"event_id"`
	EventType      string    `json:"event_type"`
	WebhookID      string    `json:"webhook_id"`
	Attempts       int       `json:"attempts"`
	ResponseStatus *int      `json:"response_status"`
	Error          *string   `json:"error"`
	DiedAt         time.Time `json:"died_at"`
}

func deadOf(d delivery.Delivery) deadData {
	out := deadData{
		DeliveryID: d.ID, EventID: d.EventID, EventType: d.EventName(), WebhookID: d.EndpointID,
		Attempts: d.AttemptCount, ResponseStatus: d.ResponseStatus, DiedAt: d.FinishedAt.Time,
	}
	if d.Error != "" {
		out.Error = &d.Error
	}
	return out
}

// leakedData is the part of the data of key.leaked that the alert needs; package leak emits it.
type leakedData struct {
	KeyID string `json:"key_id"`
	Name  string `json:"name"`
}

// deadEvery is the shortest time between two alerts about dead letters of one endpoint.
const deadEvery = time.Hour

// conditionOf is the alert that an event raises; it is false for events that raise none. Texts contain only the
// host of a URL: path and query may contain secrets.
func conditionOf(e event.Event) (Alert, bool, error) {
	a := Alert{TenantID: e.TenantID, Environment: e.Environment, Condition: e.Type, Since: e.OccurredAt}
	var err error
	switch e.Type {
	case Failing:
		err = failing(&a, e.Data)
	case Disabled:
		err = disabled(&a, e.Data)
	case Dead:
		err = dead(&a, e.Data)
	case Leaked:
		err = leaked(&a, e.Data)
	default:
		return a, false, nil
	}
	if err != nil {
		return a, false, fmt.Errorf("alert: %s: %w", e.Type, err)
	}
	a.Title, a.Message = oneLine(a.Title), oneLine(a.Message)
	return a, true, nil
}

func failing(a *Alert, data string) error {
	var d failingData
	err := json.Unmarshal([]byte(data), &d)
	a.Subject, a.Since.Time = d.WebhookID, d.FailingSince
	a.Key = failingKey(d.Percent, d.WebhookID, d.FailingSince)
	a.Title = fmt.Sprintf("The endpoint %s keeps failing: %d %% of the limit", d.label(), d.Percent)
	a.Message = fmt.Sprintf("The endpoint %s has failed since %s, %s in a row. If it keeps failing, it will be disabled "+
		"and get no more deliveries. Check its deliveries for the reason and fix it; one success ends this.",
		d.describe(), when(d.FailingSince), times(d.ConsecutiveFailures))
	return err
}

func disabled(a *Alert, data string) error {
	var d disabledData
	err := json.Unmarshal([]byte(data), &d)
	a.Subject = d.WebhookID
	a.Key = fmt.Sprintf("%s/%s/%d", Disabled, d.WebhookID, d.DisabledAt.UnixMicro())
	if d.Reason == endpoint.ReasonGone {
		a.Title = fmt.Sprintf("The endpoint %s was disabled: it answered 410 Gone", d.label())
		a.Message = fmt.Sprintf("The endpoint %s answered 410 (gone for good), and gets no more deliveries. If "+
			"that is wrong, fix it and enable it again: PATCH /api/v1/webhooks/%s with {\"enabled\":true}.",
			d.describe(), d.WebhookID)
		return err
	}
	if d.FailingSince != nil {
		a.Since.Time = *d.FailingSince
	}
	a.Title = fmt.Sprintf("The endpoint %s was disabled: it kept failing", d.label())
	a.Message = fmt.Sprintf("The endpoint %s has failed since %s, %s in a row, and gets no more deliveries. Fix "+
		"it, then enable it again: PATCH /api/v1/webhooks/%s with {\"enabled\":true}.",
		d.describe(), when(a.Since.Time), times(d.ConsecutiveFailures), d.WebhookID)
	return err
}

func dead(a *Alert, data string) error {
	var d deadData
	err := json.Unmarshal([]byte(data), &d)
	a.Subject = d.WebhookID
	a.Key = fmt.Sprintf("%s/%s/%d", Dead, d.WebhookID, d.DiedAt.Truncate(deadEvery).UnixMicro())
	a.Title = fmt.Sprintf("Deliveries to the endpoint %s became dead letters", d.WebhookID)
	reason := ""
	if d.Error != nil {
		reason = " " + *d.Error
	}
	a.Message = fmt.Sprintf("The delivery %s of a %s event used up its attempts at %s.%s There may be more: you "+
		"get one alert an hour for each endpoint. Check the dead letters, fix the endpoint, and replay them: "+
		"nothing is lost.",
		d.DeliveryID, d.EventType, when(d.DiedAt), reason)
	return err
}

func leaked(a *Alert, data string) error {
	var d leakedData
	err := json.Unmarshal([]byte(data), &d)
	a.Subject = d.KeyID
	a.Key = Leaked + "/" + d.KeyID
	a.Title = fmt.Sprintf("The API key %s was found in public", cmp.Or(d.Name, d.KeyID))
	a.Message = fmt.Sprintf("The API key %s (%s) was found in public. If it is still valid, revoke it; "+
		"replace it where it is used, remove it from where it was found, and check the audit log for "+
		"its use.",
		cmp.Or(d.Name, "without a name"), d.KeyID)
	return err
}

func (a about) label() string { return cmp.Or(strings.TrimSpace(a.Name), a.WebhookID) }

func (a about) describe() string {
	host := a.WebhookID
	if u, err := url.Parse(a.URL); err == nil {
		host = u.Host + ", " + a.WebhookID
	}
	return a.label() + " (" + host + ")"
}

func when(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

func times(n int) string {
	if n == 1 {
		return "1 attempt"
	}
	return fmt.Sprintf("%d attempts", n)
}

// oneLine is a text without line breaks and other control characters: names are free text, and titles become headers.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' ||
			r == '\u2029'
	}), " ")
}

// failingKey is the key of one warning since an endpoint began to fail.
func failingKey(percent int, endpointID string, since time.Time) string {
	return fmt.Sprintf("%s/%d/%s/%d", Failing, percent, endpointID, since.UnixMicro())
}
