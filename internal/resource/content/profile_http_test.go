package content_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/testkit"
)

// told are the events of a life of two posts, and of one that is refused.
var told = []string{
	"agent.completed", "agent.completed", "agent.failed", "blog.approved", "blog.created", "blog.published",
	"social.approved", "social.created", "social.published",
}

func TestEveryProfileIsToldOfContentAsTheContractSays(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		m := testkit.NewModel(t, func(w http.ResponseWriter, a testkit.Asked) {
			if a.Topic == "refused" {
				a.Refuse(w, "No.")
				return
			}
			a.Write(w)
		})
		p := testkit.Start(t, e, testkit.WithModel(m, time.Minute, 0))
		for _, name := range profile.All() {
			t.Run(name, func(t *testing.T) {
				c := tenantOf(t, p, name)
				receiver := testkit.NewReceiver(t, nil)
				c.NewEndpoint(t, receiver.URL, nil)
				for _, k := range kinds {
					path := k.path + "/" + ended(t, p, c, generate(t, c, k, "A <b> & ü").ID).PostID
					c.Call(t, http.MethodPost, path+"/approve", nil).Want(t, http.StatusOK)
					c.Call(t, http.MethodPost, path+"/publish", nil).Want(t, http.StatusOK)
				}
				ended(t, p, c, generate(t, c, kinds["blog"], "refused").ID)
				want := told
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

// tenantOf makes a tenant with a profile, and a key of a member.
func tenantOf(t *testing.T, p *testkit.Program, profileName string) *testkit.Client {
	t.Helper()
	made := testkit.Post[api.Tenant](t, p.Operator, "/admin/v1/tenants", object{"name": profileName, "plan": "business", "profile": profileName}, http.StatusCreated)
	owner := testkit.Post[api.Member](t, p.Operator, "/admin/v1/tenants/"+made.ID+"/members", object{"email": "owner@example.com", "name": "Owner", "role": "owner"}, http.StatusCreated)
	key := testkit.Post[api.KeyCreated](t, p.Operator, "/admin/v1/tenants/"+made.ID+"/keys",
		object{"name": "test", "environment": "live", "permissions": []string{"*"}, "user_id": owner.ID}, http.StatusCreated)
	return testkit.NewClient(p.URL, key.Key)
}

// fits holds the data of what a consumer got against the schema of its type, which it returns.
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
	for _, et := range testkit.Contract().EventTypes {
		if et.Name != name {
			continue
		}
		if err := et.Validate(envelope.Data); err != nil {
			t.Errorf("%s: %v in %s", name, err, envelope.Data)
		}
		var sample, data object
		if json.Unmarshal(et.Sample, &sample) != nil || json.Unmarshal(envelope.Data, &data) != nil {
			t.Fatalf("%s", body)
		}
		for field := range sample {
			if _, ok := data[field]; !ok {
				t.Errorf("%s: the sample has %s, what was delivered has not", name, field)
			}
		}
		for field := range data {
			if _, ok := sample[field]; !ok {
				t.Errorf("%s: %s was delivered and is not in the sample", name, field)
			}
		}
	}
	return name
}
