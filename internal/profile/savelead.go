package profile

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/role"
	"github.com/hookline/hookline/pkg/webhook"
)

var saveleadNames = map[string]string{"lead.created": "save_lead", "lead.updated": "save_lead"}

// savelead is a collector of leads. Its consumers trust their own headers; those who want a signature get that of
// Standard Webhooks.
var savelead = Profile{
	Name:       "savelead",
	Keys:       Keys{Live: "hk_live_", Test: "hk_test_", Shown: 12, Default: role.Developer},
	Calls:      Calls{Subject: ratelimit.Key},
	Policy:     hookline.Policy,
	Names:      saveleadNames,
	NamedOnly:  true,
	FirstEvent: leadCreated,
	Resources:  []string{leads},
	NeedsBody:  true,
	// Its document asks for a unique name for each webhook.
	UniqueNames: true,

	Signing: []Signing{SignNone, SignHMAC, SignEd25519, SignBoth},
	Forms: map[string]Form{
		"delivery.dead": deadAs(saveleadNames),
		"lead.created":  {From: saved, To: unsaved, Absent: absentSaved},
		"lead.updated":  {From: saved, To: unsaved, Absent: append([]string{"changes"}, absentSaved...)},
	},
	Envelope: func(e event.Event) ([]byte, string, error) {
		return encodeJSON(struct {
			Data jsontext.Value `json:"data"`
		}{jsontext.Value(e.Data)})
	},
	Sign: func(s Secrets, messageID string, at time.Time, body []byte) (http.Header, error) {
		if s.Current == "" && s.Ed25519 == nil {
			return http.Header{webhook.HeaderID: {messageID}}, nil
		}
		return signStandard(s, messageID, at, body)
	},
}

// absentSaved are the fields of a lead that its form has no place for.
var absentSaved = []string{"id", "name", "source", "status", "created_at", "updated_at"}

// saved turns a lead into a savedLead.
func saved(data []byte) ([]byte, error) {
	var lead savedLead
	if err := json.Unmarshal(data, &lead); err != nil {
		return nil, err
	}
	return encode(lead)
}

// unsaved is the reverse of saved: an unknown address is null and not empty.
func unsaved(lead Fields) {
	for _, name := range []string{"email", "website"} {
		if string(lead[name]) == `""` {
			lead[name] = json.RawMessage(`null`)
		}
	}
}

// savedLead is a lead as its consumers see it, in the order of their document: email and website are texts, empty when
// unknown, and the others may be null.
type savedLead struct {
	Email     string  `json:"email"`
	Company   *string `json:"company"`
	FirstName *string `json:"first_name"`
	LastName  *string `json:"last_name"`
	Phone     *string `json:"phone"`
	Website   string  `json:"website"`
	Position  *string `json:"position"`
	Twitter   *string `json:"twitter"`
	Linkedin  *string `json:"linkedin"`
	Notes     *string `json:"notes"`
	Score     integer `json:"score"`
}

// integer reads any spelling of a whole number that JSON Schema calls an integer, 42.0 and 4e1 included.
type integer int64

// UnmarshalJSON implements json.Unmarshaler.
func (i *integer) UnmarshalJSON(raw []byte) error {
	f, err := strconv.ParseFloat(string(raw), 64)
	*i = integer(f)
	return err
}
