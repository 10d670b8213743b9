package webhook_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// user is a member of a leadie tenant, with a key and an endpoint of its own.
type user struct {
	*testkit.Client
	member   string
	number   int64
	hook     string
	receiver *testkit.Receiver
}

func newUser(t *testing.T, p *testkit.Program, tenantID, name, role string) user {
	t.Helper()
	m := testkit.Post[api.Member](t, p.Operator, "/admin/v1/tenants/"+tenantID+"/members", object{
		"email": name + "@example.com", "name": name, "role": role}, http.StatusCreated)
	key := testkit.Post[api.KeyCreated](t, p.Operator, "/admin/v1/tenants/"+tenantID+"/keys", object{"name": name,
		"environment": "live", "permissions": []string{"*"}, "user_id": m.ID}, http.StatusCreated)
	u := user{Client: testkit.NewClient(p.URL, key.Key), member: m.ID, number: m.Number,
		receiver: testkit.NewReceiver(t, nil)}
	if me := testkit.Get[api.Me](t, u.Client, "/api/v1/me").User.MustGet(); me.Number != m.Number {
		t.Errorf("number of %s: got %d at /me, want %d as of the member", name, me.Number, m.Number)
	}
	u.hook = u.NewEndpoint(t, u.receiver.URL, object{"events": []string{"*"}}).ID
	return u
}

// publish publishes an event as the user.
func (u user) publish(t *testing.T) {
	t.Helper()
	testkit.Post[api.Event](t, u.Client, "/api/v1/events", object{"type": "dm.sent", "data": object{
		"platform": "instagram", "tracked_username": "a", "target_username": "b", "message": "Hey",
		"occurred_at": "2026-01-28T09:00:00Z"}}, http.StatusAccepted)
}

func TestEventsOfLeadieCarryTheNumberOfTheUserTheyConcern(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		id := p.NewTenantOf(t, "leadie")
		ada, ben := newUser(t, p, id, "ada", "developer"), newUser(t, p, id, "ben", "developer")
		if ada.number <= 0 || ada.number > 1000 || ben.number != ada.number+1 {
			t.Fatalf("numbers: got %d and %d, want two small ones in a row", ada.number, ben.number)
		}
		arrives := func(u user, event string) {
			t.Helper()
			var body struct {
				Event  string `json:"event"`
				UserID int64  `json:"user_id"`
			}
			if err := json.Unmarshal(u.receiver.Next(t).Body, &body); err != nil {
				t.Fatal(err)
			}
			if body.Event != event || body.UserID != u.number {
				t.Errorf("event: got %+v, want %s of user %d", body, event, u.number)
			}
		}
		for _, u := range []user{ada, ben} {
			account := testkit.Post[api.TrackedAccount](t, u.Client, "/api/v1/tracked-accounts", object{
				"platform": "instagram", "account_id": "1234567890", "username": "my_brand"}, http.StatusCreated)
			path := "/api/v1/tracked-accounts/" + account.ID
			testkit.Post[api.Snapshot](t, u.Client, path+"/snapshots", object{"follower_count": 1, "following_count": 2,
				"posts_count": 3, "tracked_at": "2026-01-28T11:59:23Z"}, http.StatusCreated)
			arrives(u, "stats.updated")
			dm := testkit.Post[api.DirectMessage](t, u.Client, path+"/direct-messages", object{"target_username": "x",
				"message": "Hey"}, http.StatusAccepted)
			testkit.Post[api.TenantDirectMessage](t, p.Operator, "/admin/v1/direct-messages/"+dm.ID+"/outcome",
				object{"status": "sent"}, http.StatusOK)
			arrives(u, "dm.sent")
			job := testkit.Post[api.TrackerJob](t, u.Client, "/api/v1/tracker/jobs", object{"job_type": "hashtag"},
				http.StatusAccepted)
			p.Operator.Call(t, http.MethodPatch, "/admin/v1/tracker/jobs/"+job.ID, object{"status": "finished"}).
				Want(t, http.StatusOK)
			arrives(u, "job.completed")
			u.publish(t)
			arrives(u, "dm.sent")
			other := map[int64]user{ada.number: ben, ben.number: ada}[u.number]
			for _, of := range []string{path, "/api/v1/direct-messages/" + dm.ID, "/api/v1/tracker/jobs/" + job.ID,
				"/api/v1/webhooks/" + u.hook, path + "/snapshots"} {
				other.Call(t, http.MethodGet, of, nil).Want(t, http.StatusNotFound)
				u.Call(t, http.MethodGet, of, nil).Want(t, http.StatusOK)
			}
			other.Call(t, http.MethodDelete, "/api/v1/webhooks/"+u.hook, nil).Want(t, http.StatusNotFound)
			other.Call(t, http.MethodDelete, path, nil).Want(t, http.StatusNotFound)
			for _, list := range []string{"/api/v1/webhooks", "/api/v1/stats", "/api/v1/tracked-accounts",
				"/api/v1/direct-messages", "/api/v1/tracker/jobs"} {
				if got := testkit.Get[api.WebhookList](t, u.Client, list).Meta.Total; got != 1 {
					t.Errorf("%s of user %d: got %d rows, want the user's own", list, u.number, got)
				}
			}
		}
		if events := testkit.Get[api.TrackerEventList](t, ben.Client, "/api/v1/tracker").Data; len(events) != 4 {
			t.Errorf("tracker of Ben: got %d events, want his 4", len(events))
		}
		for name, u := range map[string]user{"Ada": ada, "Ben": ben} {
			if n := u.receiver.Count(); n != 4 {
				t.Errorf("requests at %s: got %d, want the 4 of the user's own events", name, n)
			}
		}
	})
}
