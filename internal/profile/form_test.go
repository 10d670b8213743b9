package profile

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hookline/hookline/internal/contract"
)

// leadFields are the fields of a lead that a form may have; each is a text or null, but for the score.
var leadFields = []string{"id", "name", "email", "company", "first_name", "last_name", "phone", "website", "position",
	"twitter", "linkedin", "notes", "score", "source", "status", "created_at", "updated_at"}

// drawLead makes the data of an event about a lead. An unknown email address or website is null, never empty.
func drawLead(t *rapid.T, eventType string) map[string]any {
	text := func(name string) any {
		if rapid.Bool().Draw(t, name+" is known") {
			return rapid.StringN(1, 20, -1).Draw(t, name)
		}
		return nil
	}
	lead := map[string]any{}
	for _, name := range leadFields {
		lead[name] = text(name)
	}
	at := rapid.Int64Range(0, 4e9).Draw(t, "created")
	lead["id"], lead["status"] = rapid.StringN(1, 20, -1).Draw(t, "lead"), rapid.String().Draw(t, "new status")
	lead["score"] = float64(rapid.Int32().Draw(t, "score"))
	lead["created_at"] = time.Unix(at, 0).UTC().Format(time.RFC3339)
	lead["updated_at"] = time.Unix(at+5, 0).UTC().Format(time.RFC3339)
	if eventType == "lead.updated" {
		changes := map[string]any{}
		for _, name := range rapid.SliceOfDistinct(rapid.SampledFrom(leadFields), rapid.ID).Draw(t, "changed") {
			changes[name] = map[string]any{"old": text("old " + name), "new": lead[name]}
		}
		lead["changes"] = changes
	}
	return lead
}

// carried is what a product's form carries of our data; all else is what ToCanonical makes of an unknown field.
func carried(name string, lead map[string]any, at time.Time) map[string]any {
	changes, _ := lead["changes"].(map[string]any)
	switch name {
	case "leadhooks":
		for _, c := range changes {
			c.(map[string]any)["old"] = nil
		}
	case "savelead":
		for field, unknown := range map[string]any{"id": "", "name": nil, "source": nil, "status": "new",
			"created_at": at.Format(time.RFC3339), "updated_at": at.Format(time.RFC3339)} {
			lead[field] = unknown
		}
		if changes != nil {
			lead["changes"] = map[string]any{}
		}
	}
	return lead
}

func TestWhatAProductsFormCarriesComesBackFromIt(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	decode := func(t *rapid.T, raw []byte) map[string]any {
		var v map[string]any
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatalf("got %s, want a JSON object: %v", raw, err)
		}
		return v
	}
	rapid.Check(t, func(t *rapid.T) {
		p, _ := Find(rapid.SampledFrom(All()).Draw(t, "profile"))
		eventType := rapid.SampledFrom([]string{"lead.created", "lead.updated"}).Draw(t, "type")
		ours, err := json.Marshal(drawLead(t, eventType))
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := p.FromCanonical(eventType, ours)
		if err != nil {
			t.Fatalf("%s: got %v, want the form of %s", p.Name, err, ours)
		}
		got := p.ToCanonical(eventType, theirs, at)
		if want := carried(p.Name, decode(t, ours), at); !reflect.DeepEqual(decode(t, got), want) {
			t.Errorf("%s, and back from %s: got %s, want %v", p.Name, theirs, got, want)
		}
		if again, err := p.FromCanonical(eventType, got); err != nil || !bytes.Equal(again, theirs) {
			t.Errorf("%s, once more: got %s, %v, want %s", p.Name, again, err, theirs)
		}
		if kept := p.ToCanonical(eventType, ours, at); !reflect.DeepEqual(decode(t, kept), decode(t, ours)) {
			t.Errorf("%s, of what is ours already: got %s, want %s", p.Name, kept, ours)
		}
	})
}

// TestFormsAreOfTypesAndPropertiesThatThereAre because a wrong name in a table would do nothing.
func TestFormsAreOfTypesAndPropertiesThatThereAre(t *testing.T) {
	t.Parallel()
	c, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	schemas := map[string][]byte{}
	for _, et := range c.EventTypes {
		schemas[et.Name] = et.Schema
	}
	for _, name := range All() {
		p, _ := Find(name)
		for eventType, form := range p.Forms {
			var schema struct{ Properties map[string]any }
			if err := json.Unmarshal(schemas[eventType], &schema); err != nil {
				t.Errorf("%s: got a form of %s, want it of a type of the catalogue", name, eventType)
			}
			for _, field := range form.Absent {
				if _, ok := schema.Properties[field]; !ok {
					t.Errorf("%s: %s: got %s as absent, want a property of its schema", name, eventType, field)
				}
			}
			for _, sample := range []string{`[]`, `null`, `{"changes":"x"}`, `{"changes":null}`, `x`} {
				if got := p.ToCanonical(eventType, []byte(sample), time.Now()); len(got) == 0 {
					t.Errorf("%s: %s of %s: got nothing, want something that the schema refuses", name, eventType, sample)
				}
			}
		}
	}
}
