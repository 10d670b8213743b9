package docsui

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/hookline/hookline/internal/profile"
)

var (
	// fence opens a block of code: its language, and what it includes.
	fence = regexp.MustCompile("^```([a-z]*)((?: [a-z]+=(?:\"[^\"]*\"|\\S+))*)$")
	// setting is a part of the line that opens it.
	setting = regexp.MustCompile(`([a-z]+)=(?:"([^"]*)"|(\S+))`)
	// onlyFor begins and ends lines for some products.
	onlyFor = regexp.MustCompile(`^<!--(?:for ([a-z ]+)|/for)-->$`)
	// fact is a line that facts of a profile, or of the contract, take the place of.
	fact = regexp.MustCompile(`^<!--(\w+) ?([\w -]*)-->$`)
)

// expand puts samples and facts into the text of a guide. A block of code with file=samples/… has the content of that
// file, or, with region=name, of its lines between "region name" and "endregion"; one with verify=profile has the code
// that verifies requests of the profile, or of the edition's with verify=own, in the language that tab= names. What is
// between <!--for leadie--> and <!--/for--> is for the products that are named.
func (s *site) expand(e *edition, source string) (string, error) {
	var out strings.Builder
	lines := strings.Split(source, "\n")
	left := false // whether the lines are for other products
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if m := onlyFor.FindStringSubmatch(line); m != nil {
			left = m[1] != "" && !slices.Contains(strings.Fields(m[1]), e.name)
			continue
		}
		if left {
			continue
		}
		if m := fact.FindStringSubmatch(line); m != nil {
			text, err := s.fact(e, m[1], strings.TrimSpace(m[2]))
			if err != nil {
				return "", err
			}
			out.WriteString(strings.TrimRight(text, "\n") + "\n")
			continue
		}
		m := fence.FindStringSubmatch(line)
		if m == nil {
			out.WriteString(line + "\n")
			continue
		}
		open := "```" + m[1]
		settings := map[string]string{}
		for _, set := range setting.FindAllStringSubmatch(m[2], -1) {
			settings[set[1]] = set[2] + set[3]
		}
		if settings["tab"] != "" {
			open += fmt.Sprintf(" tab=%q", settings["tab"])
		}
		if settings["verify"] == own {
			settings["verify"] = e.name
		}
		body, err := included(s.files, settings)
		if err != nil {
			return "", err
		}
		out.WriteString(open + "\n" + body)
		if body != "" {
			for i+1 < len(lines) && lines[i+1] != "```" { // what an editor shows in its place
				i++
			}
		} else {
			for i+1 < len(lines) && lines[i+1] != "```" {
				i++
				out.WriteString(lines[i] + "\n")
			}
		}
		out.WriteString("```\n")
		i++
	}
	return strings.TrimRight(out.String(), "\n") + "\n", nil
}

// included is what a block of code includes; empty when it has its own.
func included(files fs.FS, settings map[string]string) (string, error) {
	if name := settings["verify"]; name != "" {
		p, ok := profile.Find(name)
		if !ok {
			return "", fmt.Errorf("docsui: there is no profile %q", name)
		}
		for _, snippet := range p.Snippets() {
			if snippet.Language == settings["tab"] {
				return snippet.Code, nil
			}
		}
		return "", fmt.Errorf("docsui: there is no code to verify requests in %q", settings["tab"])
	}
	name := settings["file"]
	if name == "" {
		return "", nil
	}
	raw, err := fs.ReadFile(files, name)
	if err != nil {
		return "", fmt.Errorf("docsui: %w", err)
	}
	if settings["region"] == "" {
		return strings.TrimRight(string(raw), "\n") + "\n", nil
	}
	return region(name, string(raw), settings["region"])
}

// region is the lines of a file between those that name it.
func region(file, content, name string) (string, error) {
	var out []string
	inside := false
	for line := range strings.SplitSeq(content, "\n") {
		words := strings.Fields(strings.TrimLeft(line, " \t/#-*;"))
		switch {
		case len(words) == 2 && words[0] == "region" && words[1] == name:
			inside = true
		case inside && len(words) >= 1 && words[0] == "endregion":
			return unindented(out), nil
		case inside:
			out = append(out, line)
		}
	}
	return "", fmt.Errorf("docsui: %s has no region %q", file, name)
}

// unindented removes the indentation that all lines share.
func unindented(lines []string) string {
	shared := ""
	for i, line := range lines {
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		if strings.TrimSpace(line) == "" {
			continue
		}
		if i == 0 || len(indent) < len(shared) {
			shared = indent
		}
	}
	for i := range lines {
		lines[i] = strings.TrimPrefix(lines[i], shared)
	}
	return strings.Join(lines, "\n") + "\n"
}

// tabSetting is what a block of code says for our renderer alone.
var tabSetting = regexp.MustCompile("(?m)^(```[a-z]*) tab=\"[^\"]*\"$")

// published is Markdown for readers of the text.
func published(expanded string) string { return tabSetting.ReplaceAllString(expanded, "$1") }
