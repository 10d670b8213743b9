package webhook_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/testkit"
)

// worker starts a worker without the API, on the services of p.
func worker(t *testing.T, services testkit.Services, p *testkit.Program) *testkit.Program {
	t.Helper()
	return testkit.StartOn(t, services, smallSteps, func(c *config.Config, o *app.Options) {
		c.EncryptionKeys, o.API = p.Config.EncryptionKeys, false
	})
}

// awaitJob waits for the end of a job. Its time limit is for each step.
func awaitJob(t *testing.T, p *testkit.Program, c *testkit.Client, jobID string) api.Job {
	t.Helper()
	over := func(j api.Job) bool { return j.Status != api.JobStatusQueued && j.Status != api.JobStatusRunning }
	j := testkit.Get[api.Job](t, c, "/api/v1/jobs/"+jobID)
	for !over(j) {
		before := j.Done + j.Skipped
		p.Await(t, "the job's next step", func() bool {
			j = testkit.Get[api.Job](t, c, "/api/v1/jobs/"+jobID)
			return over(j) || j.Done+j.Skipped > before
		})
	}
	return j
}

// awaitSuccesses waits until n deliveries of a tenant have succeeded. Its time limit is for each success.
func awaitSuccesses(t *testing.T, p *testkit.Program, tenant *testkit.Client, n int) {
	t.Helper()
	id := uuidOf(t, testkit.TenantOf(t, tenant))
	for now := 0; now < n; {
		before := now
		p.Await(t, "another success", func() bool {
			now = count(t, p.App.Database(), "deliveries", "status = 'succeeded' AND tenant_id = ?", id)
			return now > before
		})
	}
}

const (
	replayAll = "/api/v1/dead-letters/replay"
	purgeAll  = "/api/v1/dead-letters/purge"
)

func all() map[string]any { return map[string]any{"filter": map[string]any{}} }

func TestEachDeadLetterIsReplayedOnceByAJobOfSeveralSteps(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		services := testkit.NewServices(t, e)
		p := testkit.StartOn(t, services, smallSteps)
		if e == testkit.Servers {
			worker(t, services, p) // a second worker must repeat no step
		}
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		hook := tenant.NewEndpoint(t, receiver.URL, nil)
		const n = 3 * jobStep
		want := map[string]bool{}
		for _, id := range insertDead(t, p.App.Database(), scopeOf(t, tenant), hook.ID, n, nil) {
			want[id] = true
		}
		j := testkit.Post[api.Job](t, tenant, replayAll, all(), http.StatusAccepted)
		if j.Total != n || j.Status != api.JobStatusQueued {
			t.Errorf("the job begins as %+v, want it queued with %d deliveries", j, n)
		}
		for range n {
			delete(want, receiver.Next(t).Header.Get("webhook-id"))
		}
		if len(want) != 0 {
			t.Errorf("%d of %d dead letters were not sent", len(want), n)
		}
		if j = awaitJob(t, p, tenant, j.ID); j.Status != api.JobStatusDone || j.Done != n || j.Skipped != 0 {
			t.Errorf("the job ends as %+v, want it done with %d deliveries", j, n)
		}
		awaitSuccesses(t, p, tenant, n)
		if twice := count(t, p.App.Database(), "deliveries", "attempt_count <> 2"); twice != 0 ||
			len(receiver.All()) != n {
			t.Errorf("%d deliveries without exactly 2 attempts and %d requests, want 0 and %d", twice,
				len(receiver.All()), n)
		}
	})
}

func TestAnotherWorkerContinuesAJobWhereTheFirstStopped(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		services := testkit.NewServices(t, e)
		p := testkit.StartOn(t, services, smallSteps)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		hook := tenant.NewEndpoint(t, receiver.URL, nil)
		const n = 10 * jobStep
		insertDead(t, p.App.Database(), scopeOf(t, tenant), hook.ID, n, nil)
		j := testkit.Post[api.Job](t, tenant, replayAll, all(), http.StatusAccepted)
		p.Await(t, "its first step", func() bool {
			return testkit.Get[api.Job](t, tenant, "/api/v1/jobs/"+j.ID).Done >= jobStep
		})
		p.Stop()
		second := testkit.StartOn(t, services, smallSteps, testkit.WithKeys(p.Config.EncryptionKeys))
		tenant = testkit.NewClient(second.URL, tenant.Key())
		if got := awaitJob(t, second, tenant, j.ID); got.Status != api.JobStatusDone || got.Done != n {
			t.Errorf("the job ends as %+v, want it done with %d deliveries", got, n)
		}
		awaitSuccesses(t, second, tenant, n)
		if twice := count(t, second.App.Database(), "deliveries",
			"attempt_count > 2 AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.delivery_id = deliveries.id AND "+
				"a.status = 'lease_expired')"); twice != 0 {
			t.Errorf("%d deliveries were replayed twice, want 0", twice)
		}
	})
}

