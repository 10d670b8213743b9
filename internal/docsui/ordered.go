package docsui

import (
	"bytes"
	"encoding/json"
)

// object is a JSON object whose members keep the order of the document.
type object []member

type member struct {
	name  string
	value json.RawMessage
}

// objectOf reads an object; anything else is an empty one.
func objectOf(raw json.RawMessage) object {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	var o object
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil
		}
		text, _ := name.(string)
		o = append(o, member{text, value})
	}
	return o
}

func (o object) get(name string) json.RawMessage {
	for _, m := range o {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// in follows names into objects.
func (o object) in(names ...string) object {
	for _, name := range names {
		o = objectOf(o.get(name))
	}
	return o
}

// text is a member that is a string, else empty.
func (o object) text(name string) string { return textOf(o.get(name)) }

// list is a member that is an array, else empty.
func (o object) list(name string) []json.RawMessage {
	var out []json.RawMessage
	_ = json.Unmarshal(o.get(name), &out) // what is no list has no items
	return out
}

func textOf(raw json.RawMessage) string {
	var s string
	_ = json.Unmarshal(raw, &s) // what is no text is an empty one
	return s
}

// scalar writes a value as people read it: a text without quotes.
func scalar(raw json.RawMessage) string {
	if s := textOf(raw); s != "" {
		return s
	}
	return string(raw)
}

// indented is JSON for people.
func indented(raw json.RawMessage) string {
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		return string(raw)
	}
	return b.String()
}
