package deploycheck

import (
	"os"
	"os/exec"
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

var (
	yamlBlock  = regexp.MustCompile("(?s)\n```yaml\n(.*?)```")
	shellBlock = regexp.MustCompile("(?s)\n```\n(.*?)```")
	called     = regexp.MustCompile(`(?m)(?:/usr/bin/|^|[ \t])hookline ((?:[a-z]+ ?)+)((?:--?[a-z][^\n]*)?)`)
)

func TestTheValuesOfTheGuideCanBeInstalled(t *testing.T) {
	t.Parallel()
	blocks := yamlBlock.FindAllStringSubmatch(guide(t), -1)
	if len(blocks) < 6 {
		t.Fatalf("values in docs/deploy.md: got %d blocks, want at least 6", len(blocks))
	}
	for _, block := range blocks {
		set := merge(t, values(t, "required.yaml"), block[1])
		if strings.Contains(block[1], "remoteKey") {
			set = parse(t, block[1])
		}
		if _, _, err := template(t, "hookline", set); err != nil {
			t.Errorf("docs/deploy.md: got %v for these values, want no error: %s", err, block[1])
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
	for _, block := range shellBlock.FindAllStringSubmatch(guide(t), -1) {
		text := strings.ReplaceAll(block[1], "\\\n", " ")
		for _, call := range called.FindAllStringSubmatch(text, -1) {
			n++
			out, err := exec.Command(program(t), append(strings.Fields(call[1]), "--help")...).CombinedOutput()
			if err != nil {
				t.Errorf("docs/deploy.md: got %v for hookline %s, want a command: %s", err, call[1], out)
			}
			for _, f := range regexp.MustCompile(`--[a-z-]+`).FindAllString(call[2], -1) {
				if !strings.Contains(string(out), f) {
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
