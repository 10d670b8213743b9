package tracking_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

type object = map[string]any

// tenantOf makes a tenant with a profile, and a key of its owner.
func tenantOf(t *testing.T, p *testkit.Program, profile string) *testkit.Client {
	t.Helper()
	made := testkit.Post[api.Tenant](t, p.Operator, "/admin/v1/tenants", object{"name": profile, "plan": "business", "profile": profile}, http.StatusCreated)
	owner := testkit.Post[api.Member](t, p.Operator, "/admin/v1/tenants/"+made.ID+"/members", object{"email": "owner@example.com", "name": "Owner", "role": "owner"}, http.StatusCreated)
	key := testkit.Post[api.KeyCreated](t, p.Operator, "/admin/v1/tenants/"+made.ID+"/keys",
		object{"name": "test", "environment": "live", "permissions": []string{"*"}, "user_id": owner.ID}, http.StatusCreated)
	return testkit.NewClient(p.URL, key.Key)
}

func track(t *testing.T, c *testkit.Client, accountID string) api.TrackedAccount {
	t.Helper()
	return testkit.Post[api.TrackedAccount](t, c, "/api/v1/tracked-accounts",
		object{"platform": "instagram", "account_id": accountID, "username": "my_brand"}, http.StatusCreated)
}

// counts is the body of a snapshot.
func counts(followers int, at string, list bool) object {
	return object{"follower_count": followers, "following_count": 321, "posts_count": 456, "tracked_at": at, "follower_list": list}
}

func snapshot(t *testing.T, c *testkit.Client, account api.TrackedAccount, body object) api.Snapshot {
	t.Helper()
	return testkit.Post[api.Snapshot](t, c, "/api/v1/tracked-accounts/"+account.ID+"/snapshots", body, http.StatusCreated)
}

func add(t *testing.T, c *testkit.Client, snapshotID string, users ...string) testkit.Answer {
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
		add(t, c, s.ID, users...).Want(t, http.StatusOK)
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
		t.Fatalf("%+v", j)
	}
	return j
}

// told lists "event username" of all tracker events of a type, sorted.
func told(t *testing.T, c *testkit.Client, eventType string) string {
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

// fits holds data against the schema and the sample of its type.
func fits(t *testing.T, eventType string, data json.RawMessage) {
	t.Helper()
	for _, et := range testkit.Contract().EventTypes {
		if et.Name != eventType {
			continue
		}
		if err := et.Validate(data); err != nil {
			t.Errorf("%s: %v: %s", eventType, err, data)
		}
		if got, want := keys(t, data), keys(t, et.Sample); got != want {
			t.Errorf("%s has %s, and its sample %s", eventType, got, want)
		}
		return
	}
	t.Errorf("there is no event type %s", eventType)
}

func keys(t *testing.T, raw []byte) string {
	t.Helper()
	var o object
	if err := json.Unmarshal(raw, &o); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(slices.Sorted(maps.Keys(o)))
}
