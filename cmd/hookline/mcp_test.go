package main_test

import (
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/hookline/hookline/internal/testkit"
)

func TestAnAgentOnStandardInputSearchesTheDocsAndReadsDeliveries(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	hook := tenant.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, nil)
	cmd := exec.Command(testkit.Binary(t), "mcp")
	cmd.Env = []string{"HOOKLINE_URL=" + p.URL, "HOOKLINE_API_KEY=" + tenant.Key(), "HOME=" + t.TempDir()}
	session, err := sdk.NewClient(&sdk.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(),
		&sdk.CommandTransport{Command: cmd}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = session.Close() }()
	for tool, c := range map[string]struct {
		arguments map[string]any
		want      string
	}{
		"search_docs":    {map[string]any{"query": "verify signature"}, p.URL + "/docs/"},
		"list_endpoints": {map[string]any{}, hook.ID},
	} {
		result, err := session.CallTool(t.Context(), &sdk.CallToolParams{Name: tool, Arguments: c.arguments})
		if err != nil || result.IsError || !strings.Contains(fmt.Sprint(result.StructuredContent), c.want) {
			t.Errorf("%s: got %+v, %v, want %s in it", tool, result, err, c.want)
		}
	}
	wrong := []string{"HOOKLINE_URL=" + p.URL, "HOOKLINE_API_KEY=hk_test_wrong"}
	if says := client(t, wrong, 1, "mcp").Stderr(); !strings.Contains(says, "key") {
		t.Errorf("mcp with a wrong key: got %q, want what is wrong", says)
	}
}

func TestAnAgentOverHTTPIsToldWhyItsKeyIsOfNoUse(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	for name, c := range map[string]struct {
		url, key string
		status   int
		says     string
	}{
		"a key":       {p.URL, tenant.Key(), http.StatusOK, "serverInfo"},
		"a wrong key": {p.URL, "hk_test_wrong", http.StatusUnauthorized, "Send a valid one as Authorization: Bearer"},
		"no server":   {"http://127.0.0.1:1", tenant.Key(), http.StatusBadGateway, "can't be reached"},
	} {
		answer, body := say(t, overHTTP(t, c.url, tenant), c.key, "", initialize)
		if answer.StatusCode != c.status || !strings.Contains(body, c.says) {
			t.Errorf("initialize with %s: got %d %s, want %d with %q", name, answer.StatusCode, body, c.status, c.says)
		}
	}
}

func TestAnAgentOverHTTPCantUseTheSessionOfAnotherKey(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant, other := p.NewTenant(t, "business"), p.NewTenant(t, "business")
	url := overHTTP(t, p.URL, tenant)
	answer, _ := say(t, url, tenant.Key(), "", initialize)
	session := answer.Header.Get("Mcp-Session-Id")
	for key, want := range map[string]int{other.Key(): http.StatusForbidden, tenant.Key(): http.StatusOK} {
		got, body := say(t, url, key, session, `{"jsonrpc":"2.0","id":2,"method":"tools/list"}`)
		if session == "" || got.StatusCode != want {
			t.Errorf("tools/list in session %q with the key of its owner %t: got %d %s, want %d", session,
				key == tenant.Key(), got.StatusCode, body, want)
		}
	}
}

// overHTTP runs hookline mcp --http and returns its URL.
func overHTTP(t *testing.T, hookline string, tenant *testkit.Client) string {
	t.Helper()
	env := []string{"HOOKLINE_URL=" + hookline, "HOOKLINE_API_KEY=" + tenant.Key(), "HOME=" + t.TempDir()}
	served := testkit.Run(t, env, "mcp", "--http", "127.0.0.1:0")
	_, url, _ := strings.Cut(served.AwaitOutput(t, served.Stderr, " with an API key"), "connect to ")
	url, _, _ = strings.Cut(url, " ")
	return url
}

const initialize = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18",` +
	`"capabilities":{},"clientInfo":{"name":"test","version":"1"}}}`

// say sends a message of the protocol with a key, in a session unless that is empty.
func say(t *testing.T, url, key, session, message string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(message))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = http.Header{"Authorization": {"Bearer " + key}, "Content-Type": {"application/json"},
		"Accept": {"application/json, text/event-stream"}}
	if session != "" {
		r.Header.Set("Mcp-Session-Id", session)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, _ := io.ReadAll(answer.Body)
	return answer, string(body)
}
