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
	delete(copied, "servers") // else the validator checks the host
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
