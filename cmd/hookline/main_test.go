package main_test

import (
	"encoding/json"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/secret"
	"github.com/hookline/hookline/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m, shortGrace) }

// listenerGrace is how long listeners exist after their last connection.
const listenerGrace = 5 * time.Second

func shortGrace(_ *config.Config, o *app.Options) { o.ListenerGrace = listenerGrace }

// development is a running hookline dev.
type development struct {
	*testkit.Process
	APIURL       string  `json:"api_url"`
	DocsURL      string  `json:"docs_url"`
	DashboardURL string  `json:"dashboard_url"`
	APIKey       *string `json:"api_key"`
	OperatorKey  *string `json:"operator_key"`
	BackendKey   *string `json:"backend_key"`
	TenantID     string  `json:"tenant_id"`
	InboxURL     string  `json:"inbox_url"`
	DataDir      string  `json:"data_dir"`
}

func runDev(t *testing.T, dataDir string, args ...string) development {
	t.Helper()
	return runDevWith(t, nil, dataDir, args...)
}

func runDevWith(t *testing.T, env []string, dataDir string, args ...string) development {
	t.Helper()
	p := testkit.Run(t, env, append([]string{"dev", "--json", "--addr", "127.0.0.1:0", "--data-dir", dataDir},
		args...)...)
	var d development
	if err := json.Unmarshal([]byte(p.AwaitOutput(t, p.Stdout, "\n")), &d); err != nil {
		t.Fatalf("output of dev --json: got %s (%v), want JSON", p.Stdout(), err)
	}
	d.Process = p
	return d
}

func (d development) client(key string) *testkit.Client {
	return testkit.NewClient(strings.TrimSuffix(d.APIURL, "/api/v1"), key)
}

func TestTheFirstWebhookNeedsOneCommandAndOneCall(t *testing.T) {
	t.Parallel()
	d := runDev(t, filepath.Join(t.TempDir(), "data"))
	tenant := d.client(*d.APIKey)
	lead := tenant.NewLead(t, "ada@example.com")
	line := d.AwaitOutput(t, d.Stderr, "→ Inbox  200")
	if !strings.Contains(line, "lead.created  accepted") {
		t.Errorf("log of the event: got %q, want lead.created accepted", line)
	}
	inbox := d.client("").Call(t, http.MethodGet, "/dev/inbox?format=json", nil).Want(t, http.StatusOK)
	got := testkit.Into[struct {
		Data []struct {
			Verified  bool
			Body      string
			EventType string `json:"event_type"`
		}
	}](t, inbox).Data
	if len(got) != 1 || !got[0].Verified || got[0].EventType != "lead.created" || !strings.Contains(got[0].Body,
		lead.ID) {
		t.Errorf("inbox: got %s, want one verified lead.created of the lead", inbox.Body)
	}
	browser := testkit.NewBrowser(t)
	for _, page := range []string{d.DocsURL, d.InboxURL, d.DashboardURL} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, page, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Sec-Fetch-Mode", "navigate")
		r.Header.Set("Sec-Fetch-Dest", "document")
		answer, err := browser.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusOK || strings.Contains(answer.Request.URL.String(), "once=") {
			t.Errorf("%s: got %d at %s, want 200 at a URL without the secret", page, answer.StatusCode,
				answer.Request.URL)
		}
	}
	operator := d.client(*d.OperatorKey)
	if tenants := testkit.Get[api.TenantList](t, operator, "/admin/v1/tenants"); len(tenants.Data) != 1 ||
		tenants.Data[0].ID != d.TenantID || tenants.Data[0].Plan != "business" {
		t.Errorf("tenants: got %+v, want %s with the plan business", tenants, d.TenantID)
	}
	if lines := strings.Count(d.Stdout(), "\n"); lines != 1 {
		t.Errorf("lines on stdout: got %d, want 1:\n%s", lines, d.Stdout())
	}
	if code := d.Interrupt(t); code != 0 {
		t.Errorf("exit code after Ctrl-C: got %d, want 0:\n%s", code, d.Stderr())
	}
}

