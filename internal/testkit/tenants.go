package testkit

import (
	"maps"
	"net/http"
	"testing"

	"github.com/hookline/hookline/gen/api"
)

// TenantOf is the id of a client's tenant.
func TenantOf(t testing.TB, c *Client) string {
	t.Helper()
	if c.tenantID != "" {
		return c.tenantID
	}
	return Get[api.Me](t, c, "/api/v1/me").Tenant.ID
}

// NewTenant makes a tenant on a plan and returns a client with a key of it that may do everything.
func (p *Program) NewTenant(t testing.TB, plan string) *Client {
	t.Helper()
	return p.Operator.NewTenant(t, plan, nil)
}

// NewTenantOf makes a tenant with a profile, on the plan business, and returns its id.
func (p *Program) NewTenantOf(t testing.TB, profile string) string {
	t.Helper()
	return p.Operator.newTenant(t, map[string]any{"plan": "business", "profile": profile})
}

// NewOwner makes a tenant with a profile, on the plan business, and its owner, and returns a client with a key of
// theirs that may do everything.
func (p *Program) NewOwner(t testing.TB, profile string) *Client {
	t.Helper()
	id := p.NewTenantOf(t, profile)
	owner := Post[api.Member](t, p.Operator, "/admin/v1/tenants/"+id+"/members",
		map[string]any{"email": "owner@example.com", "name": "Owner", "role": "owner"}, http.StatusCreated)
	return p.Operator.newKey(t, id, map[string]any{"permissions": []string{"*"}, "user_id": owner.ID})
}

// NewKey makes a key of a tenant.
func (p *Program) NewKey(t testing.TB, tenantID, environment string, permissions ...string) *Client {
	t.Helper()
	return p.Operator.newKey(t, tenantID, map[string]any{"environment": environment, "permissions": permissions})
}

// PauseDeliveries pauses or resumes the deliveries of a tenant, and returns it.
func (p *Program) PauseDeliveries(t testing.TB, tenantID string, paused bool) api.Tenant {
	t.Helper()
	path := "/admin/v1/tenants/" + tenantID
	if !paused {
		return Post[api.Tenant](t, p.Operator, path+"/unpause", nil, http.StatusOK)
	}
	return Post[api.Tenant](t, p.Operator, path+"/pause", map[string]any{}, http.StatusOK)
}

// NewTenant makes a tenant on a plan, for an operator whose client this is, and returns a client with a live key of it:
// one that may do everything, or has the settings.
func (c *Client) NewTenant(t testing.TB, plan string, settings map[string]any) *Client {
	t.Helper()
	if settings["role"] == nil {
		settings = merged(map[string]any{"permissions": []string{"*"}}, settings)
	}
	return c.newKey(t, c.newTenant(t, map[string]any{"plan": plan}), settings)
}

func (c *Client) newTenant(t testing.TB, settings map[string]any) string {
	t.Helper()
	return Post[api.Tenant](
		t,
		c,
		"/admin/v1/tenants",
		merged(map[string]any{"name": t.Name()}, settings),
		http.StatusCreated,
	).ID
}

func (c *Client) newKey(t testing.TB, tenantID string, settings map[string]any) *Client {
	t.Helper()
	body := merged(map[string]any{"name": "test", "environment": "live"}, settings)
	made := NewClient(
		c.base,
		Post[api.KeyCreated](t, c, "/admin/v1/tenants/"+tenantID+"/keys", body, http.StatusCreated).Key,
	)
	made.tenantID = tenantID
	return made
}

func merged(values, settings map[string]any) map[string]any {
	maps.Copy(values, settings)
	return values
}

// NewOperatorKey makes an operator key with a role and, maybe, other settings.
func (p *Program) NewOperatorKey(t testing.TB, role string, settings map[string]any) api.OperatorKeyCreated {
	t.Helper()
	return Post[api.OperatorKeyCreated](t, p.Operator, "/admin/v1/operator-keys",
		merged(map[string]any{"name": "test", "role": role}, settings), http.StatusCreated)
}

// NewOperator makes an operator key with a role and, maybe, other settings, and returns a client with it.
func (p *Program) NewOperator(t testing.TB, role string, settings map[string]any) *Client {
	t.Helper()
	return NewClient(p.URL, p.NewOperatorKey(t, role, settings).Key)
}
