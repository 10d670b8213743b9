package webhook_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// die makes the deliveries of users fail for good, and returns one dead delivery of each.
func die(t *testing.T, p *testkit.Program, users ...user) []api.Delivery {
	t.Helper()
	failing := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) {
		w.WriteHeader(http.StatusInternalServerError)
	})
	dead := make([]api.Delivery, len(users))
	for i, u := range users {
		u.Call(t, http.MethodPatch, "/api/v1/webhooks/"+u.hook, object{"url": failing.URL,
			"retry_policy": object{"max_attempts": 1}}).Want(t, http.StatusOK)
		u.publish(t)
		p.Await(t, "a dead letter of the user's own", func() bool {
			list := testkit.Get[api.DeliveryList](t, u.Client, "/api/v1/dead-letters").Data
			if len(list) == 1 {
				dead[i] = list[0]
			}
			return len(list) == 1
		})
	}
	return dead
}

func TestDeliveriesOfLeadieBelongToTheUserOfTheirEndpoint(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		id := p.NewTenantOf(t, "leadie")
		// The owner of the tenant is a user like any other: keys are scoped to the user's account.
		users := []user{newUser(t, p, id, "ada", "owner"), newUser(t, p, id, "ben", "developer")}
		streams := []*testkit.Stream{users[0].Stream(t, "", ""), users[1].Stream(t, "", "")}
		dead := die(t, p, users...)
		for i, u := range users {
			own, other := dead[i], dead[1-i]
			if own.WebhookID != u.hook {
				t.Errorf("dead letter of user %d: got one of %s, want one of %s", u.number, own.WebhookID, u.hook)
			}
			for _, list := range []string{"", "?status=dead", "?webhook_id=" + users[1-i].hook,
				"?event_id=" + other.EventID} {
				for _, d := range testkit.Get[api.DeliveryList](t, u.Client, "/api/v1/webhooks/deliveries"+list).Data {
					if d.WebhookID != u.hook {
						t.Errorf("deliveries%s of user %d: got %+v, want none of other users", list, u.number, d)
					}
				}
			}
			if n := len(u.Deliveries(t, "&status=dead")); n != 1 {
				t.Errorf("dead deliveries of user %d: got %d, want the user's own", u.number, n)
			}
			u.Call(t, http.MethodGet, "/api/v1/deliveries/"+own.ID, nil).Want(t, http.StatusOK)
			for _, path := range []string{"deliveries/", "dead-letters/"} {
				u.Call(t, http.MethodGet, "/api/v1/"+path+other.ID, nil).Want(t, http.StatusNotFound)
				u.Call(t, http.MethodPost, "/api/v1/"+path+other.ID+"/replay", nil).
					Want(t, http.StatusNotFound)
			}
			p.Await(t, "the statistics of the user's own endpoint", func() bool {
				s := testkit.Get[api.DeliveryStats](t, u.Client, "/api/v1/webhooks/stats")
				return s.Total == 1 && len(s.Endpoints) == 1 && s.Endpoints[0].WebhookID == u.hook
			})
			u.seesOnlyItsOwn(t, streams[i])
			u.isToldOnlyOfItsOwn(t, users[1-i])
		}
		sendsAgain(t, p, users)
	})
}

// isToldOnlyOfItsOwn reads the alerts, events and audit entries about a dead letter.
func (u user) isToldOnlyOfItsOwn(t *testing.T, other user) {
	t.Helper()
	for _, list := range []string{"alerts", "events", "audit-log"} {
		a := u.Call(t, http.MethodGet, "/api/v1/"+list, nil).Want(t, http.StatusOK)
		if !strings.Contains(string(a.Body), u.hook) || strings.Contains(string(a.Body), other.hook) {
			t.Errorf("%s of user %d: got %s, want its own endpoint %s and not %s", list, u.number, a.Body, u.hook,
				other.hook)
		}
	}
	for _, alert := range testkit.Get[api.AlertList](t, other.Client, "/api/v1/alerts").Data {
		u.Call(t, http.MethodPost, "/api/v1/alerts/"+alert.ID+"/resolve", nil).Want(t, http.StatusNotFound)
	}
}

