package api_test

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/testkit"
)

// requestExample is an operation of a published document with an example of its request.
type requestExample struct {
	method, path string
	body         any               // nil when the operation takes none
	parameters   map[string]string // of the path
	query        url.Values
}

// TestEachProductTakesTheExamplesOfItsDocument sends all of them, in the order in which somebody who reads the document
// can: what is made first has the ids that the others name.
func TestEachProductTakesTheExamplesOfItsDocument(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	for _, name := range profile.All() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reader := exampleReader{Client: p.NewOwner(t, name), ids: map[string]string{},
				parameters: map[string]string{}}
			if profile.Of(name).Sells("support") {
				reader.remember("", p.NewInbox(t, reader.Client, "Support").ID)
			}
			sent := 0
			for _, e := range requestExamples(t, p, name) {
				sent++
				a := reader.send(t, e)
				// Conflicts and absent things are about the state of a tenant, not about what an example says.
				known := a.Status/100 == 2 || a.Status == http.StatusNotFound || a.Status == http.StatusConflict
				// A report of a leaked key is signed by GitHub.
				if !known && !strings.HasSuffix(e.path, "/secret-scanning") {
					t.Errorf("%s %s with %v, %v: got %d %s, want the example taken", e.method, e.path, e.query, e.body,
						a.Status, a.Body)
				}
			}
			if sent < 20 {
				t.Errorf("request examples of %s: got %d, want at least 20", name, sent)
			}
		})
	}
}

// exampleReader sends examples with the ids that were made for it instead of the document's.
type exampleReader struct {
	*testkit.Client
	ids        map[string]string // by prefix
	parameters map[string]string // of paths
}

func (r exampleReader) remember(parameter, id string) {
	if parameter != "" {
		r.parameters[parameter] = id
	}
	if prefix, _, ok := strings.Cut(id, "_"); ok {
		r.ids[prefix] = id
	}
}

var exampleID = regexp.MustCompile(`\b([a-z]+)_01jd4x2m9qe4fv0w3n7q1x5z8k`)

func (r exampleReader) own(text string) string {
	return exampleID.ReplaceAllStringFunc(text, func(id string) string {
		return cmp.Or(r.ids[exampleID.FindStringSubmatch(id)[1]], id)
	})
}

func (r exampleReader) send(t *testing.T, e requestExample) testkit.Answer {
	t.Helper()
	path := parameter.ReplaceAllStringFunc(e.path, func(name string) string {
		name = strings.Trim(name, "{}")
		return url.PathEscape(cmp.Or(r.parameters[name], r.own(e.parameters[name]), "nothing"))
	})
	if len(e.query) > 0 {
		path += "?" + e.query.Encode()
	}
	var body any
	if e.body != nil {
		raw, err := json.Marshal(e.body)
		if err != nil {
			t.Fatal(err)
		}
		body = r.own(string(raw))
	}
	a := r.Call(t, e.method, path, body)
	var made struct{ ID, Type string }
	if a.Status == http.StatusCreated && json.Unmarshal(a.Body, &made) == nil {
		named := path[strings.LastIndex(path, "/")+1:]
		r.remember(map[string]string{"keys": "key_id", "webhooks": "webhook_id", "members": "member_id",
			"leads": "lead_id", "tickets": "ticket_id", "event-types": "type"}[named], cmp.Or(made.ID, made.Type))
	}
	return a
}

// requestExamples are those of a product's document, of what makes things first.
func requestExamples(t *testing.T, p *testkit.Program, name string) []requestExample {
	t.Helper()
	var doc map[string]any
	a := p.Operator.Call(t, http.MethodGet, "/api/v1/openapi.json?profile="+name, nil).Want(t, http.StatusOK)
	if err := json.Unmarshal(a.Body, &doc); err != nil {
		t.Fatal(err)
	}
	var out []requestExample
	for path, item := range part(doc, "paths") {
		for method, op := range item.(map[string]any) {
			operation, ok := op.(map[string]any)
			if !ok {
				continue
			}
			e := requestExample{method: strings.ToUpper(method), path: path, parameters: map[string]string{},
				query: url.Values{}}
			for _, list := range []any{item.(map[string]any)["parameters"], operation["parameters"]} {
				e.readParameters(doc, list)
			}
			examples := bodyExamples(operation)
			for _, body := range examples {
				e.body = body
				out = append(out, e)
			}
			if len(examples) == 0 && len(e.query) > 0 {
				out = append(out, e)
			}
		}
	}
	order := []string{http.MethodPost, http.MethodPatch, http.MethodPut, http.MethodGet, http.MethodDelete}
	slices.SortFunc(out, func(a, b requestExample) int {
		return cmp.Or(strings.Count(a.path, "{")-strings.Count(b.path, "{"), slices.Index(order, a.method)-
			slices.Index(order, b.method), strings.Compare(a.path, b.path))
	})
	return out
}

func (e *requestExample) readParameters(doc map[string]any, list any) {
	all, _ := list.([]any)
	for _, item := range all {
		found := item.(map[string]any)
		if ref, ok := found["$ref"].(string); ok {
			found = part(doc, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
		}
		value, ok := found["example"].(string)
		name, _ := found["name"].(string)
		switch {
		case !ok:
		case found["in"] == "path":
			e.parameters[name] = value
		case found["in"] == "query":
			e.query.Set(name, value)
		}
	}
}

// bodyExamples are all examples of an operation's JSON body.
func bodyExamples(operation map[string]any) []any {
	media := part(operation, "requestBody", "content", "application/json")
	var out []any
	if one, ok := media["example"]; ok {
		out = append(out, one)
	}
	named := part(media, "examples")
	for _, name := range slices.Sorted(maps.Keys(named)) {
		out = append(out, part(named, name)["value"])
	}
	return out
}

// part is an object inside of another; an empty one when there is none.
func part(o map[string]any, path ...string) map[string]any {
	for _, name := range path {
		o, _ = o[name].(map[string]any)
	}
	return o
}
