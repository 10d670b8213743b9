package resource_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/testkit"
)

// leadmetricsEvents are the events of a life of two posts, and of one that is refused.
var leadmetricsEvents = []string{
	"agent.completed", "agent.completed", "agent.failed", "blog.approved", "blog.created", "blog.published",
	"social.approved", "social.created", "social.published",
}

func TestEveryProfileGetsTheContentEventsOfTheContract(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		for _, name := range profile.All() {
			t.Run(name, func(t *testing.T) {
				c := p.NewOwner(t, profile.Default) // which has all resources; the endpoint has the profile
				if conventions, _ := profile.Find(name); conventions.Sells("content") {
					c = p.NewOwner(t, name)
				}
				receiver := testkit.NewReceiver(t, nil)
				c.NewEndpoint(t, receiver.URL, object{"name": name, "profile": name})
				for _, k := range kinds {
					path := k.path + "/" + ended(t, p, c, generate(t, c, k, "A <b> & ü").ID).PostID
					c.Call(t, http.MethodPost, path+"/approve", nil).Want(t, http.StatusOK)
					c.Call(t, http.MethodPost, path+"/publish", nil).Want(t, http.StatusOK)
				}
				ended(t, p, c, generate(t, c, kinds["blog"], "refused").ID)
				want := leadmetricsEvents
				if name == "savelead" { // its consumers know leads only
					want = nil
				}
				var got []string
				for range want {
					got = append(got, fits(t, receiver.Next(t).Body))
				}
				slices.Sort(got)
				if !slices.Equal(got, want) || len(receiver.All()) != len(want) {
					t.Errorf("%v instead of %v", got, want)
				}
			})
		}
	})
}

// fits checks the data of a webhook against the schema and the sample of its event type, which it returns.
func fits(t *testing.T, body []byte) string {
	t.Helper()
	var envelope struct {
		Type, Event string
		Data        json.RawMessage
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		t.Fatal(err)
	}
	name := envelope.Type + envelope.Event
	testkit.FitsSample(t, name, envelope.Data)
	return name
}
