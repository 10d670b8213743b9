package main

import (
	"bytes"
	"maps"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/cli"
)

// called runs a command in this process, and returns what it printed on stdout.
func called(t *testing.T, args string) (out string, err error) {
	t.Helper()
	cmd, printed := root(), &bytes.Buffer{}
	cmd.SetArgs(strings.Fields(args))
	cmd.SetOut(printed)
	err = execute(t.Context(), cmd)
	return printed.String(), err
}

// Help that is asked for by a name that no command has is the mistake that the call without --help is.
func TestAnUnknownCommandIsAMistakeWithHelpToo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ args, says string }{
		{"foo", `hookline has no command "foo". See: hookline --help`},
		{"foo --help", `hookline has no command "foo". See: hookline --help`},
		{"--help foo", `hookline has no command "foo". See: hookline --help`},
		{"help foo", `hookline has no command "foo". See: hookline --help`},
		{"foo --version", `hookline has no command "foo". See: hookline --help`},
		{"--version foo", `hookline has no command "foo". See: hookline --help`},
		{"endpoits -h", `hookline has no command "endpoits". Did you mean endpoints?`},
		{"endp --help", `hookline has no command "endp". Did you mean endpoints?`},
		{"dew --help", `hookline has no command "dew". Did you mean dev?`},
		{"endpoints foo", `hookline endpoints has no command "foo". See: hookline endpoints --help`},
		{"endpoints foo --help", `hookline endpoints has no command "foo". See: hookline endpoints --help`},
		{"endpoints --json lst -h", `hookline endpoints has no command "lst". Did you mean list?`},
		{"help endpoints lst", `hookline endpoints has no command "lst". Did you mean list?`},
		{"dlq replya --help", `hookline dlq has no command "replya". Did you mean replay?`},
		{"help version now", "hookline version has no commands. See: hookline version --help"},
	} {
		out, err := called(t, c.args)
		if err == nil || exitCode(err) != 2 || err.Error() != c.says || out != "" {
			t.Errorf("hookline %s: got %v, and %q on stdout, want exit 2 and %q on stderr only", c.args, err, out, c.says)
		}
	}
	for _, c := range []struct{ args, says string }{
		{"--help", "hookline [command]"}, {"help", "hookline [command]"},
		{"endpoints --help", "hookline endpoints [command]"}, {"help endpoints", "hookline endpoints [command]"},
		{"endpoints list --help", "hookline endpoints list"}, {"help endpoints list", "hookline endpoints list"},
		{"__complete help endp", "endpoints\n"}, {"__complete help endpoints l", "list\n"},
	} {
		if out, err := called(t, c.args); err != nil || !strings.Contains(out, c.says) {
			t.Errorf("hookline %s: got %v and %s, want no error and %q", c.args, err, out, c.says)
		}
	}
}

// withoutData are the commands that print no data, so they need no --json.
var withoutData = map[string]string{
	"hookline serve":       "logs",
	"hookline worker":      "logs",
	"hookline healthcheck": "its exit code is the answer",
	"hookline completion":  "prints a script",
	"hookline man":         "writes files",
}

func TestEveryCommandThatPrintsDataHasJSON(t *testing.T) {
	t.Parallel()
	left := maps.Clone(withoutData)
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			walk(sub)
		}
		_, exempt := withoutData[c.CommandPath()]
		delete(left, c.CommandPath())
		has := c.Flag("json") != nil
		if !c.HasSubCommands() && has == exempt {
			t.Errorf("%s: got --json %v, want %v", c.CommandPath(), has, !exempt)
		}
	}
	walk(root())
	if len(left) > 0 {
		t.Errorf("commands without data: %v are none", left)
	}
	for args, want := range map[string]string{
		"version --json": `{"version":"` + app.Version + `"}`,
		"--version":      "hookline " + app.Version,
	} {
		out, err := called(t, args)
		if got := strings.Join(strings.Fields(out), " "); err != nil ||
			strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
			t.Errorf("hookline %s: got %s (%v), want %s", args, got, err, want)
		}
	}
}

func TestEveryReasonForNoAnswerSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for _, code := range []cli.AnswerError{cli.AnswerConnect, cli.AnswerTimeout, cli.AnswerDNS, cli.AnswerTLS,
		cli.AnswerProtocol} {
		got := failure(code, "http://127.0.0.1:3000")
		if !strings.Contains(got, "http://127.0.0.1:3000") || !strings.Contains(got, "; ") ||
			strings.HasPrefix(got, string(code)) {
			t.Errorf("%s: got %q, want where, what and what to do", code, got)
		}
	}
}
