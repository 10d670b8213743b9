package schema

import (
	"encoding/json"
	"maps"
	"math/big"
	"slices"
	"strings"
)

// maxSampleDepth is how deep a generated sample goes into properties that are not required, and maxSampleValues how
// many values it has.
const (
	maxSampleDepth  = 6
	maxSampleValues = 500
)

// Sample makes data for people to start from: JSON, with every property that the schema names. It matches the schema
// but for keywords that would need a search, such as pattern and not.
func (s *Schema) Sample() []byte {
	g := generator{schema: s, left: maxSampleValues}
	value, ok := g.value(s.doc, 0).(map[string]any)
	if !ok {
		value = map[string]any{}
	}
	out, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return []byte("{}") // what is in a schema was JSON
	}
	return out
}

type generator struct {
	schema *Schema
	left   int
}

// whole is a schema with what its references, its allOf and its first alternatives add.
func (g *generator) whole(node any, depth int) map[string]any {
	m, _ := g.schema.flat(node).(map[string]any)
	out := maps.Clone(m)
	if out == nil {
		return map[string]any{}
	}
	if depth > maxSampleDepth {
		return out
	}
	var parts []any
	for _, keyword := range []string{"$ref", "allOf", "anyOf", "oneOf"} {
		found := g.schema.members(m[keyword])
		if len(found) > 1 && keyword != "allOf" {
			found = found[:1]
		}
		parts = append(parts, found...)
	}
	for _, part := range parts {
		for k, v := range g.whole(part, depth+1) {
			switch was := out[k].(type) {
			case nil:
				out[k] = v
			case map[string]any: // properties
				merged := maps.Clone(object(v))
				maps.Copy(merged, was)
				out[k] = merged
			case []any: // required
				out[k] = append(slices.Clone(was), list(v)...)
			}
		}
	}
	return out
}

func (g *generator) value(node any, depth int) any {
	if g.left--; g.left < 0 {
		return nil
	}
	m := g.whole(node, 0)
	if _, values := allowed(m); len(values) > 0 {
		return values[0]
	}
	if examples := list(m["examples"]); len(examples) > 0 {
		return examples[0]
	}
	if v, there := m["default"]; there {
		return v
	}
	types := textsOf(m["type"])
	switch {
	case len(types) > 0:
	case m["properties"] != nil:
		types = []string{"object"}
	case m["items"] != nil:
		types = []string{"array"}
	default:
		types = []string{"string"}
	}
	switch types[0] {
	case "object":
		return g.object(m, depth)
	case "array":
		return g.array(m, depth)
	case "string":
		return text(m)
	case "integer", "number":
		return numberOf(m)
	case "boolean":
		return true
	}
	return nil
}

func (g *generator) object(m map[string]any, depth int) any {
	out := map[string]any{}
	required := textsOf(m["required"])
	properties := object(m["properties"])
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if depth < maxSampleDepth || slices.Contains(required, name) && g.left > 0 {
			out[name] = g.value(properties[name], depth+1)
		}
	}
	for _, name := range required {
		if _, there := out[name]; !there {
			out[name] = g.value(m["additionalProperties"], depth+1)
		}
	}
	return out
}

func (g *generator) array(m map[string]any, depth int) any {
	out := []any{}
	n := int64(1)
	if least, ok := rat(m["minItems"]); ok {
		n = max(n, least.Num().Int64())
	}
	if most, ok := rat(m["maxItems"]); ok {
		n = min(n, most.Num().Int64())
	}
	for range n {
		if g.left <= 0 {
			break
		}
		out = append(out, g.value(m["items"], depth+1))
	}
	return out
}

// formats are texts in the formats that the standard defines.
var formats = map[string]string{
	"date-time": "2026-11-21T09:00:00Z", "date": "2026-11-21", "time": "09:00:00Z", "duration": "PT5M",
	"email": "ada@example.com", "hostname": "example.com", "ipv4": "192.0.2.1", "ipv6": "2001:db8::1",
	"uri": "https://example.com/", "uri-reference": "/path", "uuid": "0190b1e6-7d3c-7c3a-9d3e-2f6c1a5b8e4d",
	"regex": "^[a-z]+$", "json-pointer": "/name",
}

func text(m map[string]any) string {
	format, _ := m["format"].(string)
	out, known := formats[format]
	if !known {
		out = "text"
	}
	if least, ok := rat(m["minLength"]); ok && least.Num().IsInt64() {
		if missing := least.Num().Int64() - int64(len(out)); missing > 0 && missing < MaxBytes {
			out += strings.Repeat("x", int(missing))
		}
	}
	if most, ok := rat(m["maxLength"]); ok && most.Num().IsInt64() && most.Num().Int64() < int64(len(out)) {
		out = out[:max(most.Num().Int64(), 0)]
	}
	return out
}

// numberOf is 1 where the schema allows it, and else the number nearest to a bound.
func numberOf(m map[string]any) json.Number {
	n := big.NewRat(1, 1)
	one := big.NewRat(1, 1)
	if least, ok := rat(m["minimum"]); ok && n.Cmp(least) < 0 {
		n.Set(least)
	}
	if least, ok := rat(m["exclusiveMinimum"]); ok && n.Cmp(least) <= 0 {
		n.Add(least, one)
	}
	if most, ok := rat(m["maximum"]); ok && n.Cmp(most) > 0 {
		n.Set(most)
	}
	if most, ok := rat(m["exclusiveMaximum"]); ok && n.Cmp(most) >= 0 {
		n.Sub(most, one)
	}
	if step, ok := rat(m["multipleOf"]); ok && step.Sign() > 0 {
		times := new(big.Rat).Quo(n, step)
		if !times.IsInt() {
			up := new(big.Int).Add(new(big.Int).Quo(times.Num(), times.Denom()), big.NewInt(1))
			n.Mul(new(big.Rat).SetInt(up), step)
		}
	}
	if n.IsInt() {
		return json.Number(n.Num().String())
	}
	return json.Number(n.FloatString(6))
}