func TestACancelledJobChangesNoMoreDeliveries(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		hook := tenant.NewEndpoint(t, receiver.URL, nil)
		const n = 20 * jobStep
		insertDead(t, p.App.Database(), scopeOf(t, tenant), hook.ID, n, nil)
		path := "/api/v1/jobs/" + testkit.Post[api.Job](t, tenant, replayAll, all(), http.StatusAccepted).ID
		p.Await(t, "its first step", func() bool { return testkit.Get[api.Job](t, tenant, path).Done > 0 })
		cancelled := testkit.Post[api.Job](t, tenant, path+"/cancel", nil, http.StatusOK)
		if cancelled.Status != api.JobStatusCancelled || cancelled.Done == 0 || cancelled.Done >= n {
			t.Fatalf("after cancelling the job is %+v, want it cancelled with some of %d deliveries", cancelled, n)
		}
		awaitSuccesses(t, p, tenant, cancelled.Done)
		if left := count(t, p.App.Database(), "deliveries", "status = 'dead' AND tenant_id = ?",
			uuidOf(t, testkit.TenantOf(t, tenant))); left != n-cancelled.Done {
			t.Errorf("%d dead letters are left, want %d", left, n-cancelled.Done)
		}
		if after := testkit.Get[api.Job](t, tenant, path); after.Done != cancelled.Done {
			t.Errorf("the cancelled job has done %d, want still %d", after.Done, cancelled.Done)
		}
		tenant.Call(t, http.MethodPost, path+"/cancel", nil).Want(t, http.StatusConflict)
	})
}

func TestADryRunCountsWhatTheJobDoesAndChangesNothing(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		scope := scopeOf(t, tenant)
		healthy, off, gone := tenant.NewEndpoint(t, receiver.URL, nil), tenant.NewEndpoint(t, receiver.URL, nil),
			tenant.NewEndpoint(t, receiver.URL, nil)
		insertDead(t, p.App.Database(), scope, healthy.ID, 30, func(i int, d *delivery.Delivery) {
			if i%2 == 0 {
				d.ResponseStatus = nil
			}
		})
		insertDead(t, p.App.Database(), scope, off.ID, 20, nil)
		insertDead(t, p.App.Database(), scope, gone.ID, 10, nil)
		tenant.Call(t, http.MethodPatch, "/api/v1/webhooks/"+off.ID, map[string]any{"enabled": false}).
			Want(t, http.StatusOK)
		tenant.Call(t, http.MethodDelete, "/api/v1/webhooks/"+gone.ID, nil).Want(t, http.StatusNoContent)

		for _, filter := range []map[string]any{{"http_class": "none"}, {"http_status": 503}, {"webhook_id": off.ID},
			{}} {
			body := map[string]any{"filter": filter, "dry_run": true}
			expected := testkit.Post[api.BulkPreview](t, tenant, replayAll, body, http.StatusOK)
			if again := testkit.Post[api.BulkPreview](t, tenant, replayAll, body,
				http.StatusOK); again.Total != expected.Total || len(again.SampleIds) == 0 {
				t.Errorf("%v: two dry runs return %+v and %+v, want the same total and samples", filter, expected,
					again)
			}
			body["dry_run"] = false
			j := awaitJob(t, p, tenant, testkit.Post[api.Job](t, tenant, replayAll, body, http.StatusAccepted).ID)
			if j.Total != expected.Total || j.Skipped != expected.Skipped ||
				j.Done != expected.Total-expected.Skipped ||
				fmt.Sprint(j.SkipReasons) != fmt.Sprint(expected.SkipReasons) {
				t.Errorf("%v: the job ends as %+v, want what the dry run counted: %+v", filter, j, expected)
			}
		}
		last := testkit.Get[api.JobList](t, tenant, "/api/v1/jobs?limit=1").Data[0]
		if last.SkipReasons["endpoint_disabled"] != 20 || last.SkipReasons["endpoint_deleted"] != 10 {
			t.Errorf("the last job skipped %v, want 20 and 10", last.SkipReasons)
		}
	})
}

