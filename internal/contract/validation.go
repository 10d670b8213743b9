package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/hookline/hookline/internal/problem"
)

// loadValidation rewrites a copy of the document to 3.0 and loads it.
func (c *Contract) loadValidation(tree map[string]any) error {
	defineFormats()
	raw, err := json.Marshal(tree)
	if err != nil {
		return fmt.Errorf("contract: %w", err)
	}
	var copied map[string]any
	if err := json.Unmarshal(raw, &copied); err != nil {
		return fmt.Errorf("contract: %w", err)
	}
	delete(copied, "webhooks")
	delete(object(copied["info"]), "summary")
	delete(object(object(copied["info"])["license"]), "identifier")
	copied["openapi"] = "3.0.3"
	if err := downgrade(copied, "#"); err != nil {
		return err
	}
	if raw, err = json.Marshal(copied); err != nil {
		return fmt.Errorf("contract: %w", err)
	}
	loader := openapi3.NewLoader()
	c.Validation, err = loader.LoadFromData(raw)
	if err != nil {
		return fmt.Errorf("contract: %w", err)
	}
	return nil
}

// unsupported are the keywords of 3.1 without an equivalent in 3.0; the contract must not use them.
var unsupported = []string{"if", "then", "else", "prefixItems", "patternProperties", "dependentSchemas",
	"dependentRequired", "unevaluatedProperties", "$defs", "const", "examples"}

// downgrade rewrites type: [x, "null"] to nullable, in place, and fails on unsupported keywords.
func downgrade(v any, path string) error {
	switch v := v.(type) {
	case []any:
		for i, child := range v {
			if err := downgrade(child, path+"/"+strconv.Itoa(i)); err != nil {
				return err
			}
		}
	case map[string]any:
		if types, ok := v["type"].([]any); ok {
			if len(types) != 2 || types[1] != "null" {
				return fmt.Errorf("contract: %s: a type is one type, or one and \"null\" after it", path)
			}
			v["type"], v["nullable"] = types[0], true
		}
		for _, child := range object(v["properties"]) {
			if p := object(child); p != nil && anything(p) {
				p["nullable"] = true // a schema that says nothing allows null in 3.1, and not in 3.0
			}
		}
		isSchema := v["type"] != nil || v["properties"] != nil
		for k, child := range v {
			if isSchema && slices.Contains(unsupported, k) {
				return fmt.Errorf("contract: %s: %s can't be validated in 3.0", path, k)
			}
			if k == "example" || k == "enum" {
				continue
			}
			if err := downgrade(child, path+"/"+k); err != nil {
				return err
			}
		}
	}
	return nil
}

// anything reports whether a schema allows every value.
func anything(schema map[string]any) bool {
	for _, word := range []string{"type", "$ref", "enum", "allOf", "anyOf", "oneOf", "not"} {
		if _, there := schema[word]; there {
			return false
		}
	}
	return true
}

// defineFormats registers the formats that the validator does not check by itself.
var defineFormats = sync.OnceFunc(func() {
	openapi3.DefineStringFormatValidator("email", openapi3.NewCallbackValidator(func(s string) error {
		a, err := mail.ParseAddress(s)
		if err != nil || a.Address != s || !strings.Contains(s[strings.LastIndex(s, "@")+1:], ".") {
			return errors.New("must be an email address")
		}
		return nil
	}))
	// its own check lets February have 31 days
	openapi3.DefineStringFormatValidator("date", openapi3.NewCallbackValidator(func(s string) error {
		if _, err := time.Parse(time.DateOnly, s); err != nil {
			return errors.New("must be a date such as 2026-11-21")
		}
		return nil
	}))
})

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

// Checker returns a function that lists every violation of a schema of components by data, JSON; at is the path to put
// before each. It is for data whose parts are validated one by one, so that a request is not refused as a whole.
func (c *Contract) Checker(schema string) func(at string, data []byte) []problem.Detail {
	ref := c.Validation.Components.Schemas[schema]
	return func(at string, data []byte) []problem.Detail {
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.UseNumber()
		var v any
		if ref == nil || decoder.Decode(&v) != nil {
			return []problem.Detail{{Field: at, Message: "is not valid"}}
		}
		if err := ref.Value.VisitJSON(v, openapi3.MultiErrors(), openapi3.EnableFormatValidation()); err != nil {
			return Violations(at, err)
		}
		return nil
	}
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
		if s.Format == "date-time" {
			return "must be a time such as 2026-01-31T12:00:00Z"
		}
		return "must be " + article(s.Format)
	case "pattern":
		return "must match " + s.Pattern
	}
	return "is not valid"
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
