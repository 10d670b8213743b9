package resource_test

import (
	"net/http"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func TestAnInboxThatFailsSaysSoOncePerReason(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		inbox := p.NewInbox(t, c, "Support")
		path := "/admin/v1/tenants/" + testkit.TenantOf(t, c) + "/inboxes/" + inbox.ID
		if inbox.Status != api.InboxStatusActive || !inbox.Error.IsNull() || !inbox.FailedSince.IsNull() {
			t.Errorf("new inbox: got %+v, want it active without an error", inbox)
		}
		set := func(body object) api.Inbox {
			t.Helper()
			got := testkit.Into[api.Inbox](t, p.Operator.Call(t, http.MethodPatch, path, body).Want(t, http.StatusOK))
			if seen := testkit.Get[api.Inbox](t, c, "/api/v1/inboxes/"+inbox.ID); seen.Status != got.Status ||
				seen.UpdatedAt != got.UpdatedAt {
				t.Errorf("inbox for the tenant: got %+v, want %+v", seen, got)
			}
			return got
		}
		failed := set(object{"error": "It is full."})
		if failed.Status != api.InboxStatusError || failed.Error.MustGet() != "It is full." {
			t.Errorf("failed inbox: got %+v, want the error", failed)
		}
		since := failed.FailedSince.MustGet()
		set(object{"error": "It is full."})
		set(object{"name": "Help"})
		if again := set(object{"error": "The password is wrong."}); again.FailedSince.MustGet() != since ||
			again.Name != "Help" {
			t.Errorf("inbox with another error: got %+v, want it failed since %s", again, since)
		}
		if works := set(object{"error": nil}); works.Status != api.InboxStatusActive || !works.FailedSince.IsNull() {
			t.Errorf("inbox without the error: got %+v, want it active", works)
		}
		set(object{"error": "It is full."})
		events := testkit.Get[api.EventList](t, c, "/api/v1/events?type=inbox.error").Data
		if len(events) != 3 {
			t.Fatalf("events: got %d, want 3", len(events))
		}
		for _, event := range events {
			testkit.FitsEvent(t, event.Type, event.Data)
		}
		if n := len(testkit.Get[api.AuditEntryList](t, c, "/api/v1/audit-log?action=inbox.updated").Data); n != 5 {
			t.Errorf("audit entries of inbox.updated: got %d, want 5", n)
		}
	})
}

func TestInboxesAreListedInTheirEnvironment(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		tenantID := testkit.TenantOf(t, c)
		test := p.NewKey(t, tenantID, "test", "*")
		live := p.NewInbox(t, c, "live")
		tested := testkit.Post[api.Inbox](t, p.Operator, "/admin/v1/tenants/"+tenantID+"/inboxes",
			object{"name": "test", "address": "test@example.com", "environment": "test"}, http.StatusCreated)
		for client, want := range map[*testkit.Client]api.Inbox{c: live, test: tested} {
			if list := testkit.Get[api.InboxList](t, client, "/api/v1/inboxes"); list.Meta.Total != 1 ||
				list.Data[0].ID != want.ID {
				t.Errorf("inboxes: got %+v, want %s only", list, want.ID)
			}
		}
		test.Call(t, http.MethodGet, "/api/v1/inboxes/"+live.ID, nil).Want(t, http.StatusNotFound)
		p.Operator.Call(t, http.MethodPost, "/admin/v1/tenants/tnt_nothing/inboxes", object{"name": "x",
			"address": "x@example.com"}).Want(t, http.StatusNotFound)
		for _, body := range []object{{"name": "x"}, {"name": "x", "address": "nonsense"},
			{"name": "", "address": "x@example.com"}, {"name": "x", "address": "x@example.com",
				"environment": "prod"}} {
			p.Operator.Call(t, http.MethodPost, "/admin/v1/tenants/"+tenantID+"/inboxes", body).
				Want(t, http.StatusBadRequest)
		}
	})
}
