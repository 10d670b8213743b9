package schema

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func parse(t *testing.T, text string) *Schema {
	t.Helper()
	s, wrong := Parse("schema", []byte(text))
	if len(wrong) > 0 {
		t.Fatalf("%s: got %v, want a valid schema", text, wrong)
	}
	return s
}

// at puts a schema in the place of a property.
func at(schema string) string { return `{"type":"object","properties":{"p":` + schema + `}}` }

// changes are an old schema, a new one, and where the new one breaks who reads the data; nowhere when that is empty.
var changes = map[string]struct{ old, fresh, breaks string }{
	"nothing": {at(`{"type":"string"}`), at(`{"type":"string"}`), ""},
	"words about it": {
		`{"type":"object","title":"A","description":"a","$comment":"c","examples":[{}],"properties":{"p":{"default":1}}}`,
		`{"type":"object","deprecated":true,"properties":{"p":{"readOnly":true,"x-own":[1]}}}`, "",
	},

	"a new property": {`{"type":"object"}`, at(`{"type":"string"}`), ""},
	"a new property that is required": {`{"type":"object"}`, `{"type":"object","properties":{"p":{}},"required":["p"]}`,
		""},
	"a new property of a closed object": {
		`{"type":"object","additionalProperties":false,"properties":{"a":{}}}`,
		`{"type":"object","additionalProperties":false,"properties":{"a":{},"b":{"type":"string"}},"required":["b"]}`,
		"",
	},
	"a new property deep inside": {
		at(`{"type":"array","items":{"type":"object","additionalProperties":false}}`),
		at(`{"type":"array","items":{"type":"object","additionalProperties":false,"properties":{"b":{}}}}`), "",
	},
	"a property that goes":                  {at(`{"type":"string"}`), `{"type":"object"}`, "schema.properties.p"},
	"a property that goes and is ruled out": {at(`{"type":"string"}`), at(`false`), "schema.properties.p"},
	"a property that goes deep inside": {
		at(`{"type":"array","items":{"type":"object","properties":{"b":{},"c":{}}}}`),
		at(`{"type":"array","items":{"type":"object","properties":{"b":{}}}}`),
		"schema.properties.p.items.properties.c",
	},
	"a new one among many of a kind": {
		`{"type":"object","additionalProperties":{"type":"number"}}`,
		`{"type":"object","additionalProperties":{"type":"number"},"properties":{"a":{"type":"integer"},"b":{"type":"string"}}}`, "schema.properties.b.type",
	},
	"required":     {at(`{}`), `{"type":"object","properties":{"p":{}},"required":["p"]}`, ""},
	"not required": {`{"type":"object","properties":{"p":{}},"required":["p"]}`, at(`{}`), "schema.required"},
	"required with": {`{"type":"object","dependentRequired":{"a":["b","c"]}}`,
		`{"type":"object","dependentRequired":{"a":["b"],"d":["e"]}}`, "schema.dependentRequired"},

	"another type":      {at(`{"type":"string"}`), at(`{"type":"integer"}`), "schema.properties.p.type"},
	"a wider type":      {at(`{"type":"string"}`), at(`{"type":["string","null"]}`), "schema.properties.p.type"},
	"no type":           {at(`{"type":"string"}`), at(`{}`), "schema.properties.p.type"},
	"any type":          {at(`{"type":"string"}`), at(`true`), "schema.properties.p.type"},
	"a narrower type":   {at(`{"type":["string","null"]}`), at(`{"type":"string"}`), ""},
	"a type at last":    {at(`{}`), at(`{"type":"string"}`), ""},
	"whole numbers":     {at(`{"type":"number"}`), at(`{"type":"integer"}`), ""},
	"fractions":         {at(`{"type":"integer"}`), at(`{"type":"number"}`), "schema.properties.p.type"},
	"a type by values":  {at(`{"type":"string"}`), at(`{"enum":["a","b"]}`), "schema.properties.p.type"},
	"a type by a value": {at(`{"type":"integer"}`), at(`{"const":1.5}`), "schema.properties.p.type"},
	"a type by alternatives": {
		at(`{"type":["string","null"]}`), at(`{"anyOf":[{"type":"string"},{"type":"null"}]}`),
		"schema.properties.p.type",
	},

	"a new value":        {at(`{"enum":["a","b"]}`), at(`{"enum":["a","b","c"]}`), "schema.properties.p.enum"},
	"fewer values":       {at(`{"enum":["a","b"]}`), at(`{"enum":["b"]}`), ""},
	"one value of many":  {at(`{"enum":["a","b"]}`), at(`{"const":"a"}`), ""},
	"values no more":     {at(`{"enum":["a","b"]}`), at(`{"type":"string"}`), "schema.properties.p.enum"},
	"another value":      {at(`{"const":"a"}`), at(`{"const":"b"}`), "schema.properties.p.const"},
	"one value and more": {at(`{"const":"a"}`), at(`{"enum":["a","b"]}`), "schema.properties.p.const"},
	"the same number":    {at(`{"enum":[1,{"a":[2.0]}]}`), at(`{"enum":[{"a":[2]},1.0]}`), ""},
	"values at last":     {at(`{"type":"string"}`), at(`{"type":"string","enum":["a"]}`), ""},

	"a higher minimum": {at(`{"type":"number","minimum":1}`), at(`{"type":"number","minimum":2}`), ""},
	"a lower minimum": {at(`{"type":"number","minimum":1}`), at(`{"type":"number","minimum":0.5}`),
		"schema.properties.p.minimum"},
	"a lower maximum": {at(`{"type":"number","maximum":2}`), at(`{"type":"number","maximum":1}`), ""},
	"a higher maximum": {at(`{"type":"number","maximum":2}`), at(`{"type":"number","maximum":3}`),
		"schema.properties.p.maximum"},
	"no maximum": {at(`{"type":"number","maximum":2}`), at(`{"type":"number"}`), "schema.properties.p.maximum"},
	"the limit is in": {at(`{"type":"number","exclusiveMinimum":1}`), at(`{"type":"number","minimum":1}`),
		"schema.properties.p.exclusiveMinimum"},
	"the limit is out": {at(`{"type":"number","minimum":1}`), at(`{"type":"number","exclusiveMinimum":1}`),
		"schema.properties.p.minimum"},
	"a finer step": {at(`{"type":"number","multipleOf":0.5}`), at(`{"type":"number","multipleOf":0.25}`),
		"schema.properties.p.multipleOf"},
	"a coarser step": {at(`{"type":"number","multipleOf":0.5}`), at(`{"type":"number","multipleOf":1.5}`),
		"schema.properties.p.multipleOf"},
	"longer texts": {at(`{"type":"string","maxLength":5}`), at(`{"type":"string","maxLength":6}`),
		"schema.properties.p.maxLength"},
	"shorter texts": {at(`{"type":"string","maxLength":5}`), at(`{"type":"string","maxLength":4}`), ""},
	"empty texts": {at(`{"type":"string","minLength":1}`), at(`{"type":"string"}`),
		"schema.properties.p.minLength"},
	"no limit of none": {at(`{"type":"string","minLength":0}`), at(`{"type":"string"}`), ""},
	"limits of others": {at(`{"type":["string","number"],"maxLength":5}`), at(`{"type":"number"}`),
		"schema.properties.p.maxLength"},
	"another pattern": {at(`{"type":"string","pattern":"^a"}`), at(`{"type":"string","pattern":"^ab"}`),
		"schema.properties.p.pattern"},
	"a pattern at last": {at(`{"type":"string"}`), at(`{"type":"string","pattern":"^a"}`), ""},
	"no format": {at(`{"type":"string","format":"date"}`), at(`{"type":"string"}`),
		"schema.properties.p.format"},
	"another format": {at(`{"type":"string","format":"date"}`), at(`{"type":"string","format":"date-time"}`),
		"schema.properties.p.format"},
	"a format at last": {at(`{"type":"string"}`), at(`{"type":"string","format":"date"}`), ""},
	"another encoding": {at(`{"type":"string","contentEncoding":"base64"}`), at(`{"type":"string"}`),
		"schema.properties.p.contentEncoding"},
	"more items": {at(`{"type":"array","maxItems":5}`), at(`{"type":"array","maxItems":6}`),
		"schema.properties.p.maxItems"},
	"other items": {at(`{"type":"array","items":{"type":"string"}}`), at(`{"type":"array","items":{"type":"null"}}`),
		"schema.properties.p.items.type"},
	"any items": {at(`{"type":"array","items":{"type":"string"}}`), at(`{"type":"array"}`),
		"schema.properties.p.items.type"},
	"equal items": {at(`{"type":"array","uniqueItems":true}`), at(`{"type":"array"}`),
		"schema.properties.p.uniqueItems"},
	"items with more that were not equal": {
		at(`{"type":"array","uniqueItems":true,"items":{"type":"object","additionalProperties":false}}`),
		at(`{"type":"array","uniqueItems":true,"items":{"type":"object","additionalProperties":false,"properties":{"b":{}}}}`), "",
	},
	"items by place": {at(`{"type":"array","prefixItems":[{"type":"string"}]}`),
		at(`{"type":"array","prefixItems":[{"const":"a"}]}`), "schema.properties.p.prefixItems"},
	"the same by place": {at(`{"type":"array","prefixItems":[{"type":"string"}],"items":false}`),
		at(`{"type":"array","prefixItems":[{"type":"string","title":"A"}],"items":false}`),
		"schema.properties.p.prefixItems"},
	"items first by place": {at(`{"type":"array","items":{"type":"string"}}`),
		at(`{"type":"array","items":{"type":"string"},"prefixItems":[{"type":"null"}]}`),
		"schema.properties.p.prefixItems"},

	"open what was closed": {`{"type":"object","additionalProperties":false}`, `{"type":"object"}`,
		"schema.additionalProperties"},
	"close what was open": {`{"type":"object"}`, `{"type":"object","additionalProperties":false}`, ""},
	"others than numbers": {`{"type":"object","additionalProperties":{"type":"number"}}`,
		`{"type":"object","additionalProperties":{"type":["number","string"]}}`, "schema.additionalProperties.type"},
	"any instead of numbers": {`{"type":"object","additionalProperties":{"type":"number"}}`, `{"type":"object"}`,
		"schema.additionalProperties.type"},
	"more names by pattern": {
		`{"type":"object","additionalProperties":false}`,
		`{"type":"object","additionalProperties":false,"patternProperties":{"^x":{}}}`, "schema.patternProperties",
	},
	"a pattern for names at last": {`{"type":"object"}`,
		`{"type":"object","patternProperties":{"^x":{"type":"string"}}}`, "schema.patternProperties"},
	"fewer properties at least": {`{"type":"object","minProperties":2}`, `{"type":"object","minProperties":1}`,
		"schema.minProperties"},
	"a new one where they are counted": {
		`{"type":"object","additionalProperties":false,"minProperties":1,"properties":{"a":{}}}`,
		`{"type":"object","additionalProperties":false,"minProperties":1,"properties":{"a":{},"b":{}}}`, "",
	},

	"what an opaque keyword refers to": {
		`{"type":"object","$defs":{"x":{"type":"string"}},"not":{"$ref":"#/$defs/x"}}`,
		`{"type":"object","$defs":{"x":{"type":"number"}},"not":{"$ref":"#/$defs/x"}}`, "schema.not",
	},
	"words about what one refers to": {
		`{"type":"object","$defs":{"x":{"type":"string"}},"not":{"$ref":"#/$defs/x"}}`,
		`{"type":"object","title":"A","$defs":{"x":{"type":"string"}},"not":{"$ref":"#/$defs/x"}}`, "",
	},
	"several at once": {
		`{"type":"object","required":["a","b"],"properties":{"a":{"type":"string"},"b":{"enum":[1]}},"additionalProperties":false}`,
		`{"type":"object","required":["c"],"properties":{"b":{"enum":[1,2,3]},"c":{}}}`,
		"schema.additionalProperties schema.properties.a schema.properties.b.enum schema.required schema.required",
	},
	"what was false": {at(`false`), at(`{"type":"string"}`), "schema.properties.p"},
	"what is false":  {at(`{"items":{"type":"string"}}`), at(`{"items":false}`), ""},
	"fewer items": {at(`{"type":"array","minItems":2,"maxItems":5}`),
		at(`{"type":"array","minItems":3,"maxItems":4}`), ""},
	"a lower exclusive maximum": {at(`{"type":"number","exclusiveMaximum":5}`),
		at(`{"type":"number","exclusiveMaximum":4.5}`), ""},
	"a higher exclusive maximum": {at(`{"type":"number","exclusiveMaximum":5}`),
		at(`{"type":"number","exclusiveMaximum":5.5}`), "schema.properties.p.exclusiveMaximum"},
	"more properties at most": {`{"type":"object","maxProperties":2}`, `{"type":"object","maxProperties":3}`,
		"schema.maxProperties"},
	"a condition at last": {`{"type":"object"}`, `{"type":"object","if":{"required":["a"]},"then":{"required":["b"]}}`,
		"schema.if schema.then"},
	"a reference instead": {at(`{"type":"object","properties":{"a":{}}}`),
		`{"type":"object","$defs":{"p":{"type":"object","properties":{"a":{}}}},"properties":{"p":{"$ref":"#/$defs/p"}}}`, ""},
	"what is referred to": {
		`{"type":"object","$defs":{"p":{"type":"string"}},"properties":{"p":{"$ref":"#/$defs/p"}}}`,
		`{"type":"object","$defs":{"p":{"type":"number"}},"properties":{"p":{"$ref":"#/$defs/p"}}}`,
		"schema.properties.p.type",
	},
	"a reference and more": {
		`{"type":"object","$defs":{"p":{"type":"string"}},"properties":{"p":{"$ref":"#/$defs/p","maxLength":5}}}`,
		`{"type":"object","$defs":{"p":{"type":"string"}},"properties":{"p":{"$ref":"#/$defs/p","maxLength":6}}}`,
		"schema.properties.p.maxLength",
	},
	"a tree that gets a property": {
		`{"type":"object","$defs":{"n":{"type":"object","properties":{"next":{"$ref":"#/$defs/n"}},"additionalProperties":false}},"$ref":"#/$defs/n"}`,
		`{"type":"object","$defs":{"n":{"type":"object","properties":{"next":{"$ref":"#/$defs/n"},"name":{"type":"string"}},"additionalProperties":false}},"$ref":"#/$defs/n"}`,
		"",
	},
	"a tree below that gets one": {
		`{"type":"object","$defs":{"n":{"type":"object","properties":{"next":{"$ref":"#/$defs/n"}},"additionalProperties":false}},"properties":{"p":{"$ref":"#/$defs/n"}}}`,
		`{"type":"object","$defs":{"n":{"type":"object","properties":{"next":{"$ref":"#/$defs/n"},"name":{}},"additionalProperties":false}},"properties":{"p":{"$ref":"#/$defs/n"}}}`, "",
	},
	"a tree that loses one": {
		`{"type":"object","$defs":{"n":{"type":"object","properties":{"next":{"$ref":"#/$defs/n"},"name":{}}}},"properties":{"p":{"$ref":"#/$defs/n"}}}`,
		`{"type":"object","$defs":{"n":{"type":"object","properties":{"next":{"$ref":"#/$defs/n"}}}},"properties":{"p":{"$ref":"#/$defs/n"}}}`, "schema.properties.p.properties.name",
	},

	"null no more": {at(`{"anyOf":[{"type":"string"},{"type":"null"}]}`), at(`{"type":"string"}`), ""},
	"a new alternative": {at(`{"anyOf":[{"type":"string"},{"type":"null"}]}`),
		at(`{"anyOf":[{"type":"string"},{"type":"null"},{"type":"number"}]}`), "schema.properties.p.anyOf.2"},
	"a wider alternative": {at(`{"anyOf":[{"type":"string","maxLength":1},{"type":"null"}]}`),
		at(`{"anyOf":[{"type":"string","maxLength":2},{"type":"null"}]}`), "schema.properties.p.anyOf.0.maxLength"},
	"alternatives in another order": {at(`{"anyOf":[{"type":"string"},{"type":"null"}]}`),
		at(`{"anyOf":[{"type":"null"},{"type":"string","maxLength":1}]}`),
		"schema.properties.p.anyOf.0.type schema.properties.p.anyOf.1.type"},
	"nullable no more, with a property more": {
		at(`{"anyOf":[{"type":"object","additionalProperties":false},{"type":"null"}]}`),
		at(`{"anyOf":[{"type":"object","additionalProperties":false,"properties":{"a":{}}},{"type":"null"}]}`), "",
	},
	"alternatives that a value tells apart": {
		at(`{"oneOf":[{"type":"object","required":["k"],"properties":{"k":{"const":"a"}}},{"type":"object","required":["k"],"properties":{"k":{"const":"b"}}}]}`),
		at(`{"oneOf":[{"type":"object","required":["k","x"],"properties":{"k":{"const":"a"},"x":{}}},{"type":"object","required":["k"],"properties":{"k":{"const":"b"}}}]}`), "",
	},
	"a third one": {
		at(`{"oneOf":[{"type":"object","required":["k"],"properties":{"k":{"const":"a"}}},{"type":"object","required":["k"],"properties":{"k":{"const":"b"}}}]}`),
		at(`{"oneOf":[{"type":"object","required":["k"],"properties":{"k":{"const":"a"}}},{"type":"object","required":["k"],"properties":{"k":{"const":"b"}}},{"type":"object","required":["k"],"properties":{"k":{"const":"c"}}}]}`), "schema.properties.p.oneOf.2",
	},
	"alternatives that overlap": {at(`{"oneOf":[{"type":"string"},{"maxLength":3}]}`),
		at(`{"oneOf":[{"type":"string"},{"maxLength":2}]}`), ""},
	"the same that overlap": {at(`{"oneOf":[{"type":"string"},{"maxLength":3}]}`),
		at(`{"oneOf":[{"type":"string"},{"maxLength":3,"title":"A"}]}`), ""},
	"all of more": {at(`{"allOf":[{"type":"string"}]}`), at(`{"allOf":[{"type":"string"},{"maxLength":3}]}`),
		"schema.properties.p.type"},
	"all of less": {at(`{"allOf":[{"type":"string"},{"maxLength":3}]}`), at(`{"allOf":[{"type":"string"}]}`),
		"schema.properties.p.allOf.1.maxLength"},
	"all of one": {at(`{"allOf":[{"type":"string"}]}`), at(`{"type":"string"}`), ""},

	"another not": {at(`{"not":{"type":"string"}}`), at(`{"not":{"type":"number"}}`), "schema.properties.p.not"},
	"a not at last": {at(`{"type":"string"}`), at(`{"type":"string","not":{"const":"a"}}`),
		"schema.properties.p.not"},
	"another condition": {at(`{"if":{"const":1},"then":{"const":1}}`), at(`{"if":{"const":1},"then":{"const":2}}`),
		"schema.properties.p.then"},
	"another contains": {at(`{"contains":{"const":1}}`), at(`{"contains":{"const":1},"minContains":0}`),
		"schema.properties.p.minContains"},
	"other names": {at(`{"propertyNames":{"maxLength":2}}`), at(`{"propertyNames":{"maxLength":1}}`),
		"schema.properties.p.propertyNames"},
	"another dependency": {at(`{"dependentSchemas":{"a":{"required":["b"]}}}`),
		at(`{"dependentSchemas":{"a":{"required":["c"]}}}`), "schema.properties.p.dependentSchemas"},
	"beside what is left over": {
		at(`{"unevaluatedProperties":false,"properties":{"a":{}}}`),
		at(`{"unevaluatedProperties":false,"properties":{"a":{},"b":{}}}`), "schema.properties.p.unevaluatedProperties",
	},
	"a condition that sees what is left out": {
		`{"type":"object","additionalProperties":false,"properties":{"a":{}},"if":{"required":["b"]},"else":{"required":["a"]}}`,
		`{"type":"object","additionalProperties":false,"properties":{"a":{},"b":{}},"if":{"required":["b"]},"else":{"required":["a"]}}`, "",
	},
}

