package webhook_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// consumerApp is one of the consumer apps in the guides.
type consumerApp struct {
	tool, command string // what must be installed; the command, in docs/samples/apps
	port          int
	env           []string
	kill          func()
}

// newApp reserves a port, since an endpoint, whose secret the app needs, has its address.
func newApp(t *testing.T, tool, command string, env ...string) *consumerApp {
	t.Helper()
	if _, err := exec.LookPath(tool); err != nil {
		t.Skipf("%s is missing, so the app %q was not run. Install it to test the guide's code.", tool, command)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return &consumerApp{tool: tool, command: command, port: l.Addr().(*net.TCPAddr).Port, env: env}
}

func (a *consumerApp) url(path string) string {
	return fmt.Sprintf("http://127.0.0.1:%d%s", a.port, path)
}

// start runs the app until kill or the end of the test.
func (a *consumerApp) start(t *testing.T, secret string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", a.command)
	cmd.Dir = filepath.Join("..", "..", "..", "docs", "samples", "apps")
	cmd.Env = append(append(os.Environ(), "HOOKLINE_WEBHOOK_SECRET="+secret, fmt.Sprintf("PORT=%d", a.port)), a.env...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	a.kill = func() { _ = cmd.Process.Kill(); <-ended }
	t.Cleanup(a.kill)
	testkit.Await(t, "the app to listen", func() bool {
		select {
		case <-ended:
			t.Fatalf("%s: got its end, want it to listen:\n%s", a.command, said.String())
		default:
		}
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", a.port))
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
}

func TestTheAppThatTellsAChatTellsAnEventOnce(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant, chat := p.NewTenant(t, "business"), testkit.NewReceiver(t, nil)
	binary := filepath.Join(t.TempDir(), "notify")
	a := newApp(t, "go", "go build -ldflags='-s -w' -o "+binary+" ./notify && exec "+binary, "CHAT_URL="+chat.URL)
	a.start(t, tenant.NewEndpoint(t, a.url("/hooks"), nil).Secret)
	tenant.NewLead(t, "ada@example.com")
	if got := string(chat.Next(t).Body); !strings.HasPrefix(got, `{"text":"New lead: `) {
		t.Errorf("chat: got %s, want the lead", got)
	}
	d := p.AwaitDelivery(t, tenant, api.DeliveryStatusSucceeded)
	tenant.Call(t, http.MethodPost, "/api/v1/deliveries/"+d.ID+"/replay", nil).Want(t, http.StatusAccepted)
	testkit.Await(t, "the replay", func() bool {
		return testkit.Get[api.DeliveryDetail](t, tenant, "/api/v1/deliveries/"+d.ID).AttemptCount == 2
	})
	testkit.Post[api.Lead](t, tenant, "/api/v1/leads", object{"name": "Bo"}, http.StatusCreated)
	if got := string(chat.Next(t).Body); got != `{"text":"New lead: Bo"}` {
		t.Errorf("chat after a lead was sent twice: got %s, want the next lead", got)
	}
	forged, err := http.Post(a.url("/hooks"), "application/json", strings.NewReader("{}"))
	if err != nil || forged.StatusCode != http.StatusBadRequest {
		t.Errorf("request without a signature: got %v, %v, want 400", forged, err)
	}
}

func TestTheAppThatKeepsACopyIsNotTurnedBackByAnOlderEvent(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant, file := p.NewTenant(t, "business"), filepath.Join(t.TempDir(), "leads.json")
	a := newApp(t, "node", "exec node sync.mjs", "LEADS_FILE="+file)
	a.start(t, tenant.NewEndpoint(t, a.url("/hooks"), nil).Secret)
	lead := tenant.NewLead(t, "ada@example.com")
	created := p.AwaitDelivery(t, tenant, api.DeliveryStatusSucceeded)
	tenant.Call(t, http.MethodPatch, "/api/v1/leads/"+lead.ID, object{"status": "won"}).Want(t, http.StatusOK)
	p.AwaitCount(t, tenant, api.DeliveryStatusSucceeded, 2)
	tenant.Call(t, http.MethodPost, "/api/v1/deliveries/"+created.ID+"/replay", nil).Want(t, http.StatusAccepted)
	testkit.Await(t, "the replay", func() bool {
		d := testkit.Get[api.DeliveryDetail](t, tenant, "/api/v1/deliveries/"+created.ID)
		return d.AttemptCount == 2 && d.Status == api.DeliveryStatusSucceeded
	})
	raw, err := os.ReadFile(file)
	var leads map[string]struct{ Status string }
	if err != nil || json.Unmarshal(raw, &leads) != nil || len(leads) != 1 || leads[lead.ID].Status != "won" {
		t.Errorf("copy after the older event came again: got %s (%v), want the lead as it is now", raw, err)
	}
}

func TestTheAppThatCountsMissesNothingWhileItIsDown(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	packages, err := filepath.Abs(filepath.Join("..", "..", "..", "pkg", "python", "src"))
	if err != nil {
		t.Fatal(err)
	}
	a := newApp(t, "python3", "exec python3 digest.py", "PYTHONPATH="+packages, "HOOKLINE_URL="+p.URL,
		"HOOKLINE_API_KEY="+tenant.Key(), "CURSOR_FILE="+filepath.Join(t.TempDir(), "digest.json"))
	// No retry tells the app that it missed something.
	secret := tenant.NewEndpoint(t, a.url("/hooks"), object{"retry_policy": object{"schedule": []string{"1h"}}}).Secret
	counts := func(want string) {
		t.Helper()
		testkit.Await(t, "the counts "+want, func() bool {
			response, err := http.Get(a.url("/"))
			if err != nil {
				return false
			}
			defer func() { _ = response.Body.Close() }()
			body, err := io.ReadAll(response.Body)
			return err == nil && string(body) == want
		})
	}
	a.start(t, secret)
	tenant.NewLead(t, "ada@example.com")
	counts(`{"lead.created": 1}`)
	a.kill()
	tenant.NewLead(t, "bo@example.com")
	p.AwaitCount(t, tenant, api.DeliveryStatusRetrying, 1)
	a.start(t, secret)
	counts(`{"lead.created": 2}`)
}
