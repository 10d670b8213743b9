package instance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/jackc/pgx/v5"
)

// minPostgres is the oldest major version that Hookline supports.
const minPostgres = 15

// account is the user a server runs as when we are root.
type account struct{ uid, gid uint32 }

// binary is a server program of a known major version. Dir holds it and the tools of the same version.
type binary struct {
	dir   string
	major int
}

// Postgres makes a cluster of its own in a folder of NewDir; Start starts it, and its URL is that of its superuser.
// Without fsync a crash of the machine loses the data. The error wraps ErrMissing when there is no binary.
func Postgres(ctx context.Context, dir string, fsync bool) (*Server, error) {
	bin, as, home, err := place(ctx, dir, "pg")
	if err != nil {
		return nil, err
	}
	if err := initCluster(ctx, bin, home, as); err != nil {
		return nil, err
	}
	return postgresServer(bin, as, home, fsync), nil
}

// place finds the programs and whom they run as, and makes a folder of theirs in dir.
func place(ctx context.Context, dir, name string) (bin binary, as *account, home string, err error) {
	if bin, err = findPostgres(ctx); err != nil {
		return bin, nil, "", err
	}
	if as, err = postgresAccount(); err != nil {
		return bin, nil, "", err
	}
	home = filepath.Join(dir, name)
	if err = os.Mkdir(home, 0o700); err == nil && as != nil {
		err = os.Chown(home, int(as.uid), int(as.gid))
	}
	return bin, as, home, err
}

func postgresServer(bin binary, as *account, home string, fsync bool) *Server {
	return &Server{
		Name: "PostgreSQL", Major: bin.major, log: home + ".log",
		stop: syscall.SIGQUIT, // immediate: nobody will read the data again
		command: func(port int) *exec.Cmd {
			return postgresTool(context.Background(), bin, "postgres", home, as, postgresArgs(home, port, fsync)...)
		},
		ping: pingPostgres, url: postgresURL,
	}
}

// Standby makes and starts a copy, in a folder of dir, of a running server of Postgres, which follows it. promote makes
// it the primary.
func Standby(ctx context.Context, dir string, primary *Server) (standby *Server, promote func(context.Context) error,
	err error) {
	bin, as, home, err := place(ctx, dir, "standby")
	if err != nil {
		return nil, nil, err
	}
	copied := postgresTool(ctx, bin, "pg_basebackup", home, as, "--pgdata", filepath.Join(home, "data"),
		"--dbname", primary.URL+"&application_name=standby", "--write-recovery-conf", "--checkpoint", "fast",
		"--no-sync")
	if out, err := copied.CombinedOutput(); err != nil {
		return nil, nil, fmt.Errorf("pg_basebackup: %w\n%s", err, out)
	}
	promote = func(ctx context.Context) error {
		out, err := postgresTool(ctx, bin, "pg_ctl", home, as, "promote", "--pgdata", filepath.Join(home, "data")).
			CombinedOutput()
		if err != nil {
			return fmt.Errorf("pg_ctl promote: %w\n%s", err, out)
		}
		return nil
	}
	standby = postgresServer(bin, as, home, true)
	return standby, promote, standby.Start(ctx)
}

// Synchronous makes a primary acknowledge no commit from now on that its Standby has not.
func Synchronous(ctx context.Context, primary *Server) error {
	return onPrimary(ctx, primary, "ALTER SYSTEM SET synchronous_standby_names = 'standby'", "SELECT pg_reload_conf()")
}

func onPrimary(ctx context.Context, primary *Server, statements ...string) error {
	conn, err := pgx.Connect(ctx, primary.URL)
	if err != nil {
		return err
	}
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return errors.Join(err, conn.Close(ctx))
		}
	}
	return conn.Close(ctx)
}

// initCluster makes the data folder. It trusts everybody who can reach the loopback interface or the socket folder:
// the instance lives as long as one command and holds nothing but test data.
func initCluster(ctx context.Context, bin binary, home string, as *account) error {
	cmd := postgresTool(ctx, bin, "initdb", home, as,
		"--pgdata", filepath.Join(home, "data"), "--username", "hookline", "--auth", "trust",
		"--encoding", "UTF8", "--locale", "C", "--no-sync")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := start(cmd)
	if err == nil {
		err = cmd.Wait()
	}
	if err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out.Bytes())
	}
	return nil
}

