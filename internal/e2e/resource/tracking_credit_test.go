package resource_test

import (
	"net/http"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func creditBalance(t *testing.T, c *testkit.Client) int64 {
	t.Helper()
	return testkit.Get[api.Credits](t, c, "/api/v1/credits").Balance
}

// spent returns the cost of a call.
func spent(t *testing.T, c *testkit.Client, call func()) int64 {
	t.Helper()
	before := creditBalance(t, c)
	call()
	return before - creditBalance(t, c)
}

func TestPaidOperationsCostWhatTheContractSaysAndReadsNothing(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewOwner(t, "leadie")
		account := track(t, c, "1")
		path := "/api/v1/tracked-accounts/" + account.ID
		rules := testkit.Contract().Rules
		if rules["createSnapshot"].Credits == 0 || rules["createDirectMessage"].Credits == 0 ||
			rules["createTrackerJob"].Credits == 0 {
			t.Fatal("prices: got some operation of tracking free, want all three to cost credits")
		}
		for name, call := range map[string]func(){
			"createSnapshot": func() { snapshot(t, c, account, counts(1, day(1), false)) },
			"createDirectMessage": func() {
				testkit.Post[api.DirectMessage](t, c, path+"/direct-messages", object{"target_username": "a",
					"message": "b"}, http.StatusAccepted)
			},
			"createTrackerJob": func() {
				testkit.Post[api.TrackerJob](t, c, "/api/v1/tracker/jobs", object{"job_type": "hashtag"},
					http.StatusAccepted)
			},
		} {
			if got := spent(t, c, call); got != rules[name].Credits {
				t.Errorf("price of %s: got %d, want %d", name, got, rules[name].Credits)
			}
		}
		reads := func() {
			for _, path := range []string{"/me", "/credits", "/stats", "/tracker", "/tracked-accounts",
				"/direct-messages", "/tracker/jobs"} {
				c.Call(t, http.MethodGet, "/api/v1"+path, nil, "Authorization", "", "X-Api-Key", c.Key()).
					Want(t, http.StatusOK)
			}
		}
		refused := func() {
			c.Call(t, http.MethodPost, path+"/snapshots", counts(1, day(1), false)).Want(t, http.StatusConflict)
			c.Call(t, http.MethodPost, path+"/direct-messages", object{"message": "b"}).Want(t, http.StatusBadRequest)
			c.Call(t, http.MethodPost, "/api/v1/tracked-accounts/nothing/direct-messages",
				object{"target_username": "a", "message": "b"}).Want(t, http.StatusNotFound)
		}
		if got := spent(t, c, reads); got != 0 {
			t.Errorf("price of reads: got %d, want 0", got)
		}
		if got := spent(t, c, refused); got != 0 {
			t.Errorf("price of refused calls: got %d, want 0", got)
		}
	})
}

func TestFailedWorkIsRefundedOnceAndItsOutcomeIsFinal(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewOwner(t, "leadie")
		account := track(t, c, "1")
		before := creditBalance(t, c)
		send := func() api.DirectMessage {
			return testkit.Post[api.DirectMessage](t, c, "/api/v1/tracked-accounts/"+account.ID+"/direct-messages",
				object{"target_username": "a", "message": "b"}, http.StatusAccepted)
		}
		sent, failed := send(), send()
		done := testkit.Post[api.TrackerJob](t, c, "/api/v1/tracker/jobs", object{"job_type": "hashtag"},
			http.StatusAccepted)
		broken := testkit.Post[api.TrackerJob](t, c, "/api/v1/tracker/jobs", object{"job_type": "hashtag"},
			http.StatusAccepted)
		queued := testkit.Get[api.TenantDirectMessageList](t, p.Operator, "/admin/v1/direct-messages?tenant_id="+
			testkit.TenantOf(t, c)).Data
		if len(queued) != 2 || queued[0].ID != sent.ID || queued[1].ID != failed.ID {
			t.Errorf("queued messages: got %+v, want both, the oldest first", queued)
		}
		if open := testkit.Get[api.TenantTrackerJobList](t, p.Operator,
			"/admin/v1/tracker/jobs?status=queued&tenant_id="+testkit.TenantOf(t, c)).Data; len(open) != 2 ||
			open[0].ID != done.ID {
			t.Errorf("open jobs: got %+v, want 2, the oldest first", open)
		}
		outcome := func(m api.DirectMessage, body object, status int) {
			t.Helper()
			p.Operator.Call(t, http.MethodPost, "/admin/v1/direct-messages/"+m.ID+"/outcome", body).Want(t, status)
		}
		report := func(j api.TrackerJob, body object, status int) {
			t.Helper()
			p.Operator.Call(t, http.MethodPatch, "/admin/v1/tracker/jobs/"+j.ID, body).Want(t, status)
		}
		outcome(failed, object{"status": "failed"}, http.StatusBadRequest)
		outcome(sent, object{"status": "sent", "error": "x"}, http.StatusBadRequest)
		outcome(sent, object{"status": "sent", "occurred_at": "2100-01-01T00:00:00Z"}, http.StatusBadRequest)
		report(broken, object{"status": "failed"}, http.StatusBadRequest)
		report(broken, object{"status": "queued"}, http.StatusBadRequest)
		outcome(sent, object{"status": "sent"}, http.StatusOK)
		outcome(failed, object{"status": "failed", "error": "private"}, http.StatusOK)
		report(done, object{"status": "running", "total_leads_stored": 10}, http.StatusOK)
		report(done, object{"status": "running", "total_leads_stored": 20}, http.StatusOK)
		report(done, object{"status": "finished"}, http.StatusOK)
		report(broken, object{"status": "failed", "error": "rate limited"}, http.StatusOK)
		for _, status := range []string{"sent", "failed"} {
			body := object{"status": status}
			if status == "failed" {
				body["error"] = "x"
			}
			outcome(sent, body, http.StatusConflict)
			outcome(failed, body, http.StatusConflict)
		}
		report(done, object{"status": "failed", "error": "x"}, http.StatusConflict)
		report(broken, object{"status": "running"}, http.StatusConflict)

		rules := testkit.Contract().Rules
		if got, want := before-creditBalance(t, c), rules["createDirectMessage"].Credits+
			rules["createTrackerJob"].Credits; got != want {
			t.Errorf("all of it cost %d instead of %d", got, want)
		}
		if got := testkit.Get[api.TrackerJob](t, c, "/api/v1/tracker/jobs/"+done.ID); got.TotalLeadsStored != 20 {
			t.Errorf("job: got %+v, want 20 leads", got)
		}
		for eventType, want := range map[string]int{"dm.sent": 1, "dm.failed": 1, "job.completed": 1, "job.failed": 1} {
			if n := len(testkit.Get[api.EventList](t, c, "/api/v1/events?type="+eventType).Data); n != want {
				t.Errorf("%s: got %d, want %d", eventType, n, want)
			}
		}
		if open := testkit.Get[api.TenantTrackerJobList](t, p.Operator, "/admin/v1/tracker/jobs?tenant_id="+
			testkit.TenantOf(t, c)).Data; len(open) != 0 {
			t.Errorf("jobs still open: %+v, want none", open)
		}
		if got := testkit.Get[api.DirectMessageList](t, c, "/api/v1/direct-messages?status=failed&tracked_account_id="+
			account.ID+"&target_username=a").Meta.Total; got != 1 {
			t.Errorf("failed messages: got %d, want 1", got)
		}
	})
}

