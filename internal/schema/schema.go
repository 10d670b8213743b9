// Package schema handles the JSON Schemas of tenants (draft 2020-12): it parses them, validates data, and reports
// changes that break consumers. It does no I/O, and the work is bounded for every input: for a schema by its size, for
// data and comparisons by steps that are counted in advance.
//
// # Compatibility
//
// Consumers wrote their code against the old schema. They rely on everything that it guarantees, and ignore properties
// that it does not name. So a new schema may allow less, and name more properties, but not allow more; publishers are
// the tenant's own, and have to send what the new schema asks for. A change is incompatible when at any depth
//
//   - type goes, or lists another type (integer is a number);
//   - a property goes, or is no longer required;
//   - enum or const goes, or lists a new value;
//   - additionalProperties is false and opens, or its schema breaks these rules, for properties that are new, too;
//   - a bound goes, or allows more: minimum, maximum, their exclusive forms, and the sizes of strings, arrays and
//     objects;
//   - pattern, format, multipleOf, uniqueItems, contentEncoding or contentMediaType changes or goes;
//   - the schema of a property, of items or behind a $ref breaks these rules;
//   - a member of allOf, anyOf or oneOf breaks them, compared with the one in the same place, or an alternative is new.
//     Where the new schema has none of them, it is compared itself: that is how null is no longer allowed;
//   - any other keyword that decides whether data fits differs at all, or what it refers to does (not, if, contains,
//     dependentSchemas, dependentRequired, propertyNames, prefixItems, patternProperties, contentSchema), and beside
//     unevaluatedProperties or unevaluatedItems anything does.
//
// The rules err on the side of consumers: they look at keywords where they stand, so a change that says the same in
// another form may be incompatible. They take the alternatives of oneOf for distinct.
package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/hookline/hookline/internal/pattern"
	"github.com/hookline/hookline/internal/problem"
)

// The limits of a schema. The compiler's work grows with the square of the number of schemas in it.
const (
	MaxBytes    = 64 << 10
	maxDepth    = 64
	maxSchemas  = 500
	maxPatterns = 10_000        // the size of all regular expressions
	maxCount    = 1_000_000_000 // of what counts, such as maxLength
)

// Draft is the only supported dialect.
const Draft = "https://json-schema.org/draft/2020-12/schema"

// Schema is a compiled schema. It is immutable and safe for concurrent use.
type Schema struct {
	doc      map[string]any
	weight   int
	refs     map[string]any // what each $ref in it means
	patterns map[string]int // the size of each regular expression in it
	compiled *jsonschema.Schema
}

// Parse parses a schema; the details list all violations, at is the path to put before each.
func Parse(at string, text []byte) (*Schema, []problem.Detail) {
	if len(text) > MaxBytes {
		return nil, []problem.Detail{{Field: at, Message: fmt.Sprintf("has %d bytes; a schema can have %d", len(text),
			MaxBytes)}}
	}
	v, err := decode(text)
	if err != nil {
		return nil, []problem.Detail{{Field: at, Message: "is not JSON"}}
	}
	doc, ok := v.(map[string]any)
	if !ok {
		return nil, []problem.Detail{{Field: at, Message: "must be an object: a JSON Schema"}}
	}
	s := &Schema{doc: doc, refs: map[string]any{}, patterns: map[string]int{}}
	r := reader{schema: s}
	if r.plain(doc, path{at}, maxDepth); len(r.wrong) == 0 {
		r.root(path{at})
	}
	if len(r.wrong) > 0 {
		return nil, tidy(r.wrong)
	}
	s.weight = MinWeight + r.count*weightOfOne + r.patterns*weightOfPattern + 4*len(text)
	if s.compiled, err = compile(doc); err != nil {
		return nil, tidy(refusal(at, err))
	}
	if types, _ := s.flat(doc).(map[string]any); types["type"] != "object" {
		return nil, []problem.Detail{{Field: at + ".type", Message: `must be "object": the data of an event is one`}}
	}
	return s, nil
}

// What a schema takes in memory: one by itself, each of those that it consists of, and regular expressions by their
// size.
const (
	MinWeight       = 4 << 10
	weightOfOne     = 1 << 10
	weightOfPattern = 200
)

// Weight estimates the bytes that a compiled schema takes.
func (s *Schema) Weight() int { return s.weight }

func decode(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err
}

// nowhere is the loader of external references; it finds none.
type nowhere struct{}

// Load implements the library's loader.
func (nowhere) Load(string) (any, error) {
	return nil, errors.New("refers to something outside of the schema")
}

const location = "hookline:///schema"

func compile(doc map[string]any) (*jsonschema.Schema, error) {
	named := make(map[string]any, len(doc))
	for k, v := range doc {
		if k != "$id" && k != "$schema" { // a name, and the draft that is used anyway
			named[k] = v
		}
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.UseLoader(nowhere{})
	c.UseRegexpEngine(func(text string) (jsonschema.Regexp, error) {
		compiled, err := pattern.Compile(text)
		if err != nil {
			return nil, err
		}
		return compiled, nil
	})
	c.AssertFormat()
	if err := c.AddResource(location, named); err != nil {
		return nil, err
	}
	return c.Compile(location)
}

// refusal lists where a schema violates the metaschema.
func refusal(at string, err error) []problem.Detail {
	var invalid *jsonschema.SchemaValidationError
	var failed *jsonschema.ValidationError
	if errors.As(err, &invalid) && errors.As(invalid.Err, &failed) {
		return violations(at, failed)
	}
	return []problem.Detail{{Field: at, Message: "is not a JSON Schema that can be used"}}
}

// members lists the schemas in a $ref, allOf, anyOf or oneOf, which apply to the same data.
func (s *Schema) members(v any) []any {
	if ref, ok := v.(string); ok {
		return []any{s.refs[ref]}
	}
	return list(v)
}

// flat resolves a schema that is only a reference, or a list of one schema.
func (s *Schema) flat(node any) any {
	for range maxSchemas { // longer chains lead nowhere
		m, ok := node.(map[string]any)
		if !ok {
			return node
		}
		only := ""
		for k := range m {
			if !asserting[k] {
				continue
			}
			if only != "" {
				return node
			}
			only = k
		}
		if only != "$ref" && only != "allOf" {
			return node
		}
		inner := s.members(m[only])
		if len(inner) != 1 {
			return node
		}
		node = inner[0]
	}
	return node
}

// path is a position in a document.
type path []string

func (p path) with(steps ...string) path { return append(p[:len(p):len(p)], steps...) }

func (p path) String() string { return strings.Join(p, ".") }
