package resource_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func track(t *testing.T, c *testkit.Client, accountID string) api.TrackedAccount {
	t.Helper()
	return testkit.Post[api.TrackedAccount](t, c, "/api/v1/tracked-accounts",
		object{"platform": "instagram", "account_id": accountID, "username": "my_brand"}, http.StatusCreated)
}

// counts is the body of a snapshot.
func counts(followers int, at string, list bool) object {
	return object{"follower_count": followers, "following_count": 321, "posts_count": 456, "tracked_at": at,
		"follower_list": list}
}

func snapshot(t *testing.T, c *testkit.Client, account api.TrackedAccount, body object) api.Snapshot {
	t.Helper()
	return testkit.Post[api.Snapshot](t, c, "/api/v1/tracked-accounts/"+account.ID+"/snapshots", body,
		http.StatusCreated)
}

func addFollowers(t *testing.T, c *testkit.Client, snapshotID string, users ...string) testkit.Answer {
	t.Helper()
	followers := make([]object, len(users))
	for i, user := range users {
		followers[i] = object{"user_id": user, "username": "name_" + user}
	}
	return c.Call(t, http.MethodPost, "/api/v1/snapshots/"+snapshotID+"/followers", object{"followers": followers})
}

func finish(t *testing.T, c *testkit.Client, snapshotID string, followers int) testkit.Answer {
	t.Helper()
	return c.Call(t, http.MethodPost, "/api/v1/snapshots/"+snapshotID+"/finish", object{"followers": followers})
}

// list records a snapshot with a list of followers.
func list(t *testing.T, c *testkit.Client, account api.TrackedAccount, at string, users ...string) api.Snapshot {
	t.Helper()
	s := snapshot(t, c, account, counts(len(users), at, true))
	if len(users) > 0 {
		addFollowers(t, c, s.ID, users...).Want(t, http.StatusOK)
	}
	return testkit.Into[api.Snapshot](t, finish(t, c, s.ID, len(users)).Want(t, http.StatusOK))
}

// awaitJob waits for the comparison of a snapshot.
func awaitJob(t *testing.T, p *testkit.Program, c *testkit.Client, s api.Snapshot) api.Job {
	t.Helper()
	var j api.Job
	p.Await(t, "the comparison", func() bool {
		j = testkit.Get[api.Job](t, c, "/api/v1/jobs/"+s.JobID.MustGet())
		return j.Status != api.JobStatusQueued && j.Status != api.JobStatusRunning
	})
	if j.Status != api.JobStatusDone {
		t.Fatalf("job: got %+v, want it done", j)
	}
	return j
}

// eventsOf lists the followers of all tracker events of a type, sorted.
func eventsOf(t *testing.T, c *testkit.Client, eventType string) string {
	t.Helper()
	var out []string
	for _, e := range testkit.Get[api.TrackerEventList](t, c, "/api/v1/tracker?limit=100&event="+eventType).Data {
		var data api.FollowerData
		if err := json.Unmarshal(e.Data, &data); err != nil {
			t.Fatal(err)
		}
		out = append(out, data.TargetUserID)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}