// seesOnlyItsOwn reads a stream up to the user's dead delivery.
func (u user) seesOnlyItsOwn(t *testing.T, s *testkit.Stream) {
	t.Helper()
	for {
		e, err := s.Next(t)
		if err != nil {
			t.Fatal(err)
		}
		if e.Name != "delivery" {
			continue
		}
		var c api.DeliveryChange
		if err := json.Unmarshal([]byte(e.Data), &c); err != nil {
			t.Fatal(err)
		}
		if c.Delivery.WebhookID != u.hook {
			t.Fatalf("live log of user %d: got %+v, want none of other users", u.number, c.Delivery)
		}
		if c.Delivery.Status == api.DeliveryStatusDead {
			return
		}
	}
}

// sendsAgain replays dead letters in bulk: each user's job has the user's own, and is the user's own.
func sendsAgain(t *testing.T, p *testkit.Program, users []user) {
	t.Helper()
	const replay = "/api/v1/dead-letters/replay"
	for i, u := range users {
		got := testkit.Post[api.BulkPreview](t, u.Client, replay, object{"filter": object{}, "dry_run": true},
			http.StatusOK)
		if got.Total != 1 {
			t.Errorf("dry run of user %d: got %d dead letters, want the user's own", u.number, got.Total)
		}
		job := testkit.Post[api.Job](t, u.Client, replay, object{"filter": object{}}, http.StatusAccepted)
		p.Await(t, "the job to end", func() bool {
			j := testkit.Get[api.Job](t, u.Client, "/api/v1/jobs/"+job.ID)
			return j.Status == api.JobStatusDone && j.Done == 1
		})
		other := users[1-i]
		other.Call(t, http.MethodGet, "/api/v1/jobs/"+job.ID, nil).Want(t, http.StatusNotFound)
		other.Call(t, http.MethodPost, "/api/v1/jobs/"+job.ID+"/cancel", nil).Want(t, http.StatusNotFound)
		if jobs := testkit.Get[api.JobList](t, other.Client, "/api/v1/jobs").Data; slices.ContainsFunc(jobs,
			func(j api.Job) bool { return j.ID == job.ID }) {
			t.Errorf("jobs of user %d: got %+v, want none of other users", other.number, jobs)
		}
	}
}

func TestOwnersOfLeadieHaveWhatRemovedUsersAndOperatorsLeave(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		id := p.NewTenantOf(t, "leadie")
		ada, ben, cay := newUser(t, p, id, "ada", "owner"), newUser(t, p, id, "ben", "developer"),
			newUser(t, p, id, "cay", "developer")
		dead := die(t, p, ben)[0]
		account := testkit.Post[api.TrackedAccount](t, ben.Client, "/api/v1/tracked-accounts", object{
			"platform": "instagram", "account_id": "1", "username": "my_brand"}, http.StatusCreated)
		paths := []string{"/api/v1/webhooks/" + ben.hook, "/api/v1/deliveries/" + dead.ID,
			"/api/v1/dead-letters/" + dead.ID, "/api/v1/tracked-accounts/" + account.ID,
			"/api/v1/tracked-accounts/" + account.ID + "/snapshots"}
		for _, path := range paths {
			ada.Call(t, http.MethodGet, path, nil).Want(t, http.StatusNotFound)
		}
		ada.Call(t, http.MethodDelete, "/api/v1/members/"+ben.member, nil).Want(t, http.StatusNoContent)
		for _, path := range paths {
			cay.Call(t, http.MethodGet, path, nil).Want(t, http.StatusNotFound)
			ada.Call(t, http.MethodGet, path, nil).Want(t, http.StatusOK)
		}
		ada.Call(t, http.MethodDelete, paths[0], nil).Want(t, http.StatusNoContent)
	})
}
