package schema

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The generators make small schemas over few names and values, so that data often fits one and not the other.
var names = []string{"a", "b", "c"}

func drawValue(t *rapid.T, depth int) any {
	kinds := 4
	if depth > 0 {
		kinds = 6
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return nil
	case 1:
		return rapid.Bool().Draw(t, "bool")
	case 2:
		return rapid.SampledFrom([]any{json.Number("-1"), json.Number("0"), json.Number("1"), json.Number("1.5"),
			json.Number("2"), json.Number("3")}).Draw(t, "number")
	case 3:
		return rapid.SampledFrom([]any{"", "x", "yy", "zzz"}).Draw(t, "text")
	case 4:
		out := []any{}
		for range rapid.IntRange(0, 3).Draw(t, "items") {
			out = append(out, drawValue(t, depth-1))
		}
		return out
	}
	out := map[string]any{}
	for _, name := range append(names, "d") {
		if rapid.Bool().Draw(t, "has "+name) {
			out[name] = drawValue(t, depth-1)
		}
	}
	return out
}

func drawNumber(t *rapid.T) json.Number {
	return json.Number(fmt.Sprint(rapid.IntRange(0, 3).Draw(t, "n")))
}

func drawNames(t *rapid.T) []any {
	out := []any{}
	for _, name := range names {
		if rapid.IntRange(0, 2).Draw(t, "name") == 0 {
			out = append(out, name)
		}
	}
	return out
}

func drawSchemas(t *rapid.T, depth, most int) []any {
	var out []any
	for range rapid.IntRange(1, most).Draw(t, "schemas") {
		out = append(out, drawSchema(t, depth))
	}
	return out
}

func drawProperties(t *rapid.T, depth int) map[string]any {
	out := map[string]any{}
	for _, name := range drawNames(t) {
		out[name.(string)] = drawSchema(t, depth)
	}
	return out
}

// drawKeyword makes a value of a keyword.
func drawKeyword(t *rapid.T, keyword string, depth int) any { return generators()[keyword](t, depth) }

func generators() map[string]func(t *rapid.T, depth int) any {
	return map[string]func(t *rapid.T, depth int) any{
		"minimum":          func(t *rapid.T, _ int) any { return drawNumber(t) },
		"maximum":          func(t *rapid.T, _ int) any { return drawNumber(t) },
		"exclusiveMinimum": func(t *rapid.T, _ int) any { return drawNumber(t) },
		"exclusiveMaximum": func(t *rapid.T, _ int) any { return drawNumber(t) },
		"multipleOf": func(t *rapid.T, _ int) any {
			return rapid.SampledFrom([]any{json.Number("1"), json.Number("0.5"), json.Number("2")}).Draw(t, "n")
		},
		"minLength":     func(t *rapid.T, _ int) any { return drawNumber(t) },
		"maxLength":     func(t *rapid.T, _ int) any { return drawNumber(t) },
		"pattern":       func(t *rapid.T, _ int) any { return rapid.SampledFrom([]any{"^x", "y$", "z"}).Draw(t, "p") },
		"minItems":      func(t *rapid.T, _ int) any { return drawNumber(t) },
		"maxItems":      func(t *rapid.T, _ int) any { return drawNumber(t) },
		"uniqueItems":   func(t *rapid.T, _ int) any { return rapid.Bool().Draw(t, "u") },
		"minProperties": func(t *rapid.T, _ int) any { return drawNumber(t) },
		"maxProperties": func(t *rapid.T, _ int) any { return drawNumber(t) },
		"required":      func(t *rapid.T, _ int) any { return drawNames(t) },
		"dependentRequired": func(t *rapid.T, _ int) any {
			return map[string]any{rapid.SampledFrom(names).Draw(t, "n"): drawNames(t)}
		},
		"const": func(t *rapid.T, _ int) any { return drawValue(t, 1) },
		"enum":  func(t *rapid.T, _ int) any { return []any{drawValue(t, 1), drawValue(t, 1), drawValue(t, 0)} },
		"type": func(t *rapid.T, _ int) any {
			return []any{rapid.SampledFrom([]any{"array", "boolean", "integer", "number", "object", "string"}).
				Draw(t, "t"), "null"}
		},
		"properties":           func(t *rapid.T, d int) any { return drawProperties(t, d) },
		"additionalProperties": func(t *rapid.T, d int) any { return drawSchema(t, d) },
		"patternProperties":    func(t *rapid.T, d int) any { return map[string]any{"^[ab]$": drawSchema(t, d)} },
		"propertyNames":        func(t *rapid.T, _ int) any { return map[string]any{"pattern": "^[abd]$"} },
		"items":                func(t *rapid.T, d int) any { return drawSchema(t, d) },
		"prefixItems":          func(t *rapid.T, d int) any { return drawSchemas(t, d, 2) },
		"contains":             func(t *rapid.T, d int) any { return drawSchema(t, d) },
		"minContains":          func(t *rapid.T, _ int) any { return drawNumber(t) },
		"allOf":                func(t *rapid.T, d int) any { return drawSchemas(t, d, 2) },
		"anyOf":                func(t *rapid.T, d int) any { return drawSchemas(t, d, 3) },
		"oneOf":                func(t *rapid.T, d int) any { return drawSchemas(t, d, 3) },
		"not":                  func(t *rapid.T, d int) any { return drawSchema(t, d) },
		"if":                   func(t *rapid.T, d int) any { return drawSchema(t, d) },
		"then":                 func(t *rapid.T, d int) any { return drawSchema(t, d) },
		"else":                 func(t *rapid.T, d int) any { return drawSchema(t, d) },
		"dependentSchemas": func(t *rapid.T, d int) any {
			return map[string]any{rapid.SampledFrom(names).Draw(t, "n"): drawSchema(t, d)}
		},
		"unevaluatedProperties": func(t *rapid.T, d int) any { return drawSchema(t, d) },
		"$ref": func(t *rapid.T, _ int) any {
			return "#/$defs/" + rapid.SampledFrom([]string{"one", "two"}).Draw(t, "r")
		},
	}
}

