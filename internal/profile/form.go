package profile

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Form is how a product writes the data of an event type where that differs from ours.
type Form struct {
	// From writes our data as the product does. What the form has no field for is left out.
	From func(data []byte) ([]byte, error)
	// To turns the fields of the product's data into ours, in place. Fields that are ours already stay.
	To func(fields Fields)
	// Absent are those of our fields that To is not given, or that the product's document lacks: a publisher may leave
	// them out, and ToCanonical adds them.
	Absent []string
}

// Fields are those of an object, JSON each.
type Fields map[string]json.RawMessage

// FromCanonical returns our data of an event, a JSON object, as the product writes it: in requests to its consumers, in
// the API and on pages.
func (p Profile) FromCanonical(eventType string, data []byte) ([]byte, error) {
	if p.WholeSeconds {
		var err error
		if data, err = wholeSeconds(eventType, data); err != nil {
			return nil, fmt.Errorf("profile: times of %s: %w", eventType, err)
		}
	}
	form, ok := p.Forms[eventType]
	if !ok || form.From == nil {
		return data, nil
	}
	out, err := form.From(data)
	if err != nil {
		return nil, fmt.Errorf("profile: data of %s: %w", eventType, err)
	}
	return out, nil
}

// ToCanonical returns data that the product wrote as ours. It checks nothing: what is not in the product's form is not
// in ours either, so the schema of the type refuses it. at is the time of the event, which a lead without times gets.
func (p Profile) ToCanonical(eventType string, data []byte, at time.Time) []byte {
	form := p.Forms[eventType]
	var fields Fields
	if !p.Reads(eventType) || json.Unmarshal(data, &fields) != nil || fields == nil {
		return data
	}
	if form.To != nil {
		form.To(fields)
	}
	for _, name := range form.Absent {
		if _, given := fields[name]; !given {
			fields[name] = unknown(name, at)
		}
	}
	out, err := encode(fields)
	if err != nil {
		return data
	}
	return out
}

// Reads reports whether ToCanonical may change the data of an event type.
func (p Profile) Reads(eventType string) bool {
	form := p.Forms[eventType]
	return form.To != nil || len(form.Absent) > 0
}

// unknown is the value of a lead's field that its publisher did not give.
func unknown(name string, at time.Time) json.RawMessage {
	switch name {
	case "id":
		return json.RawMessage(`""`)
	case "score":
		return json.RawMessage(`0`)
	case "status":
		return json.RawMessage(`"new"`)
	case "changes":
		return json.RawMessage(`{}`)
	case "created_at", "updated_at":
		return json.RawMessage(at.UTC().Format(`"` + time.RFC3339Nano + `"`))
	}
	return json.RawMessage(`null`)
}

// Rewrites reports whether the product may write the data of an event type otherwise than we do.
func (p Profile) Rewrites(eventType string) bool {
	_, own := p.Forms[eventType]
	return own || p.WholeSeconds
}

// Schema is the JSON Schema of the product's data of an event type, as it is sent, with only those properties required
// that a publisher must give.
func (p Profile) Schema(eventType string, sent []byte) ([]byte, error) {
	absent := p.Forms[eventType].Absent
	if len(absent) == 0 {
		return sent, nil
	}
	var schema struct{ Required []string }
	if err := json.Unmarshal(sent, &schema); err != nil {
		return nil, fmt.Errorf("profile: schema of %s: %w", eventType, err)
	}
	required := slices.DeleteFunc(slices.Clone(schema.Required), func(name string) bool {
		return slices.Contains(absent, name)
	})
	if len(required) == len(schema.Required) {
		return sent, nil
	}
	var whole Fields
	if err := json.Unmarshal(sent, &whole); err != nil {
		return nil, fmt.Errorf("profile: schema of %s: %w", eventType, err)
	}
	var err error
	if whole["required"], err = encode(required); err != nil {
		return nil, err
	}
	return encode(whole)
}

// deadAs is the form of delivery.dead in a product with names of its own, by which it names the type of the event.
func deadAs(names map[string]string) Form {
	return Form{From: func(data []byte) ([]byte, error) {
		var fields Fields
		var eventType string
		err := json.Unmarshal(data, &fields)
		if err == nil {
			err = json.Unmarshal(fields["event_type"], &eventType)
		}
		name, ok := names[eventType]
		if err != nil || !ok {
			return data, err
		}
		if fields["event_type"], err = encode(name); err != nil {
			return nil, err
		}
		return encode(fields)
	}}
}
