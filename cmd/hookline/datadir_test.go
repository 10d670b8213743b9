package main_test

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/testkit"
)

// contents reads the files of a directory that a start must not change.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, name := range []string{"encryption.keys", "hookline.lock"} {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		out[name] = string(raw)
	}
	return out
}

func TestADataDirectoryInUseIsRefusedAndLeftAlone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	first := runDev(t, dir)
	tenant := first.client(*first.APIKey)
	lead := tenant.NewLead(t, "ada@example.com")
	before := contents(t, dir)
	base := strings.TrimSuffix(first.APIURL, "/api/v1")
	for _, args := range [][]string{nil, {"--reset"}} {
		second := testkit.Run(t, nil, append([]string{"dev", "--addr", "127.0.0.1:0", "--data-dir", dir}, args...)...)
		code, says := second.Exit(t), second.Stderr()
		for _, want := range []string{"is in use by", "process " + strconv.Itoa(first.ID()), base, "--data-dir"} {
			if code != 1 || !strings.Contains(says, want) || strings.Count(says, "\n") != 1 {
				t.Errorf("dev %v on a directory in use: got exit %d, %q, want 1 and %q in one line", args, code, says, want)
			}
		}
		for name, want := range before {
			if got := contents(t, dir)[name]; got != want {
				t.Errorf("dev %v changed %s from %q to %q", args, name, want, got)
			}
		}
	}
	// Its own endpoint still leads to the first one, and its data are there after a kill, which releases the lock.
	tenant.NewLead(t, "grace@example.com")
	first.AwaitOutput(t, first.Stderr, "→ Inbox  200")
	first.Kill()
	again := runDev(t, dir)
	again.client(*first.APIKey).Call(t, http.MethodGet, "/api/v1/leads/"+lead.ID, nil).Want(t, http.StatusOK)
}

func TestARefusedResetDeletesNothing(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	dir, fresh := filepath.Join(parent, "data"), filepath.Join(parent, "fresh")
	first := runDev(t, dir)
	lead := first.client(*first.APIKey).NewLead(t, "ada@example.com")
	first.Interrupt(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	before := contents(t, dir)
	for _, data := range []string{dir, fresh} {
		for _, c := range []struct {
			env        []string
			addr, says string
		}{
			{nil, taken.Addr().String(), "is taken"},
			{nil, "nowhere", "host:port"},
			{[]string{"HOOKLINE_DISABLE_AFTER=1h"}, "127.0.0.1:0", "HOOKLINE_DISABLE_AFTER"},
			{[]string{"HOOKLINE_TASK_TIMEOUT=soon"}, "127.0.0.1:0", "HOOKLINE_TASK_TIMEOUT"},
		} {
			p := testkit.Run(t, c.env, "dev", "--reset", "--addr", c.addr, "--data-dir", data)
			if code := p.Exit(t); code != 1 || !strings.Contains(p.Stderr(), c.says) {
				t.Errorf("dev --reset: got exit %d, %q, want 1 and %q", code, p.Stderr(), c.says)
			}
		}
	}
	if _, err := os.Stat(fresh); !os.IsNotExist(err) {
		t.Errorf("data directory of a refused start: got %s (%v), want none", fresh, err)
	}
	for name, want := range before {
		if got := contents(t, dir)[name]; got != want {
			t.Errorf("a refused start changed %s from %q to %q", name, want, got)
		}
	}
	again := runDev(t, dir)
	again.client(*first.APIKey).Call(t, http.MethodGet, "/api/v1/leads/"+lead.ID, nil).Want(t, http.StatusOK)
}

// modes are the permissions of a directory and of the files in it.
func modes(t *testing.T, dir string) map[string]os.FileMode {
	t.Helper()
	out := map[string]os.FileMode{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(entries, nil) {
		path := dir
		if name != nil {
			path = filepath.Join(dir, name.Name())
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		out[strings.TrimPrefix(path, dir)] = info.Mode().Perm()
	}
	return out
}

func TestTheDataOfDevelopmentArePrivate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	private := func(when string, others ...string) {
		t.Helper()
		got := modes(t, dir)
		for _, name := range []string{"", "/hookline.db", "/hookline.db-wal", "/hookline.db-shm", "/encryption.keys",
			"/hookline.lock"} {
			want := os.FileMode(0o600)
			if name == "" {
				want = 0o700
				if len(others) > 0 {
					want = 0o755
				}
			}
			if got[name] != want {
				t.Errorf("%s: the mode of %q is %o, want %o", when, name, got[name], want)
			}
		}
		for _, name := range others {
			if got[name] != 0o644 {
				t.Errorf("%s: the mode of %q is %o, want %o", when, name, got[name], 0o644)
			}
		}
	}
	open := func(path string, mode os.FileMode) {
		t.Helper()
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	first := runDev(t, dir)
	private("after the first start")
	first.Kill() // leaves all files

	open(dir, 0o755)
	for _, name := range []string{"hookline.db", "hookline.db-wal", "hookline.db-shm", "encryption.keys"} {
		open(filepath.Join(dir, name), 0o644)
	}
	second := runDev(t, dir)
	private("after a start with wider modes")
	second.Kill()

	// Somebody's own directory stays as it is, such as that of a project.
	if err := os.WriteFile(filepath.Join(dir, "main.go"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	open(filepath.Join(dir, "main.go"), 0o644)
	open(dir, 0o755)
	open(filepath.Join(dir, "hookline.db"), 0o644)
	runDev(t, dir)
	private("in a directory with other files", "/main.go")
}
