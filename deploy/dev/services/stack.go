package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// errMissing says that the machine has no suitable binary of a server; anything else that goes wrong with a private
// instance is a fault to show, not a reason to try the next way.
var errMissing = errors.New("not found")

// variable is one entry of the command's environment.
type variable struct{ name, value string }

// server is one of the two servers and every way to come by it.
type server struct {
	name     string // for people
	variable string // environment variable that carries its URL
	example  string // what that variable looks like
	pkg      string // Debian package; also the name most other systems use
	// start runs a private instance and returns its URL; its error wraps errMissing when there is no binary.
	start   func(ctx context.Context, s *stack) (string, error)
	compose composeService
}

// servers lists what the tests need.
func servers() []server {
	return []server{
		{
			name: "PostgreSQL", variable: "HOOKLINE_TEST_DATABASE_URL", pkg: "postgresql",
			example: "postgres://superuser:password@127.0.0.1:5432/postgres?sslmode=disable",
			start:   startPostgres,
			compose: composeService{
				name: "postgres", portVariable: "POSTGRES_PORT",
				url: "postgres://hookline:" + composePassword + "@127.0.0.1:%d/postgres?sslmode=disable",
			},
		},
		{
			name: "Redis", variable: "HOOKLINE_TEST_REDIS_URL", pkg: "redis-server",
			example: "redis://127.0.0.1:6379/0",
			start:   startRedis,
			compose: composeService{
				name: "redis", portVariable: "REDIS_PORT",
				url: "redis://127.0.0.1:%d/0",
			},
		},
	}
}

// stack owns everything the launcher leaves on the machine while it runs: one temporary folder and what is to be
// stopped. Only the main goroutine touches it.
type stack struct {
	dir        string
	fsync      bool
	aptUpdated bool
	stops      []func()
}

// newStack makes the temporary folder. Others may pass through it but not list it, because PostgreSQL's data folder
// inside belongs to another user when the launcher runs as root.
func newStack(fsync bool) (*stack, error) {
	dir, err := os.MkdirTemp(tempRoot(), "hookline-")
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return &stack{dir: dir, fsync: fsync}, nil
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

// close stops what was started, last first, and removes the folder.
func (s *stack) close() {
	for _, stop := range slices.Backward(s.stops) {
		stop()
	}
	if err := os.RemoveAll(s.dir); err != nil {
		say("could not remove %s: %v", s.dir, err)
	}
}

// bring makes every server available, and every tool that it can. It tries all servers before it fails, so that one run
// tells all that is missing.
func (s *stack) bring(ctx context.Context) ([]variable, error) {
	var env []variable
	var failures []error
	s.bringTools(ctx)
	for _, srv := range servers() {
		url, err := s.bringOne(ctx, srv)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			failures = append(failures, err)
			continue
		}
		env = append(env, variable{srv.variable, url})
	}
	return env, errors.Join(failures...)
}

// bringOne goes through the ways to come by a server, in the order the package comment gives.
func (s *stack) bringOne(ctx context.Context, srv server) (string, error) {
	if url := os.Getenv(srv.variable); url != "" {
		say("%s: using %s", srv.name, srv.variable)
		return url, nil
	}
	url, err := srv.start(ctx, s)
	if !errors.Is(err, errMissing) {
		return url, err
	}
	tried := []error{err}
	if err := s.install(ctx, srv.pkg); err != nil {
		tried = append(tried, err)
	} else if url, err = srv.start(ctx, s); !errors.Is(err, errMissing) {
		return url, err
	} else {
		tried = append(tried, fmt.Errorf("after installing %s: %w", srv.pkg, err))
	}
	if err := composeUsable(ctx); err != nil {
		return "", adviceFor(srv, append(tried, err))
	}
	return s.composeUp(ctx, srv)
}

// adviceFor is the message of last resort: what was tried, and the ways out.
func adviceFor(srv server, tried []error) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s is needed and could not be brought up.\n", srv.name)
	for _, err := range tried {
		fmt.Fprintf(&b, "  tried: %v\n", err)
	}
	fmt.Fprintf(&b, "Do one of these and try again:\n")
	fmt.Fprintf(&b, "  - install the package %q (Debian, Ubuntu: apt-get install %s)\n", srv.pkg, srv.pkg)
	fmt.Fprintf(&b, "  - start Docker with its Compose plugin\n")
	fmt.Fprintf(&b, "  - set %s, for example to %s", srv.variable, srv.example)
	return errors.New(b.String())
}
