package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/hookline/hookline/internal/problem"
)

// readEventTypes takes the catalogue from the contract's webhooks, and the validation document from the rest.
func (c *Contract) readEventTypes(tree map[string]any) error {
	times, sold := finder{tree: tree, kind: ofTimes}, resources(tree)
	for name, item := range object(tree["webhooks"]) {
		post := object(object(item)["post"])
		if post["x-profile"] != nil { // which describes all types at once, as a profile sends them
			continue
		}
		media := object(object(object(post["requestBody"])["content"])["application/json"])
		body, _ := object(media["schema"])["$ref"].(string)
		envelope := object(object(object(tree["components"])["schemas"])[strings.TrimPrefix(body, schemaPrefix)])
		data := object(object(envelope["properties"])["data"])
		t := EventType{Name: name, Resource: resourceOf(post, sold), Times: times.schema(data)}
		t.Description, _ = post["description"].(string)
		t.Group, _ = post["x-event-group"].(string)
		var err error
		if t.Sample, err = json.Marshal(object(media["example"])["data"]); err != nil {
			return fmt.Errorf("contract: example of %s: %w", name, err)
		}
		inlined, err := inline(tree, data, 0)
		if err != nil {
			return err
		}
		if t.Schema, err = json.Marshal(inlined); err != nil {
			return fmt.Errorf("contract: schema of %s: %w", name, err)
		}
		ref, _ := data["$ref"].(string)
		t.validator = &openapi3.Schema{Title: strings.TrimPrefix(ref, schemaPrefix)}
		c.EventTypes = append(c.EventTypes, t)
	}
	slices.SortFunc(c.EventTypes, func(a, b EventType) int { return strings.Compare(a.Name, b.Name) })
	if err := c.loadValidation(tree); err != nil {
		return err
	}
	for i := range c.EventTypes {
		t := &c.EventTypes[i]
		ref, ok := c.Validation.Components.Schemas[t.validator.Title]
		if !ok {
			return fmt.Errorf("contract: the data of %s must be a $ref to components/schemas", t.Name)
		}
		t.validator = ref.Value
		if err := t.Validate(t.Sample); err != nil {
			return fmt.Errorf("contract: the example of %s does not fit its own schema: %w", t.Name, err)
		}
	}
	return nil
}

const schemaPrefix = "#/components/schemas/"

// inline replaces every $ref by its target, so that a schema stands alone.
func inline(tree map[string]any, v any, depth int) (any, error) {
	if depth > 32 {
		return nil, errors.New("contract: an event's schema contains itself")
	}
	switch v := v.(type) {
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok {
			target := object(object(tree["components"])["schemas"])[strings.TrimPrefix(ref, schemaPrefix)]
			return inline(tree, target, depth+1)
		}
		out := make(map[string]any, len(v))
		for k, child := range v {
			if strings.HasPrefix(k, "x-") { // which is ours, and no part of the schema
				continue
			}
			in, err := inline(tree, child, depth+1)
			if err != nil {
				return nil, err
			}
			out[k] = in
		}
		return out, nil
	case []any:
		out := make([]any, len(v))
		for i, child := range v {
			in, err := inline(tree, child, depth+1)
			if err != nil {
				return nil, err
			}
			out[i] = in
		}
		return out, nil
	}
	return v, nil
}

// Validate fails with a problem that names every violation of the type's schema by data, JSON.
func (t EventType) Validate(data []byte) error {
	if wrong := check(t.validator, "data", data); len(wrong) > 0 {
		return problem.Mismatch(t.Name, wrong...)
	}
	return nil
}
