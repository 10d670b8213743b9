package main

import (
	"errors"
	"flag"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hookline/hookline/internal/testkit"
)

var fullDisk = flag.Bool("outage.disk", false, "fill the disk of a PostgreSQL, which takes root to mount a small one")

// smallDisk mounts a file system for a PostgreSQL and a Redis, and returns its folder.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "hookline-disk-")
	if err == nil {
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
		err = exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", "size=256m,mode=0711", "none", dir).Run()
	}
	if err != nil {
		t.Fatalf("mounting a small disk: got %v, want it, which takes root", err)
	}
	t.Cleanup(func() {
		if err := exec.Command("umount", "-l", dir).Run(); err != nil {
			t.Errorf("unmounting %s: got %v, want success", dir, err)
		}
	})
	return dir
}

// fill writes a file until the disk is full.
func fill(t *testing.T, file string) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	block := make([]byte, 4<<10)
	for err == nil {
		_, err = f.Write(block)
	}
	if !errors.Is(err, syscall.ENOSPC) || f.Close() != nil {
		t.Fatalf("filling the disk: got %v, want no space left", err)
	}
}

func readyz(t *testing.T, p *testkit.Process) int {
	t.Helper()
	answer, err := http.Get("http://" + p.MetricsAddr() + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	return answer.StatusCode
}

func TestADiskOfPostgreSQLThatWasFullLosesNothing(t *testing.T) {
	if !*fullDisk {
		t.Skip("only with -outage.disk, which make outage sets when root runs it; internal/delivery fills that of SQLite")
	}
	dir := smallDisk(t)
	private := testkit.NewPrivateIn(t, dir)
	o := newOutage(t, private, private.Services)
	ballast := filepath.Join(dir, "ballast")
	o.loses(t, func() {
		testkit.Await(t, "readyz to say that nothing can be written", func() bool {
			fill(t, ballast) // what PostgreSQL gives back, too
			return readyz(t, o.serve) == http.StatusServiceUnavailable
		})
		<-time.After(*frozenFor)
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		conn, err := pgx.Connect(t.Context(), private.DatabaseURL)
		if err != nil { // without room for its log PostgreSQL ends, and its supervisor starts it again
			t.Logf("PostgreSQL had ended: %v", err)
			err = private.Postgres.Restart(t.Context())
		} else {
			err = conn.Close(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		testkit.AwaitWithin(t, late, "readyz to say that it can write again", func() bool {
			return readyz(t, o.serve) == http.StatusOK
		})
	})
}
