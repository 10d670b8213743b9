package arch

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

const (
	// columns is the longest line of code, comments and prose; a tab counts as four.
	columns = 120
	// lines is how long a file of Go may be.
	lines = 400
)

var (
	// checked are the files whose lines are checked. The contract holds whole examples, so it is left out.
	checked = regexp.MustCompile(`\.(go|sql|md|js|css|sh)$|(^|/)(Makefile|run)$`)
	// unbreakable lines may be longer: a long string, a struct tag, an address, a row of a Markdown table, a
	// directive of the compiler or a linter.
	unbreakable = regexp.MustCompile("\"[^\"]{60,}|`[^`]{50,}|https?://\\S{40,}|^\\||//(go:|nolint)|^[^\t]*[A-Za-z0-9+/=]{80,}")
)

func TestLinesAndFilesAreShort(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	list := exec.Command("git", "ls-files", "--cached", "--others", "--exclude-standard")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	for name := range strings.FieldsSeq(string(out)) {
		if !checked.MatchString(name) || strings.HasPrefix(name, "gen/") || strings.Contains(name, ".gen.") {
			continue
		}
		files++
		checkLines(t, filepath.Join(root, name), name)
	}
	if files < 300 {
		t.Errorf("files checked: got %d, want at least 300", files)
	}
}

func checkLines(t *testing.T, path, name string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		return // deleted and not yet committed
	}
	defer func() { _ = f.Close() }()
	text := bufio.NewScanner(f)
	text.Buffer(nil, 4<<20)
	raw := false // inside a raw string that spans lines, which may be anything
	n := 0
	for text.Scan() {
		n++
		line := text.Text()
		inside := raw
		if strings.HasSuffix(name, ".go") && strings.Count(line, "`")%2 == 1 {
			raw = !raw
		}
		width := utf8.RuneCountInString(line) + 3*strings.Count(line, "\t")
		if width > columns && !inside && !raw && !unbreakable.MatchString(line) {
			t.Errorf("%s:%d has %d columns, want at most %d: break the line", name, n, width, columns)
		}
	}
	if err := text.Err(); err != nil {
		t.Errorf("%s: got %v, want no error", name, err)
	}
	if strings.HasSuffix(name, ".go") && n > lines {
		t.Errorf("%s has %d lines, want at most %d: move a subject to a file of its own", name, n, lines)
	}
}
