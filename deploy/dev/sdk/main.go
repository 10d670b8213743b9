// Command sdk checks our SDKs and the contract's suitability for others, against a `hookline dev` that it starts.
//
// It builds the SDKs of Go, Python and TypeScript, runs their tests, and times the quickstart in each language and with
// curl: from an API key to a verified webhook. Then it generates clients from the published contract with five
// generators, compiles them strictly, and makes five calls with each: it creates an endpoint, publishes an event, lists
// deliveries with a filter, sends a test event and creates a key.
//
// It also checks what the SDKs promise of runtimes: the oldest versions of Go, Python and Node, a browser and a worker;
// and that every sample of the API reference is right by the types of the SDK.
//
//	go run ./deploy/dev/sdk
//
// The generators and their versions are in golang/go.mod and node/package-lock.json. Everything is generated in a
// temporary folder. What a missing language needs is skipped, and the output says so.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/hookline/hookline/deploy/dev/devserver"
)

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout)
	cancel()
	if err != nil {
		fmt.Fprintf(os.Stderr, "sdk-check: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	return devserver.Run(ctx, func(folder string, ready devserver.Ready) error {
		return checkAll(ctx, out, folder, ready)
	})
}

// checkAll checks the generators of Go and of TypeScript side by side.
func checkAll(ctx context.Context, out io.Writer, folder string, ready devserver.Ready) error {
	contract, err := download(ctx, ready.APIURL+"/openapi.json")
	if err != nil {
		return err
	}
	env, report := environment(ready), &report{out: out}
	ours := errors.Join(ourSDKs(ctx, folder, env, report), promises(ctx, folder, env, report))

	languages := []language{inGo(), inTypeScript()}
	failed := make([]error, len(languages))
	var all sync.WaitGroup
	for i, l := range languages {
		all.Go(func() { failed[i] = l.check(ctx, filepath.Join(folder, l.sources), contract, env, report) })
	}
	all.Wait()
	return errors.Join(append(failed, ours)...)
}

func environment(ready devserver.Ready) []string {
	return append(os.Environ(), "HOOKLINE_URL="+ready.Origin(), "HOOKLINE_API_KEY="+ready.APIKey,
		"HOOKLINE_INBOX_URL="+ready.InboxURL)
}

// ourSDKs checks the SDKs of this repository.
func ourSDKs(ctx context.Context, folder string, env []string, report *report) error {
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	var failed []error
	for _, s := range sdks(folder) {
		line, err := s.check(ctx, root, folder, true, env)
		switch {
		case errors.Is(err, errMissing):
			report.line("SKIP  newcomer's script, %s: %v", s.name, err)
		case err != nil:
			report.line("FAIL  newcomer's script, %s: %v", s.name, err)
			failed = append(failed, fmt.Errorf("the SDK of %s failed", s.name))
		default:
			report.line("ok    newcomer's script, %s: %s", s.name, line)
		}
	}
	return errors.Join(failed...)
}

func download(ctx context.Context, url string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: got %s, want 200 OK", url, answer.Status)
	}
	return io.ReadAll(answer.Body)
}

// check copies the sources of a language into a folder, prepares them, and takes each generator through its steps.
func (l language) check(ctx context.Context, folder string, contract []byte, env []string, report *report) error {
	for _, tool := range l.needs {
		if _, err := exec.LookPath(tool); err != nil {
			for _, g := range l.generators {
				report.line("SKIP  %s: %s is not installed", g.name, tool)
			}
			return nil
		}
	}
	if err := os.CopyFS(folder, os.DirFS(filepath.Join("deploy", "dev", "sdk", l.sources))); err != nil {
		return fmt.Errorf("run it in the root of the tree: %w", err)
	}
	if err := os.WriteFile(filepath.Join(folder, "openapi.json"), contract, 0o600); err != nil {
		return err
	}
	if l.prepare != nil {
		if output, err := command(ctx, folder, env, l.prepare); err != nil {
			return fmt.Errorf("%v failed: %w\n%s", l.prepare, err, output)
		}
	}
	var failed []error
	for _, g := range l.generators {
		if err := g.check(ctx, folder, env); err != nil {
			report.line("FAIL  %v", err)
			failed = append(failed, fmt.Errorf("%s failed", g.name))
			continue
		}
		report.line("ok    %s", g.name)
	}
	return errors.Join(failed...)
}

func (g generator) check(ctx context.Context, folder string, env []string) error {
	for _, s := range g.steps {
		if output, err := command(ctx, folder, env, s.args); err != nil {
			return fmt.Errorf("%s: the client %s (%v: %w)\n%s", g.name, s.otherwise, s.args, err, first(output))
		}
	}
	return nil
}

func command(ctx context.Context, folder string, env, args []string) (output []byte, err error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir, cmd.Env = folder, env
	return cmd.CombinedOutput()
}

// first is the beginning of an output: one mistake in the contract can be hundreds of errors of a compiler.
func first(output []byte) []byte { return output[:min(len(output), 4000)] }

// report writes a line at a time.
type report struct {
	mu  sync.Mutex
	out io.Writer
}

func (r *report) line(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, _ = fmt.Fprintf(r.out, format+"\n", args...)
}
