package profile

import (
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"

	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/event"
)

const contentJSON = "application/json"

// Encode writes the body for an event in an envelope: CloudEvents where the profile has it, else the profile's own.
func (p Profile) Encode(envelope string, e event.Event) (body []byte, contentType string, err error) {
	if envelope == CloudEvents && p.CloudEvents {
		return cloudEvent(e)
	}
	if p.Rewrites(e.Type) {
		data, err := p.FromCanonical(e.Type, []byte(e.Data))
		if err != nil {
			return nil, "", err
		}
		e.Data = string(data)
	}
	e.Type = p.EventName(e.Type)
	return p.Envelope(e)
}

// cloudEvent is CloudEvents 1.0 in structured mode. Source and id together are unique, as it demands: ids of events
// are so within a tenant's environment.
func cloudEvent(e event.Event) ([]byte, string, error) {
	body, err := encode(struct {
		SpecVersion     string         `json:"specversion"`
		ID              string         `json:"id"`
		Source          string         `json:"source"`
		Type            string         `json:"type"`
		Time            time.Time      `json:"time"`
		DataContentType string         `json:"datacontenttype"`
		Data            jsontext.Value `json:"data"`
	}{"1.0", e.WireID(), "/tenants/" + e.TenantID + "/" + string(e.Environment), e.Type, e.OccurredAt.Time, contentJSON,
		jsontext.Value(e.Data)})
	return body, "application/cloudevents+json", err
}

// encode writes JSON without escaping <, > and &, which would needlessly change what publishers sent.
func encode(v any) ([]byte, error) { return json.Marshal(v, plain) }

// plain are the rules of encoding/json, for which this encoder is a faster one, without the escapes.
var plain = json.JoinOptions(jsonv1.DefaultOptionsV1(), jsontext.EscapeForHTML(false))

func encodeJSON(v any) ([]byte, string, error) {
	body, err := encode(v)
	return body, contentJSON, err
}

// times are the places of times in the data of each event type of the catalogue.
var times = sync.OnceValues(func() (map[string]*contract.Place, error) {
	c, err := contract.Load()
	if err != nil {
		return nil, err
	}
	out := make(map[string]*contract.Place, len(c.EventTypes))
	for _, t := range c.EventTypes {
		out[t.Name] = t.Times
	}
	return out, nil
})

// wholeSeconds is the data of an event with its times in UTC and without fractions, for products whose documents show
// whole seconds. The data of types that are a tenant's own stay as they were published.
func wholeSeconds(eventType string, data []byte) ([]byte, error) {
	places, err := times()
	if err != nil || places[eventType] == nil {
		return data, err
	}
	return places[eventType].JSON(data, func(text string) []string {
		if at, err := time.Parse(time.RFC3339, text); err == nil {
			return []string{seconds(at)}
		}
		return []string{text}
	})
}

// seconds is a time without fractions, for products whose documents show whole seconds.
func seconds(at time.Time) string { return at.UTC().Format(time.RFC3339) }
