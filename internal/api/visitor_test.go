package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/testkit"
)

// TestTheAddressesOfTheDocumentsShowTheCallersProduct: the contract, the documentation and the error of an absent path.
func TestTheAddressesOfTheDocumentsShowTheCallersProduct(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	stranger := testkit.NewClient(p.URL, "")
	tags := map[string]string{}
	for _, name := range profile.All() {
		own := p.NewOwner(t, name)
		suffix := ""
		if name != profile.Default {
			suffix = "?profile=" + name
		}
		for _, path := range []string{"/api/v1/openapi.json", "/api/v1/openapi.yaml"} {
			got := own.Call(t, http.MethodGet, path, nil).Want(t, http.StatusOK)
			want := stranger.Call(t, http.MethodGet, path+suffix, nil).Want(t, http.StatusOK)
			if string(got.Body) != string(want.Body) || got.Header.Get("ETag") != want.Header.Get("ETag") {
				t.Errorf("%s with a key of %s: got %d bytes, want the %d of its edition", path, name, len(got.Body),
					len(want.Body))
			}
			if vary := got.Header.Get("Vary"); !strings.Contains(vary, "Authorization, X-Api-Key") {
				t.Errorf("Vary of %s: got %q, want the headers with a key in it", path, vary)
			}
			if other := tags[got.Header.Get("ETag")]; other != "" && path == "/api/v1/openapi.json" {
				t.Errorf("ETag of %s: got that of %s, want one of its own", name, other)
			}
			tags[got.Header.Get("ETag")] = name
		}
		named := own.Call(t, http.MethodGet, "/api/v1/openapi.json?profile=leadie", nil).Want(t, http.StatusOK)
		if want := stranger.Call(t, http.MethodGet, "/api/v1/openapi.json?profile=leadie",
			nil); string(named.Body) != string(want.Body) {
			t.Errorf("?profile=leadie with a key of %s: got another document, want the one that is named", name)
		}
		for _, path := range []string{"/api/v1/nothing", "/api/v1/leads", "/api/v1/tickets"} {
			a := own.Call(t, http.MethodGet, path, nil)
			if want := "GET /api/v1/openapi.json" + suffix + " lists"; a.Status != http.StatusOK &&
				!strings.Contains(a.Problem(t).Error.Message, want) {
				t.Errorf("%s with a key of %s: got %s, want %q in it", path, name, a.Body, want)
			}
		}
		if got, want := landsAt(t, own, "/api/v1/docs"), strings.TrimSuffix("/docs/"+name, "/hookline"); got != want {
			t.Errorf("/api/v1/docs with a key of %s: got %s, want %s", name, got, want)
		}
	}
	for _, key := range []string{"", "ixk_nobodys"} {
		got := testkit.NewClient(p.URL, key).Call(t, http.MethodGet, "/api/v1/openapi.json", nil).Want(t, http.StatusOK)
		var doc struct{ Paths map[string]any }
		if err := json.Unmarshal(got.Body, &doc); err != nil || doc.Paths["/api/v1/leads"] == nil ||
			doc.Paths["/api/v1/tickets"] == nil {
			t.Errorf("openapi.json with the key %q: got %v and %d paths, want those of all products", key, err,
				len(doc.Paths))
		}
	}
}

// landsAt is the address of the page that a caller gets.
func landsAt(t *testing.T, c *testkit.Client, path string) string {
	t.Helper()
	r := c.Request(t, http.MethodGet, path, nil)
	page, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, page.Body); err != nil || page.Body.Close() != nil {
		t.Fatal(err)
	}
	return page.Request.URL.Path
}
