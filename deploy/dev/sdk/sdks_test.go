package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
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
