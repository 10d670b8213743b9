package profile

import (
	"regexp"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"

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

// fraction is a time of a field such as created_at or failing_since with a fraction of a second. A quote inside of a
// text is escaped, so it matches fields alone.
var fraction = regexp.MustCompile(`"([a-z_]+_(?:at|since))"(\s*:\s*)"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d+Z"`)

// wholeSeconds is data with times without fractions.
func wholeSeconds(data []byte) []byte { return fraction.ReplaceAll(data, []byte(`"$1"$2"${3}Z"`)) }

// seconds is a time without fractions, for products whose documents show whole seconds.
func seconds(at time.Time) string { return at.UTC().Format(time.RFC3339) }
