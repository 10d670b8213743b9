package page_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

var endings = regexp.MustCompile(`action="(/app/settings/sessions/[^"]+/end)"`)

// out fails the test unless the guest is led to the door.
func (v *guest) out(t *testing.T, who string) {
	t.Helper()
	if a := v.send(t, http.MethodGet, "/app/settings", nil); a.path != "/app/login" {
		t.Errorf("session of %s: got %d at %s, want it ended", who, a.status, a.path)
	}
}

func TestPeopleSeeAndEndTheirSessionsInTheSettings(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	for _, plan := range []string{"free", "business"} { // it is no part of what a plan brings
		tenant := testkit.Post[gen.Tenant](t, p.Operator, "/admin/v1/tenants", map[string]any{"name": "Acme",
			"plan": plan}, http.StatusCreated).ID
		add := func(name, role string) string {
			return testkit.Post[gen.Member](t, p.Operator, "/admin/v1/tenants/"+tenant+"/members",
				map[string]any{"email": name + "@example.com", "name": name, "role": role}, http.StatusCreated).ID
		}
		ada, grace := add("Ada", "owner"), add("Grace", "viewer")
		owner := visit(t, p, tenant, map[string]any{"member_id": ada})
		desk, phone := visit(t, p, tenant, map[string]any{"member_id": grace}), visit(t, p, tenant,
			map[string]any{"member_id": grace, "environment": "test"})

		own := desk.get(t, "/app/settings", "Your sessions", "this one", "Grace@example.com",
			"by a link, test", "127.0.0.1")
		if strings.Contains(own, "Ada") {
			t.Errorf("%s: got another member's session, want the member's own only", plan)
		}
		forms := endings.FindAllStringSubmatch(own, -1)
		if len(forms) != 1 {
			t.Fatalf("%s: got %d sessions to end, want 1", plan, len(forms))
		}
		if a := desk.send(t, http.MethodPost, forms[0][1], url.Values{}); a.status != http.StatusForbidden {
			t.Errorf("%s: got %d without the page's token, want 403", plan, a.status)
		}
		phone.get(t, "/app/settings")
		desk.post(t, "/app/settings", forms[0][1], url.Values{}, "The session was ended.")
		phone.out(t, "the phone")

		all := owner.get(t, "/app/settings", "Active sessions", "Grace@example.com", "Ada@example.com")
		forms = endings.FindAllStringSubmatch(all, -1)
		if len(forms) != 1 {
			t.Fatalf("%s: got %d sessions of others to end, want 1", plan, len(forms))
		}
		ownID := endings.FindAllStringSubmatch(desk.get(t, "/app/settings"), -1)
		if len(ownID) != 0 {
			t.Errorf("%s: got %v, want no button for the current session", plan, ownID)
		}
		owner.post(t, "/app/settings", forms[0][1], url.Values{}, "The session was ended.")
		desk.out(t, "the desk")
		owner.get(t, "/app/settings")

		other := visit(t, p, testkit.TenantOf(t, p.NewTenant(t, "business")), map[string]any{"role": "owner"})
		if a := other.post(t, "/app/settings", forms[0][1], url.Values{}); a.status != http.StatusNotFound {
			t.Errorf("%s: got %d for another tenant's session, want 404", plan, a.status)
		}
	}
}
