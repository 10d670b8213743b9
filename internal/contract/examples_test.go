package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/hookline/hookline/openapi"
)

// examples compiles schemas of the contract as JSON Schema 2020-12, which OpenAPI 3.1 is, with formats.
type examples struct {
	tree     map[string]any
	compiler *jsonschema.Compiler
	checked  int
}

func readExamples(t *testing.T) *examples {
	t.Helper()
	var root yaml.Node
	if err := yaml.Unmarshal(openapi.YAML, &root); err != nil {
		t.Fatal(err)
	}
	raw, err := ordered(root.Content[0]) // times are texts
	if err != nil {
		t.Fatal(err)
	}
	return examplesOf(t, raw)
}

// Mismatches lists the examples in a document, JSON, that don't fit the schema beside them, and counts all.
func Mismatches(t *testing.T, document []byte) (wrong []string, checked int) {
	t.Helper()
	e := examplesOf(t, document)
	wrong = e.mismatches(e.tree, "#")
	return wrong, e.checked
}

func examplesOf(t *testing.T, document []byte) *examples {
	t.Helper()
	tree, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	if err := c.AddResource("contract.json", tree); err != nil {
		t.Fatal(err)
	}
	return &examples{tree: tree.(map[string]any), compiler: c}
}

// mismatches walks a part of the document, and lists the examples that don't fit the schema beside them.
func (e *examples) mismatches(v any, path string) []string {
	var out []string
	switch v := v.(type) {
	case []any:
		for i, item := range v {
			out = append(out, e.mismatches(item, fmt.Sprintf("%s/%d", path, i))...)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if inside := path + "/" + escaped(name); !isExample(v, name, path) {
				out = append(out, e.mismatches(v[name], inside)...)
			}
		}
		out = append(out, e.own(v, path)...)
	}
	return out
}

// own checks the examples of a media type, a parameter or a header against its schema, and those of a schema against
// itself.
func (e *examples) own(v map[string]any, path string) []string {
	at := path
	if v["schema"] != nil {
		at += "/schema"
	}
	var values []any
	if isExample(v, "example", path) {
		values = append(values, v["example"])
	}
	named, _ := v["examples"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(named)) {
		if isExample(v, "examples", path) {
			values = append(values, object(named[name])["value"])
		}
	}
	list, _ := v["examples"].([]any)
	if values = append(values, list...); len(values) == 0 {
		return nil
	}
	schema, err := e.compiler.Compile("contract.json" + at)
	if err != nil {
		return []string{path + ": " + err.Error()}
	}
	var out []string
	for _, value := range values {
		e.checked++
		if err := schema.Validate(value); err != nil {
			out = append(out, path+": "+err.Error())
		}
	}
	return out
}

// isExample reports whether an entry of an object is its example, and not a property of that name.
func isExample(v map[string]any, name, path string) bool {
	if name != "example" && name != "examples" || strings.HasSuffix(path, "/properties") {
		return false
	}
	_, there := v[name]
	return there
}

func escaped(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1", "%", "%25", "{", "%7B", "}", "%7D").Replace(name)
}

// TestEveryExampleFitsItsSchema of requests, responses, parameters, headers, schemas and webhooks.
func TestEveryExampleFitsItsSchema(t *testing.T) {
	t.Parallel()
	e := readExamples(t)
	for _, wrong := range e.mismatches(e.tree, "#") {
		t.Error(wrong)
	}
	if e.checked < 340 {
		t.Errorf("examples: got %d, want at least 340", e.checked)
	}
}

func TestExamplesThatDoNotFitAreFound(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		`{"schema":{"type":"string"},"example":1}`:                                           1,
		`{"schema":{"type":"string"},"example":"1"}`:                                         0,
		`{"schema":{"type":"string"},"examples":{"a":{"value":1},"b":{"value":"1"}}}`:        1,
		`{"a":{"type":"integer","example":"x"}}`:                                             1,
		`{"properties":{"example":{"type":"string","format":"date-time","example":"soon"}}}`: 1,
	} {
		tree, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		c := jsonschema.NewCompiler()
		c.AssertFormat()
		if err := c.AddResource("contract.json", tree); err != nil {
			t.Fatal(err)
		}
		e := &examples{compiler: c}
		if got := e.mismatches(tree, "#"); len(got) != want {
			raw, _ := json.Marshal(tree)
			t.Errorf("%s: got %v, want %d mismatches", raw, got, want)
		}
	}
}