// postgresArgs is the server's configuration. Without fsync a crash of the machine loses the data, which is no loss
// here, and a commit need not wait for the disk; many connections because test packages run side by side.
func postgresArgs(home string, port int, fsync bool) []string {
	settings := []string{
		"listen_addresses=127.0.0.1",
		"port=" + strconv.Itoa(port),
		"unix_socket_directories=" + home,
		"max_connections=300",
		"shared_buffers=128MB",
		"log_min_messages=warning",
	}
	if !fsync {
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=256MB")
	}
	args := []string{"-D", filepath.Join(home, "data")}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	return args
}

// postgresTool is a program of the chosen version, run as the given account in a folder that account may enter.
func postgresTool(ctx context.Context, bin binary, name, dir string, as *account, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(bin.dir, name), args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.SysProcAttr = attributes(as)
	return cmd
}

// postgresURL is the address of the superuser "hookline".
func postgresURL(port int) string {
	return fmt.Sprintf("postgres://hookline@127.0.0.1:%d/postgres?sslmode=disable", port)
}

// pingPostgres connects once.
func pingPostgres(ctx context.Context, port int) error {
	conn, err := pgx.Connect(ctx, postgresURL(port))
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// postgresAccount is whom PostgreSQL runs as, because it refuses root: nil (the current user) unless we are root, then
// "postgres" where its package made that user, else "nobody".
func postgresAccount() (*account, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		u, err = user.Lookup("nobody")
	}
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody: %w",
			err)
	}
	uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
	return &account{uint32(uid), uint32(gid)}, errors.Join(uidErr, gidErr)
}

// findPostgres picks the newest installation that has both programs. Distributions keep them off PATH, in a folder
// per version.
func findPostgres(ctx context.Context) (binary, error) {
	var dirs []string
	if path, err := exec.LookPath("postgres"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			path = real // the other tools need not be linked
		}
		dirs = append(dirs, filepath.Dir(path))
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",          // Debian, Ubuntu
		"/usr/pgsql-*/bin",                   // Fedora, Red Hat
		"/opt/homebrew/opt/postgresql@*/bin", // Homebrew
		"/usr/local/opt/postgresql@*/bin",    // Homebrew on Intel
	} {
		found, _ := filepath.Glob(pattern) // the patterns are well formed
		dirs = append(dirs, found...)
	}
	var all []binary
	for _, dir := range dirs {
		if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
			continue
		}
		if major, err := majorVersion(ctx, filepath.Join(dir, "postgres")); err == nil {
			all = append(all, binary{dir, major})
		}
	}
	best, ok := newest(all)
	switch {
	case !ok:
		return best, fmt.Errorf("postgres and initdb %w on PATH or in the usual folders", ErrMissing)
	case best.major < minPostgres:
		return best, fmt.Errorf("postgres %d or newer %w: the newest in place is %d", minPostgres, ErrMissing,
			best.major)
	}
	return best, nil
}

// newest returns the binary with the highest version, the first of them when several have it.
func newest(all []binary) (best binary, ok bool) {
	for _, b := range all {
		if !ok || b.major > best.major {
			best, ok = b, true
		}
	}
	return best, ok
}

// Restored makes a server of a data folder that restore makes, in a folder of NewDir; Start starts it. tools is where
// the programs of the same version are.
func Restored(ctx context.Context, dir string, restore func(tools, data string) error) (*Server, error) {
	bin, as, home, err := place(ctx, dir, "restored")
	if err != nil {
		return nil, err
	}
	if err := restore(bin.dir, filepath.Join(home, "data")); err != nil || as == nil {
		return postgresServer(bin, as, home, true), err
	}
	err = filepath.WalkDir(home, func(path string, _ os.DirEntry, err error) error {
		return errors.Join(err, os.Lchown(path, int(as.uid), int(as.gid)))
	})
	return postgresServer(bin, as, home, true), err
}

// Tools is where the programs of PostgreSQL's version are, such as pg_basebackup.
func Tools(ctx context.Context) (string, error) {
	bin, err := findPostgres(ctx)
	return bin.dir, err
}
