package resource_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/hookline/hookline/internal/testkit"
)

func put(t *testing.T, c *testkit.Client, email string, fields object, status int) object {
	t.Helper()
	return testkit.Into[object](t, c.Call(t, http.MethodPut, "/api/v1/leads/by-email/"+email, fields).Want(t, status))
}

func TestALeadIsCreatedOrChangedByItsAddress(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		p.NewTenant(t, "business").NewLead(t, "Ada+x@Example.com") // somebody else's
		made := put(t, c, "Ada%2Bx@Example.com", object{"name": "Ada", "score": 7}, http.StatusCreated)
		has(t, "made", made, object{"email": "Ada+x@Example.com", "name": "Ada", "score": 7.0, "status": "new",
			"company": nil})
		has(t, "unchanged", put(t, c, "ada+x@example.com", object{"name": "Ada"}, http.StatusOK), made)
		has(t, "unchanged by nothing", put(t, c, "ada+x@example.com", object{}, http.StatusOK), made)
		if n := len(eventData(t, c, "lead.updated")); n != 0 {
			t.Fatalf("lead.updated without a change: got %d, want 0", n)
		}
		changed := put(t, c, "ADA+X@EXAMPLE.COM", object{"status": "won", "name": nil}, http.StatusOK)
		has(t, "changed", changed, object{"id": made["id"], "email": "Ada+x@Example.com", "status": "won", "name": nil,
			"score": 7.0})
		events := eventData(t, c, "lead.updated")
		if len(events) != 1 || fmt.Sprint(events[0]["changes"]) != fmt.Sprint(object{"name": object{"old": "Ada",
			"new": nil}, "status": object{"old": "new", "new": "won"}}) {
			t.Errorf("events: got %v, want one with the changes of name and status", events)
		}
		if n := len(eventData(t, c, "lead.created")); n != 1 {
			t.Errorf("lead.created: got %d, want 1", n)
		}
		// An address that a lead has got since is found, one that it has lost is not.
		patchLead(t, c, "/api/v1/leads/"+made["id"].(string), object{"email": "lovelace@example.com"})
		has(t, "by its new address", put(t, c, "Lovelace@example.com", object{}, http.StatusOK),
			object{"id": made["id"]})
		if other := put(t, c, "ada+x@example.com", object{}, http.StatusCreated); other["id"] == made["id"] {
			t.Error("upsert by the former address: got the same lead, want another")
		}
		for _, bad := range []string{"nonsense", "a@b", "%20"} {
			c.Call(t, http.MethodPut, "/api/v1/leads/by-email/"+bad, object{}).Want(t, http.StatusBadRequest)
		}
		c.Call(t, http.MethodPut, "/api/v1/leads/by-email/a@example.com", object{"email": "b@example.com"}).
			Want(t, http.StatusBadRequest)
	})
}

func TestOfSeveralLeadsWithAnAddressTheOldestIsChanged(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		oldest, _ := newLead(t, c, object{"email": "ada@example.com"})
		newLead(t, c, object{"email": "ADA@example.com"})
		if got := put(t, c, "ada@example.com", object{"name": "x"}, http.StatusOK); got["id"] != oldest["id"] {
			t.Errorf("upsert of an address of several: got %v, want the oldest, %v", got, oldest)
		}
	})
}

func TestUpsertsOfOneAddressAtTheSameTimeCreateOneLead(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		const calls = 20
		statuses := make([]int, calls)
		var all sync.WaitGroup
		together := make(chan struct{})
		for i := range calls {
			all.Go(func() {
				<-together
				statuses[i] = c.Call(t, http.MethodPut, "/api/v1/leads/by-email/ada@example.com",
					object{"status": fmt.Sprint(i)}).Status
			})
		}
		close(together)
		all.Wait()
		created := 0
		for _, s := range statuses {
			if s == http.StatusCreated {
				created++
			} else if s != http.StatusOK {
				t.Errorf("got %d, want 200", s)
			}
		}
		if n := total(t, c); n != 1 || created != 1 || len(eventData(t, c, "lead.updated")) != calls-1 {
			t.Errorf("got %d leads, %d created and %d changes, want 1, 1 and %d", n, created,
				len(eventData(t, c, "lead.updated")), calls-1)
		}
	})
}

// TestEveryProfileThatNamesLeadsHearsOfAllWaysToChangeOne: the products' consumers know new_lead, lead_update and
// save_lead, whichever operation was called.
func TestEveryProfileThatNamesLeadsGetsAllChangesOfLeads(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		receivers := map[string]*testkit.Receiver{}
		for profile, events := range map[string][]string{
			"hookline": {"lead.*"}, "leadmetrics": {"lead.created", "lead.updated"}, "leadhooks": {"new_lead",
				"lead_update"}, "savelead": {"save_lead"},
		} {
			receivers[profile] = testkit.NewReceiver(t, nil)
			c.NewEndpoint(t, receivers[profile].URL, object{"name": profile, "profile": profile,
				"events": events})
		}
		hears := func(fields object, names map[string]string, changes string) {
			t.Helper()
			for profile, r := range receivers {
				var body struct {
					Type, Event string
					Data        object
				}
				if err := json.Unmarshal(r.Next(t).Body, &body); err != nil {
					t.Fatal(err)
				}
				has(t, profile, body.Data, fields)
				if body.Type+body.Event != names[profile] {
					t.Errorf("event name in %s: got %q, want %q", profile, body.Type+body.Event, names[profile])
				}
				if profile == "leadhooks" {
					if got, _ := json.Marshal(body.Data["changes"]); string(got) != changes {
						t.Errorf("changes: got %s, want %s", got, changes)
					}
					continue
				}
				if eventType := names[profile]; eventType == "lead.created" || eventType == "lead.updated" {
					data, _ := json.Marshal(body.Data)
					testkit.FitsEvent(t, eventType, data)
				}
			}
		}
		created := map[string]string{"hookline": "lead.created", "leadmetrics": "lead.created", "leadhooks": "new_lead",
			"savelead": ""}
		updated := map[string]string{"hookline": "lead.updated", "leadmetrics": "lead.updated",
			"leadhooks": "lead_update", "savelead": ""}
		put(t, c, "ada@example.com", object{"score": 7, "phone": "+1"}, http.StatusCreated)
		hears(object{"email": "ada@example.com", "score": 7.0, "phone": "+1"}, created, "null")
		put(t, c, "ada@example.com", object{"score": 8}, http.StatusOK)
		hears(object{"email": "ada@example.com", "score": 8.0, "phone": "+1"}, updated, `{"score":8}`)
		bulk(t, c, []object{{"email": "grace@example.com", "company": "Navy"}}, nil)
		hears(object{"email": "grace@example.com", "company": "Navy", "score": 0.0}, created, "null")
	})
}