var (
	keywordNames = []string{
		"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern",
		"minItems", "maxItems",
		"uniqueItems", "minProperties", "maxProperties", "required", "dependentRequired", "const", "enum", "type",
		"properties",
		"additionalProperties", "patternProperties", "propertyNames", "items", "prefixItems", "contains", "minContains",
		"allOf", "anyOf",
		"oneOf", "not", "if", "then", "else", "dependentSchemas", "unevaluatedProperties", "$ref",
	}
	ofObjects = []string{"properties", "required", "additionalProperties", "minProperties", "dependentRequired"}
)

func drawSchema(t *rapid.T, depth int) any {
	if depth <= 0 {
		return rapid.SampledFrom([]any{
			true, map[string]any{"type": "string"}, map[string]any{"type": "integer"}, map[string]any{"type": "null"},
			map[string]any{"const": "x"}, map[string]any{"const": json.Number("1")}, map[string]any{"type": "number"},
		}).Draw(t, "leaf")
	}
	m := map[string]any{}
	switch rapid.IntRange(0, 3).Draw(t, "form") {
	case 0, 1: // what people write
		m["type"] = "object"
		for _, k := range ofObjects[:rapid.IntRange(1, len(ofObjects)).Draw(t, "keywords")] {
			if rapid.IntRange(0, 3).Draw(t, "with "+k) > 0 {
				m[k] = drawKeyword(t, k, depth-1)
			}
		}
	case 2:
		m["type"] = rapid.SampledFrom([]any{"string", "number", "integer", "array", "object"}).Draw(t, "type")
	}
	for range rapid.IntRange(0, 2).Draw(t, "more") {
		k := rapid.SampledFrom(keywordNames).Draw(t, "keyword")
		m[k] = drawKeyword(t, k, depth-1)
	}
	if m["const"] != nil {
		delete(m, "enum") // both together are taken for the const alone
	}
	return m
}

// mutate changes a copy of a schema a little.
func mutate(t *rapid.T, node any, depth int) any {
	m, ok := node.(map[string]any)
	if !ok || depth < 0 || rapid.IntRange(0, 20).Draw(t, "anew") == 0 {
		return drawSchema(t, max(depth, 0))
	}
	out := map[string]any{}
	for k, v := range m {
		out[k] = v
	}
	for range rapid.IntRange(0, 3).Draw(t, "changes") {
		switch rapid.IntRange(0, 3).Draw(t, "change") {
		case 0:
			k := rapid.SampledFrom(keywordNames).Draw(t, "set")
			out[k] = drawKeyword(t, k, depth-1)
		case 1:
			delete(out, rapid.SampledFrom(keywordNames).Draw(t, "drop"))
		case 2:
			properties := map[string]any{}
			for name, child := range object(out["properties"]) {
				properties[name] = mutate(t, child, depth-1)
			}
			for _, name := range drawNames(t) {
				if properties[name.(string)] == nil {
					properties[name.(string)] = drawSchema(t, depth-1)
				}
			}
			out["properties"] = properties
		case 3:
			k := rapid.SampledFrom([]string{"items", "additionalProperties", "anyOf", "oneOf", "allOf"}).
				Draw(t, "inside")
			if l := list(out[k]); len(l) > 0 {
				copied := append([]any{}, l...)
				i := rapid.IntRange(0, len(l)-1).Draw(t, "which")
				copied[i] = mutate(t, l[i], depth-1)
				out[k] = copied
			} else if out[k] != nil {
				out[k] = mutate(t, out[k], depth-1)
			}
		}
	}
	return out
}

