package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hookline/hookline/deploy/dev/devserver"
)

// Each SDK passes its own tests, and the quickstart in its language gets from an API key to a verified webhook. Where a
// language is missing, the test is skipped and says what to install; make sdk-check also builds the packages.
func TestNewcomersScripts(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	seen(t, root)
	folder := t.TempDir()
	program, err := devserver.Build(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(context.Background())
	ready, wait, err := devserver.Start(running, program, folder)
	if err != nil {
		stop()
		t.Fatal(err)
	}
	t.Cleanup(wait)
	t.Cleanup(stop)
	for _, s := range sdks(folder) {
		t.Run(s.name, func(t *testing.T) {
			line, err := s.check(t.Context(), root, folder, false, environment(ready))
			if errors.Is(err, errMissing) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			t.Log(line)
		})
	}
}

// seen looks at all files that the test depends on, so that go test takes no kept result after one of them changed: of
// the program and the SDKs it knows nothing by itself.
func seen(t *testing.T, root string) {
	t.Helper()
	for _, part := range []string{"cmd", "docs", "gen", "internal", "migrations", "openapi", "pkg"} {
		err := filepath.WalkDir(filepath.Join(root, part), func(_ string, entry fs.DirEntry, err error) error {
			if entry != nil && entry.IsDir() && entry.Name() == "node_modules" {
				return fs.SkipDir
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestAMissingToolIsNamed(t *testing.T) {
	t.Parallel()
	s := sdk{name: "Nothing", tools: []string{"no-such-program"}}
	if _, err := s.check(t.Context(), ".", t.TempDir(), false, os.Environ()); !errors.Is(err, errMissing) {
		t.Errorf("check: got %v, want that the program is not installed", err)
	}
}

func TestAMissingRuntimeIsNamed(t *testing.T) {
	t.Parallel()
	nothing := place{root: t.TempDir(), folder: t.TempDir()}
	for name, check := range map[string]func(context.Context, place) (string, error){
		"Node": onOldestNode, "browser": inBrowser, "worker": inWorker, "types": pythonTypes,
		"samples": typescriptSamples, "C#": csharpSyntax,
	} {
		if _, err := check(t.Context(), nothing); !errors.Is(err, errMissing) {
			t.Errorf("%s: got %v, want that something is not installed", name, err)
		}
	}
	if _, err := findPython(t.Context(), "2.0"); !errors.Is(err, errMissing) {
		t.Errorf("Python 2.0: got %v, want that it is not installed", err)
	}
	if _, err := verdict("TypeError: broken", "workerd"); err == nil || err.Error() != "TypeError: broken" {
		t.Errorf("verdict: got %v, want what was reported", err)
	}
}

// What is checked is what the packages and the README say.
func TestTheOldestRuntimesAreThosePromised(t *testing.T) {
	t.Parallel()
	minor := oldestGo[len("go"):strings.LastIndex(oldestGo, ".")]
	for file, wants := range map[string][]string{
		"pkg/client/go.mod":           {"\ngo " + minor + "\n"},
		"pkg/webhook/go.mod":          {"\ngo " + minor + "\n"},
		"pkg/python/pyproject.toml":   {`requires-python = ">=` + oldestPython + `"`},
		"pkg/typescript/package.json": {`"node": ">=` + oldestNode + `"`},
		"README.md": {"/badge/Go-" + minor + "%2B", "/badge/Python-" + oldestPython + "%2B",
			"/badge/Node-" + oldestNode + "%2B"},
	} {
		raw, err := os.ReadFile(filepath.Join("..", "..", "..", filepath.FromSlash(file)))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(string(raw), want) {
				t.Errorf("%s: got no %q in it, want the oldest runtime that sdk-check has", file, want)
			}
		}
	}
}
