package instance

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
)

// minRedis is the oldest major version that Hookline supports.
const minRedis = 7

// Redis makes a Redis in a folder; Start starts it. save is its setting of that name, when to write its data to disk:
// "" for never. It has many databases so that every test can have one to itself, and refuses to evict, as Hookline
// demands of a real one; more are further arguments. The error wraps ErrMissing when there is no binary.
func Redis(ctx context.Context, dir, save string, more ...string) (*Server, error) {
	path, major, err := redisServer(ctx)
	if err != nil {
		return nil, err
	}
	return &Server{
		Name: "Redis", Major: major, log: filepath.Join(dir, "redis.log"), stop: syscall.SIGTERM,
		command: func(port int) *exec.Cmd {
			cmd := exec.Command(path, append([]string{"--save", save, "--appendonly", "no", "--databases", "512",
				"--maxmemory-policy", "noeviction", "--bind", "127.0.0.1", "--port", strconv.Itoa(port), "--dir", dir},
				more...)...)
			cmd.SysProcAttr = attributes(nil)
			return cmd
		},
		ping: pingRedis, url: redisURL,
	}, nil
}

// Sentinel makes a Redis Sentinel with a file of settings, which it rewrites; Start starts it.
func Sentinel(ctx context.Context, log, file string) (*Server, error) {
	path, major, err := redisServer(ctx)
	if err != nil {
		return nil, err
	}
	return &Server{
		Name: "Redis Sentinel", Major: major, log: log, stop: syscall.SIGTERM,
		command: func(port int) *exec.Cmd {
			cmd := exec.Command(path, file, "--sentinel", "--bind", "127.0.0.1", "--port", strconv.Itoa(port))
			cmd.SysProcAttr = attributes(nil)
			return cmd
		},
		ping: pingRedis, url: redisURL,
	}, nil
}

func redisURL(port int) string { return fmt.Sprintf("redis://127.0.0.1:%d/0", port) }

// redisServer finds the program of a version that Hookline supports.
func redisServer(ctx context.Context) (path string, major int, err error) {
	if path, err = exec.LookPath("redis-server"); err != nil {
		return "", 0, fmt.Errorf("redis-server %w on PATH", ErrMissing)
	}
	if major, err = majorVersion(ctx, path); err != nil {
		return "", 0, err
	}
	if major < minRedis {
		return "", 0, fmt.Errorf("redis-server %d or newer %w: the one in place is %d", minRedis, ErrMissing, major)
	}
	return path, major, nil
}

// RedisData is the file in a Redis's folder that keeps what it saved.
const RedisData = "dump.rdb"

// pingRedis connects once and speaks the one word of the protocol it needs: a full client logs every refused
// connection.
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
