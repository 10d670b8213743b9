package resource_test

import (
	"net/http"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/fake"
)

func TestRunsSurviveALostRedis(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		s := testkit.NewServices(t, e)
		first := testkit.StartOn(t, s, testkit.WithoutWorker())
		runs := map[string]*testkit.Client{}
		for range 2 { // a tenant's runs fit into its share of the worker: none is deferred
			c := first.NewTenant(t, "business")
			runs[generate(t, c, kinds["blog"], "Lost leads").ID] = c
			runs[generate(t, c, kinds["social"], "Lost leads").ID] = c
		}
		first.Await(t, "the queue to know them", func() bool {
			n, err := first.App.Redis().LLen(t.Context(), "asynq:{agents}:pending").Result()
			return err == nil && n == int64(len(runs))
		})
		if err := first.App.Redis().FlushDB(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		for id := range runs {
			expire(t, first, id, 0)
		}
		second := testkit.StartOn(t, s, testkit.WithKeys(first.Config.EncryptionKeys))
		for id, c := range runs {
			if got := ended(t, second, c, id); got.Status != api.AgentRunStatusCompleted {
				t.Errorf("the run ended as %+v, want completed", got)
			}
		}
		for _, c := range runs {
			if n := len(eventData(t, c, "agent.completed")); n != 2 {
				t.Errorf("agent.completed of two runs: got %d, want 2", n)
			}
		}
	})
}

// once answers requests as a model that hangs on the first and writes from the second on, and signals each.
func once() (reply func(w http.ResponseWriter, a fake.Asked), begun chan struct{}) {
	begun = make(chan struct{}, 10)
	return func(w http.ResponseWriter, a fake.Asked) {
		begun <- struct{}{}
		if a.N == 1 {
			a.Hang()
			return
		}
		a.Write(w)
	}, begun
}

func TestAStopDoesNotWaitForAModelAndTheNextWorkerBegins(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		reply, begun := once()
		m := fake.NewModel(t, reply)
		s := testkit.NewServices(t, e)
		first := testkit.StartOn(t, s, fake.WithModel(m, 10*time.Minute, 0))
		run := generate(t, first.NewTenant(t, "business"), kinds["blog"], "leads")
		<-begun
		first.Stop() // it would take the whole shutdown time, and then fail, if it waited
		database, err := db.Open(t.Context(), s.DatabaseURL)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = database.Close() })
		var row struct {
			Status  string
			Attempt int
		}
		read := func() error {
			return db.ByID(database.Read(t.Context()).Table("agent_runs"), run.ID).Take(&row).Error
		}
		if err := read(); err != nil || row.Status != "queued" || row.Attempt != 0 {
			t.Errorf("after the stop the run is %+v, %v; want queued with attempt 0", row, err)
		}
		second := testkit.StartOn(t, s, testkit.WithKeys(first.Config.EncryptionKeys),
			fake.WithModel(m, time.Minute, 0))
		<-begun
		second.Await(t, "the run to be completed", func() bool { return read() == nil && row.Status == "completed" })
	})
}

// expire sets the deadline of a run into the past, as if its worker had given no sign for long, and its attempt.
func expire(t *testing.T, p *testkit.Program, runID string, attempt int) {
	t.Helper()
	err := p.App.Database().Tx(t.Context(), func(tx *gorm.DB) error {
		return db.ByID(tx.Table("agent_runs"), runID).
			Updates(map[string]any{"deadline_at": 1, "attempt": attempt}).Error
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestARunWhoseLeaseExpiresIsRetriedAndWrittenOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		reply, begun := once()
		topic, asked := onTopic(t, reply)
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		run := generate(t, c, kinds["blog"], topic)
		<-begun
		expire(t, p, run.ID, 2) // of another attempt, so that the worker that hangs can't renew it
		if got := ended(t, p, c, run.ID); got.Status != api.AgentRunStatusCompleted || asked() != 2 {
			t.Errorf("the run ended as %+v after %d requests, want completed after 2", got, asked())
		}
		if created, done := eventData(t, c, "blog.created"), eventData(t, c, "agent.completed"); len(created) != 1 ||
			len(done) != 1 {
			t.Errorf("events: %v, %v; want one blog.created and one agent.completed", created, done)
		}
	})
}

func TestARunThatCrashesItsWorkersFails(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		reply, begun := once()
		topic, asked := onTopic(t, reply)
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		run := generate(t, c, kinds["social"], topic)
		<-begun
		expire(t, p, run.ID, 3)
		isFailed(t, c, ended(t, p, c, run.ID), kinds["social"], "interrupted")
		if n := asked(); n != 1 {
			t.Errorf("the model was asked %d times, want 1", n)
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
			t.Errorf("the other tenant's run ended as %+v, want completed", got)
		}
		if n := len(m.Asked()); n != 3 {
			t.Errorf("requests to the model: got %d, want 3: two of the tenant with many runs and one of the "+
				"other", n)
		}
	})
}
