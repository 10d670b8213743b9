package main

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

// stripeSecret is the secret that the demo signs with in Stripe's place.
const stripeSecret = "whsec_of-a-demo-and-of-nothing-else"

// build builds the program into a folder.
func build(ctx context.Context, folder string) (program string, err error) {
	program = filepath.Join(folder, "hookline")
	goTool := cmp.Or(os.Getenv("GO"), "go")
	output, err := exec.CommandContext(ctx, goTool, "build", "-o", program,
		"github.com/hookline/hookline/cmd/hookline").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building Hookline failed: %w\n%s", err, output)
	}
	return program, nil
}

// launch starts `hookline dev` on a free port, with its data in a folder, and waits until it is ready. It ends with
// ctx; wait waits for that.
func launch(ctx context.Context, program, folder string) (to target, wait func(), err error) {
	cmd := exec.CommandContext(ctx, program, "dev", "--json", "--addr", "127.0.0.1:0", "--data-dir",
		filepath.Join(folder, "data"))
	// Settings of the developer's would change what is shown.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "HOOKLINE_") })
	cmd.Env = append(cmd.Env, "HOOKLINE_STRIPE_WEBHOOK_SECRET="+stripeSecret)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	var said bytes.Buffer
	cmd.Stderr = &said
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return to, nil, err
	}
	if err := cmd.Start(); err != nil {
		return to, nil, err
	}
	var ready struct {
		APIURL      string `json:"api_url"`
		OperatorKey string `json:"operator_key"`
	}
	if err := json.NewDecoder(stdout).Decode(&ready); err != nil {
		_ = cmd.Wait()
		return to, nil, fmt.Errorf("hookline dev did not start: %s", cmp.Or(strings.TrimSpace(said.String()),
			err.Error()))
	}
	wait = func() {
		_, _ = io.Copy(io.Discard, stdout)
		_ = cmd.Wait()
	}
	return target{url: strings.TrimSuffix(ready.APIURL, "/api/v1"), operatorKey: ready.OperatorKey,
		stripeSecret: stripeSecret}, wait, nil
}
