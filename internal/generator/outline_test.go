package generator_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/hookline/hookline/internal/generator"
)

func TestAnOutlineFollowsTheBriefAndSaysWhatItIs(t *testing.T) {
	t.Parallel()
	r, err := generator.Outline{}.Generate(t.Context(), generator.Brief{
		Kind: generator.Blog, Topic: "Lost leads", Keywords: []string{"nurturing", "email"}, Audience: "agencies",
		Tone:     "friendly",
		Language: "pt-BR", WordCount: 800, Instructions: "Mention\nour product.",
	})
	if err != nil || r.Generator != "outline" || r.Model != "" || r.Title != "Lost leads" || len(r.Tags) != 2 {
		t.Fatalf("got %+v, %v, want an outline with the topic and two tags", r, err)
	}
	for _, part := range []string{"without a language model", "## Introduction", "## nurturing", "## email",
		"## Conclusion", "agencies", "about 800 words, 200 for each", "pt-BR", "friendly", "Mention our product."} {
		if !strings.Contains(r.Body, part) {
			t.Errorf("outline: got\n%s\nwant %q in it", r.Body, part)
		}
	}
}

func TestAnOutlineOfWhateverTheContractAllowsIsUsable(t *testing.T) {
	t.Parallel()
	limits := map[string]int{"x": 280, "threads": 500, "instagram": 2200, "linkedin": 3000, "facebook": 5000}
	rapid.Check(t, func(t *rapid.T) {
		text := func(name string, most int) string { return rapid.StringN(0, most, -1).Draw(t, name) }
		b := generator.Brief{
			Kind: generator.Social, Topic: "t" + text("topic", 299), Platform: rapid.SampledFrom([]string{"x",
				"threads", "instagram", "linkedin", "facebook"}).Draw(t, "platform"),
			Tone: text("tone", 100), Audience: text("audience", 200), Language: "en", Instructions: text("instructions",
				4000),
			Keywords: rapid.SliceOfN(rapid.StringN(1, 100, -1), 0, 20).Draw(t, "keywords"),
		}
		for _, s := range append(b.Keywords, b.Topic, b.Tone, b.Audience, b.Instructions) {
			if strings.ContainsRune(s, 0) {
				t.Skip("the edge refuses NUL")
			}
		}
		r, err := generator.Outline{}.Generate(t.Context(), b)
		if err != nil || utf8.RuneCountInString(r.Body) > limits[b.Platform] || !strings.Contains(r.Body,
			"without a language model") {
			t.Fatalf("got %q, %v, want at most %d characters that say so", r.Body, err, limits[b.Platform])
		}
		b.Kind, b.WordCount = generator.Blog, rapid.IntRange(100, 5000).Draw(t, "words")
		if r, err = (generator.Outline{}).Generate(t.Context(), b); err != nil || r.Title == "" {
			t.Fatalf("got %+v, %v, want an outline", r, err)
		}
	})
}
