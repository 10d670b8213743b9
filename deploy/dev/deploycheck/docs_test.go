package deploycheck

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

func guide(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile(root + "/docs/deploy.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// called is a call of the program: with sudo and variables before it, or in a container.
var called = regexp.MustCompile(`(?m)(?:/usr/bin/|^(?:sudo +)?(?:[A-Z_]+=\S+ +)*)hookline ((?:[a-z]+ ?)+)(--[^\n]*)?`)

// fenced are the blocks of code of the guide in a language; that of shell commands is empty.
func fenced(t *testing.T, language string) []string {
	t.Helper()
	var out []string
	parts := strings.Split("\n"+guide(t), "\n```")
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

func TestTheCommandsOfTheGuideAreTheProgramsOwn(t *testing.T) {
	t.Parallel()
	n := 0
	for _, block := range fenced(t, "") {
		text := strings.ReplaceAll(block, "\\\n", " ")
		for _, call := range called.FindAllStringSubmatch(text, -1) {
			n++
			out := help(t, call[1])
			for _, f := range regexp.MustCompile(`--[a-z-]+`).FindAllString(call[2], -1) {
				if !strings.Contains(out, f) {
					t.Errorf("docs/deploy.md: got the flag %s, which hookline %s does not have", f, call[1])
				}
			}
		}
	}
	if n < 3 {
		t.Errorf("commands in docs/deploy.md: got %d, want at least 3", n)
	}
}

func TestTheGuideNamesSettingsOfTheProgram(t *testing.T) {
	t.Parallel()
	known := settings(t)
	for _, file := range []string{root + "/docs/deploy.md", chartDir + "/README.md", chartDir + "/values.yaml"} {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range regexp.MustCompile(`HOOKLINE_[A-Z_]+[A-Z]`).FindAllString(string(raw), -1) {
			if _, there := known[name]; !there && !known[strings.TrimSuffix(name, "_FILE")].secret {
				t.Errorf("%s: got %s, want a setting of the program", file, name)
			}
		}
	}
}
