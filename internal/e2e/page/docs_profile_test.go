package page_test

import (
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/testkit"
)

var (
	// documentLink is a link of a page of the documentation.
	documentLink = regexp.MustCompile(`href="(/(?:docs|api/v1)[^"#]*)`)
	// harmless removes words of other products that mean something else.
	harmless = strings.NewReplacer("`slack` posts", "", "`webhook` posts", "", "slack posts", "", "webhook posts", "",
		"Number of posts", "", "Number of leads stored", "")
	// markup is what nobody reads of a page.
	markup = regexp.MustCompile(`<[^>]*>`)
)

// TestEachEditionOfTheDocumentationNamesItsProductAlone reads every page of every product's, as HTML, as Markdown and
// as the lists for programs.
func TestEachEditionOfTheDocumentationNamesItsProductAlone(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	for _, name := range profile.All() {
		if name == profile.Default {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := "/docs/" + name
			word := foreignInDocuments(profile.Of(name))
			visitor := testkit.NewClient(p.URL, "")
			read := []string{base}
			for i := 0; i < len(read); i++ {
				a := visitor.Call(t, http.MethodGet, read[i], nil)
				if a.Status != http.StatusOK {
					t.Errorf("%s: got %d, want a page", read[i], a.Status)
					continue
				}
				text := string(a.Body)
				for _, m := range documentLink.FindAllStringSubmatch(text, -1) {
					to := html.UnescapeString(m[1])
					inside := to == base || strings.HasPrefix(to, base+"/")
					if !inside && !strings.HasPrefix(to, "/docs/assets/") && !strings.HasSuffix(to, "?profile="+name) {
						t.Errorf("%s: got a link to %s, want its own edition", read[i], to)
					}
					if inside && !slices.Contains(read, to) {
						read = append(read, to)
					}
				}
				if i == 0 {
					read = append(read, base+"/llms.txt", base+"/llms-full.txt")
				}
				if strings.HasPrefix(text, "<!") {
					text = html.UnescapeString(markup.ReplaceAllString(text, ""))
				}
				for line := range strings.SplitSeq(harmless.Replace(text), "\n") {
					if found := word.FindAllString(line, -1); found != nil {
						t.Errorf("%s: got %q in %.300q, want nothing of other products", read[i], found, line)
					}
				}
			}
			if len(read) < 50 {
				t.Errorf("pages of %s: got %d, want at least 50", name, len(read))
			}
		})
	}
}

// foreignInDocuments finds what a product's documentation must not name: what its pages must not, the names of the
// other products, and the beginnings of their keys.
func foreignInDocuments(rules profile.Profile) *regexp.Regexp {
	words := foreignWords(rules)
	for _, name := range profile.All() {
		other := profile.Of(name)
		if name != rules.Name && name != profile.Default { // whose name is the program's
			words = append(words, "(?i:"+name+")")
		}
		for _, prefix := range []string{other.Keys.Live, other.Keys.Test} {
			if prefix != rules.Keys.Live && prefix != rules.Keys.Test {
				words = append(words, prefix+`\w*`)
			}
		}
	}
	return regexp.MustCompile(`\b(` + strings.Join(words, "|") + `)(\b|…)`)
}
