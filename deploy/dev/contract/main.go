// Command contract compares openapi/openapi.yaml with that of the latest release, the latest tag v*.
//
//	contract check      fails when a change breaks callers or consumers of webhooks
//	contract changelog  prints all changes as Markdown
//
// It runs oasdiff, which is downloaded as a Go module.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

const (
	oasdiff = "github.com/oasdiff/oasdiff@v1.38.0"
	file    = "openapi/openapi.yaml"
)

// Levels of oasdiff for what the contract's policy allows: new values of enums in responses, and in webhooks, which are
// compared the other way round.
const (
	callLevels    = "response-property-enum-value-added info\nresponse-mediatype-enum-value-added info\n"
	webhookLevels = "request-property-enum-value-removed info\nrequest-body-enum-value-removed info\n"
)

func main() {
	err := run(os.Args[1:])
	if tool, failed := install(); failed == nil {
		_ = os.RemoveAll(filepath.Dir(tool))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "contract:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 || args[0] != "check" && args[0] != "changelog" {
		return errors.New("want one argument: check or changelog")
	}
	current, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if args[0] == "check" {
		if err := prove(current); err != nil {
			return err
		}
	}
	tag, released, err := release()
	if err != nil {
		return err
	}
	if tag == "" {
		fmt.Println("contract: no release yet (no tag v*), so there is nothing to compare with")
		return nil
	}
	if args[0] == "changelog" {
		return changelog(released, current)
	}
	fmt.Println("contract: compared with", tag)
	if report, err := breaking(released, current); err != nil {
		return fmt.Errorf("the contract breaks what %s promised: %w\n%s", tag, err, report)
	}
	return nil
}

// release returns the latest tag v* and its contract; the tag is empty when there is none.
func release() (tag string, contract []byte, err error) {
	out, err := exec.Command("git", "tag", "--list", "v*", "--sort=-version:refname", "--merged", "HEAD").Output()
	if err != nil {
		return "", nil, fmt.Errorf("git tag: %w", err)
	}
	if tag, _, _ = strings.Cut(strings.TrimSpace(string(out)), "\n"); tag == "" {
		return "", nil, nil
	}
	contract, err = exec.Command("git", "show", tag+":"+file).Output()
	if err != nil {
		return "", nil, fmt.Errorf("git show %s:%s: %w", tag, file, err)
	}
	return tag, contract, nil
}

// prove fails unless changes that break callers, or consumers of webhooks, are found in this contract, and additions
// are allowed. A comparison that finds nothing would be noticed at the first release only.
func prove(contract []byte) error {
	for _, c := range []struct {
		what, from, to string
		breaks         bool
	}{
		{"removing an operation", "\n  /api/v1/me:\n", "\n  /api/v1/myself:\n", true},
		{"removing a value from an enum of requests", "enum: [minute, hour]", "enum: [minute]", true},
		{"removing a field of webhooks", "specversion", "version", true},
		{"adding a value to an enum of responses", "enum: [link, single_sign_on, operator]",
			"enum: [link, single_sign_on, operator, another]", false},
	} {
		changed := bytes.ReplaceAll(contract, []byte(c.from), []byte(c.to))
		if bytes.Equal(changed, contract) {
			return fmt.Errorf("%s: %q is not in the contract any more", c.what, c.from)
		}
		if report, err := breaking(contract, changed); (err != nil) != c.breaks {
			return fmt.Errorf("%s: got %v, want it to be an error: %t\n%s", c.what, err, c.breaks, report)
		}
	}
	return nil
}

// breaking fails with a report when a change breaks callers or consumers of webhooks.
func breaking(before, after []byte) (report string, err error) {
	was, err := parse(before)
	if err != nil {
		return "", err
	}
	is, err := parse(after)
	if err != nil {
		return "", err
	}
	if report, err = diff("", callLevels, was.calls(), is.calls()); err != nil {
		return report, err
	}
	sent, sends := was.requests(), is.requests()
	for name := range sent {
		if sends[name] == nil {
			return "", fmt.Errorf("webhooks %s was removed", name)
		}
	}
	for name := range sends {
		if sent[name] == nil {
			delete(sends, name) // which is new
		}
	}
	// We send these, so what breaks their readers is the opposite of what breaks senders.
	return diff("Webhooks, as changes from the new contract to the old one:\n", webhookLevels, is.webhooks(sends),
		was.webhooks(sent))
}

func changelog(before, after []byte) error {
	report, err := oasdiffOn("changelog", []string{"--format", "markdown"}, callLevels, before, after)
	fmt.Print(report)
	return err
}

// diff fails with a report, under a title, when a change from one document to the other breaks callers.
func diff(title, levels string, before, after document) (report string, err error) {
	old, err := before.encode()
	if err != nil {
		return "", err
	}
	current, err := after.encode()
	if err != nil {
		return "", err
	}
	report, err = oasdiffOn("breaking", []string{"--fail-on", "ERR"}, levels, old, current)
	return title + report, err
}

func oasdiffOn(command string, options []string, levels string, before, after []byte) (report string, err error) {
	tool, err := install()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(filepath.Dir(tool), command)
	if err != nil {
		return "", err
	}
	names := []string{filepath.Join(dir, "before.yaml"), filepath.Join(dir, "after.yaml"), filepath.Join(dir, "levels")}
	for i, text := range [][]byte{before, after, []byte(levels)} {
		if err := os.WriteFile(names[i], text, 0o600); err != nil {
			return "", err
		}
	}
	args := append([]string{command, names[0], names[1], "--severity-levels", names[2]}, options...)
	cmd := exec.Command(tool, args...)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		return out.String() + problems.String(), fmt.Errorf("oasdiff %s: %w", command, err)
	}
	return out.String(), nil
}

// install builds oasdiff in a directory of its own, once; main removes it.
var install = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "contract")
	if err != nil {
		return "", err
	}
	cmd := exec.Command("go", "install", oasdiff)
	cmd.Env = append(os.Environ(), "GOBIN="+dir, "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		_ = os.RemoveAll(dir)
		return "", fmt.Errorf("go install %s: %w\n%s", oasdiff, err, out)
	}
	return filepath.Join(dir, "oasdiff"), nil
})
