package main_test

import (
	"fmt"
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
