package contract

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/hookline/hookline/internal/problem"
)

// parameters are what an operation takes besides path and body.
type parameters struct {
	query   map[string]parameter
	names   []string // of query, sorted
	headers []string // in canonical form
}

// parameter is a parameter of a query.
type parameter struct {
	place  uint   // among the parameters of its operation
	format string // of its schema
}

// ParameterChecker returns a function that lists what the validating library does not see in a raw query and in
// headers: parameters that are unknown or given twice, and dates that don't exist. It allocates nothing when all is
// well.
func (c *Contract) ParameterChecker(r Rule) func(query string, h http.Header) []problem.Detail {
	route := c.Route(r)
	p := parameters{query: map[string]parameter{}}
	for _, ref := range slices.Concat(route.PathItem.Parameters, route.Operation.Parameters) {
		switch ref.Value.In {
		case openapi3.ParameterInQuery:
			p.query[ref.Value.Name] = parameter{place: uint(len(p.names)), format: ref.Value.Schema.Value.Format}
			p.names = append(p.names, ref.Value.Name)
		case openapi3.ParameterInHeader:
			p.headers = append(p.headers, http.CanonicalHeaderKey(ref.Value.Name))
		}
	}
	slices.Sort(p.names)
	return p.check
}

func (p parameters) check(query string, h http.Header) []problem.Detail {
	var wrong []problem.Detail
	var given uint64 // a bit for each parameter
	for rest := query; rest != "" && len(wrong) < problem.MaxDetails; {
		var pair string
		if pair, rest, _ = strings.Cut(rest, "&"); pair == "" {
			continue
		}
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, badName := url.QueryUnescape(rawName)
		value, badValue := url.QueryUnescape(rawValue)
		known, there := p.query[name]
		message := ""
		switch {
		case badName != nil || badValue != nil || strings.Contains(pair, ";"):
			name, message = strings.ToValidUTF8(name, "?"), "is not percent-encoded as a query must be"
		case !there:
			message = "is an unknown parameter; " + p.instead(name)
		case given&(1<<known.place) != 0:
			message = "is given twice"
		default:
			message = checkTime(known.format, rawValue, value)
		}
		if there {
			given |= 1 << known.place
		}
		if message != "" {
			wrong = append(wrong, problem.Detail{Field: cmp.Or(name, "query"), Message: message})
		}
	}
	for _, name := range p.headers {
		if len(h[name]) > 1 {
			wrong = append(wrong, problem.Detail{Field: name, Message: "is given twice"})
		}
	}
	return wrong
}

// instead says which parameter was meant, or which there are.
func (p parameters) instead(name string) string {
	switch near := cmp.Or(p.synonym(name), Nearest(name, p.names)); {
	case near != "":
		return "did you mean " + near + "?"
	case len(p.names) == 0:
		return "this operation takes none"
	}
	return "known are " + strings.Join(p.names, ", ")
}

// checkTime says what is wrong with a date or a time in a query; empty when nothing is, or the format is another.
func checkTime(format, raw, value string) string {
	switch {
	case format == "date" && !isDate(value):
		return formatReason(format)
	case format == "date-time" && !isTime(value) && strings.Contains(raw, "+"):
		return formatReason(format) + "; in a query, + means a space: write it as %2B"
	case format == "date-time" && !isTime(value):
		return formatReason(format)
	}
	return ""
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

func isTime(s string) bool {
	_, err := time.Parse(time.RFC3339, s)
	return err == nil
}

// Nearest returns the name that a misspelt one was probably meant to be; empty when none is near.
func Nearest(name string, names []string) string {
	if len(name) > maxMisspelt {
		return ""
	}
	best, least := "", max(2, len(name)/3)+1
	for _, n := range names {
		if d := distance(name, n); d < least && d < len(n) {
			best, least = n, d
		}
	}
	return best
}

// maxMisspelt is the number of bytes from which a name is no misspelt one: callers choose how long it is.
const maxMisspelt = 40

// distance is how many bytes have to be inserted, deleted, replaced or swapped with their neighbour to turn a into b.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			row[j+1] = min(last[j+1], row[j]) + 1
			if a[i] == b[j] {
				row[j+1] = min(row[j+1], last[j])
			} else {
				row[j+1] = min(row[j+1], last[j]+1)
			}
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