func TestPurgeDeletesWhatTheFilterMatchesWithItsAttemptsAndNothingElse(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant, neighbour := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		hook := tenant.NewEndpoint(t, "https://example.com", map[string]any{"enabled": false})
		other := neighbour.NewEndpoint(t, "https://example.com", map[string]any{"enabled": false})
		early := time.Now().Add(-48 * time.Hour)
		own := insertDead(t, p.App.Database(), scopeOf(t, tenant), hook.ID, 55, func(i int, d *delivery.Delivery) {
			if i < 5 {
				d.FinishedAt = db.At(early)
			}
		})
		others := insertDead(t, p.App.Database(), scopeOf(t, neighbour), other.ID, 5, nil)
		cut := time.Now().Add(-24 * time.Hour).UTC().Format(time.RFC3339)
		body := map[string]any{"filter": map[string]any{"died_from": cut}, "dry_run": true}
		expected := testkit.Post[api.BulkPreview](t, tenant, purgeAll, body, http.StatusOK)
		body["dry_run"] = false
		j := awaitJob(t, p, tenant, testkit.Post[api.Job](t, tenant, purgeAll, body, http.StatusAccepted).ID)
		if expected.Total != 50 || j.Done != 50 || j.Total != 50 {
			t.Errorf("the dry run counts %+v and the job %+v, want 50", expected, j)
		}
		for table, column := range map[string]string{"deliveries": "id", "attempts": "delivery_id"} {
			own := left(t, p.App.Database(), table, column, hook.ID, own)
			others := left(t, p.App.Database(), table, column, other.ID, others)
			if own != 5 || others != 5 {
				t.Errorf("%s that are left: got %d and %d of the neighbour, want 5 and 5", table, own, others)
			}
		}
	})
}

func TestDeadLettersAreFilteredByTheirFields(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		hook := tenant.NewEndpoint(t, "https://example.com", map[string]any{"enabled": false})
		statuses := []*int{nil, new(int), new(int)}
		*statuses[1], *statuses[2] = 404, 500
		insertDead(t, p.App.Database(), scopeOf(t, tenant), hook.ID, 9, func(i int, d *delivery.Delivery) {
			d.ResponseStatus = statuses[i%3]
			if i == 4 {
				d.CreatedAt, d.FinishedAt = db.At(time.Now().Add(-72*time.Hour)), db.At(time.Now().Add(-70*time.Hour))
			}
		})
		long := "2000-01-01T00:00:00Z"
		before := time.Now().Add(-24 * time.Hour).UTC().Format(time.RFC3339)
		for query, want := range map[string]int{
			"": 9, "http_class=none": 3, "http_class=4xx": 3, "http_class=2xx": 0, "http_status=500": 3,
			"reason=exhausted":   9,
			"reason=http_status": 9, "reason=timeout": 0, "webhook_id=" + hook.ID: 9, "webhook_id=other": 0,
			"event_type=lead.created": 9,
			"event_type=lead.updated": 0, "created_to=" + before: 1, "created_from=" + before: 8, "died_to=" +
				before: 1,
			"died_from=" + long: 9, "died_from=" + before + "&http_status=404": 2,
		} {
			got := testkit.Get[api.DeliveryList](t, tenant, "/api/v1/dead-letters?limit=100&"+query).Data
			if len(got) != want {
				t.Errorf("%q finds %d, want %d", query, len(got), want)
			}
		}
		first := testkit.Get[api.DeliveryList](t, tenant, "/api/v1/dead-letters?limit=5")
		rest := testkit.Get[api.DeliveryList](t, tenant, "/api/v1/dead-letters?limit=5&cursor="+
			first.Meta.NextCursor.MustGet())
		if len(first.Data) != 5 || len(rest.Data) != 4 || !rest.Meta.NextCursor.IsNull() {
			t.Errorf("pages of %d and %d, want 5 and 4 without another", len(first.Data), len(rest.Data))
		}
		detail := testkit.Get[api.DeliveryDetail](t, tenant, "/api/v1/dead-letters/"+first.Data[0].ID)
		if len(detail.Attempts) != 1 || detail.Status != api.DeliveryStatusDead {
			t.Errorf("the dead letter is %+v, want it dead with 1 attempt", detail)
		}
		a := tenant.Call(t, http.MethodGet, "/api/v1/dead-letters?died_from="+before+"&died_to="+long, nil).
			Want(t, http.StatusBadRequest)
		if a.Problem(t).Error.Details[0].Field != "died_to" {
			t.Errorf("the answer is %s, want an error of died_to", a.Body)
		}
		// everything must be asked for
		tenant.Call(t, http.MethodPost, replayAll, map[string]any{}).Want(t, http.StatusBadRequest)
	})
}

