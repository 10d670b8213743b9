package webhook_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"

	"github.com/hibiken/asynq"
	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/testkit"
)

func awaitArchived(t *testing.T, p *testkit.Program, inspector *asynq.Inspector, n int) []*asynq.TaskInfo {
	t.Helper()
	var tasks []*asynq.TaskInfo
	p.Await(t, "the archived tasks", func() bool {
		var err error
		tasks, err = inspector.ListArchivedTasks(queue.Fast, asynq.PageSize(1000))
		return err == nil && len(tasks) == n
	})
	return tasks
}

func TestTheArchiveIsRefilledAfterRedisLostItAndItsTasksCanBeRun(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		const n = 110 // more than the reconciler archives at a time
		p := testkit.Start(t, e)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		hook := tenant.NewEndpoint(t, receiver.URL, nil)
		insertDead(t, p.App.Database(), scopeOf(t, tenant), hook.ID, n, nil)
		inspector := asynq.NewInspectorFromRedisClient(p.App.Redis().UniversalClient)
		if err := p.App.Redis().FlushDB(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		tasks := awaitArchived(t, p, inspector, n)
		if len(receiver.All()) != 0 {
			t.Fatalf("refilling the archive made %d requests, want 0", len(receiver.All()))
		}
		if err := inspector.RunTask(queue.Fast, tasks[0].ID); err != nil {
			t.Fatal(err)
		}
		receiver.Next(t)
		p.Await(t, "its success", func() bool {
			return tenant.Delivery(t, tasks[0].ID).Status == api.DeliveryStatusSucceeded
		})
	})
}

func TestNothingThatAsynqsToolsDoLosesADelivery(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, n int) {
			if n <= 2 {
				w.WriteHeader(http.StatusInternalServerError)
			}
		})
		tenant.NewEndpoint(t, receiver.URL+"/dies", map[string]any{"retry_policy": map[string]any{"initial": "1s",
			"max_attempts": 1}})
		tenant.NewEndpoint(t, receiver.URL+"/waits",
			map[string]any{"retry_policy": map[string]any{"schedule": []string{"1h"}}})
		tenant.NewLead(t, "ada@example.com")
		inspector := asynq.NewInspectorFromRedisClient(p.App.Redis().UniversalClient)
		dead := awaitArchived(t, p, inspector, 1)[0].ID
		p.Await(t, "the other to be retrying", func() bool {
			return len(tenant.Deliveries(t, "&status=retrying")) == 1
		})
		waiting := tenant.Deliveries(t, "&status=retrying")[0].ID

		// Deleting the archived task does not delete the dead letter.
		if err := inspector.DeleteTask(queue.Fast, dead); err != nil {
			t.Fatal(err)
		}
		tenant.Call(t, http.MethodPost, "/api/v1/dead-letters/"+dead+"/replay", nil).
			Want(t, http.StatusAccepted)
		p.Await(t, "the replay to succeed", func() bool {
			return tenant.Delivery(t, dead).Status == api.DeliveryStatusSucceeded
		})

		// Archiving or deleting the task of a retrying delivery does not end it: it runs when it is due.
		p.Await(t, "the archiving", func() bool { return inspector.ArchiveTask(queue.Fast, waiting) == nil })
		err := p.App.Database().Tx(t.Context(), func(tx *gorm.DB) error { // an hour passes
			return db.WhereID(tx.Model(&delivery.Delivery{}), "id", waiting).
				Updates(map[string]any{"next_attempt_at": 1, "deadline_at": 1}).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		p.Await(t, "it to succeed", func() bool {
			return tenant.Delivery(t, waiting).Status == api.DeliveryStatusSucceeded
		})
	})
}

func TestPurgedDeadLettersLeaveTheArchiveToo(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) {
			w.WriteHeader(500)
		})
		tenant.NewEndpoint(t, receiver.URL, map[string]any{"retry_policy": map[string]any{"initial": "1s",
			"max_attempts": 1}})
		tenant.NewLead(t, "ada@example.com")
		tenant.NewLead(t, "grace@example.com")
		inspector := asynq.NewInspectorFromRedisClient(p.App.Redis().UniversalClient)
		var ids []string // the archive has tasks of other tests, too
		p.Await(t, "the archived tasks", func() bool {
			ids = nil
			for _, d := range tenant.Deliveries(t, "&status=dead") {
				task, err := inspector.GetTaskInfo(queue.Fast, d.ID)
				if err == nil && task.State == asynq.TaskStateArchived && task.LastErr != "" {
					ids = append(ids, d.ID)
				}
			}
			return len(ids) == 2
		})
		awaitJob(t, p, tenant, testkit.Post[api.Job](t, tenant, purgeAll, all(), http.StatusAccepted).ID)
		p.Await(t, "the archived tasks to be deleted", func() bool {
			return !slices.ContainsFunc(ids, func(id string) bool {
				_, err := inspector.GetTaskInfo(queue.Fast, id)
				return !errors.Is(err, asynq.ErrTaskNotFound)
			})
		})
	})
}
