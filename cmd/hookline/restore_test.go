package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hookline/hookline/deploy/dev/instance"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/testkit"
)

// backup runs the scripts of deploy/backup for a server.
type backup struct {
	dir         string
	environment []string
}

func newBackup(t *testing.T, databaseURL string) *backup {
	t.Helper()
	tools, err := instance.Tools(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "hookline-backup-") // which the account of PostgreSQL can enter
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return &backup{dir, append(os.Environ(), "DATABASE_URL="+databaseURL, "BACKUP_DIR="+dir,
		"PATH="+tools+string(os.PathListSeparator)+os.Getenv("PATH"))}
}

func (b *backup) command(t *testing.T, script string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := filepath.Abs("../../deploy/backup/" + script)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Env = b.environment
	return cmd
}

func (b *backup) run(t *testing.T, script string, args ...string) {
	t.Helper()
	if out, err := b.command(t, script, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: got %v, want success:\n%s", script, err, out)
	}
}

// The drill of docs/operations.md, "Backup and restore": PostgreSQL is lost under load, and restored to a moment before,
// with an empty Redis. No worker runs before, so that every delivery is left to the reconciler.
func TestARestoreToAMomentHasAndDeliversEverythingAcceptedBeforeIt(t *testing.T) {
	t.Parallel()
	private := testkit.NewPrivate(t)
	env := testkit.Production(private.Services)
	api, base := testkit.Serve(t, env)
	tenant := testkit.NewClient(base, testkit.OperatorKey).NewTenant(t, "enterprise", nil)
	arrived := &arrivals{at: map[string]time.Time{}}
	tenant.NewEndpoint(t, testkit.NewReceiver(t, arrived.take).URL, nil)
	d, err := db.Open(t.Context(), private.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	one := func(query string) (value string) {
		t.Helper()
		if err := d.Read(t.Context()).Raw(query).Scan(&value).Error; err != nil {
			t.Fatal(err)
		}
		return value
	}

	b := newBackup(t, private.DatabaseURL)
	wal := b.command(t, "wal.sh")
	if err := wal.Start(); err != nil {
		t.Fatal(err)
	}
	stop := func() { _ = wal.Process.Signal(syscall.SIGINT); _ = wal.Wait() }
	testkit.Await(t, "the stream of the log", func() bool {
		return one("SELECT count(*)::text FROM pg_stat_replication WHERE application_name = 'pg_receivewal'") == "1"
	})
	load := produce(func(email string) bool { _, ok := tenant.TryLead(email); return ok })
	b.run(t, "base.sh")
	complete := time.Now()
	leads := func(n string) func() bool {
		return func() bool { return one("SELECT (count(*) >= "+n+")::text FROM leads") == "true" }
	}
	testkit.Await(t, "a second after the copy", func() bool { return time.Since(complete) > 1100*time.Millisecond })
	n := one("SELECT (count(*) + 50)::text FROM leads")
	testkit.Await(t, "leads after the copy", leads(n))
	moment, at := one("SELECT clock_timestamp()::text"), time.Now()
	n = one("SELECT (count(*) + 50)::text FROM leads")
	testkit.Await(t, "leads after the moment", leads(n))
	lag := one("SELECT coalesce(max(flush_lag), '0')::text FROM pg_stat_replication")
	private.Postgres.Kill()
	lost := time.Now()
	made, _ := load.end()
	api.Kill()
	stop()
	private.Redis.Kill()
	if err := private.Forget(); err != nil {
		t.Fatal(err)
	}

	dir, err := instance.NewDir(false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	restored, err := instance.Restored(t.Context(), dir, func(_, data string) error {
		// The account that PostgreSQL runs as must be able to read the log.
		if out, err := exec.CommandContext(t.Context(), "chmod", "-R", "a+rX", b.dir).CombinedOutput(); err != nil {
			return fmt.Errorf("chmod: %w\n%s", err, out)
		}
		out, err := b.command(t, "restore.sh", moment, data).CombinedOutput()
		if err != nil {
			return fmt.Errorf("restore.sh: %w\n%s", err, out)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(restored.Stop)
	if err := restored.Start(t.Context()); err != nil {
		t.Fatalf("PostgreSQL on the restored folder: %v\n%s", err, restored.Tail())
	}
	if err := private.Redis.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	awaitPrimary(t, restored.URL)
	env = env.With("HOOKLINE_DATABASE_URL", restored.URL)
	_, base = testkit.Serve(t, env)
	ready := time.Since(lost)
	testkit.Work(t, env)
	before := map[string]time.Time{}
	for email, accepted := range made {
		if accepted.Before(at) {
			before[email] = accepted
		}
	}
	testkit.Await(t, "every lead accepted before the moment at its consumer", func() bool {
		return len(arrived.missing(before)) == 0
	})
	t.Logf("%d leads accepted before the moment, all delivered; %d after it, of which %d arrived; the copy of the log "+
		"was %s behind; ready %s after the loss, all delivered after %s", len(before), len(made)-len(before),
		arrived.count()-len(before), lag, ready.Round(100*time.Millisecond),
		time.Since(lost).Round(100*time.Millisecond))
	if after := len(made) - len(before); after < 20 || arrived.count()-len(before) > 3 {
		t.Errorf("leads after the moment: got %d arrived of %d, want at most those of that instant", arrived.count()-
			len(before), after)
	}
	if status := testkit.NewClient(base, tenant.Key()).Call(t, "GET", "/api/v1/me", nil).Status; status != 200 {
		t.Errorf("GET /me after the restore: got %d, want 200", status)
	}
}

// awaitPrimary waits until a PostgreSQL takes writes: before that it answers, but is in recovery.
func awaitPrimary(t *testing.T, url string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	testkit.Await(t, "the end of the recovery", func() bool {
		var recovering bool
		if err := conn.QueryRow(t.Context(), "SELECT pg_is_in_recovery()").Scan(&recovering); err != nil {
			t.Fatal(err)
		}
		return !recovering
	})
}
