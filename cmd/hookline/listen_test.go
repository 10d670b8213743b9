package main_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/fake"
	"github.com/hookline/hookline/internal/testkit/secrets"
	"github.com/hookline/hookline/pkg/webhook"
)

// signedIn is an environment in which the commands call a server with a client's key.
func signedIn(t *testing.T, url string, c *testkit.Client) []string {
	t.Helper()
	home := t.TempDir()
	return []string{"HOOKLINE_URL=" + url, "HOOKLINE_API_KEY=" + c.Key(), "HOME=" + home, "XDG_CONFIG_HOME=" + home,
		"TZ=UTC"}
}

// listener is a running hookline listen --json.
type listener struct {
	*testkit.Process
	made api.Listener
}

func listen(t *testing.T, env []string, stdin *os.File, args ...string) listener {
	t.Helper()
	p := testkit.RunTyping(t, stdin, env, append([]string{"listen", "--json"}, args...)...)
	l := listener{Process: p}
	line, _, _ := strings.Cut(p.AwaitOutput(t, p.Stdout, "\n"), "\n")
	if err := json.Unmarshal([]byte(line), &l.made); err != nil || l.made.Secret == "" {
		t.Fatalf("first line of listen --json: got %s (%v), want the listener", line, err)
	}
	secrets.Remember(l.made.Secret)
	return l
}

// connected waits until the listener's stream is open: its end is put off then.
func (l listener) connected(t *testing.T, p *testkit.Program, c *testkit.Client) {
	t.Helper()
	p.Await(t, "the stream of the listener", func() bool {
		server := p.App.Redis()
		n, err := server.Exists(t.Context(), "listener:{"+testkit.TenantOf(t, c)+":"+l.made.ID+"}:stream").Result()
		return err == nil && n == 1
	})
}

func succeeded(p *testkit.Program, t *testing.T, c *testkit.Client, webhookID string, n int) []api.Delivery {
	t.Helper()
	var all []api.Delivery
	p.Await(t, "the deliveries to succeed", func() bool {
		all = c.Deliveries(t, "&status=succeeded&webhook_id="+webhookID)
		return len(all) == n
	})
	return all
}

func TestListenForwardsWithTheSignatureAndReportsTheAnswers(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant, other := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		target := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, n int) {
			w.Header().Set("X-From", "target")
			if n == 1 {
				w.WriteHeader(http.StatusInternalServerError)
			}
			_, _ = w.Write([]byte("seen"))
		})
		stranger := testkit.NewReceiver(t, nil)
		in, typed, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _, _ = in.Close(), typed.Close() })
		l := listen(t, signedIn(t, p.URL, tenant), in, "--forward", target.URL+"/hooks", "--events", "lead.created")
		foreign := listen(t, signedIn(t, p.URL, other), nil, "--forward", stranger.URL)
		l.connected(t, p, tenant)
		foreign.connected(t, p, other)
		tenant.NewLead(t, "ada@example.com")

		first, second := target.Next(t), target.Next(t)
		if err := webhook.Verify(first.Header, first.Body, time.Now(), l.made.Secret); err != nil {
			t.Errorf("signature of what was forwarded: got %v, want it valid", err)
		}
		if first.Path != "/hooks" || string(first.Body) != string(second.Body) {
			t.Errorf("forwarded: got %s %s, then %s, want the same body at /hooks", first.Path, first.Body, second.Body)
		}
		done := succeeded(p, t, tenant, l.made.ID, 1)
		d := tenant.Delivery(t, done[0].ID)
		if len(d.Attempts) != 2 || d.Attempts[0].ResponseStatus.MustGet() != 500 ||
			d.Attempts[1].ResponseHeaders["X-From"] != "target" || d.Attempts[1].ResponseBody != "seen" {
			t.Errorf("attempts: got %+v, want a 500 and then the target's answer", d.Attempts)
		}
		if _, err := typed.WriteString("r\n"); err != nil {
			t.Fatal(err)
		}
		if again := target.Next(t); string(again.Body) != string(first.Body) {
			t.Errorf("replay: got %s, want %s", again.Body, first.Body)
		}
		if n := stranger.Count(); n != 0 {
			t.Errorf("another tenant's target: got %d requests, want none", n)
		}
		if code := l.Interrupt(t); code != 0 {
			t.Errorf("exit after Ctrl-C: got %d, want 0: %s", code, l.Stderr())
		}
		tenant.Call(t, http.MethodGet, "/api/v1/webhooks/"+l.made.ID, nil).Want(t, http.StatusNotFound)
		lines := strings.Split(strings.TrimSpace(l.Stdout()), "\n")
		for _, line := range lines {
			if !json.Valid([]byte(line)) {
				t.Errorf("line of listen --json: got %s, want JSON", line)
			}
		}
	})
}

