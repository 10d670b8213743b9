package resource_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// expected is the data of each event, by its type; JSON numbers are floats.
var expected = map[string]object{
	"stats.updated": {
		"platform": "instagram", "account_id": "1234567890", "tracked_user_id": 1.0, "username": "my_brand",
		"follower_count": 2.0, "following_count": 321.0, "posts_count": 456.0, "tracked_at": "2026-01-28T11:59:23Z",
	},
	"follower.gained": {
		"platform": "instagram", "tracked_username": "my_brand", "target_username": "name_998877",
		"target_user_id": "998877",
		"occurred_at":    "2026-01-28T11:59:23Z", "change_date": "2026-01-28",
	},
	"follower.lost": {
		"platform": "instagram", "tracked_username": "my_brand", "target_username": "name_998876",
		"target_user_id": "998876",
		"occurred_at":    "2026-01-28T11:59:23Z", "change_date": "2026-01-28",
	},
	"dm.sent": {
		"platform": "instagram", "tracked_username": "my_brand", "target_username": "lead",
		"occurred_at": "2026-01-28T09:00:00Z",
		"message":     "Hey <you> & yours", "device_id": "DEVICE_1",
	},
	"dm.failed": {
		"platform": "instagram", "tracked_username": "my_brand", "target_username": "lead",
		"occurred_at": "2026-01-28T09:00:00Z",
		"message":     "Hey <you> & yours", "device_id": "DEVICE_1", "error": "The account is private.",
	},
	"job.completed": {
		"job_id": 1.0, "job_type": "hashtag", "status": "finished", "started_at": "2026-01-28T08:00:00Z",
		"finished_at": "2026-01-28T08:30:00Z", "total_leads_stored": 250.0,
	},
	"job.failed": {
		"job_id": 2.0, "job_type": "hashtag", "status": "failed", "started_at": "2026-01-28T08:00:00Z",
		"finished_at": "2026-01-28T08:30:00Z", "total_leads_stored": 0.0, "error": "Rate limited.",
	},
}

// changeEverything makes every change that fires an event.
func changeEverything(t *testing.T, p *testkit.Program, c *testkit.Client) {
	t.Helper()
	account := track(t, c, "1234567890")
	awaitJob(t, p, c, lists(t, c, account))
	for status, reason := range map[string]string{"sent": "", "failed": "The account is private."} {
		m := testkit.Post[api.DirectMessage](t, c, "/api/v1/tracked-accounts/"+account.ID+"/direct-messages",
			object{"target_username": "lead", "message": "Hey <you> & yours"}, http.StatusAccepted)
		body := object{"status": status, "device_id": "DEVICE_1", "occurred_at": "2026-01-28T09:00:00Z"}
		if reason != "" {
			body["error"] = reason
		}
		p.Operator.Call(t, http.MethodPost, "/admin/v1/direct-messages/"+m.ID+"/outcome", body).Want(t, http.StatusOK)
	}
	for _, last := range []object{{"status": "finished", "total_leads_stored": 250}, {"status": "failed",
		"error": "Rate limited."}} {
		j := testkit.Post[api.TrackerJob](t, c, "/api/v1/tracker/jobs", object{"job_type": "hashtag",
			"parameters": object{"hashtag": "coffee"}}, http.StatusAccepted)
		last["occurred_at"] = "2026-01-28T08:30:00Z"
		for _, body := range []object{{"status": "running", "occurred_at": "2026-01-28T08:00:00Z"}, last} {
			p.Operator.Call(t, http.MethodPatch, "/admin/v1/tracker/jobs/"+j.ID, body).Want(t, http.StatusOK)
		}
	}
}

func lists(t *testing.T, c *testkit.Client, account api.TrackedAccount) api.Snapshot {
	t.Helper()
	list(t, c, account, "2026-01-27T12:00:00Z", "998875", "998876")
	return list(t, c, account, "2026-01-28T11:59:23Z", "998875", "998877")
}

