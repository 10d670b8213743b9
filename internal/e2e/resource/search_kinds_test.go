package resource_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/hookline/hookline/internal/testkit"
)

// TestWhatLooksTheSameIsFound in every list with a search, whichever form of Unicode either side uses.
func TestWhatLooksTheSameIsFound(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		const name = "Jo\u0308rg Straße 株式会社日本" // in NFD
		testkit.Post[object](t, c, "/api/v1/leads", object{"name": name}, http.StatusCreated)
		c.NewTicket(t, p.NewInbox(t, c, "Support").ID, object{"subject": name})
		testkit.Post[object](t, c, "/api/v1/blog-posts/generate", object{"topic": name}, http.StatusAccepted)
		testkit.Post[object](t, c, "/api/v1/social-posts/generate", object{"topic": name, "platform": "x"},
			http.StatusAccepted)
		for _, list := range []string{"leads", "tickets", "blog-posts", "social-posts"} {
			for _, q := range []string{"j\u00f6rg", "JO\u0308RG", "strasse", "STRASSE", "straße", "株式", "会社", "日本",
				"本"} {
				found := testkit.Get[struct{ Data []json.RawMessage }](t, c, "/api/v1/"+list+"?q="+url.QueryEscape(q))
				if len(found.Data) != 1 {
					t.Errorf("%s with %q: got %d rows, want 1", list, q, len(found.Data))
				}
			}
			found := testkit.Get[struct{ Data []json.RawMessage }](t, c, "/api/v1/"+list+"?q=trasse")
			if want := map[bool]int{true: 1}[list == "blog-posts" || list == "social-posts"]; len(found.Data) != want {
				t.Errorf("%s with a part of a word: got %d rows, want %d", list, len(found.Data), want)
			}
		}
	})
}