func TestListenSaysThatTheTargetIsDownAndTheAttemptFails(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	nobody := httptest.NewServer(http.NotFoundHandler())
	nobody.Close()
	l := testkit.Run(t, signedIn(t, p.URL, tenant), "listen", "--forward", nobody.URL+"/hooks")
	l.AwaitOutput(t, l.Stdout, "Signing secret: whsec_")
	tenant.NewLead(t, "ada@example.com")
	l.AwaitOutput(t, l.Stdout, "no server at "+nobody.URL+"/hooks; start it")
	p.Await(t, "the failed attempt", func() bool {
		all := tenant.Deliveries(t, "")
		return len(all) == 1 && all[0].Reason.IsSpecified() && !all[0].Reason.IsNull() &&
			all[0].Reason.MustGet() == "connect"
	})
}

func TestListenMissesNothingWhenItsConnectionIsCut(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		proxy, url := fake.NewProxy(t, p.URL)
		arrived, answer := make(chan struct{}), make(chan struct{})
		target := testkit.NewReceiver(t, func(_ http.ResponseWriter, _ testkit.Received, n int) {
			if n == 1 { // under way while the connection is cut and made again
				close(arrived)
				<-answer
			}
		})
		l := listen(t, signedIn(t, url, tenant), nil, "--forward", target.URL)
		l.connected(t, p, tenant)
		tenant.NewLead(t, "ada@example.com")
		<-arrived
		proxy.Cut()
		l.AwaitOutput(t, l.Stderr, "The connection was cut")
		tenant.NewLead(t, "bob@example.com")
		proxy.Restore()
		l.AwaitOutput(t, l.Stderr, "Connected again")
		target.Next(t) // the second, after what was open
		close(answer)
		succeeded(p, t, tenant, l.made.ID, 2)
		if n := target.Count(); n != 2 {
			t.Errorf("requests at the target: got %d, want each event once", n)
		}
	})
}

func TestAKilledListenEndsByItself(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		l := listen(t, signedIn(t, p.URL, tenant), nil, "--forward", "http://127.0.0.1:1")
		l.connected(t, p, tenant)
		l.Kill()
		p.Await(t, "the end of the listener", func() bool {
			return tenant.Call(t, http.MethodGet, "/api/v1/webhooks/"+l.made.ID, nil).Status == http.StatusNotFound
		})
	})
}

func TestListenRetriesAtOnceWhatWaitsForARetry(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		target := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, n int) {
			if n == 1 {
				w.WriteHeader(http.StatusInternalServerError)
			}
		})
		in, typed, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _, _ = in.Close(), typed.Close() })
		l := listen(t, signedIn(t, p.URL, tenant), in, "--forward", target.URL)
		l.connected(t, p, tenant)
		tenant.Call(t, http.MethodPatch, "/api/v1/webhooks/"+l.made.ID,
			map[string]any{"retry_policy": map[string]any{"schedule": []string{"12h"}}}).Want(t, http.StatusOK)
		tenant.NewLead(t, "ada@example.com")
		first := target.Next(t)
		p.Await(t, "the delivery to wait for its retry", func() bool {
			return len(tenant.Deliveries(t, "&status=retrying&webhook_id="+l.made.ID)) == 1
		})
		if _, err := typed.WriteString("r\n"); err != nil {
			t.Fatal(err)
		}
		l.AwaitOutput(t, l.Stderr, "was waiting for a retry; it is retried now")
		if again := target.Next(t); string(again.Body) != string(first.Body) {
			t.Errorf("retry: got %s, want %s", again.Body, first.Body)
		}
		succeeded(p, t, tenant, l.made.ID, 1)
	})
}