func TestJobsAreSeenAndCancelledWithinTheirTenantAndEnvironmentOnly(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e, testkit.WithoutWorker())
		tenant, stranger := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		scope := scopeOf(t, tenant)
		test := p.NewKey(t, scope.TenantID, "test", "*")
		hook := tenant.NewEndpoint(t, "https://example.com", nil)
		insertDead(t, p.App.Database(), scope, hook.ID, 3, nil)
		j := testkit.Post[api.Job](t, tenant, replayAll, all(), http.StatusAccepted)
		path := "/api/v1/jobs/" + j.ID
		for name, c := range map[string]*testkit.Client{"another tenant": stranger, "a test key": test} {
			c.Call(t, http.MethodGet, path, nil).Want(t, http.StatusNotFound)
			c.Call(t, http.MethodPost, path+"/cancel", nil).Want(t, http.StatusNotFound)
			if list := testkit.Get[api.JobList](t, c, "/api/v1/jobs").Data; len(list) != 0 {
				t.Errorf("%s sees %+v, want no job", name, list)
			}
			if seen := testkit.Post[api.BulkPreview](t, c, replayAll, map[string]any{"filter": map[string]any{},
				"dry_run": true}, http.StatusOK); seen.Total != 0 {
				t.Errorf("%s would replay %d, want 0", name, seen.Total)
			}
		}
		ops := testkit.Post[api.TenantJob](t, p.Operator, "/admin/v1/dead-letters/purge",
			map[string]any{"tenant_id": scope.TenantID, "filter": map[string]any{}}, http.StatusAccepted)
		if list := testkit.Get[api.JobList](t, tenant, "/api/v1/jobs").Data; len(list) != 1 || list[0].ID != j.ID {
			t.Errorf("the tenant sees %+v, want only its own job", list)
		}
		if list := testkit.Get[api.TenantJobList](t, p.Operator, "/admin/v1/jobs?tenant_id="+
			scope.TenantID).Data; len(list) != 2 || !list[0].Operator || list[1].Operator {
			t.Errorf("operators see %+v, want their job and the tenant's", list)
		}
		tenant.Call(t, http.MethodPost, "/api/v1/jobs/"+ops.ID+"/cancel", nil).Want(t, http.StatusNotFound)
		testkit.Post[api.TenantJob](t, p.Operator, "/admin/v1/jobs/"+ops.ID+"/cancel", nil, http.StatusOK)
		var filter map[string]any
		if err := json.Unmarshal(j.Filter, &filter); err != nil || len(filter) != 0 {
			t.Errorf("the filter is %s, want an empty object", j.Filter)
		}
	})
}

// To the reconciler, a delivery of a recent event that has no row is one that is still to be made.
func TestWhatIsPurgedRightAfterItDiedIsNotDeliveredAnew(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		bad := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) {
			w.WriteHeader(http.StatusBadGateway)
		})
		once := map[string]any{"retry_policy": map[string]any{"initial": "1s", "max_attempts": 1}}
		first, second := tenant.NewEndpoint(t, bad.URL, once), tenant.NewEndpoint(t, bad.URL, once)
		tenant.NewLead(t, "ada@example.com")
		p.AwaitCount(t, tenant, api.DeliveryStatusDead, 2)
		of := map[string]any{"filter": map[string]any{"webhook_id": first.ID}}
		job := awaitJob(t, p, tenant, testkit.Post[api.Job](t, tenant, purgeAll, of, http.StatusAccepted).ID)
		if job.Done != 1 {
			t.Fatalf("the job: got %d done, want 1", job.Done)
		}
		var position int64
		id := uuidOf(t, testkit.TenantOf(t, tenant))
		events := p.App.Database().Read(t.Context()).Table("events").Where("tenant_id = ?", id)
		if err := events.Select("max(position)").Scan(&position).Error; err != nil {
			t.Fatal(err)
		}
		for _, when := range []string{"before the reconciler looked at the event", "after it"} {
			all := tenant.Deliveries(t, "")
			if len(all) != 1 || all[0].WebhookID != second.ID {
				t.Errorf("deliveries %s: got %+v, want the one to the other endpoint", when, all)
			}
			p.Await(t, "the reconciler to look at the event", func() bool {
				return count(t, p.App.Database(), "reconciler", "position >= ?", position) == 1
			})
		}
		if n := bad.Count(); n != 2 {
			t.Errorf("requests: got %d, want one for each endpoint", n)
		}
		missed := testkit.Post[api.BulkPreview](t, tenant, "/api/v1/webhooks/"+first.ID+"/recover", map[string]any{
			"since": time.Now().Add(-time.Hour).UTC().Format(time.RFC3339), "dry_run": true}, http.StatusOK)
		if missed.Total != 0 {
			t.Errorf("missed events: got %d, want none: what was purged was not missed", missed.Total)
		}
	})
}
