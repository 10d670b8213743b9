package profile

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/role"
	"github.com/hookline/hookline/pkg/webhook"
)

// savelead is a collector of leads. Its consumers trust their own headers; those who want a signature get that of
// Standard Webhooks.
var savelead = Profile{
	Name:      "savelead",
	Keys:      Keys{Live: "hk_live_", Test: "hk_test_", Shown: 12, Default: role.Developer},
	Calls:     Calls{Subject: ratelimit.Key},
	Policy:    hookline.Policy,
	Names:     map[string]string{"lead.created": "save_lead", "lead.updated": "save_lead"},
	NamedOnly: true,
	Resources: []string{leads},
	NeedsBody: true,
	// Its document asks for a unique name for each webhook.
	UniqueNames: true,

	Signing: []Signing{SignNone, SignHMAC, SignEd25519, SignBoth},
	Envelope: func(e event.Event) ([]byte, string, error) {
		var lead savedLead
		if err := json.Unmarshal([]byte(e.Data), &lead); err != nil {
			return nil, "", fmt.Errorf("profile: %w", err)
		}
		return encodeJSON(struct {
			Data savedLead `json:"data"`
		}{lead})
	},
	Sign: func(s Secrets, messageID string, at time.Time, body []byte) (http.Header, error) {
		if s.Current == "" && s.Ed25519 == nil {
			return http.Header{webhook.HeaderID: {messageID}}, nil
		}
		return signStandard(s, messageID, at, body)
	},
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
