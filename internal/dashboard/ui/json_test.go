package ui

import (
	"html"
	"regexp"
	"strings"
	"testing"
)

var tags = regexp.MustCompile(`</?span[^>]*>`)

func TestJSONIsColouredByWhatItsPartsAre(t *testing.T) {
	t.Parallel()
	got := string(NewCode([]byte(`{"a":"<b>","n":-1.5e3,"l":[true,null,{}],"q":"x\"y: \\"}`), 1000).Marked)
	for _, want := range []string{
		`<span class="j-key">&#34;a&#34;</span>: <span class="j-text">&#34;&lt;b&gt;&#34;</span>`,
		`<span class="j-number">-1.5e3</span>`, `<span class="j-word">true</span>`, `<span class="j-word">null</span>`,
		`<span class="j-text">&#34;x\&#34;y: \\&#34;</span>`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("coloured JSON: got %s, want %s in it", got, want)
		}
	}
}

func TestWhatIsNoJSONHasNoColours(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "plain", `{"a":`, "{} {}", "\xff", strings.Repeat(" ", markMost) + "{}"} {
		if c := NewCode([]byte(text), 1<<20); c.Marked != "" || c.Size != len(text) {
			t.Errorf("NewCode(%.20q): got %q of %d bytes, want no colours, %d bytes", text, c.Marked, c.Size, len(text))
		}
	}
}

func FuzzJSONKeepsItsTextWhenItIsColoured(f *testing.F) {
	for _, seed := range []string{`{"a":[1,"x<y",null]}`, `"\""`, `-0`, `{"é":"\\"}`, `[[],{}]`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := NewCode([]byte(text), 1<<20)
		if c.Marked == "" {
			return
		}
		plain := html.UnescapeString(tags.ReplaceAllString(string(c.Marked), ""))
		if want := Pretty([]byte(text), 1<<20).Text; plain != want {
			t.Errorf("coloured %q without its elements: got %q, want %q", text, plain, want)
		}
	})
}
