package webhook_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// TestTheRecipesForN8nAndMakeHold follows the recipes of Leadie's document step by step, as the tools' own webhook and
// HTTP steps do: the tool has a URL, an API key in Authorization, and paths into bodies.
func TestTheRecipesForN8nAndMakeHold(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		owner := p.NewOwner(t, "leadie")
		account := testkit.Post[api.TrackedAccount](t, owner, "/api/v1/tracked-accounts", object{
			"platform": "instagram", "account_id": "1", "username": "my_brand"}, http.StatusCreated).ID
		snapshot := func(fan string) {
			s := testkit.Post[api.Snapshot](t, owner, "/api/v1/tracked-accounts/"+account+"/snapshots", object{
				"follower_count": 1, "following_count": 2, "posts_count": 3, "follower_list": true}, http.StatusCreated)
			path := "/api/v1/snapshots/" + s.ID
			owner.Call(t, http.MethodPost, path+"/followers", object{"followers": []object{{"user_id": fan,
				"username": fan}}}).Want(t, http.StatusOK)
			owner.Call(t, http.MethodPost, path+"/finish", object{"followers": 1}).Want(t, http.StatusOK)
		}
		snapshot("old_fan")
		// n8n, a Webhook node with the method POST; Make, a custom webhook.
		n8n, custom := testkit.NewReceiver(t, nil), testkit.NewReceiver(t, nil)
		owner.NewEndpoint(t, n8n.URL, object{"events": []string{"follower.gained"}})
		owner.NewEndpoint(t, custom.URL, object{"events": []string{"job.completed"}})
		snapshot("new_fan")
		got := n8n.Next(t)
		var body struct {
			Event string
			Data  map[string]any
		}
		if err := json.Unmarshal(got.Body, &body); err != nil || got.Method != http.MethodPost ||
			body.Event != "follower.gained" || body.Data["tracked_username"] != "my_brand" ||
			body.Data["target_username"] != "new_fan" {
			t.Errorf("n8n's webhook: got %s %s (%v), want $.data.tracked_username and $.data.target_username", got.Method,
				got.Body, err)
		}
		job := testkit.Post[api.TrackerJob](t, owner, "/api/v1/tracker/jobs", object{"job_type": "hashtag"},
			http.StatusAccepted)
		p.Operator.Call(t, http.MethodPatch, "/admin/v1/tracker/jobs/"+job.ID, object{"status": "finished",
			"total_leads_stored": 250}).Want(t, http.StatusOK)
		if err := json.Unmarshal(custom.Next(t).Body, &body); err != nil || body.Event != "job.completed" ||
			body.Data["total_leads_stored"] != float64(250) {
			t.Errorf("Make's webhook: got %+v (%v), want the job", body, err)
		}
		// n8n polls the statistics and Make the tracker, each with the key in Authorization.
		for _, path := range []string{"/api/v1/stats", "/api/v1/tracker"} {
			answer := testkit.NewClient(p.URL, "").Call(t, http.MethodGet, path, nil, "Authorization",
				"Bearer "+owner.Key()).Want(t, http.StatusOK)
			if !json.Valid(answer.Body) {
				t.Errorf("%s: got %s, want JSON to map", path, answer.Body)
			}
		}
	})
}
