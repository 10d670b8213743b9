package contract

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/hookline/hookline/internal/principal"
)

func TestPublishedContractHidesOperatorsAndStaysValid(t *testing.T) {
	t.Parallel()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"/admin/", "x-audience", "x-roles", "x-go-type", "/metrics", "TenantCreate"} {
		d := published(t, c)
		if bytes.Contains(d.JSON.Plain, []byte(word)) || bytes.Contains(d.YAML.Plain, []byte(word)) {
			t.Errorf("published contract: got %q in it, want it left out", word)
		}
	}
	var doc struct {
		OpenAPI  string
		Paths    map[string]any
		Webhooks map[string]any
	}
	if err := json.Unmarshal(published(t, c).JSON.Plain, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.OpenAPI != "3.1.0" || doc.Paths["/api/v1/leads"] == nil || doc.Webhooks["lead.created"] == nil {
		t.Errorf("published contract: got OpenAPI %s with %d paths, want 3.1.0 with the public part", doc.OpenAPI,
			len(doc.Paths))
	}
}

func TestTheContractIsValidAndItsExamplesFit(t *testing.T) {
	t.Parallel()
	whole, err := Whole()
	if err != nil {
		t.Fatal(err)
	}
	if err := whole.Validate(t.Context(), openapi3.EnableExamplesValidation()); err != nil {
		t.Error(err)
	}
}

func TestDowngradeRefusesWhatHasNoEqualIn30(t *testing.T) {
	t.Parallel()
	for name, schema := range map[string]string{
		"union":       `{"type":["string","integer"]}`,
		"three":       `{"type":["string","integer","null"]}`,
		"condition":   `{"type":"object","if":{}}`,
		"constant":    `{"type":"string","const":"a"}`,
		"prefixItems": `{"properties":{"a":{"type":"array","prefixItems":[]}}}`,
	} {
		var v any
		if err := json.Unmarshal([]byte(schema), &v); err != nil {
			t.Fatal(err)
		}
		if downgrade(v, "#") == nil {
			t.Errorf("%s: got no error for %s, want one", name, schema)
		}
	}
}

func TestOnlyTenantsPayAndNeverForReads(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rule  Rule
		price any
		want  int64 // -1 when it is refused
	}{
		"none":       {Rule{Method: "post", Permission: "write:leads"}, nil, 0},
		"free":       {Rule{Method: "get", Permission: "read:leads"}, 0.0, 0},
		"paid":       {Rule{Method: "post", Permission: "write:leads"}, 3.0, 3},
		"a read":     {Rule{Method: "get", Permission: "read:leads"}, 1.0, -1},
		"public":     {Rule{Method: "post", Public: true}, 1.0, -1},
		"operators'": {Rule{Method: "post", Permission: Operator}, 1.0, -1},
		"negative":   {Rule{Method: "post", Permission: "write:leads"}, -1.0, -1},
		"a half":     {Rule{Method: "post", Permission: "write:leads"}, 0.5, -1},
		"a word":     {Rule{Method: "post", Permission: "write:leads"}, "1", -1},
	} {
		err := c.rule.readCredits(c.price)
		if (err != nil) != (c.want < 0) || (err == nil && c.rule.Credits != c.want) {
			t.Errorf("%s: got %d credits, %v, want %d", name, c.rule.Credits, err, c.want)
		}
	}
}

