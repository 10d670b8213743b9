package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
)

// Whole returns the contract in 3.0 semantics, without webhooks: to hold answers and examples against it.
func Whole() (*openapi3.T, error) {
	tree, err := parse()
	if err != nil {
		return nil, err
	}
	return convert(tree)
}

// loadValidation loads what validating requests takes: a quarter of the document, in a quarter of the time.
func (c *Contract) loadValidation(tree map[string]any) (err error) {
	c.Validation, err = convert(asked(tree).(map[string]any))
	return err
}

// convert loads a document, which it rewrites to 3.0.
func convert(tree map[string]any) (*openapi3.T, error) {
	defineFormats()
	delete(tree, "webhooks")
	delete(tree, "servers") // else the validator checks the host
	delete(object(tree["info"]), "summary")
	delete(object(object(tree["info"])["license"]), "identifier")
	tree["openapi"] = "3.0.3"
	if err := downgrade(tree, "#"); err != nil {
		return nil, err
	}
	raw, err := json.Marshal(tree)
	if err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	doc := &openapi3.T{}
	if err := json.Unmarshal(raw, doc); err != nil { // the loader would read it as YAML, ten times as slowly
		return nil, fmt.Errorf("contract: %w", err)
	}
	if err := openapi3.NewLoader().ResolveRefsIn(doc, nil); err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	return doc, nil
}

// byName are the keywords whose values are objects by name, such as a property's "description".
var byName = []string{"properties", "paths", "schemas", "parameters", "headers", "requestBodies"}

// asked returns a copy of a part of the document without what no request is validated by.
func asked(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = asked(item)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for keyword, value := range v {
			named, _ := value.(map[string]any)
			switch {
			case named != nil && slices.Contains(byName, keyword):
				each := make(map[string]any, len(named))
				for name, item := range named {
					each[name] = asked(item)
				}
				out[keyword] = each
			case !unasked(keyword), keyword == "example" && v["pattern"] != nil: // which violations quote
				out[keyword] = asked(value)
			}
		}
		return out
	}
	return v
}

func unasked(keyword string) bool {
	switch keyword {
	case "responses", "description", "summary", "example", "examples", "tags", "webhooks":
		return true
	}
	return strings.HasPrefix(keyword, "x-")
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
	// its own checks let February have 31 days
	openapi3.DefineStringFormatValidator("date", openapi3.NewCallbackValidator(func(s string) error {
		if !isDate(s) {
			return errors.New(formatReason("date"))
		}
		return nil
	}))
	openapi3.DefineStringFormatValidator("date-time", openapi3.NewCallbackValidator(func(s string) error {
		if !isTime(s) {
			return errors.New(formatReason("date-time"))
		}
		return nil
	}))
})
