package resource_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// queue has a tenant send n messages and returns their ids.
func queue(t *testing.T, c *testkit.Client, n int) []string {
	t.Helper()
	account := track(t, c, "1")
	var ids []string
	for range n {
		ids = append(ids, testkit.Post[api.DirectMessage](t, c, "/api/v1/tracked-accounts/"+account.ID+
			"/direct-messages",
			object{"target_username": "a", "message": "b"}, http.StatusAccepted).ID)
	}
	return ids
}

func claim(t *testing.T, p *testkit.Program, limit int) []string {
	t.Helper()
	var ids []string
	for _, m := range testkit.Post[api.ClaimedDirectMessages](t, p.Operator, "/admin/v1/direct-messages/claim",
		object{"limit": limit, "lease_seconds": 60}, http.StatusOK).Data {
		ids = append(ids, m.ID)
	}
	return ids
}

func TestWorkListsAreReadToTheirEndAndByTenant(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		stuck, other := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		want := append(queue(t, stuck, 3), queue(t, other, 2)...)
		var jobs []string
		for _, c := range []*testkit.Client{stuck, stuck, stuck, other} {
			jobs = append(jobs, testkit.Post[api.TrackerJob](t, c, "/api/v1/tracker/jobs",
				object{"job_type": "hashtag"}, http.StatusAccepted).ID)
		}
		for path, want := range map[string][]string{"/admin/v1/direct-messages?limit=2": want,
			"/admin/v1/tracker/jobs?limit=2": jobs} {
			var got []string // of the two tenants; the list has those of other tests too
			for cursor := ""; ; {
				list := testkit.Get[api.TenantDirectMessageList](t, p.Operator, path+cursor)
				for _, m := range list.Data {
					if slices.Contains(want, m.ID) {
						got = append(got, m.ID)
					}
				}
				if list.Meta.NextCursor.IsNull() {
					break
				}
				cursor = "&cursor=" + list.Meta.NextCursor.MustGet()
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v instead of %v", path, got, want)
			}
			only := testkit.Get[api.TenantDirectMessageList](t, p.Operator, path+"&tenant_id="+testkit.TenantOf(t,
				other)).Data
			if len(only) == 0 || only[0].ID != want[3] {
				t.Errorf("%s of the other tenant: got %+v, want %s first", path, only, want[3])
			}
			p.Operator.Call(t, http.MethodGet, path+"&cursor=x", nil).Want(t, http.StatusBadRequest)
		}
	})
}

func TestAMessageIsClaimedByOneSenderAndAgainOnlyAfterItsLease(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		clock := &testkit.Clock{}
		p := testkit.Start(t, e, testkit.WithClock(clock))
		many, few := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		first, second := queue(t, many, 12), queue(t, few, 2)
		if got, want := claim(t, p, 12), append(slices.Clone(first[:10]), second...); !slices.Equal(got, want) {
			t.Errorf("the first claim: %v instead of %v", got, want)
		}
		p.Operator.Call(t, http.MethodPost, "/admin/v1/direct-messages/"+second[0]+"/outcome",
			object{"status": "sent"}).Want(t, http.StatusOK)
		if got := claim(t, p, 12); !slices.Equal(got, first[10:]) {
			t.Errorf("second claim: got %v, want the rest, %v", got, first[10:])
		}
		clock.Advance(2 * time.Minute)
		var group sync.WaitGroup
		var lock sync.Mutex
		var all []string
		for range 4 {
			group.Go(func() {
				got := claim(t, p, 5)
				lock.Lock()
				defer lock.Unlock()
				all = append(all, got...)
			})
		}
		group.Wait()
		all = append(all, claim(t, p, 100)...)
		all = append(all, claim(t, p, 100)...)
		slices.Sort(all)
		want := append(slices.Clone(first), second[1])
		slices.Sort(want)
		if !slices.Equal(all, want) {
			t.Errorf("after the lease: %v instead of %v", all, want)
		}
		p.Operator.Call(t, http.MethodPost, "/admin/v1/direct-messages/claim", object{"lease_seconds": 1}).
			Want(t, http.StatusBadRequest)
	})
}

