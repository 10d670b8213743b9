package testkit

import (
	"net/http"
	"testing"

	"github.com/hookline/hookline/gen/api"
)

// NewInbox makes a support inbox of a client's tenant in the live environment.
func (p *Program) NewInbox(t testing.TB, c *Client, name string) api.Inbox {
	t.Helper()
	return Post[api.Inbox](t, p.Operator, "/admin/v1/tenants/"+TenantOf(t, c)+"/inboxes",
		map[string]any{"name": name, "address": "support@example.com"}, http.StatusCreated)
}

// NewTicket makes a ticket; settings add to it.
func (c *Client) NewTicket(t testing.TB, inboxID string, settings map[string]any) api.Ticket {
	t.Helper()
	body := map[string]any{"subject": "The export is empty", "inbox_id": inboxID}
	for k, v := range settings {
		body[k] = v
	}
	return Post[api.Ticket](t, c, "/api/v1/tickets", body, http.StatusCreated)
}

// NewMember makes a member with an address.
func (c *Client) NewMember(t testing.TB, email string) api.Member {
	t.Helper()
	return Post[api.Member](t, c, "/api/v1/members", map[string]any{"email": email, "name": "Ada", "role": "viewer"},
		http.StatusCreated)
}
