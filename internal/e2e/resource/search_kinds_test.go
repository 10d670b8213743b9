package resource_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/testkit"
)

// searches are the lists of the contract that tenants search, with the parameter for that.
func searches() []string {
	var out []string
	for path, item := range testkit.Whole().Paths.Map() {
		if !strings.HasPrefix(path, "/api/v1/") || item.Get == nil {
			continue
		}
		for _, p := range item.Get.Parameters {
			if p.Value.In == "query" && slices.Contains([]string{"q", "search", "text"}, p.Value.Name) {
				out = append(out, path+"?"+p.Value.Name+"=")
			}
		}
	}
	slices.Sort(out)
	return out
}

// TestWhatLooksTheSameIsFound in every list with a search, whichever form of Unicode either side uses.
func TestWhatLooksTheSameIsFound(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		const name = "Jo\u0308rg Straße 株式会社日本" // in NFD
		receiver := testkit.NewReceiver(t, nil)
		c.NewEndpoint(t, receiver.URL, object{"name": name, "events": []string{"lead.created"}})
		testkit.Post[object](t, c, "/api/v1/leads", object{"name": name}, http.StatusCreated)
		c.NewTicket(t, p.NewInbox(t, c, "Support").ID, object{"subject": name})
		testkit.Post[object](t, c, "/api/v1/blog-posts/generate", object{"topic": name}, http.StatusAccepted)
		testkit.Post[object](t, c, "/api/v1/social-posts/generate", object{"topic": name, "platform": "x"},
			http.StatusAccepted)
		receiver.Next(t)
		p.AwaitCount(t, c, "succeeded", 1)
		lists := searches()
		if len(lists) < 7 {
			t.Fatalf("lists with a search: got %v, want at least the seven of leads, tickets, posts and webhooks", lists)
		}
		for _, list := range lists {
			for _, q := range []string{"j\u00f6rg", "JO\u0308RG", "strasse", "STRASSE", "straße", "株式", "会社", "日本",
				"本"} {
				if n := found(t, c, list+url.QueryEscape(q)); n != 1 {
					t.Errorf("%s with %q: got %d rows, want 1", list, q, n)
				}
			}
			byWords := strings.Contains(list, "/leads?") || strings.Contains(list, "/tickets?")
			if n, want := found(t, c, list+"trasse"), map[bool]int{false: 1}[byWords]; n != want {
				t.Errorf("%s with a part of a word: got %d rows, want %d", list, n, want)
			}
		}
	})
}

// found counts the rows of a list, or the deliveries of an export.
func found(t *testing.T, c *testkit.Client, path string) int {
	t.Helper()
	a := c.Call(t, http.MethodGet, path, nil)
	a.Want(t, http.StatusOK)
	if !strings.HasPrefix(a.Header.Get("Content-Type"), "application/json") {
		return bytes.Count(a.Body, []byte("dlv_"))
	}
	return len(testkit.Into[struct{ Data []json.RawMessage }](t, a).Data)
}
