package resource_test

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/testkit"
)

func day(n int) string {
	return time.Date(2026, 3, n, 12, 0, 0, 0, time.UTC).Format(time.RFC3339)
}

// rowsIn counts the rows of a client's tenant.
func rowsIn(t *testing.T, p *testkit.Program, c *testkit.Client, table, where string) int64 {
	t.Helper()
	var n int64
	rows := db.Tenant(p.App.Database().Read(t.Context()).Table(table), testkit.TenantOf(t, c)).Where(where)
	if err := rows.Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

func TestListsAreComparedOneWithTheNextAndOnlyTheLatestIsKept(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		account := track(t, c, "1")
		first := list(t, c, account, day(1), "a", "b", "c")
		if first.JobID.IsSpecified() && !first.JobID.IsNull() || eventsOf(t, c, "follower.gained") != "" {
			t.Error("first list: got a comparison, want none")
		}
		second := list(t, c, account, day(2), "b", "d", "c", "e")
		if second.ComparedWith.MustGet() != first.ID {
			t.Errorf("second list: got %+v, want it compared with %s", second, first.ID)
		}
		if j := awaitJob(t, p, c, second); j.Kind != api.JobKindFollowersCompare || j.Total != 7 || j.Done != 7 {
			t.Errorf("job: got %+v, want a comparison of 7", j)
		}
		if got := eventsOf(t, c, "follower.gained") + "/" + eventsOf(t, c, "follower.lost"); got != "d e/a" {
			t.Errorf("followers gained and lost after the second list: got %s, want d e/a", got)
		}
		snapshot(t, c, account, counts(9, day(3), false)) // without a list it changes nothing for the next
		third := list(t, c, account, day(4))
		awaitJob(t, p, c, third)
		if got := eventsOf(t, c, "follower.gained") + "/" + eventsOf(t, c, "follower.lost"); got != "d e/a b c d e" {
			t.Errorf("followers gained and lost after an empty list: got %s, want d e/a b c d e", got)
		}
		fourth := list(t, c, account, day(5), "z", "a")
		awaitJob(t, p, c, fourth)
		if got := eventsOf(t, c, "follower.gained"); got != "a d e z" {
			t.Errorf("followers gained after two joined: got %s, want a d e z", got)
		}
		if n := rowsIn(t, p, c, "tracking_followers", "true"); n != 2 {
			t.Errorf("stored followers: got %d, want 2", n)
		}
		if n := rowsIn(t, p, c, "events", "type = 'stats.updated'"); n != 5 {
			t.Errorf("stats.updated: got %d, want 5", n)
		}
		if got := testkit.Get[api.SnapshotList](t, c, "/api/v1/tracked-accounts/"+account.ID+"/snapshots?from="+day(2)+
			"&to="+day(4)); got.Meta.Total != 2 {
			t.Errorf("snapshots in the period: got %+v, want 2", got)
		}
		if got := testkit.Get[api.TrackedAccount](t, c, "/api/v1/tracked-accounts/"+
			account.ID); got.TrackedAt.MustGet().Format(time.RFC3339) != day(5) {
			t.Errorf("account: got %+v, want the latest snapshot, %s", got, day(5))
		}
	})
}

func TestPagesCanBeSentAgainAndAListIsFinishedOnlyWhenItIsWhole(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		account := track(t, c, "1")
		s := snapshot(t, c, account, counts(3, day(1), true))
		for _, page := range [][]string{{"a", "b", "a"}, {"a", "b", "a"}, {"b", "c"}} {
			addFollowers(t, c, s.ID, page...).Want(t, http.StatusOK)
		}
		finish(t, c, s.ID, 4).Want(t, http.StatusConflict)
		if got := testkit.Get[api.Snapshot](t, c, "/api/v1/snapshots/"+s.ID); got.FollowersReceived != 3 ||
			got.Status != api.SnapshotStatusOpen {
			t.Errorf("snapshot: got %+v, want it open with 3 followers", got)
		}
		if rowsIn(t, p, c, "events", "type = 'stats.updated'") != 0 {
			t.Error("stats.updated of an open snapshot: got one, want none")
		}
		finish(t, c, s.ID, 3).Want(t, http.StatusOK)
		addFollowers(t, c, s.ID, "d").Want(t, http.StatusConflict)
		finish(t, c, s.ID, 3).Want(t, http.StatusConflict)

		c.Call(t, http.MethodPost, "/api/v1/tracked-accounts/"+account.ID+"/snapshots", counts(3, day(1), false)).
			Want(t, http.StatusConflict)
		future := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
		c.Call(t, http.MethodPost, "/api/v1/tracked-accounts/"+account.ID+"/snapshots", counts(3, future, false)).
			Want(t, http.StatusBadRequest)

		late := snapshot(t, c, account, counts(1, day(2), true))
		addFollowers(t, c, late.ID, "a").Want(t, http.StatusOK)
		snapshot(t, c, account, counts(5, day(3), false))
		finish(t, c, late.ID, 1).Want(t, http.StatusConflict)
	})
}

