package docsui

import (
	"encoding/json"
	"html/template"
	"slices"
	"strings"
)

// field is a property of an object as the reference shows it.
type field struct {
	Name, Type  string
	Required    bool
	Notes       []string
	Description template.HTML
	Plain       string
	Fields      []field // of an object, or of the items of a list
}

const (
	// deepest is how many objects inside each other are shown.
	deepest = 5
	// longestEnum is how many values of an enum are shown.
	longestEnum = 24
)

// resolved follows a reference to a schema.
func (e *edition) resolved(raw json.RawMessage) (o object, name string) {
	o = objectOf(raw)
	for range deepest {
		ref := o.text("$ref")
		if ref == "" {
			break
		}
		name = last(ref)
		o = e.schema(name)
	}
	return o, name
}

// fields lists the properties of a schema: of an object, of the items of a list, or of all variants of a union. inside
// are the names of the schemas around it.
func (e *edition) fields(raw json.RawMessage, inside []string) []field {
	o, name := e.resolved(raw)
	if name != "" && slices.Contains(inside, name) || len(inside) > deepest {
		return nil
	}
	inside = append(slices.Clone(inside), name)
	if items := o.get("items"); items != nil {
		return e.fields(items, inside)
	}
	if variants := withoutNull(o.list("oneOf")); len(variants) > 0 {
		return e.variants(variants, inside)
	}
	var out []field
	required := o.list("required")
	for _, m := range o.in("properties") {
		p, _ := e.resolved(m.value)
		f := field{Name: m.name, Plain: describedBy(objectOf(m.value), p)}
		f.Description = e.markdown.text(f.Plain)
		f.Type, f.Notes = e.typeOf(m.value)
		f.Required = slices.ContainsFunc(required, func(r json.RawMessage) bool { return textOf(r) == m.name })
		f.Fields = e.fields(m.value, inside)
		out = append(out, f)
	}
	if more := o.get("additionalProperties"); objectOf(more) != nil {
		f := field{Name: "any name", Plain: objectOf(more).text("description")}
		f.Description = e.markdown.text(f.Plain)
		f.Type, f.Notes = e.typeOf(more)
		f.Fields = e.fields(more, inside)
		out = append(out, f)
	}
	return out
}

// variants shows each kind of a union as a field; of a single one, its fields.
func (e *edition) variants(all []json.RawMessage, inside []string) []field {
	if len(all) == 1 {
		return e.fields(all[0], inside)
	}
	var out []field
	for _, raw := range all {
		o, name := e.resolved(raw)
		inner := e.fields(raw, inside)
		if len(inner) == 0 {
			continue
		}
		f := field{Name: name, Type: "one form", Plain: o.text("description"), Fields: inner}
		f.Description = e.markdown.text(f.Plain)
		out = append(out, f)
	}
	return out
}

func withoutNull(all []json.RawMessage) []json.RawMessage {
	return slices.DeleteFunc(all, func(raw json.RawMessage) bool { return objectOf(raw).text("type") == "null" })
}

// describedBy is the description beside a reference, else that of what it refers to.
func describedBy(own, target object) string {
	if text := own.text("description"); text != "" {
		return text
	}
	return target.text("description")
}

// typeOf says what a value is, and what limits it.
func (e *edition) typeOf(raw json.RawMessage) (name string, notes []string) {
	o, _ := e.resolved(raw)
	name = o.text("type")
	var types []string
	for _, t := range o.list("type") {
		types = append(types, textOf(t))
	}
	if len(types) > 0 {
		name = strings.Join(types, " or ")
	}
	if variants := o.list("oneOf"); len(variants) > 0 {
		name = e.union(variants)
	}
	if items := o.get("items"); items != nil {
		inner, _ := e.typeOf(items)
		name = strings.Replace(name, "array", "list of "+inner+"s", 1)
	}
	if name == "" {
		name = "any value"
	}
	return name, e.limits(o)
}

func (e *edition) union(variants []json.RawMessage) string {
	var names []string
	for _, v := range variants {
		inner, _ := e.typeOf(v)
		if !slices.Contains(names, inner) {
			names = append(names, inner)
		}
	}
	return strings.Join(names, " or ")
}

// limits lists the constraints of a schema.
func (e *edition) limits(o object) []string {
	var out []string
	if format := o.text("format"); format != "" && !strings.HasPrefix(format, "int") && format != "double" {
		out = append(out, format)
	}
	for _, limit := range []struct{ key, before, after string }{
		{"minimum", "at least ", ""}, {"maximum", "at most ", ""}, {"minLength", "at least ", " characters"},
		{"maxLength", "at most ", " characters"}, {"minItems", "at least ", " items"},
		{"maxItems", "at most ", " items"}, {"default", "default ", ""}, {"const", "always ", ""},
	} {
		value := o.get(limit.key)
		if value == nil || limit.key == "minLength" && string(value) == "1" {
			continue
		}
		out = append(out, limit.before+string(value)+limit.after)
	}
	var values []string
	for _, v := range o.list("enum") {
		values = append(values, scalar(v))
	}
	switch {
	case len(values) == 1:
		out = append(out, "always "+values[0])
	case len(values) > longestEnum:
		out = append(out, "one of "+strings.Join(values[:longestEnum], ", ")+" …")
	case len(values) > 0:
		out = append(out, "one of "+strings.Join(values, ", "))
	}
	return out
}
