package main_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// client runs a command that calls a server, and returns what it printed.
func client(t *testing.T, env []string, code int, args ...string) *testkit.Process {
	t.Helper()
	p := testkit.Run(t, env, args...)
	if got := p.Exit(t); got != code {
		t.Fatalf("hookline %s: got exit %d, want %d: %s%s", strings.Join(args, " "), got, code, p.Stdout(), p.Stderr())
	}
	return p
}

func TestALoginKeepsTheKeyWhereOnlyItsUserCanReadIt(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	home := t.TempDir()
	env := []string{"HOME=" + home, "XDG_CONFIG_HOME=" + home}
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte(tenant.Key()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(key)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	if says := client(t, env, 1, "whoami").Stderr(); !strings.Contains(says, "hookline login") {
		t.Errorf("whoami without a login: got %q, want the next command", says)
	}
	login := testkit.RunTyping(t, in, env, "login", "--url", p.URL+"/api/v1/", "--profile", "work")
	if code := login.Exit(t); code != 0 || strings.Contains(login.Stdout()+login.Stderr(), tenant.Key()) {
		t.Fatalf("login: got exit %d, %q, want 0 without the key", code, login.Stdout()+login.Stderr())
	}
	file := filepath.Join(home, "hookline", "config.json")
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode of %s: got %v (%v), want 0600", file, info, err)
	}
	if says := client(t, env, 0, "whoami", "--profile", "work").Stdout(); !strings.Contains(says, p.URL) {
		t.Errorf("whoami: got %q, want the server", says)
	}
	elsewhere := append(env, "HOOKLINE_URL=http://127.0.0.1:1")
	if says := client(t, elsewhere, 1, "whoami").Stderr(); !strings.Contains(says, "not signed in") {
		t.Errorf("whoami of the default profile: got %q, want no key", says)
	}
	client(t, env, 0, "logout", "--profile", "work")
	if says := client(t, env, 1, "whoami", "--profile", "work").Stderr(); !strings.Contains(says, "no profile") {
		t.Errorf("whoami after logout: got %q, want no profile", says)
	}
}

func TestCommandsPrintTablesAndJSON(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		env := signedIn(t, p.URL, tenant)
		run := func(args ...string) string { t.Helper(); return client(t, env, 0, args...).Stdout() }
		into := func(v any, args ...string) {
			t.Helper()
			if out := run(append(args, "--json")...); json.Unmarshal([]byte(out), v) != nil {
				t.Fatalf("hookline %v --json: got %s, want JSON", args, out)
			}
		}
		var made api.WebhookCreated
		into(&made, "endpoints", "create", "--endpoint-url", receiver.URL, "--events", "lead.*")
		var sample api.Event
		into(&sample, "trigger", "lead.created")
		if sample.Deliveries != 1 {
			t.Errorf("trigger: got %+v, want a delivery", sample)
		}
		receiver.Next(t)
		d := succeeded(p, t, tenant, made.ID, 1)[0]
		for _, c := range []struct{ args, says string }{
			{"whoami", testkit.TenantOf(t, tenant)},
			{"endpoints list", made.ID}, {"endpoints show " + made.ID, "lead.*"},
			{"endpoints update " + made.ID + " --name CRM", made.ID}, {"endpoints enable " + made.ID, "CRM"},
			{"endpoints test " + made.ID, "200 in"},
			{"events list", sample.ID}, {"events show " + sample.ID, "lead.created"},
			{"deliveries list --status succeeded", d.ID}, {"deliveries show " + d.ID, "answered 200"},
			{"deliveries replay " + d.ID, "hookline deliveries show " + d.ID},
			{"endpoints delete " + made.ID, "is deleted"},
		} {
			out := run(strings.Fields(c.args)...)
			if !strings.Contains(out, c.says) {
				t.Errorf("hookline %s: got %s, want %s", c.args, out, c.says)
			}
			for line := range strings.Lines(out) {
				if strings.Contains(c.args, "list") && utf8.RuneCountInString(strings.TrimSpace(line)) > 80 {
					t.Errorf("hookline %s: got %q, want at most 80 columns", c.args, line)
				}
			}
		}
		for _, args := range []string{"whoami", "endpoints list", "events list", "events show " + sample.ID,
			"deliveries list", "deliveries show " + d.ID, "api GET /leads?per_page=1"} {
			var any map[string]any
			into(&any, strings.Fields(args)...)
		}
		var lead api.Lead
		into(&lead, "api", "POST", "/leads", "--data", `{"name":"Ada","email":"ada@example.com"}`)
		if lead.ID == "" {
			t.Errorf("api POST /leads: got %+v, want a lead", lead)
		}
		var own api.Event
		into(&own, "events", "publish", "lead.created", "--data", string(sample.Data))
	})
}

