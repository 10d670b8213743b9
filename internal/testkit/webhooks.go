package testkit

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"

	"github.com/hookline/hookline/openapi"
)

// webhook is what the contract says of the requests of a profile; headers and schema are names of components.
type webhook struct {
	headers     []string
	contentType string
	schema      string
}

var webhooks = sync.OnceValue(func() map[string]webhook {
	type reference struct {
		Ref string `yaml:"$ref"`
	}
	var doc struct {
		Webhooks map[string]struct {
			Post struct {
				Parameters  []reference
				RequestBody struct {
					Content map[string]struct{ Schema reference }
				} `yaml:"requestBody"`
			}
		}
	}
	if err := yaml.Unmarshal(openapi.YAML, &doc); err != nil {
		panic(err)
	}
	out := map[string]webhook{}
	for name, item := range doc.Webhooks {
		w := webhook{}
		for _, p := range item.Post.Parameters {
			w.headers = append(w.headers, last(p.Ref))
		}
		for contentType, media := range item.Post.RequestBody.Content {
			w.contentType, w.schema = contentType, last(media.Schema.Ref)
		}
		out[name] = w
	}
	return out
})

// clientHeaders are those of any request.
var clientHeaders = []string{"Content-Type", "Content-Length", "User-Agent", "Accept-Encoding"}

// FitsWebhook fails the test unless a request is what the webhook of the contract describes: its headers, no others,
// and its body.
func FitsWebhook(t testing.TB, name string, r Received) {
	t.Helper()
	w, ok := webhooks()[name]
	if !ok {
		t.Fatalf("webhooks of the contract: got no %s, want it", name)
	}
	if got := r.Header.Get("Content-Type"); got != w.contentType {
		t.Errorf("%s: got Content-Type %s, want %s", name, got, w.contentType)
	}
	components, known := Contract().Validation.Components, slices.Clone(clientHeaders)
	for _, header := range w.headers {
		p := components.Parameters[header].Value
		known = append(known, http.CanonicalHeaderKey(p.Name))
		value := r.Header.Get(p.Name)
		if value == "" && p.Required {
			t.Errorf("%s: got no header %s, want it", name, p.Name)
		}
		if err := p.Schema.Value.VisitJSON(value); value != "" && err != nil {
			t.Errorf("%s: got %s: %s, want it to fit its schema: %v", name, p.Name, value, err)
		}
	}
	for header := range r.Header {
		if !slices.Contains(known, header) {
			t.Errorf("%s: got the header %s, want only those that the contract describes", name, header)
		}
	}
	var body any
	if err := json.Unmarshal(r.Body, &body); err != nil {
		t.Fatalf("%s: got %s (%v), want JSON", name, r.Body, err)
	}
	if err := components.Schemas[w.schema].Value.VisitJSON(body, openapi3.EnableFormatValidation()); err != nil {
		t.Errorf("%s: got a body that doesn't fit %s: %v\n%s", name, w.schema, err, r.Body)
	}
}

func last(ref string) string { return ref[strings.LastIndex(ref, "/")+1:] }