func TestASecondStartKeepsEverythingAndResetStartsOver(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	first := runDev(t, dir)
	lead := first.client(*first.APIKey).NewLead(t, "ada@example.com")
	first.AwaitOutput(t, first.Stderr, "→ Inbox  200")
	first.Interrupt(t)

	second := runDev(t, dir)
	if second.APIKey != nil || second.OperatorKey != nil || second.TenantID != first.TenantID {
		t.Errorf("second start: got %s, want the same tenant and no keys", second.Stdout())
	}
	tenant := second.client(*first.APIKey)
	tenant.Call(t, http.MethodGet, "/api/v1/leads/"+lead.ID, nil).Want(t, http.StatusOK)
	tenant.NewLead(t, "grace@example.com")
	second.AwaitOutput(t, second.Stderr, "→ Inbox  200") // the endpoint follows the new port

	made := testkit.Run(t, nil, "keys", "create", "--data-dir", dir)
	if code := made.Exit(t); code != 0 {
		t.Fatalf("exit code of keys create: got %d, want 0: %s", code, made.Stderr())
	}
	second.client(strings.TrimSpace(made.Stdout())).Call(t, http.MethodGet, "/api/v1/me", nil).Want(t, http.StatusOK)
	second.Interrupt(t)

	spoken := testkit.Run(t, nil, "dev", "--addr", "127.0.0.1:0", "--data-dir", dir)
	banner := spoken.AwaitOutput(t, spoken.Stderr, "Ready in")
	if hint := (*first.APIKey)[:len("hk_test_")+4]; !strings.Contains(banner, hint+"…") || strings.Contains(banner,
		*first.APIKey) || spoken.Stdout() != "" {
		t.Errorf("banner of a later start: got %s, want the key's first characters only, on stderr", banner)
	}
	spoken.Interrupt(t)

	third := runDev(t, dir, "--reset")
	if third.APIKey == nil || third.TenantID == first.TenantID {
		t.Errorf("start with --reset: got %s, want another tenant and a new key", third.Stdout())
	}
	third.client(*first.APIKey).Call(t, http.MethodGet, "/api/v1/me", nil).Want(t, http.StatusUnauthorized)
}

func TestMistakesInTheCallAreExplained(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ args, says string }{
		{"", "needs a command"},
		{"migrate", "up"},
		{"migrate upp", "Did you mean up?"},
		{"serv", "Did you mean serve?"},
		{"serv --help", "Did you mean serve?"},
		{"endpoints foo --help", `hookline endpoints has no command "foo". See: hookline endpoints --help`},
		{"dev --adr :1", "Did you mean --addr?"},
		{"dev extra", "takes no arguments"},
		{"keys create --data-dir ./nowhere", "hookline dev --data-dir ./nowhere"},
	} {
		p := testkit.Run(t, nil, strings.Fields(c.args)...)
		if code := p.Exit(t); code != 2 || !strings.Contains(p.Stderr(), c.says) || p.Stdout() != "" {
			t.Errorf("hookline %s: got exit %d, %q, want exit 2 and %q on stderr only", c.args, code, p.Stderr(),
				c.says)
		}
	}
	p := testkit.Run(t, nil, "version")
	if code := p.Exit(t); code != 0 || !strings.HasPrefix(p.Stdout(), "hookline ") {
		t.Errorf("hookline version: got exit %d, %q, want exit 0 and the version", code, p.Stdout())
	}
}

