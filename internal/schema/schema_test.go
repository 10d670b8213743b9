package schema

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
)

func said(t *testing.T, text string) string {
	t.Helper()
	_, wrong := Parse("schema", []byte(text))
	var out []string
	for _, d := range wrong {
		out = append(out, d.Field+" "+d.Message)
	}
	return strings.Join(out, "; ")
}

func nested(open, inner, shut string, depth int) string {
	return strings.Repeat(open, depth) + inner + strings.Repeat(shut, depth)
}

func TestASchemaThatCantBeUsedIsRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	var many []string
	for i := range 10_000 {
		many = append(many, fmt.Sprintf(`"p%d":{}`, i))
	}
	var patterns strings.Builder
	for i := range 25 {
		fmt.Fprintf(&patterns, `"%d.{400}":{},`, i)
	}
	for text, want := range map[string]string{
		`[]`:                   "schema must be an object: a JSON Schema",
		`true`:                 "schema must be an object: a JSON Schema",
		`{"type":"array"}`:     `schema.type must be "object": the data of an event is one`,
		`{}`:                   `schema.type must be "object": the data of an event is one`,
		at(`{"type":"text"}`):  "schema.properties.p.type fits none of the alternatives (anyOf)",
		at(`{"required":"p"}`): "schema.properties.p.required must be an array",
		at(`{"minLength":-1}`): "schema.properties.p.minLength must be at least 0",
		at(`1`):                "schema.properties.p must be a boolean or an object",
		at(`{"items":[{}]}`):   "schema.properties.p.items must be a boolean or an object",
		at(`{"pattern":"("}`): "schema.properties.p.pattern is not a regular expression in the " +
			"syntax of RE2, which has no look-around and no back references",
		at(`{"pattern":"(?=a)"}`): "schema.properties.p.pattern is not a regular " +
			"expression in the syntax of RE2, which has no look-around and no back references",
		at(`{"pattern":"((a{30}){30}){30}"}`): "schema.properties.p.pattern is not a regular " +
			"expression in the syntax of RE2, which has no look-around and no back references",
		at(`{"pattern":"(a{30}){30}"}`): "schema.properties.p.pattern is a regular expression " +
			"that is too large; use fewer or smaller repetitions",
		at(`{"patternProperties":{"a{999}":{}}}`): "schema.properties.p.patternProperties.a{999} is a " +
			"regular expression that is too large; use fewer or smaller repetitions",
		at(`{"pattern":"` + strings.Repeat("a", 1001) +
			`"}`): "schema.properties.p.pattern is a regular expression of 1001 bytes; it can have 1000",

		at(`{"patternProperties":{` + strings.TrimSuffix(patterns.String(), ",") +
			`}}`): "schema has regular expressions that are too large together; use fewer or smaller repetitions",

		at(`{"$ref":"https://example.com/schema"}`): "schema.properties.p.$ref must be #/$defs/name or " +
			"#/definitions/name and name a definition of this document; nothing else is looked up",
		at(`{"$ref":"file:///etc/passwd"}`): "schema.properties.p.$ref must be #/$defs/name or " +
			"#/definitions/name and name a definition of this document; nothing else is looked up",
		at(`{"$ref":"other.json#/$defs/p"}`): "schema.properties.p.$ref must be #/$defs/name or " +
			"#/definitions/name and name a definition of this document; nothing else is looked up",
		at(`{"$ref":"#/$defs/p"}`): "schema.properties.p.$ref must be #/$defs/name or " +
			"#/definitions/name and name a definition of this document; nothing else is looked up",
		at(`{"$ref":"#"}`): "schema.properties.p.$ref must be #/$defs/name or " +
			"#/definitions/name and name a definition of this document; nothing else is looked up",
		at(`{"$dynamicRef":"#p"}`): "schema.properties.p.$dynamicRef is not supported; use $ref with " +
			"#/$defs/name",
		at(`{"$anchor":"p"}`):                   "schema.properties.p.$anchor is not supported; refer to #/$defs/name",
		at(`{"$id":"p"}`):                       "schema.properties.p.$id is only for the whole document",
		at(`{"$schema":"https://example.com"}`): "schema.properties.p.$schema is only for the whole document",
		`{"type":"object","$schema":"http://json-schema.org/draft-07/schema#"}`: "schema.$schema must be " +
			"https://json-schema.org/draft/2020-12/schema, or be left out",
		`{"type":"object","$vocabulary":{}}`: "schema.$vocabulary is not supported",
		at(`{"dependencies":{}}`): "schema.properties.p.dependencies is of an earlier draft; use " +
			"dependentRequired or dependentSchemas",

		`{"type":"object","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"anyOf":[{"$ref":"#/$defs/a"}]}},"$ref":"#/$defs/a"}`: "schema has a definition that comes back to itself",
		`{"type":"object","properties":{` + strings.Join(many[:501], ",") +
			`}}`: "schema consists of 502 schemas; it can have 500. Every property is one",
		`{"type":"object","properties":{` + strings.Join(many, ",") +
			`}}`: "schema has 108922 bytes; a schema can have 65536",
		nested(`{"type":"object","properties":{"a":`, `{}`, `}}`, 40): "schema is more than 64 levels deep",
		nested(`{"not":`, `{}`, `}`, 5_000):                           "schema is more than 64 levels deep",
		at(`{"const":` + nested(`[`, ``, `]`, 70) + `}`):              "schema is more than 64 levels deep",
		at(`{"minimum":1e999999999}`): "schema.properties.p.minimum is a number " +
			"with more than 100 digits or an exponent beyond 400",
		at(`{"enum":[` + strings.Repeat("1", 101) +
			`]}`): "schema.properties.p.enum.0 is a number with more than 100 digits or an exponent beyond 400",
		at(`{"maxLength":1e30}`): "schema.properties.p.maxLength must be at most 1000000000",
	} {
		if got := said(t, text); got != want && !strings.HasPrefix(got, want) || want == "" {
			t.Errorf("%.200s: %q instead of %q", text, got, want)
		}
	}
}

