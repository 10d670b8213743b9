package testkit

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/testkit/secrets"
)

var (
	buildOnce sync.Once
	built     string
	buildErr  error
)

// Binary builds the real program once and returns its path. Main removes it.
func Binary(t testing.TB) string {
	t.Helper()
	buildOnce.Do(func() {
		var dir string
		if dir, buildErr = os.MkdirTemp("", "hookline-test-"); buildErr != nil {
			return
		}
		built = filepath.Join(dir, "hookline")
		build := exec.Command("go", "build", "-ldflags=-s -w", "-o", built, "github.com/hookline/hookline/cmd/hookline")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		var output []byte
		if output, buildErr = build.CombinedOutput(); buildErr != nil {
			built = string(output)
		}
	})
	if buildErr != nil {
		t.Fatalf("go build: got %v, want nil: %s", buildErr, built)
	}
	return built
}

// removeBinary removes what Binary built.
func removeBinary() {
	if built != "" && buildErr == nil {
		_ = os.RemoveAll(filepath.Dir(built))
	}
}

// Process is the real program, running.
type Process struct {
	cmd    *exec.Cmd
	exited chan struct{}

	mu     sync.Mutex
	stdout bytes.Buffer
	stderr bytes.Buffer
	grown  chan struct{}
}

// Run starts the real program with environment variables (NAME=value) and arguments, and kills it when the test ends.
func Run(t testing.TB, env []string, args ...string) *Process {
	t.Helper()
	return RunTyping(t, nil, env, args...)
}

// RunTyping is Run with a file as the program's stdin; nil is an empty one.
func RunTyping(t testing.TB, stdin *os.File, env []string, args ...string) *Process {
	t.Helper()
	p, err := startTyping(t, stdin, Binary(t), env, args...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Older is the build that a test of an upgrade begins with: the program that HOOKLINE_TEST_OLDER names, else this one.
func Older(t testing.TB) string {
	t.Helper()
	if path := os.Getenv("HOOKLINE_TEST_OLDER"); path != "" {
		return path
	}
	return Binary(t)
}

func start(t testing.TB, binary string, env []string, args ...string) (*Process, error) {
	t.Helper()
	return startTyping(t, nil, binary, env, args...)
}

func startTyping(t testing.TB, stdin *os.File, binary string, env []string, args ...string) (*Process, error) {
	t.Helper()
	p := prepare(t, binary, env, args)
	if stdin != nil { // a nil *os.File in the interface would not be nil
		p.cmd.Stdin = stdin
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	var readers sync.WaitGroup
	readers.Go(func() { p.collect(stdout, &p.stdout) })
	readers.Go(func() { p.collect(stderr, &p.stderr) })
	go func() {
		readers.Wait()
		_ = p.cmd.Wait()
		close(p.exited)
	}()
	p.tidy(t, args)
	return p, nil
}

// prepare makes a process that is not started yet.
func prepare(t testing.TB, binary string, env, args []string) *Process {
	t.Helper()
	p := &Process{cmd: exec.Command(binary, args...), exited: make(chan struct{}), grown: make(chan struct{})}
	p.cmd.Env = append(withoutSettings(os.Environ()), env...)
	for _, setting := range env {
		switch name, value, _ := strings.Cut(setting, "="); name {
		case "HOOKLINE_ENCRYPTION_KEYS":
			secrets.RememberKeys(value)
		case "HOOKLINE_OPERATOR_KEY":
			secrets.Remember(value)
		}
	}
	p.cmd.Dir = t.TempDir()
	return p
}

// tidy kills the process when the test ends, and searches for secrets in what it left.
func (p *Process) tidy(t testing.TB, args []string) {
	t.Helper()
	t.Cleanup(func() {
		p.Kill()
		for line := range strings.Lines(p.Stderr()) {
			secrets.Logged(strings.TrimSpace(line))
		}
		secrets.CheckLog(t)
		searchDataDir(t, args)
	})
}

// searchDataDir searches the database that a program for development left, if it made one.
func searchDataDir(t testing.TB, args []string) {
	t.Helper()
	if _, measured := t.(*testing.B); measured {
		return
	}
	i := slices.Index(args, "--data-dir")
	if i < 0 || i+1 == len(args) {
		return
	}
	file := filepath.Join(args[i+1], "hookline.db")
	if _, err := os.Stat(file); err == nil {
		secrets.SearchDatabase(t, "sqlite://"+filepath.ToSlash(file))
	}
}

// withoutSettings removes the HOOKLINE_ settings of the shell that runs the tests.
func withoutSettings(env []string) []string {
	var out []string
	for _, v := range env {
		if !strings.HasPrefix(v, "HOOKLINE_") {
			out = append(out, v)
		}
	}
	return out
}

func (p *Process) collect(r io.Reader, into *bytes.Buffer) {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		p.mu.Lock()
		into.WriteString(line)
		close(p.grown)
		p.grown = make(chan struct{})
		p.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// ID is the process's number in the operating system.
func (p *Process) ID() int { return p.cmd.Process.Pid }

// Stdout returns what was printed so far; Stderr too.
func (p *Process) Stdout() string { return p.read(&p.stdout) }

// Stderr returns what was printed so far on stderr.
func (p *Process) Stderr() string { return p.read(&p.stderr) }

func (p *Process) read(b *bytes.Buffer) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return b.String()
}

// AwaitOutput waits until output, which is Stdout or Stderr, contains a text, and returns it all.
func (p *Process) AwaitOutput(t testing.TB, output func() string, text string) string {
	t.Helper()
	got, err := p.await(output, text)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func (p *Process) await(output func() string, text string) (string, error) {
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for {
		p.mu.Lock()
		grown := p.grown
		p.mu.Unlock()
		if got := output(); strings.Contains(got, text) {
			return got, nil
		}
		select {
		case <-grown:
		case <-p.exited:
			if got := output(); strings.Contains(got, text) {
				return got, nil
			}
			return "", fmt.Errorf("it ended without saying %q:\n%s%s", text, p.Stdout(), p.Stderr())
		case <-limit.C:
			return "", fmt.Errorf("it did not say %q within %s:\n%s%s", text, patience, p.Stdout(), p.Stderr())
		}
	}
}

// Running says whether the process has not ended.
func (p *Process) Running() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// Kill ends the process as kill -9 does, and waits until it is gone.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill()
	<-p.exited
}

// Freeze stops the process without ending it, as a machine that hangs does; Thaw lets it go on.
func (p *Process) Freeze() error { return p.cmd.Process.Signal(syscall.SIGSTOP) }

// Thaw lets a process go on that Freeze stopped.
func (p *Process) Thaw() error { return p.cmd.Process.Signal(syscall.SIGCONT) }

// Interrupt asks the process to stop, as Ctrl-C does, waits, and returns its exit code.
func (p *Process) Interrupt(t testing.TB) int {
	t.Helper()
	_ = p.cmd.Process.Signal(syscall.SIGINT)
	return p.Exit(t)
}

// Exit waits until the process has ended and returns its exit code.
func (p *Process) Exit(t testing.TB) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	select {
	case <-p.exited:
	case <-ctx.Done():
		t.Fatalf("process: got it running after %s, want it ended:\n%s%s", patience, p.Stdout(), p.Stderr())
	}
	return p.cmd.ProcessState.ExitCode()
}