func TestAChangeIsCompatibleWhenReadersOfTheOldSchemaCanReadTheNewData(t *testing.T) {
	t.Parallel()
	for name, change := range changes {
		var fields []string
		for _, d := range Compatible("schema", parse(t, change.old), parse(t, change.fresh)) {
			if d.Message == "" {
				t.Errorf("%s: got no message for %s, want one", name, d.Field)
			}
			fields = append(fields, d.Field)
		}
		if got := strings.Join(fields, " "); got != change.breaks {
			t.Errorf("%s: got %q, want %q\nold %s\nnew %s", name, got, change.breaks, change.old, change.fresh)
		}
	}
}

func TestAtMostAHundredViolationsAreNamed(t *testing.T) {
	t.Parallel()
	var all []string
	for i := range 150 {
		all = append(all, fmt.Sprintf(`"p%d":{"type":"string"}`, i))
	}
	old := parse(t, `{"type":"object","properties":{`+strings.Join(all, ",")+`}}`)
	first := Compatible("schema", old, parse(t, `{"type":"object"}`))
	if len(first) != maxDetails {
		t.Errorf("got %d violations, want %d", len(first), maxDetails)
	}
	if again := Compatible("schema", old, parse(t, `{"type":"object"}`)); !slices.Equal(first, again) {
		t.Errorf("second comparison: got %v, want %v", again, first)
	}
}
