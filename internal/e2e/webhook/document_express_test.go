package webhook_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// startNode runs a script of testdata and returns the lines that it prints.
func startNode(t *testing.T, modules, file string) <-chan string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "node", filepath.Join("testdata", file))
	cmd.Env = append(os.Environ(), "NODE_PATH="+modules)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			lines <- s.Text()
		}
	}()
	return lines
}

// after waits for a line that begins with a text, and returns the rest of it.
func after(t *testing.T, lines <-chan string, begin string) string {
	t.Helper()
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	for {
		select {
		case line, open := <-lines:
			if rest, ok := strings.CutPrefix(line, begin); ok {
				return rest
			}
			if !open {
				t.Fatalf("consumer: got its end, want a line that begins with %q", begin)
			}
		case <-limit.C:
			t.Fatalf("consumer: got no line that begins with %q within a minute, want one", begin)
		}
	}
}

func TestTheExpressConsumerOfSaveleadTakesLeads(t *testing.T) {
	t.Parallel()
	lines := startNode(t, testkit.NodePackage(t, "express", "5"), "leads.js")
	port := after(t, lines, "Webhook server listening on port ")
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewOwner(t, "savelead")
	hook := tenant.NewEndpoint(t, "http://127.0.0.1:"+port+"/webhooks/leads", object{"name": "Leads",
		"events": []string{"save_lead"}})
	takes := func(email string) {
		t.Helper()
		var lead struct{ Email, Website string }
		text := after(t, lines, "Received new lead: ")
		if err := json.Unmarshal([]byte(text), &lead); err != nil || lead.Email != email {
			t.Errorf("lead: got %s, want that of %s", text, email)
		}
	}
	made := tenant.NewLead(t, "ada@example.com")
	takes("ada@example.com")
	tenant.Call(t, http.MethodPatch, "/api/v1/leads/"+made.ID, object{"score": 7}).Want(t, http.StatusOK)
	takes("ada@example.com")
	p.Await(t, "two deliveries that succeeded", func() bool {
		return len(tenant.Deliveries(t, "&status=succeeded")) == 2
	})
	first := tenant.Delivery(t, tenant.Deliveries(t, "&status=succeeded")[0].ID)
	if got := first.Attempts[0].ResponseBody; got != "Webhook received" {
		t.Errorf("answer in the log: got %q, want that of the consumer", got)
	}
	tenant.Call(t, http.MethodPost, "/api/v1/deliveries/"+first.ID+"/replay", nil).
		Want(t, http.StatusAccepted)
	takes("ada@example.com")
	sent := testkit.Post[api.WebhookTestResult](t, tenant, hooks+"/"+hook.ID+"/test", nil, http.StatusOK)
	if !sent.Succeeded {
		t.Errorf("test send: got %+v, want it taken", sent)
	}
}
