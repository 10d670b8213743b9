package schema

import "testing"

func TestASampleIsMadeThatMatchesTheSchema(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"type":"object"}`,
		at(`{"type":"string","minLength":6}`), at(`{"type":"string","maxLength":2}`),
		at(`{"type":"string","format":"date-time"}`), at(`{"type":"string","format":"email"}`),
		at(`{"type":"string","format":"uuid"}`), at(`{"type":"string","format":"uri"}`),
		at(`{"type":"integer","minimum":5}`), at(`{"type":"number","exclusiveMaximum":0}`),
		at(`{"type":"number","maximum":-0.5}`), at(`{"type":"integer","multipleOf":7}`),
		at(`{"type":["null","string"]}`), at(`{"enum":["EUR","USD"]}`), at(`{"const":3}`), at(`true`),
		at(`{"type":"array","minItems":3,"items":{"type":"boolean"}}`), at(`{"type":"array","maxItems":0}`),
		at(`{"anyOf":[{"type":"integer"},{"type":"null"}]}`), at(`{"type":"string","examples":["A-1"],"pattern":"^A-"}`),
		`{"type":"object","required":["a","b"],"properties":{"a":{"$ref":"#/$defs/n"}},"$defs":{"n":{"type":"integer"}}}`,
		`{"type":"object","allOf":[{"required":["a"],"properties":{"a":{"type":"integer"}}},{"properties":{"b":{"type":
			"object","required":["c"],"properties":{"c":{"type":"boolean"}}}}}],"properties":{"d":{"type":"null"}}}`,
		`{"type":"object","properties":{"child":{"$ref":"#/$defs/node"}},"$defs":{"node":{"type":"object","properties":
			{"next":{"$ref":"#/$defs/node"},"name":{"type":"string"}}}}}`,
	} {
		s := parse(t, text)
		sample := s.Sample()
		if wrong := s.Check("sample", sample); len(wrong) > 0 {
			t.Errorf("sample of %s: got %s, which violates it: %v", text, sample, wrong)
		}
	}
}

func TestASampleOfManySchemasIsSmall(t *testing.T) {
	t.Parallel()
	wide := `{"type":"object","properties":{"a":{"$ref":"#/$defs/n"}},"$defs":{"n":{"type":"object","properties":{` +
		`"w":{"$ref":"#/$defs/n"},"x":{"$ref":"#/$defs/n"},"y":{"type":"array","minItems":900000000,` +
		`"items":{"$ref":"#/$defs/n"}}}}}}`
	if got := len(parse(t, wide).Sample()); got > 200<<10 {
		t.Errorf("sample: got %d bytes, want few", got)
	}
}
