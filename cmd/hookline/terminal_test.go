package main_test

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/secrets"
)

var shownSecret = regexp.MustCompile(`Signing secret: (whsec_\S+)`)

// listenInTerminal runs hookline listen in a pseudo terminal, until it listens.
func listenInTerminal(t *testing.T, env []string, to string) *testkit.Terminal {
	t.Helper()
	x := testkit.RunInTerminal(t, env, "listen", "--forward", to)
	says := x.AwaitOutput(t, x.Stdout, "Ctrl-C ends.")
	secrets.Remember(shownSecret.FindStringSubmatch(says)[1])
	return x
}

func TestListenReplaysAtOnceInATerminal(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		target := testkit.NewReceiver(t, nil)
		x := listenInTerminal(t, signedIn(t, p.URL, tenant), target.URL)
		x.Press(t, "r") // there is nothing yet
		x.AwaitOutput(t, x.Stdout, "nothing to replay yet")
		tenant.NewLead(t, "ada@example.com")
		first := target.Next(t)
		x.AwaitOutput(t, x.Stdout, "lead.created  200")
		succeeded(p, t, tenant, endpoints(t, tenant)[0], 1) // before that there is nothing to replay
		x.Press(t, "&r")                                    // and no Enter
		if again := target.Next(t); string(again.Body) != string(first.Body) {
			t.Errorf("replay: got %s, want %s", again.Body, first.Body)
		}
		x.Press(t, "\x03")
		if code := x.Exit(t); code != 0 || !x.Restored() {
			t.Errorf("Ctrl-C: got exit %d, terminal restored %t, want 0 and true:\n%s", code, x.Restored(), x.Stdout())
		}
		said := x.Stdout()
		for line := range strings.Lines(said) {
			if !strings.HasSuffix(line, "\r\n") || strings.Count(line, "\r") != 1 {
				t.Errorf("line in the terminal: got %q, want it to end with one \\r\\n", line)
			}
		}
		if !strings.Contains(said, "\r\nr sends the last one again") || strings.Contains(said, "&r") {
			t.Errorf("terminal: got %q, want the key named without Enter, and no echo of what was pressed", said)
		}
		if left := endpoints(t, tenant); len(left) != 0 {
			t.Errorf("endpoints after Ctrl-C: got %v, want none", left)
		}
	})
}

// endpoints are the ids of a tenant's endpoints.
func endpoints(t *testing.T, c *testkit.Client) []string {
	t.Helper()
	var out []string
	for _, w := range testkit.Get[api.WebhookList](t, c, "/api/v1/webhooks").Data {
		out = append(out, w.ID)
	}
	return out
}

// However listen ends, the shell gets its terminal back as it was.
func TestListenRestoresTheTerminal(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	signal := func(s os.Signal) func(*testing.T, *testkit.Terminal, *testkit.Client) {
		return func(t *testing.T, x *testkit.Terminal, _ *testkit.Client) { t.Helper(); x.Signal(t, s) }
	}
	for name, c := range map[string]struct {
		end  func(*testing.T, *testkit.Terminal, *testkit.Client)
		code int
		says string
	}{
		"SIGTERM": {signal(syscall.SIGTERM), 0, ""}, "SIGINT": {signal(syscall.SIGINT), 0, ""},
		"SIGHUP": {signal(syscall.SIGHUP), 0, ""}, "SIGQUIT": {signal(syscall.SIGQUIT), 0, ""},
		"Ctrl-backslash": {func(t *testing.T, x *testkit.Terminal, _ *testkit.Client) {
			t.Helper()
			x.Press(t, "\x1c")
		}, 0, ""},
		"an error": {func(t *testing.T, _ *testkit.Terminal, tenant *testkit.Client) {
			t.Helper()
			tenant.Call(t, http.MethodDelete, "/api/v1/webhooks/"+endpoints(t, tenant)[0], nil).Want(t,
				http.StatusNoContent)
		}, 1, "hookline: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := p.NewTenant(t, "business")
			x := listenInTerminal(t, signedIn(t, p.URL, tenant), "http://127.0.0.1:1")
			c.end(t, x, tenant)
			if code := x.Exit(t); code != c.code || !x.Restored() || !strings.Contains(x.Stdout(), c.says) {
				t.Errorf("end by %s: got exit %d, terminal restored %t, %q, want %d, true and %q", name, code,
					x.Restored(), x.Stdout(), c.code, c.says)
			}
		})
	}
}
