package main_test

import (
	"maps"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/fake"
)

// hangs makes a model that answers all requests but the first, which signals that it was asked.
func hangs(t *testing.T) (env testkit.Environment, asked <-chan struct{}) {
	t.Helper()
	first := make(chan struct{})
	m := fake.NewModel(t, func(w http.ResponseWriter, a fake.Asked) {
		if a.N == 1 {
			close(first)
			a.Hang()
			return
		}
		a.Write(w)
	})
	return testkit.Environment{
		"HOOKLINE_GENERATOR": "openai", "HOOKLINE_OPENAI_URL": m.URL, "HOOKLINE_OPENAI_MODEL": "test-model",
		"HOOKLINE_OPENAI_TIMEOUT": "10m",
	}, first
}

func generates(t *testing.T, c *testkit.Client) api.AgentRun {
	t.Helper()
	return testkit.Post[api.AgentRun](t, c, "/api/v1/blog-posts/generate", map[string]any{"topic": "leads"},
		http.StatusAccepted)
}

func completes(t *testing.T, c *testkit.Client, runID string) {
	t.Helper()
	testkit.Await(t, "the run to be completed", func() bool {
		return testkit.Get[api.AgentRun](t, c, "/api/v1/agent-runs/"+runID).Status == api.AgentRunStatusCompleted
	})
}

// expire ends the lease that a killed worker has on a run, for which others would wait fifteen seconds.
func expire(t *testing.T, databaseURL, runID string) {
	t.Helper()
	d, err := db.Open(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	err = d.Tx(t.Context(), func(tx *gorm.DB) error {
		ended := db.ByID(tx.Table("agent_runs"), runID).Where("status = 'running'").
			Update("deadline_at", time.Now().UnixMicro())
		if ended.RowsAffected != 1 {
			t.Errorf("leases that end with their worker: got %d, want 1", ended.RowsAffected)
		}
		return ended.Error
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAnAgentRunSurvivesItsWorkersKill(t *testing.T) {
	t.Parallel()
	env, asked := hangs(t)
	services := testkit.NewServices(t, testkit.Servers)
	maps.Copy(env, testkit.Production(services))
	_, base := testkit.Serve(t, env)
	worker := testkit.Work(t, env)
	operator := testkit.NewClient(base, testkit.OperatorKey)
	tenant := operator.NewTenant(t, "business", nil)
	run := generates(t, tenant)
	<-asked
	worker.Kill()
	expire(t, services.DatabaseURL, run.ID)
	testkit.Work(t, env)
	completes(t, tenant, run.ID)
}

func TestAnAgentRunSurvivesAKillOfDevelopment(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	model, asked := hangs(t)
	first := runDevWith(t, model.List(), dir)
	run := generates(t, first.client(*first.APIKey))
	<-asked
	first.Kill()
	expire(t, "sqlite://"+filepath.ToSlash(filepath.Join(dir, "hookline.db")), run.ID)
	second := runDevWith(t, model.List(), dir)
	completes(t, second.client(*first.APIKey), run.ID)
}
