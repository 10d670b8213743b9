package dashboard

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// fieldRow is a field of a JSON Schema as a line of a table.
type fieldRow struct {
	Path     string // such as changes.status.old; [] stands for each item of a list
	Type     string
	Required bool
	Text     []phrase
	Rules    []string
}

// schema has the used keywords of a JSON Schema.
type schema struct {
	Type                 json.RawMessage   `json:"type"`
	Format               string            `json:"format"`
	Description          string            `json:"description"`
	Properties           map[string]schema `json:"properties"`
	Required             []string          `json:"required"`
	Items                *schema           `json:"items"`
	AdditionalProperties json.RawMessage   `json:"additionalProperties"`
	AllOf                []schema          `json:"allOf"`
	AnyOf                []schema          `json:"anyOf"`
	OneOf                []schema          `json:"oneOf"`
	Enum                 []any             `json:"enum"`
	Minimum              *float64          `json:"minimum"`
	Maximum              *float64          `json:"maximum"`
	MinLength            int               `json:"minLength"`
	MaxLength            int               `json:"maxLength"`
	MaxItems             int               `json:"maxItems"`
	Pattern              string            `json:"pattern"`
}

// maxFields is how many fields a table shows; deeper ones are in the schema itself.
const maxFields = 200

// fields reads a JSON Schema as the lines of a table: what is required first, then by name.
func fields(raw []byte) []fieldRow {
	var s schema
	if json.Unmarshal(raw, &s) != nil {
		return nil
	}
	var out []fieldRow
	s.rows("", &out)
	return out[:min(len(out), maxFields)]
}

// whole is the schema with what its allOf adds.
func (s schema) whole() schema {
	for _, part := range s.AllOf {
		part = part.whole()
		properties := map[string]schema{}
		for _, of := range []schema{s, part} {
			for name, property := range of.Properties {
				properties[name] = property
			}
		}
		s.Properties = properties
		s.Required = append(slices.Clone(s.Required), part.Required...)
		if s.Type == nil {
			s.Type = part.Type
		}
		if s.Description == "" {
			s.Description = part.Description
		}
	}
	return s
}

func (s schema) rows(path string, out *[]fieldRow) {
	s = s.whole()
	names := make([]string, 0, len(s.Properties))
	for name := range s.Properties {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if first := slices.Contains(s.Required, a); first != slices.Contains(s.Required, b) {
			if first {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	for _, name := range names {
		child := s.Properties[name].whole()
		at := name
		if path != "" {
			at = path + "." + name
		}
		*out = append(*out, fieldRow{at, child.kind(), slices.Contains(s.Required, name), prose(child.Description),
			child.rules()})
		child.inside(at, out)
	}
}

// inside adds what is below a field.
func (s schema) inside(at string, out *[]fieldRow) {
	s.rows(at, out)
	for _, choice := range slices.Concat(s.AnyOf, s.OneOf) {
		choice.rows(at, out)
	}
	if s.Items != nil {
		s.Items.rows(at+"[]", out)
	}
	var each schema
	if json.Unmarshal(s.AdditionalProperties, &each) == nil && (each.Type != nil || each.Properties != nil) {
		*out = append(*out, fieldRow{at + ".*", each.kind(), false, prose(each.Description), each.rules()})
		each.rows(at+".*", out)
	}
}

// kind is the type in words, such as "text or null" or "list of numbers".
func (s schema) kind() string {
	var types []string
	var one string
	switch {
	case json.Unmarshal(s.Type, &one) == nil:
		types = []string{one}
	case json.Unmarshal(s.Type, &types) != nil:
		for _, choice := range slices.Concat(s.AnyOf, s.OneOf) {
			types = append(types, choice.whole().kind())
		}
		if types == nil {
			return "anything"
		}
		slices.Sort(types)
		return strings.Join(slices.Compact(types), " or ")
	}
	for i, t := range types {
		if t == "array" && s.Items != nil {
			types[i] = "array of " + s.Items.whole().kind()
		}
	}
	return strings.Join(types, " or ")
}

func (s schema) rules() []string {
	var out []string
	add := func(there bool, format string, value any) {
		if there {
			out = append(out, fmt.Sprintf(format, value))
		}
	}
	add(s.Format != "", "%s", s.Format)
	if len(s.Enum) > 0 {
		values := make([]string, 0, len(s.Enum))
		for _, v := range s.Enum {
			values = append(values, fmt.Sprint(v))
		}
		out = append(out, "one of "+strings.Join(values, ", "))
	}
	if s.Minimum != nil {
		out = append(out, fmt.Sprintf("at least %v", *s.Minimum))
	}
	if s.Maximum != nil {
		out = append(out, fmt.Sprintf("at most %v", *s.Maximum))
	}
	add(s.MinLength > 0, "%d characters or more", s.MinLength)
	add(s.MaxLength > 0, "at most %d characters", s.MaxLength)
	add(s.MaxItems > 0, "at most %d items", s.MaxItems)
	add(s.Pattern != "", "matches %s", s.Pattern)
	return out
}

// phrase is a part of a text of the contract; Code marks text between backticks.
type phrase struct {
	Text string
	Code bool
}

func prose(text string) []phrase {
	if text == "" {
		return nil
	}
	var out []phrase
	for i, part := range strings.Split(text, "`") {
		if part != "" {
			out = append(out, phrase{part, i%2 == 1})
		}
	}
	return out
}
