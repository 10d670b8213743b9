package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"syscall"
)

// minRedis is the oldest major version that Hookline supports.
const minRedis = 7

// startRedis runs a private Redis that keeps nothing on disk. It has many databases so that every test can have one to
// itself, and refuses to evict, as Hookline demands of a real one.
func startRedis(ctx context.Context, s *stack) (string, error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return "", fmt.Errorf("redis-server %w on PATH", errMissing)
	}
	major, err := majorVersion(ctx, path)
	if err != nil {
		return "", err
	}
	if major < minRedis {
		return "", fmt.Errorf("redis-server %d or newer %w: the one in place is %d", minRedis, errMissing, major)
	}
	port, err := s.startOnFreePort(ctx, instance{
		name: "redis",
		stop: syscall.SIGTERM,
		command: func(port int) *exec.Cmd {
			cmd := exec.Command(path, "--save", "", "--appendonly", "no", "--databases", "512",
				"--maxmemory-policy", "noeviction", "--bind", "127.0.0.1", "--port", strconv.Itoa(port), "--dir", s.dir)
			cmd.SysProcAttr = serverAttributes(nil)
			return cmd
		},
		ping: pingRedis,
	})
	if err != nil {
		return "", err
	}
	say("Redis %d on 127.0.0.1:%d", major, port)
	return fmt.Sprintf("redis://127.0.0.1:%d/0", port), nil
}

// pingRedis connects once and speaks the one word of the protocol it needs: a full client logs every refused connection.
func pingRedis(ctx context.Context, port int) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return err
		}
	}
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return err
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && answer != "+PONG\r\n" {
		err = fmt.Errorf("unexpected answer %q", answer)
	}
	return err
}