func TestEveryChangeIsDeliveredAsTheContractSaysInEveryProfileThatTracks(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		for profile, nameKey := range map[string]string{"leadie": "event", "hookline": "type"} {
			t.Run(profile, func(t *testing.T) {
				c := p.NewOwner(t, profile)
				receiver := testkit.NewReceiver(t, nil)
				c.NewEndpoint(t, receiver.URL, object{"events": []string{"stats.*", "follower.*", "dm.*", "job.*"}})
				changeEverything(t, p, c)
				seen := map[string]int{}
				for range len(expected) + 1 { // the first list fires stats.updated too
					var body map[string]json.RawMessage
					var name string
					got := receiver.Next(t)
					if err := json.Unmarshal(got.Body, &body); err != nil {
						t.Fatal(err)
					}
					if err := json.Unmarshal(body[nameKey], &name); err != nil {
						t.Fatal(err)
					}
					seen[name]++
					testkit.FitsSample(t, name, body["data"])
					fitsSample(t, name, body["data"])
				}
				if len(seen) != len(expected) || seen["stats.updated"] != 2 {
					t.Errorf("events: got %v, want each type once and stats.updated twice", seen)
				}
				reads(t, c)
			})
		}
	})
}

// fitsSample compares data with the expected data of its type.
func fitsSample(t *testing.T, eventType string, raw json.RawMessage) {
	t.Helper()
	var data object
	if err := json.Unmarshal(raw, &data); err != nil {
		t.Fatal(err)
	}
	if eventType == "stats.updated" && data["tracked_at"] == "2026-01-27T12:00:00Z" {
		return
	}
	if fmt.Sprint(data) != fmt.Sprint(expected[eventType]) {
		t.Errorf("%s: got %v, want %v", eventType, data, expected[eventType])
	}
}

// reads finds the same in what is polled.
func reads(t *testing.T, c *testkit.Client) {
	t.Helper()
	stats := testkit.Get[struct{ Data []json.RawMessage }](t, c, "/api/v1/stats").Data
	if len(stats) != 1 {
		t.Fatalf("statistics: got %s, want one account", stats)
	}
	testkit.FitsSample(t, "stats.updated", stats[0])
	fitsSample(t, "stats.updated", stats[0])
	events := testkit.Get[api.TrackerEventList](t, c, "/api/v1/tracker?limit=100").Data
	if len(events) != len(expected)+1 {
		t.Errorf("tracker events: got %d, want %d", len(events), len(expected)+1)
	}
	for _, e := range events {
		fitsSample(t, string(e.Event), e.Data)
	}
	var paged []string
	for next := "?limit=3"; next != ""; {
		page := testkit.Get[api.TrackerEventList](t, c, "/api/v1/tracker"+next)
		for _, e := range page.Data {
			paged = append(paged, e.ID)
		}
		cursor, err := page.Meta.NextCursor.Get()
		if next = "?limit=3&cursor=" + cursor; err != nil {
			next = ""
		}
	}
	for i, e := range events {
		if i >= len(paged) || paged[i] != e.ID {
			t.Fatalf("tracker events page by page: got %v, want the order of one page", paged)
		}
	}
	if len(paged) != len(events) {
		t.Errorf("tracker events page by page: got %d, want %d", len(paged), len(events))
	}
	between := func(from, to string) int {
		return len(testkit.Get[api.TrackerEventList](t, c, "/api/v1/tracker?limit=100&from="+from+"&to="+to).Data)
	}
	if n := between("2026-01-01T00:00:00Z", "2100-01-01T00:00:00Z"); n != len(events) {
		t.Errorf("tracker events of the century: got %d, want %d", n, len(events))
	}
	if between("2026-01-01T00:00:00Z", "2026-01-29T00:00:00Z") != 0 || between("2100-01-01T00:00:00Z",
		"2100-01-02T00:00:00Z") != 0 {
		t.Error("tracker events outside the test: got some, want none")
	}
	if got := testkit.Get[api.StatsList](t, c,
		"/api/v1/stats?from=2026-01-28T00:00:00Z&to=2026-01-29T00:00:00Z&username=my_brand&platform=instagram").Meta.Total; got != 1 {
		t.Errorf("statistics in the period: got %d, want 1", got)
	}
	if got := testkit.Get[api.StatsList](t, c, "/api/v1/stats?to=2026-01-28T00:00:00Z").Meta.Total; got != 0 {
		t.Errorf("statistics before the period: got %d, want 0", got)
	}
	by := testkit.Get[api.TrackerJob](t, c, "/api/v1/tracker/jobs/2")
	if by.Status != api.TrackerJobStatusFailed || testkit.Get[api.TrackerJob](t, c, "/api/v1/tracker/jobs/"+
		by.ID).JobID != 2 {
		t.Errorf("job: got %+v, want it failed and found by the number 2", by)
	}
	if testkit.Get[api.TrackedAccount](t, c, "/api/v1/tracked-accounts/1").FollowerCount.MustGet() != 2 {
		t.Error("account by its number: got another, want 2 followers")
	}
}
