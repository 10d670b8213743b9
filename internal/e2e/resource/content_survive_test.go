package resource_test

import (
	"net/http"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/fake"
)

func TestRunsAreNotLostWithRedis(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		s := testkit.NewServices(t, e)
		first := testkit.StartOn(t, s, testkit.WithoutWorker())
		c := first.NewTenant(t, "business")
		var runs []api.AgentRun
		for range 5 {
			runs = append(runs, generate(t, c, kinds["blog"], "Lost leads"), generate(t, c, kinds["social"],
				"Lost leads"))
		}
		first.Await(t, "the queue to know them", func() bool {
			n, err := first.App.Redis().Exists(t.Context(), "asynq:{agents}:pending").Result()
			return err == nil && n == 1
		})
		if err := first.App.Redis().FlushDB(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		second := testkit.StartOn(t, s, testkit.WithKey(first.Config.EncryptionKey))
		for _, r := range runs {
			if got := ended(t, second, c, r.ID); got.Status != api.AgentRunStatusCompleted {
				t.Errorf("%+v", got)
			}
		}
		if n := len(postEvents(t, c, "agent.completed")); n != len(runs) {
			t.Errorf("%d of %d were told of", n, len(runs))
		}
	})
}

// once is a model that hangs on the first request and writes from the second on.
func once(t *testing.T) (m *fake.Model, asked chan struct{}) {
	t.Helper()
	asked = make(chan struct{}, 10)
	return fake.NewModel(t, func(w http.ResponseWriter, a fake.Asked) {
		asked <- struct{}{}
		if a.N == 1 {
			a.Hang()
			return
		}
		a.Write(w)
	}), asked
}

func TestAStopDoesNotWaitForAModelAndTheNextWorkerBegins(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		m, asked := once(t)
		s := testkit.NewServices(t, e)
		first := testkit.StartOn(t, s, fake.WithModel(m, 10*time.Minute, 0))
		run := generate(t, first.NewTenant(t, "business"), kinds["blog"], "leads")
		<-asked
		first.Stop() // it would take the whole shutdown time, and then fail, if it waited
		var row struct {
			Status  string
			Attempt int
		}
		second := testkit.StartOn(t, s, testkit.WithKey(first.Config.EncryptionKey), testkit.WithoutWorker())
		if err := second.App.Database().Read(t.Context()).Table("agent_runs").Where("id = ?", run.ID).
			Take(&row).Error; err != nil || row.Status != "queued" || row.Attempt != 0 {
			t.Errorf("%+v, %v", row, err)
		}
		third := testkit.StartOn(t, s, testkit.WithKey(first.Config.EncryptionKey), fake.WithModel(m, time.Minute, 0))
		<-asked
		third.Await(t, "the run to be completed", func() bool {
			err := third.App.Database().Read(t.Context()).Table("agent_runs").Where("id = ?", run.ID).Take(&row).Error
			return err == nil && row.Status == "completed"
		})
	})
}

// lose makes SQL believe that the worker of a run gave its last sign long ago.
func lose(t *testing.T, p *testkit.Program, runID string, attempt int) {
	t.Helper()
	err := p.App.Database().Tx(t.Context(), func(tx *gorm.DB) error {
		return tx.Table("agent_runs").Where("id = ?", runID).Updates(map[string]any{"deadline_at": 1,
			"attempt": attempt}).Error
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestARunWhoseWorkerGivesNoSignIsTakenUpAgainAndWrittenOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		m, asked := once(t)
		p := testkit.Start(t, e, fake.WithModel(m, 10*time.Minute, 0))
		c := p.NewTenant(t, "business")
		run := generate(t, c, kinds["blog"], "leads")
		<-asked
		lose(t, p, run.ID, 2) // of another attempt, so that the worker that hangs can't renew it
		if got := ended(t, p, c, run.ID); got.Status != api.AgentRunStatusCompleted || len(m.Asked()) != 2 {
			t.Errorf("%+v after %d requests", got, len(m.Asked()))
		}
		if created, done := postEvents(t, c, "blog.created"), postEvents(t, c, "agent.completed"); len(created) != 1 ||
			len(done) != 1 {
			t.Errorf("%v, %v", created, done)
		}
	})
}

func TestARunThatTakesItsWorkersDownIsGivenUp(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		m, asked := once(t)
		p := testkit.Start(t, e, fake.WithModel(m, 10*time.Minute, 0))
		c := p.NewTenant(t, "business")
		run := generate(t, c, kinds["social"], "leads")
		<-asked
		lose(t, p, run.ID, 3)
		isFailed(t, c, ended(t, p, c, run.ID), kinds["social"], "interrupted")
		if n := len(m.Asked()); n != 1 {
			t.Errorf("asked %d times", n)
		}
	})
}

func TestATenantWithManyRunsLeavesRoomForOthers(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		m := fake.NewModel(t, func(w http.ResponseWriter, a fake.Asked) {
			if a.Topic == "slow" {
				a.Hang()
				return
			}
			a.Write(w)
		})
		p := testkit.Start(t, e, fake.WithModel(m, 10*time.Minute, 0))
		flood, other := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		for range 10 {
			generate(t, flood, kinds["social"], "slow")
		}
		p.Await(t, "the flood to have its share", func() bool { return len(m.Asked()) >= 2 })
		if got := ended(t, p, other, generate(t, other, kinds["social"],
			"quick").ID); got.Status != api.AgentRunStatusCompleted {
			t.Errorf("%+v", got)
		}
		if n := len(m.Asked()); n != 3 {
			t.Errorf("%d requests instead of the share of two and the other's", n)
		}
	})
}
