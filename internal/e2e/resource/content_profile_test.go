package resource_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/fake"
)

// told are the events of a life of two posts, and of one that is refused.
var leadmetricsEvents = []string{
	"agent.completed", "agent.completed", "agent.failed", "blog.approved", "blog.created", "blog.published",
	"social.approved", "social.created", "social.published",
}

func TestEveryProfileIsToldOfContentAsTheContractSays(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		m := fake.NewModel(t, func(w http.ResponseWriter, a fake.Asked) {
			if a.Topic == "refused" {
				a.Refuse(w, "No.")
				return
			}
			a.Write(w)
		})
		p := testkit.Start(t, e, fake.WithModel(m, time.Minute, 0))
		for _, name := range profile.All() {
			t.Run(name, func(t *testing.T) {
				c := p.NewOwner(t, name)
				receiver := testkit.NewReceiver(t, nil)
				c.NewEndpoint(t, receiver.URL, nil)
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

// fits holds the data of what a consumer got against its type, which it returns.
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
