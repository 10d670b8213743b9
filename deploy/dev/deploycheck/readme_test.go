package deploycheck

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

var update = flag.Bool("update", false, "write the table of values into the chart's README")

const tableStart, tableEnd = "<!--values-->\n", "<!--/values-->"

func TestTheReadmeOfTheChartHasEveryValue(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(chartDir + "/values.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(raw, &document); err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	table.WriteString("| value | default | what it is |\n|---|---|---|\n")
	if n := rows(t, &table, "", "", document.Content[0]); n < 60 {
		t.Fatalf("values: got %d, want at least 60", n)
	}
	file := chartDir + "/README.md"
	readme, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(readme), tableStart)
	_, after, found := strings.Cut(rest, tableEnd)
	want := before + tableStart + table.String() + tableEnd + after
	if !found {
		t.Fatalf("%s: got no %s…%s", file, tableStart, tableEnd)
	}
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if string(readme) != want {
		t.Errorf("%s: got a table that differs from values.yaml, want: go test -run Readme . -update", file)
	}
}

// rows writes a row for each value below a mapping, and returns how many they are. A mapping in one line is a value. A
// value without a comment has that of the mapping above.
func rows(t *testing.T, table *strings.Builder, prefix, above string, m *yaml.Node) int {
	t.Helper()
	n := 0
	for i := 0; i < len(m.Content); i += 2 {
		key, value := m.Content[i], m.Content[i+1]
		path, text := prefix+key.Value, comment(key)
		if text == "" {
			text = above
		}
		if value.Kind == yaml.MappingNode && value.Style&yaml.FlowStyle == 0 {
			n += rows(t, table, path+".", text, value)
			continue
		}
		if text == "" {
			t.Errorf("values.yaml: got no comment for %s, want one that begins with # --", path)
		}
		table.WriteString("| `" + path + "` | " + fallbackOf(t, value) + " | " + text + " |\n")
		n++
	}
	return n
}

func fallbackOf(t *testing.T, value *yaml.Node) string {
	t.Helper()
	if value.Kind == yaml.SequenceNode && len(value.Content) > 2 {
		return "see `values.yaml`"
	}
	one := *value
	flow(&one)
	text, err := yaml.Marshal(&one)
	if err != nil {
		t.Fatal(err)
	}
	line := strings.Join(strings.Fields(strings.TrimSpace(string(text))), " ")
	if len(line) > 70 {
		return "see `values.yaml`"
	}
	return "`" + line + "`"
}

// flow has a value written in one line, without comments.
func flow(n *yaml.Node) {
	n.HeadComment, n.LineComment, n.FootComment = "", "", ""
	n.Style |= yaml.FlowStyle
	for i := range n.Content {
		child := *n.Content[i]
		n.Content[i] = &child
		flow(&child)
	}
}

var ofYAML = regexp.MustCompile(`(?m)^# ?`)

// comment is the text of a "# -- …" above a key: what stands in the lines before the marker is for readers of the file.
func comment(key *yaml.Node) string {
	_, text, found := strings.Cut(key.HeadComment, "# -- ")
	if !found {
		return ""
	}
	text = strings.Join(strings.Fields(ofYAML.ReplaceAllString(text, " ")), " ")
	return strings.NewReplacer("|", `\|`, "<", `\<`).Replace(text)
}
