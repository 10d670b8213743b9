package contract

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

func TestPublishedContractHidesOperatorsAndStaysValid(t *testing.T) {
	t.Parallel()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"/admin/", "x-audience", "x-go-type", "/metrics", "TenantCreate"} {
		if bytes.Contains(c.JSON, []byte(word)) || bytes.Contains(c.YAML, []byte(word)) {
			t.Errorf("the published contract contains %q", word)
		}
	}
	var doc struct {
		OpenAPI  string
		Paths    map[string]any
		Webhooks map[string]any
	}
	if err := json.Unmarshal(c.JSON, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.OpenAPI != "3.1.0" || doc.Paths["/api/v1/leads"] == nil || doc.Webhooks["lead.created"] == nil {
		t.Errorf("the published contract lacks its public part: %s, %d paths", doc.OpenAPI, len(doc.Paths))
	}
}

func TestTheContractIsValidAndItsExamplesFit(t *testing.T) {
	t.Parallel()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Validation.Validate(t.Context(), openapi3.EnableExamplesValidation()); err != nil {
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
			t.Errorf("%s: %s was let through", name, schema)
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
		"free":       {Rule{Method: "get", Permission: "read:leads"}, 0, 0},
		"paid":       {Rule{Method: "post", Permission: "write:leads"}, 3, 3},
		"a read":     {Rule{Method: "get", Permission: "read:leads"}, 1, -1},
		"public":     {Rule{Method: "post", Public: true}, 1, -1},
		"operators'": {Rule{Method: "post", Permission: Operator}, 1, -1},
		"negative":   {Rule{Method: "post", Permission: "write:leads"}, -1, -1},
		"a half":     {Rule{Method: "post", Permission: "write:leads"}, 0.5, -1},
		"a word":     {Rule{Method: "post", Permission: "write:leads"}, "1", -1},
	} {
		err := c.rule.readCredits(c.price)
		if (err != nil) != (c.want < 0) || (err == nil && c.rule.Credits != c.want) {
			t.Errorf("%s: %d, %v", name, c.rule.Credits, err)
		}
	}
}