func TestReportsAreInTheAuditLogWithoutWhatAMessageSays(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewOwner(t, "leadie")
		account := track(t, c, "1")
		m := testkit.Post[api.DirectMessage](t, c, "/api/v1/tracked-accounts/"+account.ID+"/direct-messages",
			object{"target_username": "a", "message": "between us"}, http.StatusAccepted)
		j := testkit.Post[api.TrackerJob](t, c, "/api/v1/tracker/jobs", object{"job_type": "hashtag"},
			http.StatusAccepted)
		p.Operator.Call(t, http.MethodPost, "/admin/v1/direct-messages/"+m.ID+"/outcome", object{"status": "failed",
			"error": "private"}).Want(t, http.StatusOK)
		p.Operator.Call(t, http.MethodPatch, "/admin/v1/tracker/jobs/"+j.ID, object{"status": "failed",
			"error": "rate limited"}).Want(t, http.StatusOK)
		for action, target := range map[string]string{"direct_message.reported": m.ID, "tracker_job.reported": j.ID} {
			a := c.Call(t, http.MethodGet, "/api/v1/audit-log?action="+action, nil).Want(t, http.StatusOK)
			got := testkit.Into[api.AuditEntryList](t, a).Data
			if len(got) != 1 || got[0].Target != target || got[0].Actor.Name != "HOOKLINE_OPERATOR_KEY" ||
				strings.Contains(string(a.Body), "between us") {
				t.Errorf("audit log of %s: got %s, want the operator, the target and no text", action, a.Body)
			}
		}
	})
}

func TestAComparisonThatIsCancelledLosesNoChange(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		services := testkit.NewServices(t, e)
		p := testkit.StartOn(t, services, testkit.WithoutWorker())
		c := p.NewTenant(t, "business")
		account := track(t, c, "1")
		first := list(t, c, account, day(1), "a", "b")
		second := list(t, c, account, day(2), "b", "c")
		p.Operator.Call(t, http.MethodPost, "/admin/v1/jobs/"+second.JobID.MustGet()+"/cancel", nil).
			Want(t, http.StatusOK)
		third := list(t, c, account, day(3), "b", "c", "d")
		if third.ComparedWith.MustGet() != first.ID {
			t.Errorf("third list: got %+v, want it compared with %s", third, first.ID)
		}
		p.Stop()
		p = testkit.StartOn(t, services, testkit.WithKeys(p.Config.EncryptionKeys))
		c = testkit.NewClient(p.URL, c.Key())
		awaitJob(t, p, c, third)
		if got := eventsOf(t, c, "follower.gained") + "/" + eventsOf(t, c, "follower.lost"); got != "c d/a" {
			t.Errorf("events: %s, want c d/a", got)
		}
		if n := rowsIn(t, p, c, "tracking_followers", "true"); n != 3 {
			t.Errorf("stored followers: got %d, want 3", n)
		}
	})
}

func TestAKeyThatMayOnlyTrackSeesItsComparison(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		account := track(t, c, "1")
		first := list(t, c, account, day(1), "a")
		second := list(t, c, account, day(2), "b")
		only := p.NewKey(t, testkit.TenantOf(t, c), "live", "read:tracking")
		if got := testkit.Get[api.Job](t, only, "/api/v1/snapshots/"+second.ID+
			"/job"); got.ID != second.JobID.MustGet() || got.Total != 2 {
			t.Errorf("job: got %+v, want %s of 2", got, second.JobID.MustGet())
		}
		only.Call(t, http.MethodGet, "/api/v1/snapshots/"+first.ID+"/job", nil).Want(t, http.StatusNotFound)
	})
}
