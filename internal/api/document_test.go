package api_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/testkit"
)

// TestThePublishedDocumentOfAProductHasItsPartOfTheContract also as a document that stands alone.
func TestThePublishedDocumentOfAProductHasItsPartOfTheContract(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	for _, name := range profile.All() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules, _ := profile.Find(name)
			a := p.Operator.Call(t, http.MethodGet, "/api/v1/openapi.json?profile="+name, nil).Want(t, http.StatusOK)
			var doc struct {
				Info     struct{ Description string }
				Paths    map[string]map[string]any
				Webhooks map[string]any
			}
			if err := json.Unmarshal(a.Body, &doc); err != nil {
				t.Fatal(err)
			}
			for _, o := range operations(t) {
				_, there := doc.Paths[o.Path][strings.ToLower(o.methods)]
				if want := rules.Sells(o.Resource) && !strings.HasPrefix(o.Path, "/admin/"); there != want &&
					strings.HasPrefix(o.Path, "/api/") {
					t.Errorf("%s: got it in the document: %t, want %t", o.OperationID, there, want)
				}
			}
			for _, et := range testkit.Contract().EventTypes {
				_, there := doc.Webhooks[rules.EventName(et.Name)]
				want := rules.Offers(et.Name, et.Resource)
				if there != want {
					t.Errorf("%s: got it in the document: %t, want %t", et.Name, there, want)
				}
				if want && name != "hookline" {
					speaks(t, rules, et.Name, et.Sample, doc.Webhooks[rules.EventName(et.Name)])
				}
			}
			for _, example := range examples(doc.Paths) {
				for _, et := range testkit.Contract().EventTypes {
					own := et.Resource == "" || rules.Offers(et.Name, et.Resource) && rules.EventName(et.Name) == et.Name
					if !own && // Hookline's own are conditions of alerts everywhere
						strings.Contains(example, `"`+et.Name+`"`) {
						t.Errorf("the document of %s: got %s in the example %s, want its own event types", name, et.Name,
							example)
					}
				}
			}
			others := slices.DeleteFunc(profile.All(), func(n string) bool { return n == name || n == profile.Default })
			unwanted := []string{"x-for", "<!--"}
			if name != profile.Default {
				unwanted = append(unwanted, others...)
			}
			for _, word := range unwanted {
				if at := strings.Index(string(a.Body), word); at >= 0 {
					t.Errorf("the document of %s: got %q in …%s…, want no such word", name, word,
						a.Body[max(0, at-80):min(len(a.Body), at+80)])
				}
			}
			if !strings.Contains(doc.Info.Description, "`"+name+"`") {
				t.Errorf("the document of %s: got nothing about it, want its rules", name)
			}
			if _, err := openapi3.NewLoader().LoadFromData(a.Body); err != nil {
				t.Errorf("the document of %s: got %v, want each reference resolved", name, err)
			}
		})
	}
}

// examples lists the examples of a document's part, as JSON; a text in one is part of it.
func examples(v any) []string {
	var out []string
	switch v := v.(type) {
	case map[string]map[string]any:
		for _, child := range v {
			out = append(out, examples(child)...)
		}
	case map[string]any:
		for key, child := range v {
			if key != "example" {
				out = append(out, examples(child)...)
				continue
			}
			raw, _ := json.Marshal(child)
			out = append(out, strings.ReplaceAll(string(raw), `\"`, `"`))
		}
	case []any:
		for _, child := range v {
			out = append(out, examples(child)...)
		}
	}
	return out
}

// speaks fails the test unless the webhook of an event type is described as the product's requests are.
func speaks(t *testing.T, rules profile.Profile, eventType string, sample []byte, item any) {
	t.Helper()
	raw, err := json.Marshal(item)
	if err != nil {
		t.Fatal(err)
	}
	var webhook struct {
		Post struct {
			Parameters []struct {
				Ref string `json:"$ref"`
			}
			RequestBody struct {
				Content map[string]struct {
					Schema struct {
						Ref string `json:"$ref"`
					}
					Example any
				}
			}
		}
	}
	if err := json.Unmarshal(raw, &webhook); err != nil {
		t.Fatal(err)
	}
	got, schema := webhook.Post.RequestBody.Content["application/json"], ""
	if schema = strings.ToLower(got.Schema.Ref); !strings.HasPrefix(schema, "#/components/schemas/"+rules.Name) {
		t.Errorf("%s of %s: got the body %s, want one of the product", eventType, rules.Name, got.Schema.Ref)
	}
	if len(webhook.Post.Parameters) < 2 {
		t.Errorf("%s of %s: got the headers %v, want those of the product", eventType, rules.Name,
			webhook.Post.Parameters)
	}
	_, body, err := rules.Example(eventType, sample, time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	body = []byte(strings.ReplaceAll(string(body), profile.Of(profile.Default).Keys.Live, rules.Keys.Live))
	var want any
	if err := json.Unmarshal(body, &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Example, want) {
		t.Errorf("%s of %s: got the example %v, want %v", eventType, rules.Name, got.Example, want)
	}
}

func TestThePublishedDocumentMayBeKeptAndReadByPages(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	get := func(headers map[string]string) *http.Response {
		t.Helper()
		r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, p.URL+"/api/v1/openapi.yaml", nil)
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range headers {
			r.Header.Set(name, value)
		}
		response, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = response.Body.Close() })
		return response
	}
	first := get(map[string]string{"Accept-Encoding": "gzip", "Origin": "https://example.com"})
	if first.Header.Get("Access-Control-Allow-Origin") != "*" || first.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("headers: got %v, want any origin allowed and gzip", first.Header)
	}
	if _, err := gzip.NewReader(first.Body); err != nil {
		t.Errorf("body: got %v, want gzip", err)
	}
	again := get(map[string]string{"If-None-Match": first.Header.Get("ETag")})
	if again.StatusCode != http.StatusNotModified {
		t.Errorf("with the tag %s: got %d, want 304", first.Header.Get("ETag"), again.StatusCode)
	}
}
