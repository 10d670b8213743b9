package main_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/secret"
	"github.com/hookline/hookline/internal/testkit"
)

// keyID is the id of an encryption key.
func keyID(t *testing.T, key string) string {
	t.Helper()
	ring, err := secret.ParseRing(key)
	if err != nil {
		t.Fatal(err)
	}
	return ring.IDs()[0].String()
}

// rotateEncryption runs the command and insists on its exit code and on texts in its output.
func rotateEncryption(t *testing.T, env []string, code int, args []string, says ...string) {
	t.Helper()
	p := testkit.Run(t, env, append([]string{"keys", "rotate-encryption"}, args...)...)
	got := p.Exit(t)
	for _, text := range says {
		if got != code || !strings.Contains(p.Stdout()+p.Stderr(), text) {
			t.Errorf("keys rotate-encryption %v: got exit %d, %q %q, want exit %d and %q", args, got, p.Stdout(),
				p.Stderr(), code, text)
		}
	}
}

func TestTheEncryptionKeyOfDevelopmentIsReplaced(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	file := filepath.Join(dir, "encryption.keys")
	write := func(keys ...string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(strings.Join(keys, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command := []string{"--data-dir", dir}
	rotateEncryption(t, nil, 2, command, "there is no data in "+dir)
	d := runDev(t, dir)
	if code := d.Interrupt(t); code != 0 {
		t.Fatalf("dev: got exit %d, want 0", code)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	a, b := strings.TrimSpace(string(raw)), secret.GenerateKey()
	write(b, a)
	running := runDev(t, dir)
	rotateEncryption(t, nil, 0, append(command, "--dry-run"), "values need key "+keyID(t, a)+"; keep it until")
	rotateEncryption(t, nil, 0, command, "values encrypted again (job_",
		"0 values need key "+keyID(t, a)+"; remove it from "+file+".", "key "+keyID(t, b)+"; new values are encrypted")
	rotateEncryption(t, nil, 0, append(command, "--json"), `"job": null`, `"id": "`+keyID(t, b)+`"`)
	rotateEncryption(t, nil, 0, command, "Nothing to encrypt again.\n", "0 values need key "+keyID(t, a))
	operator := running.client(*d.OperatorKey)
	if log := testkit.Get[api.AuditEntryList](t, operator, "/admin/v1/audit-log?action=encryption.rotated").
		Data; len(log) != 1 || log[0].Actor.Name != "Command line" {
		t.Errorf("audit entries: got %+v, want one of the command line", log)
	}
	if jobs := testkit.Get[api.TenantJobList](t, operator, "/admin/v1/jobs").Data; len(jobs) != 1 ||
		jobs[0].Kind != "encryption.rotate" || jobs[0].Status != "done" || !jobs[0].TenantID.IsNull() {
		t.Errorf("jobs: got %+v, want one that is done", jobs)
	}
	running.Interrupt(t)

	write(b)
	running = runDev(t, dir)
	running.client(*d.APIKey).NewLead(t, "ada@example.com")
	running.AwaitOutput(t, running.Stderr, "→ Inbox  200")
	running.Interrupt(t)

	write(a)
	refused := testkit.Run(t, nil, "dev", "--addr", "127.0.0.1:0", "--data-dir", dir)
	if code := refused.Exit(t); code != 1 || !strings.Contains(refused.Stderr(), "the key "+keyID(t, b)) {
		t.Errorf("dev with the removed key: got exit %d, %q, want 1 and the id of the missing key", code,
			refused.Stderr())
	}
	write(a, "short")
	rotateEncryption(t, nil, 1, command, file+" is not usable: key 2 ")
}

func TestARotationOfTheEncryptionKeyThatIsKilledIsCompletedByAWorker(t *testing.T) {
	t.Parallel()
	services := testkit.NewServices(t, testkit.Servers)
	env := testkit.Production(services)
	a, b := env["HOOKLINE_ENCRYPTION_KEYS"], secret.GenerateKey()
	old, base := testkit.Serve(t, env)
	tenant := testkit.NewClient(base, testkit.OperatorKey).NewTenant(t, "enterprise", nil)
	d, err := db.Open(t.Context(), services.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	const n = 120 // more than a step changes
	newEndpoints(t, d, a, testkit.TenantOf(t, tenant), n)
	rotated := env.With("HOOKLINE_ENCRYPTION_KEYS", b+","+a)

	// The second step waits for a row, and is killed there.
	locked, unlock, unlocked := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		unlocked <- d.Tx(t.Context(), func(tx *gorm.DB) error {
			var id string
			err := tx.Raw("SELECT id FROM endpoints ORDER BY id DESC LIMIT 1 FOR UPDATE").Row().Scan(&id)
			close(locked)
			<-unlock
			return err
		})
	}()
	<-locked
	killed := testkit.Run(t, rotated.List(), "keys", "rotate-encryption")
	killed.AwaitOutput(t, killed.Stderr, ": 100 of ")
	killed.Kill()
	close(unlock)
	if err := <-unlocked; err != nil {
		t.Fatal(err)
	}
	total := 2*n + 1 // secret and headers, and the key check
	rotateEncryption(t, rotated.List(), 0, []string{"--dry-run"},
		fmt.Sprintf("%d values need key %s; keep it until", total-100, keyID(t, a)),
		fmt.Sprintf("100 values need key %s; new values are encrypted with it.", keyID(t, b)))
	rotateEncryption(t, env.With("HOOKLINE_ENCRYPTION_KEYS", b).List(), 1, nil, "the key "+keyID(t, a))

	worker := testkit.Work(t, rotated)
	worker.AwaitOutput(t, worker.Stderr, fmt.Sprintf(`"encryption_keys":[%q,%q]`, keyID(t, b), keyID(t, a)))
	operator := testkit.NewClient(base, testkit.OperatorKey)
	testkit.Await(t, "the job", func() bool {
		jobs := testkit.Get[api.TenantJobList](t, operator, "/admin/v1/jobs").Data
		return len(jobs) == 1 && jobs[0].Status == "done" && jobs[0].Done == total
	})
	stillOld := fmt.Sprintf("(process %d) encrypts with key %s: make key %s the first one of HOOKLINE_ENCRYPTION_KEYS on "+
		"all processes, and restart it.", old.ID(), keyID(t, a), keyID(t, b))
	rotateEncryption(t, rotated.List(), 1, nil, "Nothing to encrypt again.\n", "serve on ", stillOld,
		"0 values need key "+keyID(t, a)+"; keep it until every process encrypts with the first key.",
		fmt.Sprintf("%d values need key %s", total, keyID(t, b)))

	// A process that still has the old key first, as the API here has only that one.
	tenant.NewEndpoint(t, "http://127.0.0.1:1", nil)
	rotateEncryption(t, env.With("HOOKLINE_ENCRYPTION_KEYS", b).List(), 1, nil,
		"2 values need key "+keyID(t, a)+"; they can't be read, because it is missing",
		"2 values are not encrypted with the first key")
	rotateEncryption(t, rotated.List(), 1, nil, "2 values encrypted again", stillOld)
	if code := old.Interrupt(t); code != 0 {
		t.Fatalf("serve: got exit %d, want 0", code)
	}
	rotateEncryption(t, rotated.List(), 0, nil, "Nothing to encrypt again.\n",
		"0 values need key "+keyID(t, a)+"; remove it from HOOKLINE_ENCRYPTION_KEYS on all processes.")
}

// newEndpoints makes endpoints whose secrets are under a key.
func newEndpoints(t *testing.T, d *db.DB, key, tenantID string, n int) {
	t.Helper()
	ring, err := secret.ParseRing(key)
	if err != nil {
		t.Fatal(err)
	}
	store := endpoint.NewStore(d, ring, clock.System)
	scope := principal.Scope{TenantID: tenantID, Environment: principal.Live}
	for range n {
		if _, _, err := store.Create(t.Context(), scope, endpoint.Settings{URL: "https://example.com/hook",
			Events: []string{"*"}, Method: http.MethodPost, Profile: profile.Default, Envelope: profile.Standard,
			Enabled: true, Policy: profile.Policy{MaxAttempts: 7}, Auth: endpoint.Auth{Type: endpoint.AuthNone},
		}); err != nil {
			t.Fatal(err)
		}
	}
}