func TestSchemasThatToolsMakeAreTaken(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"type":"object"}`,
		`{"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://example.com/order.json","type":"object","title":"Order"}`,
		`{"$ref":"#/definitions/Order","definitions":{"Order":{"type":"object","properties":{"a/b":{"$ref":"#/definitions/List%3CItem%3E"}}},"List<Item>":{"type":"array"}}}`,
		`{"type":"object","properties":{"x":{"format":"nobody-knows","nullable":true,"discriminator":{"propertyName":"k"},"example":1}}}`,
		`{"type":"object","$defs":{"n":{"properties":{"n":{"$ref":"#/$defs/n"}}}},"properties":{"n":{"$ref":"#/$defs/n"}}}`,
		`{"type":"object","properties":{"$ref":{"const":{"$ref":"http://example.com"}},"enum":{"enum":[{"$id":"x"}]}}}`,
	} {
		if got := said(t, text); got != "" {
			t.Errorf("%s: got %s, want a valid schema", text, got)
		}
	}
}

func TestViolationsHavePlainMessages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ schema, data, want string }{
		{`{"type":"string"}`, `"a"`, ""},
		{`{"type":["string","null"]}`, `1`, "data.p must be null or a string"},
		{`{"type":"integer"}`, `1.0`, ""},
		{`{"type":"integer"}`, `1.5`, "data.p must be an integer"},
		{`{"const":"a"}`, `"b"`, "data.p must be a"},
		{`{"enum":["a",1,null]}`, `"b"`, "data.p must be one of a, 1, null"},
		{`{"minimum":1,"exclusiveMaximum":2.5}`, `0`, "data.p must be at least 1"},
		{`{"minimum":1,"exclusiveMaximum":2.5}`, `2.5`, "data.p must be less than 2.5"},
		{`{"multipleOf":0.01}`, `0.001`, "data.p must be a multiple of 0.01"},
		{`{"minLength":2}`, `"a"`, "data.p must have at least 2 characters"},
		{`{"pattern":"^a"}`, `"b"`, "data.p must match ^a"},
		{`{"format":"email"}`, `"b"`, "data.p must be an email address"},
		{`{"format":"date-time"}`, `"2026-02-31T00:00:00Z"`, "data.p must be a time such as 2026-01-31T12:00:00Z"},
		{`{"format":"uuid"}`, `"b"`, "data.p must have the format uuid"},
		{`{"format":"nobody-knows"}`, `"b"`, ""},
		{`{"format":"regex"}`, `"(a{30}){30}"`, "data.p must have the format regex"},
		{`{"items":{"type":"string"},"maxItems":1}`, `["a",2]`,
			"data.p must have at most 1 items; data.p[1] must be a string"},
		{`{"uniqueItems":true}`, `[1,2,1.0]`, "data.p must not have equal items; [0] and [2] are"},
		{`{"contains":{"const":1}}`, `[2,3]`, "data.p does not have the items that the schema asks for (contains)"},
		{`{"propertyNames":{"maxLength":1}}`, `{"ab":1}`, "data.p has a field whose name is not allowed"},
		{`{"dependentRequired":{"a":["b"]}}`, `{"a":1}`, "data.p.b is required with a"},
		{`{"additionalProperties":false}`, `{"a":1,"b":2}`,
			"data.p.a is not a known field; data.p.b is not a known field"},
		{`{"properties":{"a":false}}`, `{"a":1}`, "data.p.a is not allowed"},
		{`{"not":{"type":"null"}}`, `null`, "data.p is excluded by the schema (not)"},
		{`{"if":{"type":"string"},"then":{"minLength":1}}`, `""`, "data.p must not be empty"},
		{`{"anyOf":[{"type":"null"},{"type":"object","required":["a"]}]}`, `{}`, "data.p.a is required"},
		{`{"anyOf":[{"minimum":2},{"minimum":3}]}`, `1`, "data.p fits none of the alternatives (anyOf)"},
		{`{"oneOf":[{"minimum":2},{"minimum":3}]}`, `4`, "data.p fits more than one of the alternatives (oneOf)"},
		{`{"oneOf":[{"type":"object","properties":{"k":{"const":"a"}},"required":["k"]},{"type":"object","properties":{"k":{"const":"b"},"n":{"type":"number"}},"required":["k","n"]}]}`, `{"k":"b"}`, "data.p.n is required"},
		{`{"$ref":"#/$defs/x"}`, `1`, "data.p must be a string"},
		{`{"allOf":[{"minLength":3},{"pattern":"^a"}]}`, `"b"`,
			"data.p must have at least 3 characters; data.p must match ^a"},
	} {
		s := parse(t, `{"type":"object","$defs":{"x":{"type":"string"}},"properties":{"p":`+c.schema+`}}`)
		var got []string
		for _, d := range s.Check("data", []byte(`{"p":`+c.data+`}`)) {
			got = append(got, d.Field+" "+d.Message)
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%s with %s: %q instead of %q", c.schema, c.data, got, c.want)
		}
	}
}

// TestDataThatIsTooCostlyToValidateIsRefused has what would take from minutes to longer than the world is old.
func TestDataThatIsTooCostlyToValidateIsRefused(t *testing.T) {
	t.Parallel()
	var laughs strings.Builder
	for i := range 60 {
		fmt.Fprintf(&laughs, `"l%d":{"allOf":[{"$ref":"#/$defs/l%d"},{"$ref":"#/$defs/l%d"}]},`, i, i+1, i+1)
	}
	alternatives := strings.TrimSuffix(strings.Repeat(`{"type":"number","maximum":-1},`, 400), ",")
	numbers := func(n int) string { return `{"p":[` + strings.TrimSuffix(strings.Repeat("1,", n), ",") + `]}` }
	objects := func(n int) string { return `{"p":[` + strings.TrimSuffix(strings.Repeat("{},", n), ",") + `]}` }
	var required []string
	for i := range 5_000 {
		required = append(required, fmt.Sprintf(`"r%d"`, i))
	}
	tree := `"$defs":{"t":{"properties":{"a":{"allOf":[{"$ref":"#/$defs/t"},{"$ref":"#/$defs/t"}]}},"required":["x"]}},"properties":{"p":{"$ref":"#/$defs/t"}}`
	for name, c := range map[string]struct{ schema, data, want string }{
		"laughs": {`{"type":"object","$defs":{` + laughs.String() +
			`"l60":{}},"properties":{"p":{"$ref":"#/$defs/l0"}}}`, `{"p":1}`, "steps"},
		"a tree": {`{"type":"object",` + tree + `}`, nested(`{"p":`, `1`, `}`, 1)[:5] + nested(`{"a":`, `1`, `}`,
			30) + `}`, "steps"},
		"choices": {at(`{"items":{"anyOf":[` + alternatives + `]}}`), numbers(100_000), "steps"},
		"needs":   {at(`{"items":{"required":[` + strings.Join(required, ",") + `]}}`), objects(100_000), "steps"},
		"patterns": {at(`{"pattern":"(a|b|ab)*c(.{0,300})$"}`), `{"p":"` + strings.Repeat("ab", 400_000) + `"}`,
			"steps"},
		"depth":     {at(`{}`), nested(`{"p":`, `1`, `}`, 5_000), "32 levels"},
		"lists":     {at(`{}`), `{"p":` + nested(`[`, ``, `]`, 9_000) + `}`, "32 levels"},
		"exponents": {at(`{"type":"number","minimum":0}`), `{"p":1e999999999}`, "few programs can read"},
		"fractions": {at(`{"type":"array","uniqueItems":true}`), `{"p":[1e-9999999,2e-9999999]}`,
			"few programs can read"},
	} {
		wrong := parse(t, c.schema).Check("data", []byte(c.data))
		if len(wrong) == 0 || !strings.Contains(wrong[0].Message, c.want) {
			t.Errorf("%s: got %.300v, want %q", name, wrong, c.want)
		}
	}
	if wrong := parse(t, at(`{"type":"array","items":{"type":"number","minimum":0}}`)).
		Check("data", []byte(numbers(20_000))); len(wrong) > 0 {
		t.Errorf("twenty thousand numbers: got %v, want valid data", wrong)
	}
	if wrong := parse(t, at(`{"type":"array","items":{"type":"number","minimum":2}}`)).
		Check("data", []byte(numbers(20_000))); len(wrong) != maxDetails {
		t.Errorf("details: got %d, want %d", len(wrong), maxDetails)
	}
}

func TestTheCostOfComparingSchemasIsLimited(t *testing.T) {
	t.Parallel()
	var alternatives, both, loops strings.Builder
	for i := range 30 {
		next := fmt.Sprintf(`{"properties":{"a":{"$ref":"#/$defs/l%d"}}}`, i+1)
		fmt.Fprintf(&alternatives, `"l%d":{"anyOf":[%s,%s,%s]},`, i, next, next, next)
		fmt.Fprintf(&both, `"l%d":{"allOf":[{"$ref":"#/$defs/l%d"},{"$ref":"#/$defs/l%d"}],"not":{"const":1}},`, i, i+1,
			i+1)
		fmt.Fprintf(&loops, `"l%d":{"items":{"$ref":"#/$defs/l%d"},"additionalProperties":{"$ref":"#/$defs/l0"}},`, i,
			i+1)
	}
	values := make([]string, 5_000)
	for i := range values {
		values[i] = strconv.Itoa(i)
	}
	many := strings.Builder{}
	for i := range 100 {
		fmt.Fprintf(&many, `"q%d":{"$ref":"#/$defs/l30"},`, i)
	}
	for name, defs := range map[string]string{"alternatives": alternatives.String(), "conjunctions": both.String(),
		"loops": loops.String(), "values": ""} {
		chain := func(last string) *Schema {
			return parse(t, `{"type":"object","$defs":{"l0":{},`+defs+`"l30":`+last+`},"properties":{`+many.String()+
				`"p":{"$ref":"#/$defs/l0"}}}`)
		}
		some, all := `{"enum":[`+strings.Join(values[1:], ",")+`]}`, `{"enum":[`+strings.Join(values, ",")+`]}`
		if wrong := Compatible("schema", chain(some), chain(all)); len(wrong) == 0 {
			t.Errorf("%s: got no violations, want some", name)
		}
		if wrong := Compatible("schema", chain(all), chain(all)); len(wrong) > 0 {
			t.Errorf("%s: got %v for the same schema, want none", name, wrong)
		}
	}
}

func FuzzSchemas(f *testing.F) {
	for _, c := range changes {
		f.Add(c.old, c.fresh, `{"p":{"a":[1,"x",null]},"b":2}`)
	}
	for _, text := range []string{`{"type":"object","$id":"#"}`, `{"type":"object","$id":"%"}`,
		`{"type":"object","$defs":{"":{}},"$ref":"#/$defs/"}`, `{"type":"object","$defs":1,"properties":[]}`} {
		f.Add(text, text, `{}`)
	}
	f.Fuzz(func(t *testing.T, old, fresh, data string) {
		a, wrong := Parse("schema", []byte(old))
		if a == nil {
			if len(wrong) == 0 {
				t.Fatalf("%s: got no violation, want one", old)
			}
			return
		}
		if !json.Valid([]byte(data)) {
			return
		}
		a.Check("data", []byte(data))
		if b, _ := Parse("schema", []byte(fresh)); b != nil {
			for _, d := range Compatible("schema", a, b) {
				if d.Message == "" || !strings.HasPrefix(d.Field, "schema") {
					t.Errorf("%s to %s: got %+v, want a message and a place in the schema", old, fresh, d)
				}
			}
			b.Check("data", []byte(data))
		}
		if wrong := Compatible("schema", a, a); len(wrong) > 0 {
			t.Errorf("%s compared with itself: got %v, want compatible", old, wrong)
		}
	})
}
