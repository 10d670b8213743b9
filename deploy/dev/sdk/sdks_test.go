package main

import (
	"context"
	"errors"
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

func TestAMissingToolIsNamed(t *testing.T) {
	t.Parallel()
	s := sdk{name: "Nothing", tools: []string{"no-such-program"}}
	if _, err := s.check(t.Context(), ".", t.TempDir(), false, os.Environ()); !errors.Is(err, errMissing) {
		t.Errorf("check: got %v, want that the program is not installed", err)
	}
}
