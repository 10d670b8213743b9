package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/hookline/hookline/deploy/dev/instance"
)

const (
	// composeFile is seen from the root of the repository, where "go run ./deploy/dev/services" has to be started.
	composeFile = "deploy/compose.yaml"
	// composePassword guards nothing: the database lives as long as one command and listens on the loopback interface.
	composePassword = "hookline"
	// composeStop bounds taking the containers down.
	composeStop = time.Minute
)

// composeService says how a server of composeFile is reached from the machine.
type composeService struct {
	name         string // in the file
	portVariable string // sets the port on the loopback interface
	url          string // with one %d for that port
}

// composeUsable says why Docker Compose cannot be used, or nil.
func composeUsable(ctx context.Context) error {
	if _, err := os.Stat(composeFile); err != nil {
		return fmt.Errorf("docker compose: %w", err)
	}
	for _, args := range [][]string{{"info"}, {"compose", "version"}} {
		if err := exec.CommandContext(ctx, "docker", args...).Run(); err != nil {
			return fmt.Errorf("docker %s: %w", strings.Join(args, " "), err)
		}
	}
	return nil
}

// composeUp starts one server in a container of its own project, waits until it is healthy, and leaves it to
// close to take the project down with its data.
func (s *stack) composeUp(ctx context.Context, srv server) (string, error) {
	port, err := instance.FreePort()
	if err != nil {
		return "", err
	}
	project := "hookline-test-" + strconv.Itoa(os.Getpid())
	compose := func(ctx context.Context, args ...string) error {
		all := append([]string{"compose", "--project-name", project, "--file", composeFile}, args...)
		cmd := exec.CommandContext(ctx, "docker", all...)
		cmd.Env = append(os.Environ(), srv.compose.portVariable+"="+strconv.Itoa(port),
			"POSTGRES_PASSWORD="+composePassword, "REDIS_PASSWORD="+composePassword, "REDIS_DATABASES=512",
			// The file insists on these for services that are not started here.
			"HOOKLINE_ENCRYPTION_KEYS=unused", "HOOKLINE_OPERATOR_KEY=unused")
		cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
		return cmd.Run()
	}
	s.stops = append(s.stops, func() {
		ctx, cancel := context.WithTimeout(context.Background(), composeStop)
		defer cancel()
		if err := compose(ctx, "down", "--volumes"); err != nil {
			say("docker compose down of %s: %v", project, err)
		}
	})
	if err := compose(ctx, "up", "--detach", "--wait", srv.compose.name); err != nil {
		return "", errors.Join(fmt.Errorf("%s with docker compose: %w", srv.name, err), ctx.Err())
	}
	say("%s in a container on 127.0.0.1:%d", srv.name, port)
	return fmt.Sprintf(srv.compose.url, port), nil
}
