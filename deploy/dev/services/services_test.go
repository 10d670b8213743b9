package main

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
)

func TestAdviceNamesEveryWayOut(t *testing.T) {
	t.Parallel()
	for _, srv := range servers() {
		text := adviceFor(srv, []error{errors.New("the reason")}).Error()
		for _, want := range []string{srv.name, "the reason", srv.pkg, "Docker", srv.variable, srv.example} {
			if !strings.Contains(text, want) {
				t.Errorf("advice for %s does not mention %q:\n%s", srv.name, want, text)
			}
		}
	}
}

func TestExitCode(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]int{"true": 0, "exit 7": 7, "kill -TERM $$": 128 + 15} {
		if got := exitCode(exec.Command("sh", "-c", script).Run()); got != want {
			t.Errorf("exitCode of %q = %d; want %d", script, got, want)
		}
	}
}
