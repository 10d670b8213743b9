package main_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// hangs makes a model that answers all requests but the first, which tells that it was asked.
func hangs(t *testing.T) (env []string, asked <-chan struct{}) {
	t.Helper()
	first := make(chan struct{})
	m := testkit.NewModel(t, func(w http.ResponseWriter, a testkit.Asked) {
		if a.N == 1 {
			close(first)
			a.Hang()
			return
		}
		a.Write(w)
	})
	return []string{"HOOKLINE_GENERATOR=openai", "HOOKLINE_OPENAI_URL=" + m.URL, "HOOKLINE_OPENAI_MODEL=test-model", "HOOKLINE_OPENAI_TIMEOUT=10m"}, first
}

func generates(t *testing.T, c *testkit.Client) api.AgentRun {
	t.Helper()
	return testkit.Post[api.AgentRun](t, c, "/api/v1/blog-posts/generate", map[string]any{"topic": "leads"}, http.StatusAccepted)
}

func completes(t *testing.T, c *testkit.Client, runID string) {
	t.Helper()
	testkit.Await(t, "the run to be completed", func() bool {
		return testkit.Get[api.AgentRun](t, c, "/api/v1/agent-runs/"+runID).Status == api.AgentRunStatusCompleted
	})
}

func TestAnAgentRunSurvivesItsWorkersKill(t *testing.T) {
	t.Parallel()
	env := list(production(testkit.NewServices(t, testkit.Servers)))
	model, asked := hangs(t)
	_, base := serve(t, append(env, model...))
	work := func() *testkit.Process {
		p := testkit.Run(t, append(env, model...), "worker")
		p.AwaitOutput(t, p.Stderr, `"ready"`)
		return p
	}
	worker := work()
	operator := testkit.NewClient(base, "hk_op_"+strings.Repeat("o", 40))
	owner := testkit.Post[api.Tenant](t, operator, "/admin/v1/tenants", map[string]any{"name": "Acme", "plan": "business"}, http.StatusCreated)
	key := testkit.Post[api.KeyCreated](t, operator, "/admin/v1/tenants/"+owner.ID+"/keys", map[string]any{"name": "k", "environment": "live", "permissions": []string{"*"}}, http.StatusCreated).Key
	tenant := testkit.NewClient(base, key)
	run := generates(t, tenant)
	<-asked
	worker.Kill()
	work()
	completes(t, tenant, run.ID)
}

func TestAnAgentRunSurvivesAKillOfDevelopment(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	model, asked := hangs(t)
	first := runDevWith(t, model, dir)
	run := generates(t, first.client(*first.APIKey))
	<-asked
	first.Kill()
	second := runDevWith(t, model, dir)
	completes(t, second.client(*first.APIKey), run.ID)
}
