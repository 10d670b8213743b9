package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	fastjson "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/hookline/hookline/internal/problem"
)

// Checker returns a function that lists the violations of a schema of components by data, JSON, up to
// problem.MaxDetails; at is the path to put before each. It is for data whose parts are validated one by one, so that a
// request is not refused as a whole.
func (c *Contract) Checker(schema string) func(at string, data []byte) []problem.Detail {
	ref := c.Validation.Components.Schemas[schema]
	return func(at string, data []byte) []problem.Detail {
		if ref == nil {
			return []problem.Detail{{Field: at, Message: "is not valid"}}
		}
		return check(ref.Value, at, data)
	}
}

// BodyChecker is Checker for the body of an operation; nil when it takes none.
func (c *Contract) BodyChecker(r Rule) func(body []byte) []problem.Detail {
	if !r.Body {
		return nil
	}
	schema := c.Route(r).Operation.RequestBody.Value.Content["application/json"].Schema.Value
	return func(body []byte) []problem.Detail { return check(schema, "", body) }
}

// Route returns an operation as the library that validates parameters wants it.
func (c *Contract) Route(r Rule) *routers.Route {
	item := c.Validation.Paths.Value(r.Path)
	method := strings.ToUpper(r.Method)
	return &routers.Route{Spec: c.Validation, Path: r.Path, PathItem: item, Method: method,
		Operation: item.GetOperation(method)}
}

// check lists the violations of a schema by data, JSON. Most data has none, which the library finds out fastest when it
// stops at the first.
func check(schema *openapi3.Schema, at string, data []byte) []problem.Detail {
	var v any
	if fastjson.Unmarshal(data, &v, jsontext.AllowDuplicateNames(true)) == nil &&
		schema.VisitJSON(v, openapi3.FailFast()) == nil {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber() // numbers beyond a float64 have details of their own
	if decoder.Decode(&v) != nil {
		return []problem.Detail{{Field: at, Message: "is not valid"}}
	}
	var w walk
	w.visit(schema, at, v)
	return w.found
}

// walk collects violations. The library lists all of them at once, which for a few bytes of data each takes more memory
// than a server has; so this visits objects and lists itself, and leaves to the library what has no parts.
type walk struct {
	found []problem.Detail
	over  bool // enough was found
}

func (w *walk) add(details ...problem.Detail) {
	w.found = problem.Limited(append(w.found, details...))
	w.over = w.over || len(w.found) == problem.MaxDetails
}

func (w *walk) visit(schema *openapi3.Schema, at string, v any) {
	switch v := v.(type) {
	case []any:
		w.list(schema, at, v)
	case map[string]any:
		w.object(schema, at, v)
	default:
		w.whole(schema, at, v)
	}
}

// whole collects the violations of a schema that says nothing of the parts of a value.
func (w *walk) whole(schema *openapi3.Schema, at string, v any) {
	if err := schema.VisitJSON(v, openapi3.MultiErrors()); err != nil {
		w.add(Violations(at, err)...)
	}
}

// list stops at a list that is too long, so that its items cost nothing.
func (w *walk) list(schema *openapi3.Schema, at string, v []any) {
	own := *schema
	own.Items = nil
	w.whole(&own, at, v)
	w.over = w.over || schema.MaxItems != nil && uint64(len(v)) > *schema.MaxItems
	for i, item := range v {
		if w.over || schema.Items == nil {
			return
		}
		w.visit(schema.Items.Value, join(at, []string{strconv.Itoa(i)}), item)
	}
}

// object stops at an object with too many fields, as list does.
func (w *walk) object(schema *openapi3.Schema, at string, v map[string]any) {
	own := *schema
	own.Properties, own.Required, own.AdditionalProperties = nil, nil, openapi3.BoolSchema{}
	w.whole(&own, at, v)
	w.over = w.over || schema.MaxProps != nil && uint64(len(v)) > *schema.MaxProps
	others := schema.AdditionalProperties
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if w.over {
			return
		}
		field := join(at, []string{name})
		switch known := schema.Properties[name]; {
		case known != nil:
			w.visit(known.Value, field, v[name])
		case others.Schema != nil:
			w.visit(others.Schema.Value, field, v[name])
		case others.Has != nil && !*others.Has:
			w.add(problem.Detail{Field: field, Message: unknown(name, schema)})
		}
	}
	for _, name := range schema.Required {
		if _, given := v[name]; !given {
			w.add(problem.Detail{Field: join(at, []string{name}), Message: "is required"})
		}
	}
}

