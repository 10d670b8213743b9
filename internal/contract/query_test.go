package contract

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

func TestParametersAreChecked(t *testing.T) {
	t.Parallel()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	check := c.ParameterChecker(c.Rules["listDeliveries"])
	for query, want := range map[string]string{
		"":                                 "",
		"&&status=dead&":                   "",
		"status=de%61d&stat%75s=dead":      "status: is given twice",
		"stauts=dead":                      "stauts: is an unknown parameter; did you mean status?",
		"Status=dead":                      "Status: is an unknown parameter; did you mean status?",
		"nonsense=1":                       "nonsense: is an unknown parameter; known are cursor, ",
		strings.Repeat("s", 100) + "=1":    strings.Repeat("s", 100) + ": is an unknown parameter; known are ",
		"=1":                               "query: is an unknown parameter; known are ",
		"from=2026-02-28T00:00:00%2B01:00": "",
		"from=2026-02-28T00:00:00+01:00":   "from: must be a time such as 2026-01-31T12:00:00Z; in a query, + means",
		"from=2026-02-30T00:00:00Z":        "from: must be a time such as 2026-01-31T12:00:00Z",
		"status=dead;from=1":               "status: is not percent-encoded",
		"%zz=1":                            "query: is not percent-encoded",
	} {
		got := ""
		for _, d := range check(query, http.Header{}) {
			got += d.Field + ": " + d.Message
		}
		if (got == "") != (want == "") || !strings.HasPrefix(got, want) {
			t.Errorf("%q: got %q, want %q", query, got, want)
		}
	}
	if got := check("", http.Header{"Idempotency-Key": {"a", "b"}}); len(got) != 0 {
		t.Errorf("a header of other operations: got %v, want no violation", got)
	}
	create := c.ParameterChecker(c.Rules["createLead"])
	got := create("", http.Header{"Idempotency-Key": {"a", "b"}})
	if len(got) != 1 || got[0].Field != "Idempotency-Key" {
		t.Errorf("two idempotency keys: got %v, want one violation", got)
	}
	for _, name := range []string{"cursor", "limit", "status", "event_type"} {
		if got := check("qqqqqq=1&"+name+"=1", nil); len(got) != 1 {
			t.Errorf("%s after an unknown parameter: got %v, want only the unknown one", name, got)
		}
	}
	if n := len(check(strings.Repeat("x&", 1000), nil)); n != 100 {
		t.Errorf("a thousand unknown parameters: got %d violations, want 100", n)
	}
}

func TestParametersOfOtherAPIsNameTheOneThatWasMeant(t *testing.T) {
	t.Parallel()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for operation, names := range map[string]map[string]string{
		"listDeliveries": {"endpoint_id": "webhook_id", "per_page": "limit", "page": "cursor", "since": "from",
			"created_after": "from", "created_from": "from", "until": "to", "q": "text", "type": "event_type"},
		"listLeads":       {"limit": "per_page", "from": "created_from", "created_before": "created_to", "search": "q"},
		"listDeadLetters": {"from": "created_from", "endpoint_id": "webhook_id"},
		"listWebhooks":    {"q": "search", "status": "state", "cursor": "", "endpoint_id": "webhook_id", "member": ""},
		"listEvents":      {"event_type": "type", "after": "from"},
	} {
		check := c.ParameterChecker(c.Rules[operation])
		for name, want := range names {
			got := check(name+"=1", nil)
			if len(got) != 1 || want != "" && !strings.HasSuffix(got[0].Message, "did you mean "+want+"?") ||
				want == "" && strings.Contains(got[0].Message, "did you mean") {
				t.Errorf("%s with %s: got %v, want a hint at %q", operation, name, got, want)
			}
		}
	}
	for _, all := range sameMeaning {
		for ours := range strings.FieldsSeq(all.ours) {
			if !slices.ContainsFunc(slices.Collect(maps.Values(c.Rules)), func(r Rule) bool {
				return slices.ContainsFunc(c.Route(r).Operation.Parameters, func(p *openapi3.ParameterRef) bool {
					return p.Value.In == "query" && p.Value.Name == ours
				})
			}) {
				t.Errorf("the meaning of %s: got %s, want a parameter of some operation", all.names, ours)
			}
		}
	}
}

//nolint:paralleltest // allocations are counted for the whole process
func TestGoodParametersCostNoMemory(t *testing.T) {
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	check := c.ParameterChecker(c.Rules["listDeliveries"])
	if n := testing.AllocsPerRun(100, func() { check("status=dead&limit=5&from=2026-02-28T00:00:00Z", nil) }); n > 0 {
		t.Errorf("a good query: got %.0f allocations, want none", n)
	}
}

func TestTheDistanceOfWordsCountsTheirDifferences(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "ab", 2}, {"status", "status", 0}, {"stauts", "status", 1}, {"sttus", "status", 1},
		{"statuss", "status", 1}, {"stytus", "status", 1}, {"abc", "ca", 3}, {"kitten", "sitting", 3}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("%q and %q: got %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
