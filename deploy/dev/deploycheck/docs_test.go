package deploycheck

import (
	"os"
	"strings"
	"testing"
)

// fenced are the blocks of code of the guide in a language.
func fenced(t *testing.T, language string) []string {
	t.Helper()
	guide, err := os.ReadFile(root + "/docs/deploy.md")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	parts := strings.Split("\n"+string(guide), "\n```")
	for i := 1; i < len(parts); i += 2 {
		if name, body, _ := strings.Cut(parts[i], "\n"); name == language {
			out = append(out, body)
		}
	}
	return out
}

func TestTheValuesOfTheGuideCanBeInstalled(t *testing.T) {
	t.Parallel()
	blocks := fenced(t, "yaml")
	if len(blocks) < 6 {
		t.Fatalf("values in docs/deploy.md: got %d blocks, want at least 6", len(blocks))
	}
	for _, block := range blocks {
		set := merge(t, values(t, "required.yaml"), block)
		if strings.Contains(block, "remoteKey") {
			set = parse(t, block)
		}
		if _, _, err := template(t, "hookline", set); err != nil {
			t.Errorf("docs/deploy.md: got %v for these values, want no error: %s", err, block)
		}
	}
	// What the guide calls the Deployments is what the release of its command makes.
	r := renderAs(t, "hookline", values(t, "required.yaml"))
	for _, name := range []string{"hookline-api", "hookline-worker", "hookline-migrate"} {
		found := false
		for _, p := range pods(r) {
			found = found || p.name == name
		}
		if !found {
			t.Errorf("docs/deploy.md names %s, which the release does not have", name)
		}
	}
}
