// Command integrations runs the tests of the no-code integrations against a `hookline dev` that it starts: Zapier's app
// with Zapier's harness, the nodes with n8n's types, and the calls of Make's app. They need Node, and npm for packages.
//
//	go run ./deploy/dev/integrations
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/hookline/hookline/deploy/dev/devserver"
)

// integration is a folder below deploy/integrations, and how its tests are prepared and run.
type integration struct {
	folder string
	steps  [][]string
}

var (
	install = []string{"npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"}
	all     = []integration{
		{"zapier", [][]string{install, {"npm", "test"}}},
		{"n8n", [][]string{install, {"npm", "test"}}},
		{"make", [][]string{{"node", "--test", "test/"}}},
	}
)

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout)
	cancel()
	if err != nil {
		fmt.Fprintf(os.Stderr, "integrations-check: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			_, err := fmt.Fprintf(out, "SKIP  all: %s is not installed (Debian, Ubuntu: apt-get install nodejs npm)\n",
				tool)
			return err
		}
	}
	return devserver.Run(ctx, func(folder string, ready devserver.Ready) error {
		return checkAll(ctx, out, folder, ready)
	})
}

// checkAll checks every app against the server.
func checkAll(ctx context.Context, out io.Writer, folder string, ready devserver.Ready) error {
	if err := addInbox(ctx, ready); err != nil {
		return err
	}
	env := append(os.Environ(), "HOOKLINE_URL="+ready.Origin(), "HOOKLINE_API_KEY="+ready.APIKey)
	var failed []error
	for _, i := range all {
		if err := i.check(ctx, folder, env); err != nil {
			failed = append(failed, err)
			continue
		}
		_, _ = fmt.Fprintf(out, "ok    %s\n", i.folder)
	}
	return errors.Join(failed...)
}

// addInbox gives the demo tenant an inbox, which only operators can: tickets are created in one.
func addInbox(ctx context.Context, ready devserver.Ready) error {
	var me struct{ Tenant struct{ ID string } }
	if err := call(ctx, http.MethodGet, ready.APIURL+"/me", ready.APIKey, nil, &me); err != nil {
		return err
	}
	return call(ctx, http.MethodPost, ready.Origin()+"/admin/v1/tenants/"+me.Tenant.ID+"/inboxes", ready.OperatorKey,
		map[string]string{"name": "Support", "address": "support@example.com", "environment": "test"}, nil)
}

func call(ctx context.Context, method, url, key string, body, out any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s %s: got %s, want success: %s", method, url, response.Status, answer)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer, out)
}

// check runs the tests of an integration in a copy of its folder.
func (i integration) check(ctx context.Context, temporary string, env []string) error {
	folder := filepath.Join(temporary, i.folder)
	if err := os.CopyFS(folder, os.DirFS(filepath.Join("deploy", "integrations", i.folder))); err != nil {
		return fmt.Errorf("run it in the root of the tree: %w", err)
	}
	for _, step := range i.steps {
		cmd := exec.CommandContext(ctx, step[0], step[1:]...)
		cmd.Dir, cmd.Env = folder, env
		if output, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %v failed: %w\n%s", i.folder, step, err, output)
		}
	}
	return nil
}
