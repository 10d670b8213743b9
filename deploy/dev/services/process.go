package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
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
	// logTail is how many bytes of a server's log are shown when it does not start.
	logTail = 4000
)

// errExited says that a server ended before it answered.
var errExited = errors.New("ended before it answered")

// child is a server process of our own.
type child struct {
	cmd  *exec.Cmd
	log  string
	stop os.Signal     // what makes it end in an orderly way
	done chan struct{} // closed when the process has ended
}

// instance describes a private server for startOnFreePort.
type instance struct {
	name    string
	stop    os.Signal
	command func(port int) *exec.Cmd
	ping    func(ctx context.Context, port int) error
}

// startOnFreePort starts the server on a free port, waits for its first answer, and leaves it to close to stop it. A
// free port cannot be reserved for another process, so losing one to somebody else means taking the next.
func (s *stack) startOnFreePort(ctx context.Context, in instance) (int, error) {
	for try := 1; ; try++ {
		port, err := freePort()
		if err != nil {
			return 0, err
		}
		c, err := s.spawn(in.name, in.command(port), in.stop)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", in.name, err)
		}
		err = c.await(ctx, func(ctx context.Context) error { return in.ping(ctx, port) })
		if err == nil {
			s.stops = append(s.stops, c.end)
			return port, nil
		}
		c.end()
		tail := tailOf(c.log)
		if try == portTries || !strings.Contains(tail, "ddress already in use") {
			return 0, fmt.Errorf("%s on port %d: %w; the end of its log:\n%s", in.name, port, err, tail)
		}
	}
}

// spawn starts a server with its output in a log file of the stack's folder. It must be called on the main goroutine:
// see the note in process_linux.go.
func (s *stack) spawn(name string, cmd *exec.Cmd, stop os.Signal) (*child, error) {
	path := filepath.Join(s.dir, name+".log")
	log, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	defer log.Close() // the process has its own descriptor
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &child{cmd: cmd, log: path, stop: stop, done: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // how it ended is in its log
		close(c.done)
	}()
	return c, nil
}

// await connects until the server answers, it ends, or the time is up.
func (c *child) await(ctx context.Context, ping func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	ticker := time.NewTicker(pingEvery)
	defer ticker.Stop()
	for {
		one, done := context.WithTimeout(ctx, pingTimeout)
		err := ping(one)
		done()
		if err == nil {
			return nil
		}
		select {
		case <-c.done:
			return errExited
		case <-ctx.Done():
			return fmt.Errorf("%w; last error: %w", ctx.Err(), err)
		case <-ticker.C:
		}
	}
}

// end stops the server in an orderly way, and by force when that takes too long.
func (c *child) end() {
	_ = c.cmd.Process.Signal(c.stop)
	select {
	case <-c.done:
		return
	case <-time.After(stopTimeout):
	}
	_ = c.cmd.Process.Signal(syscall.SIGKILL)
	<-c.done
}

// freePort asks the system for a TCP port that nobody uses on the loopback interface.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// tailOf returns the end of a log, or why there is none.
func tailOf(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	if len(text) > logTail {
		text = text[len(text)-logTail:]
	}
	return strings.TrimSpace(string(text))
}