// stub is a server that is not this one; every answer has the date.
func stub(t *testing.T, at time.Time, answer http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", at.UTC().Format(http.TimeFormat))
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestWhatGoesWrongIsASentenceWithTheNextCommand(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	reader := p.NewKey(t, testkit.TenantOf(t, tenant), "live", "read:deliveries")
	older := stub(t, time.Now(), func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusMethodNotAllowed)
		_, _ = w.Write([]byte(`{"error":{"code":"method_not_allowed","message":"No.","details":[],"request_id":"r"}}`))
	})
	// A version with other texts, for ids and for paths that do not exist.
	other := stub(t, time.Now(), func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodOptions && strings.HasPrefix(r.URL.Path, "/api/v1/deliveries/") {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"error":{"code":"not_found","message":"No such thing on this path.","details":[]}}`))
	})
	page := stub(t, time.Now(), func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) })
	wrong := testkit.NewClient(p.URL, "hk_live_wrongwrongwrongwrongwrongwrong")
	for _, c := range []struct {
		url    string
		client *testkit.Client
		args   string
		code   int
		says   []string
	}{
		{p.URL, wrong, "whoami", 1, []string{"does not accept the key", "hookline login --url " + p.URL}},
		{"http://127.0.0.1:1", tenant, "whoami", 1, []string{"nothing listens there", "hookline dev"}},
		{"https://nosuch.invalid", tenant, "whoami", 1, []string{"nosuch.invalid can't be looked up"}},
		{page, tenant, "whoami", 1, []string{"is not a Hookline server", "hookline login --url"}},
		{older, tenant, "listen --forward http://127.0.0.1:1", 1, []string{"another version", "hookline --version"}},
		{other, tenant, "events show evt_nope", 1, []string{"another version", "hookline --version"}},
		{other, tenant, "deliveries show dlv_nope", 1, []string{"No such thing", "hookline deliveries list"}},
		{p.URL, tenant, "api GET /nope", 1, []string{"another version", "hookline --version"}},
		{p.URL, reader, "listen --forward http://127.0.0.1:1", 1, []string{"write:webhooks", "hookline login"}},
		{p.URL, tenant, "listen", 2, []string{"--forward is missing", "hookline listen --forward"}},
		{p.URL, tenant, "listen --forward 3000", 2, []string{"http://127.0.0.1:3000/hooks"}},
		{p.URL, tenant, "trigger no.such", 1, []string{"no event type", "hookline api GET /event-types"}},
		{p.URL, tenant, "trigger lead.created --data {", 2, []string{"--data is not JSON", "@file.json"}},
		{p.URL, tenant, "deliveries show dlv_nope", 1, []string{"no such delivery", "hookline deliveries list"}},
		{p.URL, tenant, "deliveries replay dlv_nope", 1, []string{"no such delivery", "hookline deliveries list"}},
		{p.URL, tenant, "endpoints test whe_nope", 1, []string{"hookline endpoints list"}},
		{p.URL, tenant, "events show evt_nope", 1, []string{"no such event", "hookline events list"}},
		{p.URL, tenant, "deliveries list --limit 0", 2, []string{"--limit is from 1 to 100"}},
		{p.URL, tenant, "endpoints create --endpoint-url nonsense", 1, []string{"url"}},
		{p.URL, tenant, "api FETCH /leads", 2, []string{"GET, POST"}},
		{p.URL, tenant, "deliveries show", 2, []string{"takes 1 argument", "show ID"}},
		{"ftp://x", tenant, "whoami", 2, []string{"is not one of a server"}},
	} {
		got := client(t, signedIn(t, c.url, c.client), c.code, strings.Fields(c.args)...)
		for _, says := range c.says {
			if !strings.Contains(got.Stderr(), says) || strings.Count(got.Stderr(), "\n") != 1 {
				t.Errorf("hookline %s: got %q, want one line with %q", c.args, got.Stderr(), says)
			}
		}
	}
}

func TestAClockThatIsOffIsToldOnce(t *testing.T) {
	t.Parallel()
	for off, says := range map[time.Duration]string{10 * time.Minute: "10m0s behind", -10 * time.Minute: "ahead of"} {
		url := stub(t, time.Now().Add(off), func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"data":[],"meta":{"next_cursor":null}}`))
		})
		env := signedIn(t, url, testkit.NewClient(url, "hk_live_x"))
		got := client(t, env, 0, "events", "list").Stderr()
		if strings.Count(got, "clock is") != 1 || !strings.Contains(got, says) || !strings.Contains(got, "timedatectl") {
			t.Errorf("clock off by %s: got %q, want %q once and what to do", off, got, says)
		}
	}
}

func TestTailShowsDeliveriesAsTheyHappen(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	tenant.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, nil)
	tail := testkit.Run(t, signedIn(t, p.URL, tenant), "tail")
	tail.AwaitOutput(t, tail.Stderr, "Connected")
	tenant.NewLead(t, "ada@example.com")
	tail.AwaitOutput(t, tail.Stdout, "succeeded 200")
	if code := tail.Interrupt(t); code != 0 {
		t.Errorf("exit after Ctrl-C: got %d, want 0: %s", code, tail.Stderr())
	}
}

func TestCompletionManPagesAndTheVersionNeedNoServer(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "share", "man1")
	for _, c := range []struct{ args, says string }{
		{"completion bash", "__hookline"}, {"completion zsh", "#compdef hookline"}, {"completion fish", "hookline"},
		{"completion powershell", "Register-ArgumentCompleter"}, {"--version", "hookline "}, {"man " + dir, ""},
	} {
		if out := client(t, nil, 0, strings.Fields(c.args)...).Stdout(); !strings.Contains(out, c.says) {
			t.Errorf("hookline %s: got %s, want %s", c.args, out, c.says)
		}
	}
	if page, err := os.ReadFile(filepath.Join(dir, "hookline-listen.1")); err != nil || !strings.Contains(string(page),
		"forward") {
		t.Errorf("man page of listen: got %q (%v), want its flags", page, err)
	}
}
