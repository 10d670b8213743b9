package webhook_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/mcp"
	"github.com/hookline/hookline/internal/testkit"
)

// keyed is the API as a test's client calls it.
type keyed struct {
	t      testing.TB
	client *testkit.Client
}

func (k keyed) Call(_ context.Context, method, path string, body, out any) error {
	a := k.client.Call(k.t, method, path, body)
	if a.Status >= http.StatusBadRequest {
		return errors.New(string(a.Body))
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(a.Body, out)
}

// withKey sends a key with every request.
type withKey string

func (k withKey) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if k != "" {
		r.Header.Set("Authorization", "Bearer "+string(k))
	}
	return http.DefaultTransport.RoundTrip(r)
}

// agent is a connected client of the protocol; answer is what its user says to a question, and nil when it can't ask.
func agent(t *testing.T, tenant *testkit.Client, answer *sdk.ElicitResult, asked *[]string) *sdk.ClientSession {
	t.Helper()
	server := httptest.NewServer(mcp.Handler(func(context.Context, string) (*sdk.Server, error) {
		return mcp.NewServer("test", keyed{t, tenant}, nil), nil
	}))
	t.Cleanup(server.Close)
	var o sdk.ClientOptions
	if answer != nil {
		o.ElicitationHandler = func(_ context.Context, r *sdk.ElicitRequest) (*sdk.ElicitResult, error) {
			*asked = append(*asked, r.Params.Message)
			return answer, nil
		}
	}
	client := sdk.NewClient(&sdk.Implementation{Name: "test", Version: "1"}, &o)
	session, err := client.Connect(t.Context(), &sdk.StreamableClientTransport{Endpoint: server.URL,
		HTTPClient: &http.Client{Transport: withKey(tenant.Key())}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	return session
}

// use calls a tool and returns the text of its result, and whether it is an error.
func use(t *testing.T, s *sdk.ClientSession, tool string, arguments object) (string, bool) {
	t.Helper()
	result, err := s.CallTool(t.Context(), &sdk.CallToolParams{Name: tool, Arguments: arguments})
	if err != nil {
		t.Fatalf("%s: got %v, want a result", tool, err)
	}
	var text strings.Builder
	for _, c := range result.Content {
		if one, ok := c.(*sdk.TextContent); ok {
			text.WriteString(one.Text)
		}
	}
	return text.String(), result.IsError
}

func TestAnAgentFindsAFailureHasItExplainedAndReplaysItAfterTheUserAgreed(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant, other := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		consumer := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, n int) {
			if n == 1 {
				w.WriteHeader(http.StatusUnauthorized)
			}
		})
		hook := tenant.NewEndpoint(t, consumer.URL, object{"name": "CRM", "retry_policy": object{"initial": "1s",
			"max_attempts": 1}})
		tenant.NewLead(t, "ada@example.com")
		dead := p.AwaitDelivery(t, tenant, api.DeliveryStatusDead)
		consumer.Next(t)

		var asked []string
		declines := agent(t, tenant, &sdk.ElicitResult{Action: "decline"}, &asked)
		for tool, want := range map[string]string{"health": hook.ID, "list_endpoints": `"CRM"`,
			"list_dead_letters": dead.ID, "list_deliveries": `"exhausted"`} {
			if got, failed := use(t, declines, tool, object{}); failed || !strings.Contains(got, want) {
				t.Errorf("%s: got %s, want %s in it", tool, got, want)
			}
		}
		for tool, arguments := range map[string]object{
			"list_deliveries":   {"endpoint_id": hook.ID, "limit": 5, "status": "dead", "event_type": "lead.created"},
			"list_dead_letters": {"endpoint_id": hook.ID, "http_class": "4xx", "from": "2026-01-01T00:00:00Z"},
		} {
			if got, failed := use(t, declines, tool, arguments); failed || !strings.Contains(got, dead.ID) {
				t.Errorf("%s with %v: got %s, want the dead letter", tool, arguments, got)
			}
		}
		if got, failed := use(t, declines, "get_endpoint", object{"id": hook.ID}); failed || !strings.Contains(got,
			consumer.URL) {
			t.Errorf("get_endpoint: got %s, want the endpoint", got)
		}
		got, failed := use(t, declines, "explain_delivery", object{"id": dead.ID})
		if failed || !strings.Contains(got, "signature check") || !strings.Contains(got, "replay") {
			t.Errorf("explain_delivery: got %s, want the cause and what helps", got)
		}

		got, _ = use(t, declines, "replay_delivery", object{"id": dead.ID})
		if !strings.Contains(got, "did not agree") || len(asked) != 1 || !strings.Contains(asked[0], consumer.URL) {
			t.Errorf("declined replay: got %s after %q, want one question with the URL, and nothing sent", got, asked)
		}
		if got, failed := use(t, agent(t, tenant, nil, nil), "replay_delivery", object{"id": dead.ID}); !failed ||
			!strings.Contains(got, "hookline deliveries replay "+dead.ID) {
			t.Errorf("replay without a user to ask: got %s, want the command to use", got)
		}
		if now := testkit.Get[api.DeliveryDetail](t, tenant,
			"/api/v1/deliveries/"+dead.ID); now.Status != api.DeliveryStatusDead {
			t.Errorf("delivery without consent: got %s, want dead", now.Status)
		}
		accepts := agent(t, tenant, &sdk.ElicitResult{Action: "accept", Content: map[string]any{}}, &asked)
		if got, failed := use(t, accepts, "replay_delivery", object{"id": dead.ID}); failed ||
			!strings.Contains(got, `"replayed":true`) {
			t.Errorf("replay: got %s, want it sent", got)
		}
		p.AwaitDelivery(t, tenant, api.DeliveryStatusSucceeded)

		stranger := agent(t, other, &sdk.ElicitResult{Action: "accept", Content: map[string]any{}}, &asked)
		for tool, arguments := range map[string]object{"explain_delivery": {"id": dead.ID},
			"replay_delivery": {"id": dead.ID}, "get_endpoint": {"id": hook.ID}} {
			if got, failed := use(t, stranger, tool, arguments); !failed || !strings.Contains(got, "not_found") {
				t.Errorf("%s of another tenant: got %s, want not_found", tool, got)
			}
		}
		if got, failed := use(t, accepts, "explain_delivery", object{"id": "../me"}); !failed ||
			!strings.Contains(got, "dlv_") {
			t.Errorf("explain_delivery of no id: got %s, want how an id looks", got)
		}
	})
}

func TestAnAgentWithoutAKeyOrFromAnotherSiteIsRefused(t *testing.T) {
	t.Parallel()
	handler := mcp.Handler(func(context.Context, string) (*sdk.Server, error) { return nil, nil })
	for name, c := range map[string]struct {
		header, value string
		want          int
	}{
		"no key":       {"X-Other", "1", http.StatusUnauthorized},
		"another site": {"Sec-Fetch-Site", "cross-site", http.StatusForbidden},
	} {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("{}"))
		r.Header.Set(c.header, c.value)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s: got %d, want %d", name, w.Code, c.want)
		}
	}
}
