package resource_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func TestAnInvalidBriefIsRefused(t *testing.T) {
	t.Parallel()
	c := testkit.Shared(t, testkit.Embedded).NewTenant(t, "business")
	for name, b := range map[string]struct {
		path, field string
		brief       object
	}{
		"nothing":              {blogs, "topic", object{}},
		"an empty topic":       {blogs, "topic", object{"topic": ""}},
		"a topic of spaces":    {socials, "topic", object{"topic": "  ", "platform": "x"}},
		"a long topic":         {blogs, "topic", object{"topic": strings.Repeat("a", 301)}},
		"no platform":          {socials, "platform", object{"topic": "a"}},
		"another platform":     {socials, "platform", object{"topic": "a", "platform": "myspace"}},
		"few words":            {blogs, "word_count", object{"topic": "a", "word_count": 99}},
		"no language":          {blogs, "language", object{"topic": "a", "language": "english please"}},
		"an empty keyword":     {blogs, "keywords[0]", object{"topic": "a", "keywords": []string{""}}},
		"a platform of a blog": {blogs, "platform", object{"topic": "a", "platform": "x"}},
	} {
		a := c.Call(t, http.MethodPost, b.path+"/generate", b.brief)
		if a.Status != http.StatusBadRequest || a.Problem(t).Error.Details[0].Field != b.field {
			t.Errorf("%s: got %d %s, want 400 and the field %s", name, a.Status, a.Body, b.field)
		}
	}
	if n := testkit.Get[api.BlogPostList](t, c, blogs).Meta.Total; n != 0 || creditsLeft(t, c) != 10_000 {
		t.Errorf("got %d posts and a balance of %d, want 0 and 10,000", n, creditsLeft(t, c))
	}
}
