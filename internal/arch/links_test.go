package arch

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	// unslugged is what an anchor does not have of its heading.
	unslugged = regexp.MustCompile("[^\\p{L}\\p{N}_\\- ]")
)

// TestLinksInDocumentsLeadSomewhere follows those from one file of the repository to another, down to the heading. The
// links of guides are followed on their pages, by the tests of docsui.
func TestLinksInDocumentsLeadSomewhere(t *testing.T) {
	t.Parallel()
	links := 0
	for _, name := range tracked(t) {
		if !strings.HasSuffix(name, ".md") || strings.HasPrefix(name, "docs/guides/") ||
			strings.HasPrefix(name, "docs/samples/") {
			continue
		}
		for _, m := range link.FindAllStringSubmatch(text(t, name), -1) {
			file, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(file, ":") { // of another site
				continue
			}
			links++
			target := name
			if file != "" {
				target = path.Join(path.Dir(name), file)
			}
			if _, err := os.Stat(filepath.Join(root, target)); err != nil {
				t.Errorf("%s: %s: got no such file, want one", name, m[1])
			} else if anchor != "" && !anchors(text(t, target))[anchor] {
				t.Errorf("%s: %s: got no such heading, want one", name, m[1])
			}
		}
	}
	if links < 40 {
		t.Errorf("links followed: got %d, want all", links)
	}
}

func text(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// anchors are those of the headings of a Markdown file.
func anchors(markdown string) map[string]bool {
	out := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(markdown, -1) {
		slug := unslugged.ReplaceAllString(strings.ToLower(strings.TrimSpace(m[1])), "")
		out[strings.ReplaceAll(slug, " ", "-")] = true
	}
	return out
}
