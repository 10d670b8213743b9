package webhook_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// ours are the names that tenants of these profiles must not see.
var ours = []string{"lead.created", "lead.updated"}

// TestAProfilesNamesHoldWhereverAnEventTypeIs walks through the operations that read, write, filter and show them.
func TestAProfilesNamesHoldWhereverAnEventTypeIs(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		for profile, names := range map[string][2]string{"leadhooks": {"new_lead", "lead_update"},
			"savelead": {"save_lead", "save_lead"}} {
			t.Run(profile, func(t *testing.T) {
				tenant, receiver := p.NewOwner(t, profile), testkit.NewReceiver(t, nil)
				stream := tenant.Stream(t, "", "")
				created, updated := names[0], names[1]
				hook := tenant.NewEndpoint(t, receiver.URL, object{"name": "CRM", "events": slices.Compact(names[:]),
					"filter":         `event.type == "` + created + `"`,
					"retry_policies": object{created: object{"schedule": []string{"1h"}}}})
				made := testkit.Post[api.Lead](t, tenant, "/api/v1/leads", lead, http.StatusCreated)
				receiver.Next(t)
				tenant.Call(t, http.MethodPatch, "/api/v1/leads/"+made.ID, object{"status": "contacted"}).
					Want(t, http.StatusOK)
				p.Await(t, "both deliveries", func() bool { return len(tenant.Deliveries(t, "")) == 2 })

				has := func(path string, want int) string {
					t.Helper()
					return hasNames(t, tenant.Call(t, http.MethodGet, path, nil), path, want)
				}
				both := 1
				if created == updated {
					both = 2
				}
				p.Await(t, "the counts of deliveries", func() bool {
					return strings.Contains(has("/api/v1/webhooks/stats", -1), `"`+created+`"`)
				})
				has("/api/v1/webhooks/deliveries?event_type="+created, both)
				has("/api/v1/webhooks/deliveries?event_type="+created+","+updated, 2)
				has("/api/v1/events?type="+created, both)
				p.AwaitPull(t, tenant, 2)
				has("/api/v1/events?order=asc&type="+updated, both)
				has("/api/v1/dead-letters?event_type="+created, 0)
				for path, name := range map[string]string{
					"/api/v1/event-types": created, "/api/v1/event-types/" + created: created,
					"/api/v1/event-types/" + updated: updated, "/api/v1/webhooks": created,
					"/api/v1/webhooks/" + hook.ID: created,
					"/api/v1/events":              updated, "/api/v1/webhooks/deliveries": updated,
					"/api/v1/audit-log": created,
				} {
					if body := has(path, -1); !strings.Contains(body, `"`+name+`"`) {
						t.Errorf("GET %s: got %s, want the name %s in it", path, body, name)
					}
				}
				speaksInRequests(t, tenant, hook.ID, created)
				m := stream.Until(t, func(m testkit.StreamEvent) bool {
					return m.Name == "delivery" && strings.Contains(m.Data, `"event_type":"`+created+`"`)
				})
				if strings.Contains(m.Data, ours[0]) {
					t.Errorf("the stream: got %s, want only the profile's names", m.Data)
				}
			})
		}
	})
}

// hasNames checks a response for our names and, unless want is negative, how many entries it has.
func hasNames(t *testing.T, a testkit.Answer, what string, want int) string {
	t.Helper()
	a.Want(t, http.StatusOK)
	for _, name := range ours {
		if strings.Contains(string(a.Body), `"`+name+`"`) {
			t.Errorf("%s: got %s, want no %s in it", what, a.Body, name)
		}
	}
	var list struct{ Data json.RawMessage }
	var rows []json.RawMessage
	if err := json.Unmarshal(a.Body, &list); err != nil {
		t.Fatal(err)
	}
	if _ = json.Unmarshal(list.Data, &rows); want >= 0 && len(rows) != want {
		t.Errorf("%s: got %d entries, want %d: %s", what, len(rows), want, a.Body)
	}
	return string(a.Body)
}

// speaksInRequests sends the name in every body that takes one.
func speaksInRequests(t *testing.T, tenant *testkit.Client, hookID, name string) {
	t.Helper()
	var sample struct{ Sample json.RawMessage }
	if err := json.Unmarshal(tenant.Call(t, http.MethodGet, "/api/v1/event-types/"+name, nil).Body,
		&sample); err != nil {
		t.Fatal(err)
	}
	for path, body := range map[string]object{
		"/api/v1/webhooks/" + hookID + "/test": {"event_type": name},
		"/api/v1/webhooks/filter-test":         {"event_type": name, "filter": `event.type == "` + name + `"`},
		"/api/v1/dead-letters/replay":          {"filter": object{"event_type": name}, "dry_run": true},
		"/api/v1/events/bulk":                  {"events": []object{{"type": name, "data": sample.Sample}}},
		"/api/v1/webhooks/" + hookID + "/recover": {"since": time.Now().Add(-time.Hour), "event_types": []string{name},
			"dry_run": true},
	} {
		hasNames(t, tenant.Call(t, http.MethodPost, path, body), path, -1)
	}
	if got := testkit.Post[api.Event](t, tenant, "/api/v1/events", object{"type": name, "data": sample.Sample},
		http.StatusAccepted); got.Type != name {
		t.Errorf("POST /events: got the type %s, want %s", got.Type, name)
	}
	// Answers speak the profile's names, so one that quoted ours would deny the name that it suggests.
	quoted := tenant.Call(t, http.MethodPost, "/api/v1/webhooks/filter-test",
		object{"event_type": name, "filter": `event.type == "` + ours[0] + `"`})
	if got := details(t, quoted); strings.Contains(got, `"`+name+`" is not`) || !strings.Contains(got, "did you mean") {
		t.Errorf("a filter with our own name: got %s, want the profile's name suggested and not denied", got)
	}
	refused := tenant.Call(t, http.MethodPost, "/api/v1/events", object{"type": name, "data": object{"email": 1}})
	refused.Want(t, http.StatusUnprocessableEntity)
	if strings.Contains(string(refused.Body), ours[0]) {
		t.Errorf("a refusal: got %s, want the profile's name", refused.Body)
	}
}