// unknown says of a field that an object doesn't have which one was probably meant.
func unknown(name string, schema *openapi3.Schema) string {
	if near := Nearest(name, slices.Sorted(maps.Keys(schema.Properties))); near != "" {
		return "is not a known field; did you mean " + near + "?"
	}
	return "is not a known field"
}

// Violations turns the validator's errors into details: one for each violation, without the offending value. at is
// the path to put before each, empty for none.
func Violations(at string, err error) []problem.Detail {
	var many openapi3.MultiError
	var one *openapi3.SchemaError
	switch {
	case asMulti(err, &many):
		var out []problem.Detail
		for _, e := range many {
			out = append(out, Violations(at, e)...)
		}
		return out
	case errors.As(err, &one):
		if inner := (openapi3.MultiError)(nil); one.Origin != nil && errors.As(one.Origin, &inner) {
			return Violations(at, inner)
		}
		pointer := one.JSONPointer()
		if m := unknownField.FindStringSubmatch(one.Reason); m != nil && one.SchemaField == "properties" {
			pointer = append(slices.Clone(pointer), m[1])
		}
		return []problem.Detail{{Field: join(at, pointer), Message: reason(one)}}
	}
	return []problem.Detail{{Field: at, Message: "is not valid"}}
}

// unknownField extracts the name of an unknown field from the validator's message, which alone has it.
var unknownField = regexp.MustCompile(`^property "(.*)" is unsupported$`)

// asMulti is errors.As for the outermost error only: a single schema error may wrap several.
func asMulti(err error, target *openapi3.MultiError) bool {
	m, ok := err.(openapi3.MultiError) //nolint:errorlint // deliberate, see above
	*target = m
	return ok
}

func join(at string, pointer []string) string {
	var b strings.Builder
	b.WriteString(at)
	for _, p := range pointer {
		if _, err := strconv.Atoi(p); err == nil {
			b.WriteString("[" + p + "]")
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(p)
	}
	return b.String()
}

// reason rewrites the validator's message in plain words.
func reason(e *openapi3.SchemaError) string {
	s := e.Schema
	switch e.SchemaField {
	case "required":
		return "is required"
	case "properties":
		return "is not a known field"
	case "type", "nullable":
		if s.Type != nil && len(s.Type.Slice()) > 0 {
			return "must be " + article(s.Type.Slice()[0])
		}
	case "enum":
		words := make([]string, 0, len(s.Enum))
		for _, v := range s.Enum {
			words = append(words, fmt.Sprint(v))
		}
		return "must be one of " + strings.Join(words, ", ")
	case "minLength":
		if s.MinLength == 1 {
			return "must not be empty"
		}
		return fmt.Sprintf("must have at least %d characters", s.MinLength)
	case "maxLength":
		return fmt.Sprintf("must have at most %d characters", *s.MaxLength)
	case "minItems":
		return fmt.Sprintf("must have at least %d items", s.MinItems)
	case "maxItems":
		return fmt.Sprintf("must have at most %d items", *s.MaxItems)
	case "minProperties":
		return "must have at least one field"
	case "maxProperties":
		return fmt.Sprintf("must have at most %d fields", *s.MaxProps)
	case "minimum":
		return "must be at least " + number(*s.Min)
	case "maximum":
		return "must be at most " + number(*s.Max)
	case "format":
		return formatReason(s.Format)
	case "pattern":
		if s.Example != nil {
			return fmt.Sprintf("must match %s, such as %v", s.Pattern, s.Example)
		}
		return "must match " + s.Pattern
	}
	return "is not valid"
}

func formatReason(format string) string {
	switch format {
	case "date":
		return "must be a date such as 2026-11-21"
	case "date-time":
		return "must be a time such as 2026-01-31T12:00:00Z"
	}
	return "must be " + article(format)
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func article(word string) string {
	switch word {
	case "email":
		return "an email address"
	case "object", "array", "integer":
		return "an " + word
	}
	return "a " + word
}
