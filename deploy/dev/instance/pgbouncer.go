package instance

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// pgbouncerConfig leads every database to a PostgreSQL.
const pgbouncerConfig = `[databases]
* = host=%s port=%s user=hookline
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = any
pool_mode = %s
default_pool_size = %d
max_client_conn = 500
`

// PgBouncer makes a PgBouncer in a pool mode (session or transaction) in a folder, in front of a PostgreSQL; Start
// starts it. In transaction mode it has so few connections that the transactions of one client meet all of them. The
// error wraps ErrMissing when there is no binary.
func PgBouncer(dir, databaseURL, mode string) (*Server, error) {
	path, err := exec.LookPath("pgbouncer")
	if err != nil {
		if path, err = exec.LookPath("/usr/sbin/pgbouncer"); err != nil {
			return nil, fmt.Errorf("pgbouncer %w on PATH; install the package pgbouncer", ErrMissing)
		}
	}
	as, err := postgresAccount() // it refuses root, too
	if err != nil {
		return nil, err
	}
	behind, err := url.Parse(databaseURL)
	if err != nil {
		return nil, err
	}
	size := 4
	if mode == "session" {
		size = 40 // each client keeps one
	}
	file := filepath.Join(dir, "pgbouncer.ini")
	return &Server{
		Name: "PgBouncer", log: filepath.Join(dir, "pgbouncer.log"), stop: syscall.SIGQUIT,
		command: func(port int) *exec.Cmd {
			config := fmt.Sprintf(pgbouncerConfig, behind.Hostname(), behind.Port(), port, mode, size)
			_ = os.WriteFile(file, []byte(config), 0o644) // without it the program ends, and says so
			cmd := exec.Command(path, file)
			cmd.SysProcAttr = attributes(as)
			return cmd
		},
		ping: pingPostgres, url: postgresURL,
	}, nil
}
