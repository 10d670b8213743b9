package webhook_test

import (
	"net/http"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/fake"
)

func TestARemovedMemberGetsNoMoreAlertsAndTheAuditLogSaysSo(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e, fake.WithMailbox(fake.NewMailbox(t)))
		id := p.NewTenantOf(t, "leadie")
		ada, ben, cay := newUser(t, p, id, "ada", "owner"), newUser(t, p, id, "ben", "developer"),
			newUser(t, p, id, "cay", "developer")
		test := testkit.NewClient(p.URL, testkit.Post[api.KeyCreated](t, p.Operator, "/admin/v1/tenants/"+id+"/keys",
			object{"name": "test", "environment": "test", "permissions": []string{"*"}, "user_id": ada.member},
			http.StatusCreated).Key)
		channel := func(c *testkit.Client, kind, target string) string {
			return testkit.Post[api.AlertChannel](t, c, channels, object{"type": kind, "target": target},
				http.StatusCreated).ID
		}
		const ben2 = "Ben@Example.com" // an address in other letters is the same
		cases := map[string]struct {
			reader  *testkit.Client
			id      string
			enabled bool
		}{
			"mail to the member":          {ada.Client, channel(ada.Client, "email", ben2), false},
			"mail to the member, test":    {test, channel(test, "email", ben2), false},
			"the member's own Slack":      {ada.Client, channel(ben.Client, "slack", ben.receiver.URL), false},
			"mail to another member":      {ada.Client, channel(ada.Client, "email", "cay@example.com"), true},
			"the Slack of another member": {cay.Client, channel(cay.Client, "slack", cay.receiver.URL), true},
		}
		ada.Call(t, http.MethodDelete, "/api/v1/members/"+ben.member, nil).Want(t, http.StatusNoContent)
		for what, c := range cases {
			if got := testkit.Get[api.AlertChannel](t, c.reader, channels+"/"+c.id).Enabled; got != c.enabled {
				t.Errorf("%s: got enabled %t, want %t", what, got, c.enabled)
			}
			told := 0
			for _, entry := range testkit.Get[api.AuditEntryList](t, ada.Client,
				"/api/v1/audit-log?action=alert_channel.updated&target="+c.id).Data {
				if entry.Actor.Name == "ada" {
					told++
				}
			}
			if want := map[bool]int{false: 1, true: 0}[c.enabled]; told != want {
				t.Errorf("%s: got %d entries of the owner in the audit log, want %d", what, told, want)
			}
		}
	})
}

func TestARefusedRemovalLeavesTheMembersChannelsOn(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e, fake.WithMailbox(fake.NewMailbox(t)))
		id := p.NewTenantOf(t, "leadie")
		ada := newUser(t, p, id, "ada", "owner")
		own := testkit.Post[api.AlertChannel](t, ada.Client, channels, object{"type": "email",
			"target": "ada@example.com"}, http.StatusCreated)
		ada.Call(t, http.MethodDelete, "/api/v1/members/"+ada.member, nil).Want(t, http.StatusConflict)
		if got := testkit.Get[api.AlertChannel](t, ada.Client, channels+"/"+own.ID); !got.Enabled {
			t.Errorf("channel of the last owner, whom nobody can remove: got %+v, want it enabled", got)
		}
	})
}
