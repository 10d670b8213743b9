package schema

import "math"

// maxSteps limits the cost of validating data: a step is about a microsecond. A schema can take years for a few bytes,
// by references that multiply; so the steps are counted first, without validating.
const maxSteps = 100_000

// stepText is how much of a text, times the size of a regular expression, is a step.
const stepText = 200

// counter counts an upper bound of the schemas that data is validated against, and of other steps.
type counter struct {
	schema *Schema
	left   int
}

func (c *counter) visit(node, v any) {
	c.left--
	m, ok := node.(map[string]any)
	if !ok || c.left < 0 {
		return
	}
	for _, k := range []string{"$ref", "allOf", "anyOf", "oneOf"} {
		for _, child := range c.schema.members(m[k]) {
			c.visit(child, v)
		}
	}
	for _, k := range []string{"not", "if", "then", "else"} {
		if child, ok := m[k]; ok {
			c.visit(child, v)
		}
	}
	c.left -= len(list(m["enum"]))
	switch v := v.(type) {
	case map[string]any:
		c.object(m, v)
	case []any:
		c.array(m, v)
	case string:
		if pattern, ok := m["pattern"].(string); ok {
			c.match(pattern, v)
		}
		c.left -= len(v) / stepText
	}
}

func (c *counter) match(pattern, text string) {
	c.left -= 1 + min(len(text)*c.schema.patterns[pattern]/stepText, math.MaxInt32)
}

func (c *counter) object(m map[string]any, v map[string]any) {
	c.left -= len(v)/4 + len(list(m["required"])) + len(object(m["dependentRequired"])) +
		len(object(m["dependentSchemas"]))
	for name, needed := range object(m["dependentRequired"]) {
		if _, ok := v[name]; ok {
			c.left -= len(list(needed))
		}
	}
	for name, child := range object(m["dependentSchemas"]) {
		if _, ok := v[name]; ok {
			c.visit(child, v)
		}
	}
	properties, patterns := object(m["properties"]), object(m["patternProperties"])
	for name, value := range v {
		if c.left < 0 {
			return
		}
		child, known := properties[name]
		if known {
			c.visit(child, value)
		}
		for pattern, child := range patterns {
			c.match(pattern, name)
			c.visit(child, value)
		}
		if child, ok := m["additionalProperties"]; ok && !known {
			c.visit(child, value)
		}
		if child, ok := m["unevaluatedProperties"]; ok {
			c.visit(child, value)
		}
		if child, ok := m["propertyNames"]; ok {
			c.visit(child, name)
		}
	}
}

func (c *counter) array(m map[string]any, v []any) {
	c.left -= len(v) / 4
	prefix := list(m["prefixItems"])
	for i, item := range v {
		if c.left < 0 {
			return
		}
		if i < len(prefix) {
			c.visit(prefix[i], item)
		}
		for _, k := range []string{"items", "contains", "unevaluatedItems"} {
			if child, ok := m[k]; ok {
				c.visit(child, item)
			}
		}
		if m["uniqueItems"] == true {
			c.left--
		}
	}
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}
