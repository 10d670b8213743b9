package contract

import (
	"slices"
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
