package schema

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkParseLargest parses the most expensive schema that is accepted.
func BenchmarkParseLargest(b *testing.B) {
	var all []string
	for i := range 498 {
		all = append(all,
			fmt.Sprintf(`"p%d":{"type":"string","pattern":"^[a-z]{1,9}$","enum":["a","b"],"minLength":1,"maxLength":9}`,
				i))
	}
	text := []byte(`{"type":"object","properties":{` + strings.Join(all, ",") + `}}`)
	for b.Loop() {
		if _, wrong := Parse("schema", text); len(wrong) > 0 {
			b.Fatalf("Parse of %d bytes: got %v, want a valid schema", len(text), wrong)
		}
	}
}

// BenchmarkCheck validates typical data against a typical schema.
func BenchmarkCheck(b *testing.B) {
	s, _ := Parse("schema",
		[]byte(`{"type":"object","required":["number","total"],"additionalProperties":false,"properties":{
		"number":{"type":"string","minLength":1},"total":{"type":"number","minimum":0},"currency":{"enum":["EUR","USD"]},
		"lines":{"type":"array","items":{"type":"object","required":["sku"],"properties":{"sku":{"type":"string"},"count":{"type":"integer"}}}}}}`))
	data := []byte(`{"number":"A-1001","total":99.5,"currency":"EUR","lines":[{"sku":"1","count":2},{"sku":"2","count":1},{"sku":"3","count":7}]}`)
	for b.Loop() {
		if wrong := s.Check("data", data); len(wrong) > 0 {
			b.Fatalf("Check: got %v, want valid data", wrong)
		}
	}
}

// BenchmarkCheckMost validates data against a schema that takes nearly maxSteps.
func BenchmarkCheckMost(b *testing.B) {
	s, _ := Parse("schema",
		[]byte(`{"type":"object","properties":{"p":{"items":{"anyOf":[{"type":"number","maximum":0},{"type":"string"},{"type":"object","required":["a"]}]}}}}`))
	data := []byte(`{"p":[` + strings.TrimSuffix(strings.Repeat("1,", 23_000), ",") + `]}`)
	for b.Loop() {
		if wrong := s.Check("data", data); len(wrong) != maxDetails {
			b.Fatalf("violations: got %d: %v, want %d", len(wrong), wrong, maxDetails)
		}
	}
}
