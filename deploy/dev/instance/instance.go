// Package instance runs private instances of PostgreSQL and Redis from binaries on the machine, for development and
// tests: on a free port of the loopback interface, with data that nobody reads again, for as long as the process that
// started them.
package instance

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// startTimeout bounds the wait for a server's first answer; a loaded machine with slow disks needs some seconds.
	startTimeout = 60 * time.Second
	// stopTimeout is how long a server may take to end before it is killed.
	stopTimeout = 10 * time.Second
	// pingEvery is the pause between two tries to connect; pingTimeout bounds one try.
	pingEvery   = 50 * time.Millisecond
	pingTimeout = 2 * time.Second
	// portTries is how many free ports are tried before a port in use counts as a fault.
	portTries = 3
	// memoryRoot is where Linux keeps files in memory; memoryNeeded is how much of it must be free, in bytes.
	// Containers often have 64 MB there.
	memoryRoot   = "/dev/shm"
	memoryNeeded = 4 << 30
	// logTail is how many bytes of a server's log are shown when it does not start.
	logTail = 4000
)

// ErrMissing says that the machine has no suitable binary of a server; anything else that goes wrong is a fault to
// show, not a reason to try another way.
var ErrMissing = errors.New("not found")

// errExited says that a server ended before it answered.
var errExited = errors.New("ended before it answered")

// Server is an instance. It can be ended and started again, with its data and on its port. Its methods are not for
// several goroutines at once.
type Server struct {
	Name  string // for people
	Major int    // version
	URL   string // once it was started

	port    int
	log     string
	stop    os.Signal // what makes it end in an orderly way
	command func(port int) *exec.Cmd
	ping    func(ctx context.Context, port int) error
	url     func(port int) string
	child   *child
}

// child is a server process of our own.
type child struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when the process has ended
}

// NewDir makes a temporary folder for instances, in memory where that is wanted and there is plenty: tests make and
// drop hundreds of databases of a thousand files each, and a disk's file system spends more on that than PostgreSQL.
// Others may pass through it but not list it, because PostgreSQL's data folder inside belongs to another user when we
// are root.
func NewDir(inMemory bool) (string, error) {
	root := tempRoot()
	if inMemory && free(memoryRoot) >= memoryNeeded {
		root = memoryRoot
	}
	dir, err := os.MkdirTemp(root, "hookline-")
	if err != nil {
		return "", err
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	return dir, nil
}

// tempRoot is the system's temporary folder, or /tmp when root's own lies where no other user may go.
func tempRoot() string {
	root := os.TempDir()
	if os.Getuid() != 0 {
		return root
	}
	for dir := root; ; dir = filepath.Dir(dir) {
		if info, err := os.Stat(dir); err == nil && info.Mode().Perm()&0o001 == 0 {
			return "/tmp"
		}
		if dir == filepath.Dir(dir) {
			return root
		}
	}
}

// Start starts the server on a free port and waits for its first answer. A free port cannot be reserved for another
// process, so losing one to somebody else means taking the next.
func (s *Server) Start(ctx context.Context) error {
	for try := 1; ; try++ {
		port, err := FreePort()
		if err != nil {
			return err
		}
		s.port, s.URL = port, s.url(port)
		if err := s.spawn(); err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
		if err = s.await(ctx); err == nil {
			return nil
		}
		s.Stop()
		tail := s.Tail()
		if try == portTries || !strings.Contains(tail, "ddress already in use") {
			return fmt.Errorf("%s on port %d: %w; the end of its log:\n%s", s.Name, port, err, tail)
		}
	}
}

// Restart starts a server that has ended again on its port, until it stays up, as a supervisor does: after a kill,
// what PostgreSQL's postmaster left behind keeps the next one out for a moment.
func (s *Server) Restart(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	again := time.NewTicker(pingEvery)
	defer again.Stop()
	for {
		if err := s.spawn(); err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
		err := s.await(ctx)
		if err == nil {
			return nil
		}
		s.Kill()
		select {
		case <-again.C:
		case <-ctx.Done():
			return fmt.Errorf("%s on port %d: %w; the end of its log:\n%s", s.Name, s.port, err, s.Tail())
		}
	}
}

// spawn starts the process with its output in the log.
func (s *Server) spawn() error {
	log, err := os.OpenFile(s.log, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close() // the process has its own descriptor
	cmd := s.command(s.port)
	cmd.Stdout, cmd.Stderr = log, log
	if err := start(cmd); err != nil {
		return err
	}
	c := &child{cmd: cmd, done: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // how it ended is in its log
		close(c.done)
	}()
	s.child = c
	return nil
}

// await connects until the server answers, it ends, or the time is up.
func (s *Server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	ticker := time.NewTicker(pingEvery)
	defer ticker.Stop()
	for {
		one, done := context.WithTimeout(ctx, pingTimeout)
		err := s.ping(one, s.port)
		done()
		if err == nil {
			return nil
		}
		select {
		case <-s.child.done:
			return errExited
		case <-ctx.Done():
			return fmt.Errorf("%w; last error: %w", ctx.Err(), err)
		case <-ticker.C:
		}
	}
}

// Stop ends the server in an orderly way, and by force when that takes too long.
func (s *Server) Stop() {
	_ = s.child.cmd.Process.Signal(s.stop)
	select {
	case <-s.child.done:
		return
	case <-time.After(stopTimeout):
	}
	s.Kill()
}

// Kill ends the server's process as kill -9 does, and waits until it is gone. PostgreSQL's backends end by themselves
// when they miss it.
func (s *Server) Kill() {
	_ = s.child.cmd.Process.Signal(syscall.SIGKILL)
	<-s.child.done
}

// Freeze stops the server's processes without ending them, as a machine that hangs does, and returns what lets them go
// on.
func (s *Server) Freeze() (thaw func() error, err error) {
	all := append(childrenOf(s.child.cmd.Process.Pid), s.child.cmd.Process.Pid)
	tell := func(signal syscall.Signal) error {
		var errs []error
		for _, pid := range all {
			if err := syscall.Kill(pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
				errs = append(errs, err)
			}
		}
		return errors.Join(errs...)
	}
	return func() error { return tell(syscall.SIGCONT) }, tell(syscall.SIGSTOP)
}

// childrenOf lists the processes that a process started; none where there is no /proc.
func childrenOf(pid int) []int {
	var out []int
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid)) // the pattern is well formed
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		for _, word := range strings.Fields(string(text)) {
			if child, err := strconv.Atoi(word); err == nil {
				out = append(out, child)
			}
		}
	}
	return out
}

// FreePort asks the system for a TCP port that nobody uses on the loopback interface.
func FreePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// Tail returns the end of the server's log, or why there is none.
func (s *Server) Tail() string {
	text, err := os.ReadFile(s.log)
	if err != nil {
		return err.Error()
	}
	if len(text) > logTail {
		text = text[len(text)-logTail:]
	}
	return strings.TrimSpace(string(text))
}

// versionPattern matches what the servers print: "postgres (PostgreSQL) 16.4 (Debian …)", "Redis server v=7.0.15 …".
var versionPattern = regexp.MustCompile(`(?:\(PostgreSQL\) |\bv=)(\d+)`)

// majorVersion asks a server program for its version.
func majorVersion(ctx context.Context, path string) (int, error) {
	out, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return 0, fmt.Errorf("%s --version: %w", path, err)
	}
	return parseMajor(string(out))
}

// parseMajor takes the major version out of the server's own words.
func parseMajor(text string) (int, error) {
	m := versionPattern.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("no version in %q", text)
	}
	return strconv.Atoi(m[1])
}