func TestAListWaitsWhileTheLastOneIsBeingCompared(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		services := testkit.NewServices(t, e)
		p := testkit.StartOn(t, services, testkit.WithoutWorker())
		c := p.NewTenant(t, "business")
		account := track(t, c, "1")
		list(t, c, account, day(1), "a")
		second := list(t, c, account, day(2), "b")
		third := snapshot(t, c, account, counts(1, day(3), true))
		addFollowers(t, c, third.ID, "c").Want(t, http.StatusOK)
		finish(t, c, third.ID, 1).Want(t, http.StatusConflict)
		cancel := "/jobs/" + second.JobID.MustGet() + "/cancel"
		// it isn't the tenant's to lose changes
		c.Call(t, http.MethodPost, "/api/v1"+cancel, nil).Want(t, http.StatusConflict)
		p.Operator.Call(t, http.MethodPost, "/admin/v1"+cancel, nil).Want(t, http.StatusOK)
		finish(t, c, third.ID, 1).Want(t, http.StatusOK)
	})
}

func TestDataOfUntrackedAccountsAndUnfinishedUploadsIsDeleted(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		clock := &testkit.Clock{}
		services := testkit.NewServices(t, e)
		p := testkit.StartOn(t, services, testkit.WithClock(clock))
		c := p.NewTenant(t, "business")
		gone, stays := track(t, c, "1"), track(t, c, "2")
		list(t, c, gone, day(1), "a", "b")
		list(t, c, stays, day(1), "a", "b", "c")
		upload := snapshot(t, c, stays, counts(1, day(2), true))
		addFollowers(t, c, upload.ID, "a").Want(t, http.StatusOK)
		c.Call(t, http.MethodDelete, "/api/v1/tracked-accounts/"+gone.ID, nil).Want(t, http.StatusNoContent)
		c.Call(t, http.MethodGet, "/api/v1/tracked-accounts/"+gone.ID, nil).Want(t, http.StatusNotFound)
		clock.Advance(25 * time.Hour)
		p.Stop()
		// a worker sweeps when it starts
		p = testkit.StartOn(t, services, testkit.WithClock(clock), testkit.WithKeys(p.Config.EncryptionKeys))
		c = testkit.NewClient(p.URL, c.Key())
		p.Await(t, "the sweep", func() bool {
			return rowsIn(t, p, c, "tracking_snapshots", "true") == 1 && rowsIn(t, p, c, "tracking_followers",
				"true") == 3
		})
		c.Call(t, http.MethodGet, "/api/v1/snapshots/"+upload.ID, nil).Want(t, http.StatusNotFound)
		finish(t, c, upload.ID, 1).Want(t, http.StatusNotFound)
		if again := track(t, c, "1"); again.TrackedUserID != 3 {
			t.Errorf("number of the account: got %d, want 3", again.TrackedUserID)
		}
	})
}

func TestAnAccountIsTrackedOnceAndNumbersAreNeverSharedHoweverManyAskAtOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		var group sync.WaitGroup
		var made, refused atomic.Int64
		for i := range 20 {
			group.Go(func() {
				a := c.Call(t, http.MethodPost, "/api/v1/tracked-accounts", object{"platform": "instagram",
					"account_id": fmt.Sprint(i % 10), "username": "x"})
				switch a.Status {
				case http.StatusCreated:
					made.Add(1)
				case http.StatusConflict:
					refused.Add(1)
				default:
					t.Errorf("got %d %s, want 201 or 409", a.Status, a.Body)
				}
			})
		}
		group.Wait()
		if made.Load() != 10 || refused.Load() != 10 {
			t.Errorf("got %d created and %d refused, want 10 and 10", made.Load(), refused.Load())
		}
		numbers := map[int64]bool{}
		for _, a := range testkit.Get[api.TrackedAccountList](t, c, "/api/v1/tracked-accounts?per_page=100").Data {
			numbers[a.TrackedUserID] = true
		}
		for n := int64(1); n <= 10; n++ {
			if !numbers[n] {
				t.Errorf("numbers: got %v, want %d among them", numbers, n)
			}
		}
	})
}

func TestARenamedAccountHasItsNewNameInEvents(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		account := track(t, c, "1")
		c.Call(t, http.MethodPatch, "/api/v1/tracked-accounts/1", object{"username": "new_name"}).Want(t, http.StatusOK)
		snapshot(t, c, account, counts(1, day(1), false))
		if got := testkit.Get[api.StatsList](t, c, "/api/v1/stats").Data; len(got) != 1 ||
			got[0].Username != "new_name" {
			t.Errorf("statistics: got %+v, want the new name", got)
		}
	})
}
