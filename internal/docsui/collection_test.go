package docsui

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestTheCollectionHasEveryOperationWithItsExample(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{"hookline": "/docs/postman.json", "leadie": "/docs/leadie/postman.json"} {
		w := get(server(), path)
		var c collection
		if err := json.Unmarshal(w.Body.Bytes(), &c); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%s: got %d (%v), want a collection", path, w.Code, err)
		}
		blank := func(v collectionVar) bool { return v.Key == "api_key" && v.Value == "" }
		if c.Info.Schema != collectionFormat || c.Auth.Bearer[0].Value != "{{api_key}}" ||
			!slices.ContainsFunc(c.Variables, blank) {
			t.Errorf("%s: got %+v, want the format and a key that the user fills in", path, c.Info)
		}
		tags := editionOf(t, name).tags
		if len(c.Folders) != len(tags) {
			t.Fatalf("folders of %s: got %d, want %d", path, len(c.Folders), len(tags))
		}
		for i, f := range c.Folders {
			for k, item := range f.Items {
				checkItem(t, item, tags[i].Operations[k])
			}
		}
	}
}

func checkItem(t *testing.T, item collectionItem, o operation) {
	t.Helper()
	r := item.Request
	if r.Method != o.Method || strings.Contains(r.URL.Raw, "/{") || !strings.HasPrefix(r.URL.Raw, "{{base_url}}/") {
		t.Errorf("%s: got %s %s, want %s %s", o.ID, r.Method, r.URL.Raw, o.Method, o.Path)
	}
	for _, part := range r.URL.Path {
		if name, ok := strings.CutPrefix(part, ":"); ok && !slices.ContainsFunc(r.URL.Variables,
			func(v collectionVar) bool { return v.Key == name && v.Value != "" }) {
			t.Errorf("%s: got no value of %s, want one", o.ID, name)
		}
	}
	if (r.Body != nil) != (len(o.example) > 0) || r.Body != nil && !json.Valid([]byte(r.Body.Raw)) {
		t.Errorf("%s: got the body %+v, want the example", o.ID, r.Body)
	}
	if (r.Auth != nil) != (o.Permission == "") {
		t.Errorf("%s: got the credentials %+v, want none exactly where the operation is public", o.ID, r.Auth)
	}
}