func document(t *rapid.T, root, one, two any) *Schema {
	doc := map[string]any{}
	for k, v := range object(root) {
		doc[k] = v
	}
	doc["type"] = "object"
	doc["$defs"] = map[string]any{"one": one, "two": two}
	raw, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	s, wrong := Parse("schema", raw)
	if len(wrong) == 1 && strings.Contains(wrong[0].Message, "comes back to itself") {
		t.Skip(wrong[0].Message)
	}
	if len(wrong) > 0 {
		t.Fatalf("%s: got %v, want a valid schema", raw, wrong)
	}
	return s
}

// drawFitting makes data that has a chance to fit.
func (s *Schema) drawFitting(t *rapid.T, node any, depth int) any {
	m, ok := s.flat(node).(map[string]any)
	if !ok || depth < 0 || rapid.IntRange(0, 30).Draw(t, "wild") == 0 {
		return drawValue(t, max(depth, 0))
	}
	if _, listed := allowed(m); len(listed) > 0 {
		return rapid.SampledFrom(listed).Draw(t, "listed")
	}
	for _, k := range []string{"anyOf", "oneOf", "allOf"} {
		if l := list(m[k]); len(l) > 0 && m["properties"] == nil && m["type"] != "object" {
			return s.drawFitting(t, rapid.SampledFrom(l).Draw(t, k), depth-1)
		}
	}
	kind := "object"
	if types := textsOf(m["type"]); len(types) > 0 {
		kind = rapid.SampledFrom(types).Draw(t, "type")
	}
	switch kind {
	case "object":
		out := map[string]any{}
		for _, name := range append(names, "d") {
			child, known := object(m["properties"])[name]
			if !known {
				child = m["additionalProperties"]
			}
			if rapid.IntRange(0, 3).Draw(t, "has "+name) > 0 && child != false {
				out[name] = s.drawFitting(t, child, depth-1)
			}
		}
		return out
	case "array":
		out := []any{}
		for range rapid.IntRange(0, 3).Draw(t, "items") {
			out = append(out, s.drawFitting(t, m["items"], depth-1))
		}
		return out
	case "string":
		return rapid.SampledFrom([]any{"", "x", "yy", "zzz"}).Draw(t, "text")
	case "number", "integer":
		return rapid.SampledFrom([]any{json.Number("0"), json.Number("1"), json.Number("1.5"), json.Number("2"),
			json.Number("3")}).Draw(t, "number")
	case "boolean":
		return rapid.Bool().Draw(t, "bool")
	}
	return nil
}

func TestDataOfACompatibleSchemaMatchesTheOldOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, compatible)
}

func FuzzCompatible(f *testing.F) { f.Fuzz(rapid.MakeFuzz(compatible)) }

// compatible checks the promise of the rules, on schemas whose objects are open, since what a consumer of a closed one
// does not know would have to be taken out of the data first.
func compatible(t *rapid.T) {
	one, two := drawSchema(t, 2), drawSchema(t, 1)
	root := drawSchema(t, 3)
	old := document(t, root, one, two)
	if wrong := Compatible("schema", old, old); len(wrong) > 0 {
		t.Fatalf("schema compared with itself: got %v, want compatible", wrong)
	}
	fresh := document(t, mutate(t, root, 3), mutate(t, one, 2), mutate(t, two, 1))
	if len(Compatible("schema", old, fresh)) > 0 {
		return
	}
	for range 10 {
		v := fresh.drawFitting(t, fresh.doc, 4)
		if fresh.compiled.Validate(v) != nil {
			continue
		}
		if err := old.compiled.Validate(v); err != nil {
			data, _ := json.Marshal(v)
			a, _ := json.Marshal(old.doc)
			b, _ := json.Marshal(fresh.doc)
			t.Fatalf("data %s: got %v with the old schema %s, want it to match as it does with the new one, %s",
				data, err, a, b)
		}
	}
}
