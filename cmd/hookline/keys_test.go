package main_test

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// createKey runs keys create and returns the key.
func createKey(t *testing.T, env []string, args ...string) string {
	t.Helper()
	p := testkit.Run(t, env, append([]string{"keys", "create"}, args...)...)
	if code := p.Exit(t); code != 0 {
		t.Fatalf("exit code of keys create %v: got %d, want 0: %s", args, code, p.Stderr())
	}
	return strings.TrimSpace(p.Stdout())
}

func TestOperatorKeysAreMadeAtTheCommandLineWithLimits(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	d := runDev(t, dir)
	made := createKey(t, nil, "--operator", "--role", "support", "--expires", "90d", "--cidr", "127.0.0.1/8",
		"--cidr", "2001:db8::/32", "--name", "On-call", "--data-dir", dir)
	holder := d.client(made)
	holder.Call(t, http.MethodGet, "/admin/v1/audit-log", nil).Want(t, http.StatusOK)
	holder.Call(t, http.MethodGet, "/admin/v1/operator-keys", nil).Want(t, http.StatusForbidden)
	admin := d.client(*d.OperatorKey)
	k := testkit.Get[api.OperatorKeyList](t, admin, "/admin/v1/operator-keys").Data[0]
	if at, _ := k.ExpiresAt.Get(); k.Name != "On-call" || k.Role != api.OperatorRoleSupport ||
		strings.Join(k.AllowedCidrs, " ") != "127.0.0.0/8 2001:db8::/32" ||
		time.Until(at).Round(time.Hour) != 90*24*time.Hour {
		t.Errorf("key: got %+v, want On-call, support, two networks and 90 days", k)
	}
	entries := testkit.Get[api.AuditEntryList](t, admin, "/admin/v1/audit-log?action=operator_key.created").Data
	if len(entries) != 1 {
		t.Fatalf("audit log: got %+v, want the key made at the command line", entries)
	}
	if role, _ := entries[0].Actor.Role.Get(); entries[0].Target != k.ID || role != "admin" ||
		entries[0].Actor.Name != "Command line" {
		t.Errorf("audit log: got %+v, want the key made at the command line", entries)
	}

	var written struct{ Key string }
	if out := createKey(t, nil, "--json", "--data-dir", dir); json.Unmarshal([]byte(out), &written) != nil {
		t.Errorf("keys create --json: got %s, want JSON", out)
	}
	d.client(written.Key).Call(t, http.MethodGet, "/api/v1/me", nil).Want(t, http.StatusOK)

	elsewhere := createKey(t, nil, "--operator", "--role", "backend", "--cidr", "192.0.2.0/24,198.51.100.0/24",
		"--expires", time.Now().Add(time.Hour).Format(time.RFC3339), "--data-dir", dir)
	d.client(elsewhere).Call(t, http.MethodGet, "/admin/v1/tenants", nil).Want(t, http.StatusForbidden)

	backend := d.client(*d.BackendKey)
	backend.Call(t, http.MethodGet, "/admin/v1/tenants", nil).Want(t, http.StatusOK)
	backend.Call(t, http.MethodGet, "/admin/v1/audit-log", nil).Want(t, http.StatusForbidden)
}

func TestOperatorKeysAreMadeInTheDatabaseOfProduction(t *testing.T) {
	t.Parallel()
	env := testkit.Production(testkit.NewServices(t, testkit.Servers))
	made := createKey(t, env.List(), "--operator", "--role", "backend")
	_, base := testkit.Serve(t, env)
	server := testkit.NewClient(base, made)
	server.NewTenant(t, "business", nil).NewLead(t, "ada@example.com")
	server.Call(t, http.MethodGet, "/admin/v1/queues", nil).Want(t, http.StatusForbidden)
}

func TestMistakesInTheFlagsOfAnOperatorKeyAreExplained(t *testing.T) {
	t.Parallel()
	for args, says := range map[string]string{
		"--operator":                                     "--role is admin, support or backend",
		"--operator --role owner":                        `not "owner"`,
		"--operator --role admin --cidr 10.0.0.1":        "--cidr is a network",
		"--operator --role admin --expires yesterday":    "--expires is a time",
		"--operator --role admin --expires 0d":           "not in the future",
		"--operator --role admin --expires -1h":          "not in the future",
		"--operator --role admin --expires 70000d":       "--expires is a time",
		"--role admin":                                   "add --operator",
		"--cidr 10.0.0.0/8":                              "add --operator",
		"--operator --role support --data-dir ./nowhere": "no data in ./nowhere",
	} {
		p := testkit.Run(t, nil, append([]string{"keys", "create"}, strings.Fields(args)...)...)
		if code := p.Exit(t); code != 2 || !strings.Contains(p.Stderr(), says) || p.Stdout() != "" {
			t.Errorf("keys create %s: got exit %d, %q, want exit 2 and %q on stderr only", args, code, p.Stderr(), says)
		}
	}
}