func TestWithoutCreditsNothingIsTrackedSentOrDone(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e, testkit.WithPrice("createTrackerJob", 10_001))
		c := p.NewOwner(t, "leadie")
		a := c.Call(t, http.MethodPost, "/api/v1/tracker/jobs", object{"job_type": "hashtag"}).
			Want(t, http.StatusForbidden)
		if got := a.Problem(t).Error; got.Code != api.ErrorErrorCodeInsufficientCredits || *got.Balance != 10_000 ||
			*got.Price != 10_001 {
			t.Errorf("got %s, want insufficient_credits with balance 10,000 and price 10,001", a.Body)
		}
		if n := testkit.Get[api.TrackerJobList](t, c, "/api/v1/tracker/jobs").Meta.Total; n != 0 {
			t.Errorf("jobs: got %d, want 0", n)
		}
	})
}

func TestBadQueriesAndBodiesAreRefused(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		account := track(t, c, "1")
		for _, path := range []string{"/tracked-accounts", "/stats", "/direct-messages", "/tracker/jobs",
			"/tracked-accounts/" + account.ID + "/snapshots"} {
			a := c.Call(t, http.MethodGet, "/api/v1"+path+"?page=0&per_page=101", nil).Want(t, http.StatusBadRequest)
			if d := a.Problem(t).Error.Details; len(d) != 2 {
				t.Errorf("%s: got %s, want 2 violations", path, a.Body)
			}
		}
		for _, path := range []string{"/stats", "/tracker", "/tracked-accounts/" + account.ID + "/snapshots"} {
			a := c.Call(t, http.MethodGet, "/api/v1"+path+"?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z", nil).
				Want(t, http.StatusBadRequest)
			if d := a.Problem(t).Error.Details; len(d) != 1 || d[0].Field != "to" {
				t.Errorf("%s: got %s, want the field to", path, a.Body)
			}
		}
		for _, path := range []string{"/tracker?event=lead.created", "/tracker?limit=101",
			"/direct-messages?status=lost", "/tracker/jobs?status=done", "/stats?from=yesterday"} {
			c.Call(t, http.MethodGet, "/api/v1"+path, nil).Want(t, http.StatusBadRequest)
		}
		s := snapshot(t, c, account, counts(1, day(1), true))
		many := make([]string, 5001)
		for i := range many {
			many[i] = "a"
		}
		addFollowers(t, c, s.ID, many...).Want(t, http.StatusBadRequest)
		addFollowers(t, c, s.ID).Want(t, http.StatusBadRequest)
		c.Call(t, http.MethodPost, "/api/v1/tracked-accounts", object{"platform": "Insta gram", "account_id": "",
			"username": ""}).Want(t, http.StatusBadRequest)
		c.Call(t, http.MethodPost, "/api/v1/tracked-accounts/"+account.ID+"/snapshots", counts(-1, day(1), false)).
			Want(t, http.StatusBadRequest)
	})
}
