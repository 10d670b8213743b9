package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/hookline/hookline/deploy/dev/instance"
)

// variable is one entry of the command's environment.
type variable struct{ name, value string }

// server is one of the two servers and every way to come by it.
type server struct {
	name     string // for people
	variable string // environment variable that carries its URL
	example  string // what that variable looks like
	pkg      string // Debian package; also the name most other systems use
	// start runs a private instance and returns its URL; its error wraps instance.ErrMissing when there is no binary.
	start   func(ctx context.Context, s *stack) (string, error)
	compose composeService
}

// servers lists the servers that tests need.
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
				url: "redis://:" + composePassword + "@127.0.0.1:%d/0",
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

// newStack makes the temporary folder.
func newStack(fsync bool) (*stack, error) {
	dir, err := instance.NewDir(!fsync)
	if err != nil {
		return nil, err
	}
	return &stack{dir: dir, fsync: fsync}, nil
}

// startPostgres runs a private PostgreSQL and returns the URL of its superuser.
func startPostgres(ctx context.Context, s *stack) (string, error) {
	srv, err := instance.Postgres(ctx, s.dir, s.fsync)
	if err != nil {
		return "", err
	}
	return s.run(ctx, srv, fmt.Sprintf(" (fsync %t)", s.fsync))
}

// startRedis runs a private Redis that keeps nothing on disk.
func startRedis(ctx context.Context, s *stack) (string, error) {
	srv, err := instance.Redis(ctx, s.dir, "")
	if err != nil {
		return "", err
	}
	return s.run(ctx, srv, "")
}

// run starts a server and leaves it to close to stop it.
func (s *stack) run(ctx context.Context, srv *instance.Server, note string) (string, error) {
	if err := srv.Start(ctx); err != nil {
		return "", err
	}
	s.stops = append(s.stops, srv.Stop)
	say("%s %d at %s%s", srv.Name, srv.Major, srv.URL, note)
	return srv.URL, nil
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
// reports all that is missing.
func (s *stack) bring(ctx context.Context) ([]variable, error) {
	var failures []error
	env := s.bringTools(ctx)
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
	if !errors.Is(err, instance.ErrMissing) {
		return url, err
	}
	tried := []error{err}
	if err := s.install(ctx, srv.pkg); err != nil {
		tried = append(tried, err)
	} else if url, err = srv.start(ctx, s); !errors.Is(err, instance.ErrMissing) {
		return url, err
	} else {
		tried = append(tried, fmt.Errorf("after installing %s: %w", srv.pkg, err))
	}
	if err := composeUsable(ctx); err != nil {
		return "", adviceFor(srv, append(tried, err))
	}
	return s.composeUp(ctx, srv)
}

// adviceFor says what was tried and what the user can do.
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
