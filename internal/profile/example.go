package profile

import (
	"net/http"
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
)

const (
	exampleID   = "evt_01jd4x2m9qe4fv0w3n7q1x5z8k"
	exampleUser = 123
	// exampleSecret belongs to no endpoint.
	exampleSecret = "whsec_ZXhhbXBsZSBzZWNyZXQgb2Ygbm9ib2R5"
)

// exampleTime is that of the contract's examples.
var exampleTime = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

// Example returns an example request of the profile: its headers and body for an event of a type with the data, signed
// with the profile's default signing.
func (p Profile) Example(eventType string, data []byte, at time.Time) (http.Header, []byte, error) {
	body, contentType, err := p.Encode(Standard, event.Event{
		TenantID: "tnt_01jd4x2m9qe4fv0w3n7q1x5z8k", ID: exampleID, Type: eventType, Data: string(data),
		OccurredAt: db.At(at), CreatedAt: db.At(at), UserNumber: exampleUser,
	})
	if err != nil {
		return nil, nil, err
	}
	headers := http.Header{}
	if p.Signing[0] != SignNone {
		if headers, err = p.Sign(Secrets{Current: exampleSecret}, exampleID, at, body); err != nil {
			return nil, nil, err
		}
	}
	out := http.Header{"Content-Type": {contentType}}
	for name, values := range headers {
		out[name] = values
	}
	return out, body, nil
}
