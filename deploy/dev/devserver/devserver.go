// Package devserver builds the program and starts `hookline dev` on a free port, for tools that show or check it.
package devserver

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Ready is what `hookline dev --json` prints when it is ready: addresses, and the keys of its first start.
type Ready struct {
	APIURL      string `json:"api_url"` // ends in /api/v1
	InboxURL    string `json:"inbox_url"`
	APIKey      string `json:"api_key"`
	OperatorKey string `json:"operator_key"`
}

// Origin returns the address without a path, such as http://127.0.0.1:8080.
func (r Ready) Origin() string { return strings.TrimSuffix(r.APIURL, "/api/v1") }

// Build builds the program into a folder with the Go command of the environment variable GO.
func Build(ctx context.Context, folder string) (program string, err error) {
	program = filepath.Join(folder, "hookline")
	goTool := cmp.Or(os.Getenv("GO"), "go")
	output, err := exec.CommandContext(ctx, goTool, "build", "-ldflags=-s -w", "-o", program,
		"github.com/hookline/hookline/cmd/hookline").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building Hookline failed: %w\n%s", err, output)
	}
	return program, nil
}

// Start starts `hookline dev` with its data in a folder and with the variables in env, and waits until it is ready. It
// ends with ctx; wait waits for that.
func Start(ctx context.Context, program, folder string, env ...string) (ready Ready, wait func(), err error) {
	cmd := exec.CommandContext(ctx, program, "dev", "--json", "--addr", "127.0.0.1:0", "--data-dir",
		filepath.Join(folder, "data"))
	// Settings of the developer's would change what is shown.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "HOOKLINE_") })
	cmd.Env = append(cmd.Env, env...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	var said bytes.Buffer
	cmd.Stderr = &said
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return ready, nil, err
	}
	if err := cmd.Start(); err != nil {
		return ready, nil, err
	}
	if err := json.NewDecoder(stdout).Decode(&ready); err != nil {
		_ = cmd.Wait()
		return ready, nil, fmt.Errorf("hookline dev did not start: %s", cmp.Or(strings.TrimSpace(said.String()),
			err.Error()))
	}
	return ready, func() {
		_, _ = io.Copy(io.Discard, stdout)
		_ = cmd.Wait()
	}, nil
}

// Run builds the program and starts `hookline dev`, both in a temporary folder, calls do with them, ends the program
// and removes the folder.
func Run(ctx context.Context, do func(folder string, ready Ready) error) error {
	folder, err := os.MkdirTemp("", "hookline-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	program, err := Build(ctx, folder)
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	ready, wait, err := Start(running, program, folder)
	if err != nil {
		return err
	}
	defer wait()
	defer stop() // before wait
	return do(folder, ready)
}
