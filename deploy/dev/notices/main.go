// Command notices prints the licences of everything that the binary is built from: Go itself and each module, with its
// notice if it has one, and the fonts that are embedded. It is shipped beside the binary. It fails when a module has no
// licence.
//
//	go run ./deploy/dev/notices > NOTICES
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// module is a module of the build list, as go list prints it.
type module struct {
	Path, Version, Dir string
	Main               bool
}

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "notices:", err)
		os.Exit(1)
	}
}

func run(w io.Writer) error {
	modules, err := built("./cmd/hookline")
	if err != nil {
		return err
	}
	root, err := output("go", "env", "GOROOT")
	if err != nil {
		return err
	}
	modules = append(modules, module{Path: "Go", Version: runtime.Version(), Dir: strings.TrimSpace(string(root))})
	slices.SortFunc(modules, func(a, b module) int { return strings.Compare(a.Path, b.Path) })
	fmt.Fprintln(w, "Hookline contains the following software.")
	for _, m := range modules {
		texts, err := licences(m)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "\n%s\n%s %s\n%[1]s\n", strings.Repeat("=", 80), m.Path, m.Version)
		for _, text := range texts {
			fmt.Fprintf(w, "\n%s\n", bytes.TrimSpace(text))
		}
	}
	return embedded(w)
}

// embedded prints the licences of files that are no module's: each lies beside its file, as name-LICENSE.txt.
func embedded(w io.Writer) error {
	const suffix = "-LICENSE.txt"
	files, err := filepath.Glob("internal/dashboard/ui/assets/*" + suffix)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return errors.New("no licence of the embedded font was found; run this in the root of the repository")
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "\n%s\n%s\n%[1]s\n\n%s\n", strings.Repeat("=", 80),
			strings.TrimSuffix(filepath.Base(file), suffix), bytes.TrimSpace(text))
	}
	return nil
}

// built lists the modules of the packages that a program is built from.
func built(program string) ([]module, error) {
	out, err := output("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}", program)
	if err != nil {
		return nil, err
	}
	paths := strings.Fields(string(out))
	slices.Sort(paths)
	out, err = output("go", append([]string{"list", "-m", "-json"}, slices.Compact(paths)...)...)
	if err != nil {
		return nil, err
	}
	var all []module
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var m module
		if err := d.Decode(&m); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
}

var legal = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|unlicense)([.-].*)?$`)

// licences are the texts in a module's folder and, where they have some of their own, in those below.
func licences(m module) ([][]byte, error) {
	var texts [][]byte
	err := filepath.WalkDir(m.Dir, func(path string, e os.DirEntry, err error) error {
		below := path != m.Dir && e != nil && e.IsDir()
		switch {
		case err != nil:
			return err
		case below && (m.Path == "Go" || e.Name() == "testdata" || strings.HasPrefix(e.Name(), ".")):
			return filepath.SkipDir
		case e.IsDir() || !legal.MatchString(e.Name()) || strings.HasSuffix(e.Name(), ".go"):
			return nil
		}
		text, err := os.ReadFile(path)
		if err == nil && !slices.ContainsFunc(texts, func(t []byte) bool { return bytes.Equal(t, text) }) {
			texts = append(texts, text)
		}
		return err
	})
	if err == nil && len(texts) == 0 {
		err = fmt.Errorf("%s %s has no licence in %s", m.Path, m.Version, m.Dir)
	}
	return texts, err
}

func output(name string, args ...string) ([]byte, error) {
	cmd := exec.Command(name, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", name, args[0], err)
	}
	return out, nil
}