func TestOperatorsOperationsSayWhichRolesMayCallThem(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		permission string
		roles      any
		want       []principal.OperatorRole // nil with refused
		refused    bool
	}{
		"a tenant's":            {permission: "read:leads"},
		"a tenant's with roles": {permission: "read:leads", roles: []any{"admin"}, refused: true},
		"a public one's":        {roles: []any{"admin"}, refused: true},
		"none":                  {permission: Operator, refused: true},
		"an empty list":         {permission: Operator, roles: []any{}, refused: true},
		"no list":               {permission: Operator, roles: "admin", refused: true},
		"admins":                {permission: Operator, roles: []any{"admin"}, want: []principal.OperatorRole{"admin"}},
		"two": {permission: Operator, roles: []any{"admin", "backend"},
			want: []principal.OperatorRole{"admin", "backend"}},
		"no admin":     {permission: Operator, roles: []any{"support"}, refused: true},
		"unknown":      {permission: Operator, roles: []any{"admin", "owner"}, refused: true},
		"a number":     {permission: Operator, roles: []any{"admin", 1}, refused: true},
		"one twice":    {permission: Operator, roles: []any{"admin", "admin"}, refused: true},
		"upper case":   {permission: Operator, roles: []any{"Admin"}, refused: true},
		"an empty one": {permission: Operator, roles: []any{"admin", ""}, refused: true},
	} {
		r := Rule{OperationID: "op", Permission: c.permission}
		err := r.readRoles(c.roles)
		if (err != nil) != c.refused || err == nil && !slices.Equal(r.Roles, c.want) {
			t.Errorf("%s: got %v, %v, want %v, refused: %t", name, r.Roles, err, c.want, c.refused)
		}
	}
}

func TestTheContractAndTheCodeNameTheSameOperatorRoles(t *testing.T) {
	t.Parallel()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	var listed []principal.OperatorRole
	for _, v := range c.Validation.Components.Schemas["OperatorRole"].Value.Enum {
		listed = append(listed, principal.OperatorRole(v.(string)))
	}
	if !slices.Equal(listed, principal.OperatorRoles()) {
		t.Errorf("roles in the contract: got %v, want %v", listed, principal.OperatorRoles())
	}
}

// undescribed lists the properties of schemas in a document, at any depth, that say nothing of what they are.
func undescribed(document, v any, path string) []string {
	var out []string
	switch v := v.(type) {
	case []any:
		for i, item := range v {
			out = append(out, undescribed(document, item, path+"/"+strconv.Itoa(i))...)
		}
	case map[string]any:
		for name, inner := range v {
			if name == "example" || name == "default" || name == "enum" { // which may look like schemas
				continue
			}
			out = append(out, undescribed(document, inner, path+"/"+name)...)
		}
		properties, _ := v["properties"].(map[string]any)
		for name, schema := range properties {
			if schema, ok := schema.(map[string]any); ok && !described(document, schema) {
				out = append(out, path+"/"+name)
			}
		}
	}
	return out
}

// described says whether a schema has a description, or the one that it refers to.
func described(document any, schema map[string]any) bool {
	if text, _ := schema["description"].(string); text != "" {
		return true
	}
	ref, _ := schema["$ref"].(string)
	path, ok := strings.CutPrefix(ref, "#/")
	if !ok {
		return false
	}
	for _, step := range strings.Split(path, "/") {
		document = object(document)[step]
	}
	return described(document, object(document))
}

// TestEveryPublishedPropertyHasADescription because the published document is all that integrators and their generators
// have: payloads of events, requests and answers.
func TestEveryPublishedPropertyHasADescription(t *testing.T) {
	t.Parallel()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	var document map[string]any
	if err := json.Unmarshal(published(t, c).JSON.Plain, &document); err != nil {
		t.Fatal(err)
	}
	for _, where := range []string{"paths", "webhooks", "components"} {
		missing := undescribed(document, document[where], "#/"+where)
		slices.Sort(missing)
		for _, property := range missing {
			t.Errorf("%s: got no description, want one", property)
		}
	}
}

func TestPropertiesWithoutADescriptionAreFound(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"properties":{"a":{"type":"string"}}}`:                                          "#/a",
		`{"properties":{"a":{"description":"A.","properties":{"b":{}}}}}`:                 "#/properties/a/b",
		`{"items":[{"properties":{"a":{"$ref":"#/named"}}}],"named":{"description":"A"}}`: "",
		`{"items":{"properties":{"a":{"$ref":"#/named"}}},"named":{"type":"string"}}`:     "#/items/a",
		`{"example":{"properties":{"a":{}}}}`:                                             "",
	} {
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(undescribed(v, v, "#"), " "); got != want {
			t.Errorf("%s: %q instead of %q", text, got, want)
		}
	}
}

func published(t *testing.T, c *Contract) Document {
	t.Helper()
	d, err := c.Publish(Edition{Name: "everything"})
	if err != nil {
		t.Fatal(err)
	}
	return d
}
