package contract

import (
	"bytes"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// fetchTypes are the types of the Fetch API that clients in TypeScript use and that a schema would hide.
var fetchTypes = []string{"AbortSignal", "Blob", "Body", "FormData", "Headers", "Request", "RequestInit",
	"Response", "URL"}

// Generators of TypeScript take a property with a default for one that is always there, and so require it in bodies.
func TestSchemasSuitClientGenerators(t *testing.T) {
	t.Parallel()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for name, schema := range c.Validation.Components.Schemas {
		if slices.Contains(fetchTypes, name) {
			t.Errorf("schema %s: got the name of a type of the Fetch API, want one that hides none", name)
		}
		for property, s := range schema.Value.Properties {
			if s.Value.Default != nil {
				t.Errorf("%s.%s: got the default %v, want it in the description", name, property,
					s.Value.Default)
			}
		}
	}
}

// Routers refuse two paths that one address fits, neither of which is more specific: generated servers don't start.
func TestNoAddressFitsTwoPaths(t *testing.T) {
	t.Parallel()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	paths := slices.Sorted(maps.Keys(c.Validation.Paths.Map()))
	for i, a := range paths {
		for _, b := range paths[:i] {
			if ambiguous(strings.Split(a, "/"), strings.Split(b, "/")) {
				t.Errorf("paths: got %s and %s, want no address that fits both", b, a)
			}
		}
	}
}

// ambiguous reports whether each of two paths has a parameter where the other has a word, and they fit otherwise.
func ambiguous(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	var inA, inB bool
	for i := range a {
		isA, isB := strings.HasPrefix(a[i], "{"), strings.HasPrefix(b[i], "{")
		if !isA && !isB && a[i] != b[i] {
			return false
		}
		inA, inB = inA || isA && !isB, inB || isB && !isA
	}
	return inA && inB
}

func TestThePublishedClientHasNoOperationsOfOperators(t *testing.T) {
	t.Parallel()
	for file, others := range map[string]string{
		"../../gen/api/client.gen.go":       `"/admin/v1/`,
		"../../pkg/client/methods.gen.go":   `"/admin/v1/`,
		"../../gen/operators/client.gen.go": `"/api/v1/`,
	} {
		code, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(code, []byte(others)) {
			t.Errorf("%s: got paths that begin with %s, want none", file, others)
		}
	}
}