func TestServeRefusesToStartOnNonsenseAndNamesTheVariable(t *testing.T) {
	t.Parallel()
	good := testkit.Production(testkit.NewServices(t, testkit.Servers))
	for i, c := range []struct{ name, value, says string }{
		{"HOOKLINE_DATABASE_URL", "", "is not set"},
		{"HOOKLINE_DATABASE_URL", "mysql://x", "postgres://"},
		{"HOOKLINE_DATABASE_URL", "postgres://u:hidden@127.0.0.1:1/x", "127.0.0.1:1 does not respond"},
		{"HOOKLINE_REDIS_URL", "", "is not set"},
		{"HOOKLINE_REDIS_URL", "memcached://x", "redis://"},
		{"HOOKLINE_REDIS_URL", "redis://127.0.0.1:1", "127.0.0.1:1 does not respond"},
		{"HOOKLINE_REDIS_URL", "redis-cluster://127.0.0.1:1/3", `has database 0 only, and the URL names database "3"`},
		{"HOOKLINE_REDIS_URL", "redis-cluster://127.0.0.1:1?addr=127.0.0.1:2",
			"None of the nodes 127.0.0.1:1, 127.0.0.1:2 of the Redis Cluster responds"},
		{"HOOKLINE_REDIS_URL", "redis-sentinel://:hidden@127.0.0.1:1?master_name=m&addr=127.0.0.1:2",
			`None of the Redis Sentinels 127.0.0.1:1, 127.0.0.1:2 names a server for the master "m"`},
		{"HOOKLINE_ENCRYPTION_KEYS", "", "openssl rand -base64 32"},
		{"HOOKLINE_ENCRYPTION_KEYS", "short", "openssl rand -base64 32"},
		{"HOOKLINE_OPERATOR_KEY", "secret", "hk_op_"},
		{"HOOKLINE_PUBLIC_URL", "hooks.example.com", "https://hooks.example.com"},
		{"HOOKLINE_OIDC_ISSUER", "https://login.example.com", "HOOKLINE_OIDC_CLIENT_ID is not set"},
		{"HOOKLINE_OIDC_CLIENT_SECRET", "hidden", "HOOKLINE_OIDC_ISSUER is not set"},
		{"HOOKLINE_OIDC_OPERATOR_EMAILS", "ada@example.com", "HOOKLINE_OIDC_ISSUER is not"},
		{"HOOKLINE_EGRESS_ALLOW", "ten.zero", "CIDR"},
		{"HOOKLINE_ALLOW_HTTP_ENDPOINTS", "perhaps", "true or false"},
		{"HOOKLINE_DELIVERY_TIMEOUT", "soon", "duration"},
		{"HOOKLINE_DELIVERY_TIMEOUT", "1h", "between"},
		{"HOOKLINE_TASK_TIMEOUT", "5s", "longer than HOOKLINE_DELIVERY_TIMEOUT"},
		{"HOOKLINE_SHUTDOWN_TIMEOUT", "5s", "longer than HOOKLINE_TASK_TIMEOUT"},
		{"HOOKLINE_RETENTION_EVENTS", "1h", "shorter than"},
		{"HOOKLINE_WORKER_CONCURRENCY", "0", "between"},
		{"HOOKLINE_LOG_LEVEL", "loud", "debug"},
	} {
		command := []string{"serve", "worker"}[i%2] // they read the same configuration
		p := testkit.Run(t, good.With(c.name, c.value).List(), command)
		code := p.Exit(t)
		says := p.Stderr()
		if code != 1 || !strings.Contains(says, c.name) || !strings.Contains(says, c.says) || strings.Count(says,
			"\n") != 1 || strings.Contains(says, "hidden") {
			t.Errorf("%s with %s=%q: got exit %d, %q, want 1 and %q, in one line", command, c.name, c.value, code, says,
				c.says)
		}
	}
}

func TestServeRefusesPendingMigrationsAWrongKeyAndATakenPort(t *testing.T) {
	t.Parallel()
	services := testkit.NewServices(t, testkit.Servers)
	good := testkit.Production(services)
	refused := func(env []string, says string) {
		t.Helper()
		p := testkit.Run(t, env, "serve")
		if code := p.Exit(t); code != 1 || !strings.Contains(p.Stderr(), says) || strings.Count(p.Stderr(), "\n") != 1 {
			t.Errorf("exit %d, %q; want %q", code, p.Stderr(), says)
		}
	}
	migrate := func(command, says string) {
		t.Helper()
		p := testkit.Run(t, good.List(), append([]string{"migrate"}, strings.Fields(command)...)...)
		if code := p.Exit(t); code != 0 || !strings.Contains(p.Stdout(), says) {
			t.Errorf("hookline migrate %s: got exit %d, %q %q, want exit 0 and %q", command, code, p.Stdout(),
				p.Stderr(), says)
		}
	}
	migrate("status", "applied ")
	migrate("up", "nothing to do")
	migrate("down", "took back 000")
	migrate("status", "pending")
	migrate("status --json", `"applied_at": null`)
	migrate("up --dry-run --json", `"pending": [`)
	refused(good.List(), "hookline migrate up")
	migrate("up --json", `"applied": [`)
	migrate("up --json", `"applied": []`)

	first := testkit.Run(t, good.List(), "serve")
	first.AwaitOutput(t, first.Stderr, `"ready"`)
	refused(good.With("HOOKLINE_ENCRYPTION_KEYS", secret.GenerateKey()).List(), "HOOKLINE_ENCRYPTION_KEYS")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	refused(good.With("HOOKLINE_ADDR", l.Addr().String()).List(), "Set HOOKLINE_ADDR")
	refused(good.With("HOOKLINE_ADDR", "8080").List(), "HOOKLINE_ADDR")
	refused(good.With("HOOKLINE_METRICS_ADDR", l.Addr().String()).List(), "HOOKLINE_METRICS_ADDR")

	dev := testkit.Run(t, nil, "dev", "--data-dir", t.TempDir(), "--addr", l.Addr().String())
	if code := dev.Exit(t); code != 1 || !strings.Contains(dev.Stderr(), "hookline dev --addr 127.0.0.1:") {
		t.Errorf("dev on a taken port: got exit %d, %q, want exit 1 and another address to try", code, dev.Stderr())
	}
}
