package access_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

const tenants = "/admin/v1/tenants"

func TestATenantIsMadeReadListedAndChanged(t *testing.T) {
	t.Parallel()
	operator := testkit.Start(t, testkit.Servers).Operator
	plain := testkit.Post[api.Tenant](t, operator, tenants, map[string]any{"name": "Zoë & <Sons> 🙂"},
		http.StatusCreated)
	if plain.Name != "Zoë & <Sons> 🙂" || plain.Plan != api.PlanFree || plain.Profile != api.ProfileHookline ||
		len(plain.Entitlements) != 0 || !strings.HasPrefix(plain.ID, "tnt_") {
		t.Errorf("created tenant: got %+v, want the name as given and the defaults", plain)
	}
	acme := testkit.Post[api.Tenant](t, operator, tenants, map[string]any{"name": "Acme", "plan": "business",
		"profile": "hookline"}, http.StatusCreated)
	if strings.Join(acme.Entitlements, " ") != "public_api webhooks" {
		t.Errorf("entitlements: got %+v, want public_api and webhooks", acme)
	}
	if got := testkit.Get[api.Tenant](t, operator, tenants+"/"+plain.ID); fmt.Sprint(got) != fmt.Sprint(plain) {
		t.Errorf("tenant: got %+v, want %+v", got, plain)
	}
	list := testkit.Get[api.TenantList](t, operator, tenants+"?per_page=1")
	second := testkit.Get[api.TenantList](t, operator, tenants+"?per_page=1&page=2")
	if len(list.Data) != 1 || fmt.Sprint(list.Data[0]) != fmt.Sprint(acme) || list.Meta.Total != 2 ||
		len(second.Data) != 1 || second.Data[0].ID != plain.ID {
		t.Errorf("tenants: got %+v, then %+v, want the newest first", list, second)
	}

	patch := func(body map[string]any) api.Tenant {
		t.Helper()
		return testkit.Into[api.Tenant](t, operator.Call(t, http.MethodPatch, tenants+"/"+acme.ID, body).
			Want(t, http.StatusOK))
	}
	if got := patch(map[string]any{"name": "Acme Inc."}); got.Name != "Acme Inc." || got.Plan != api.PlanBusiness ||
		!got.CreatedAt.Equal(acme.CreatedAt) || !got.UpdatedAt.After(acme.UpdatedAt) {
		t.Errorf("renamed tenant: got %+v, want Acme Inc., still on business", got)
	}
	changed := patch(map[string]any{"plan": "pro"})
	if changed.Name != "Acme Inc." || changed.Plan != api.PlanPro || len(changed.Entitlements) != 0 {
		t.Errorf("tenant on another plan: got %+v, want pro without entitlements", changed)
	}
	if got := testkit.Get[api.Tenant](t, operator, tenants+"/"+acme.ID); fmt.Sprint(got) != fmt.Sprint(changed) {
		t.Errorf("tenant: got %+v, want %+v", got, changed)
	}
	if other := testkit.Get[api.Tenant](t, operator, tenants+"/"+plain.ID); fmt.Sprint(other) != fmt.Sprint(plain) {
		t.Errorf("other tenant: got %+v, want still %+v", other, plain)
	}
}

func TestAnotherPlanChangesAtOnceWhatTheKeysMayDo(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	c := p.NewTenant(t, "free")
	id := testkit.Get[api.Me](t, c, "/api/v1/me").Tenant.ID
	for _, plan := range []string{"free", "business", "pro", "enterprise", "free"} {
		p.Operator.Call(t, http.MethodPatch, tenants+"/"+id, map[string]any{"plan": plan}).Want(t, http.StatusOK)
		if me := testkit.Get[api.Me](t, c, "/api/v1/me"); string(me.Tenant.Plan) != plan {
			t.Errorf("plan of the caller: got %+v, want %s", me.Tenant, plan)
		}
		paid := plan == "business" || plan == "enterprise"
		for path, entitlement := range map[string]string{"/api/v1/leads": "public_api",
			"/api/v1/webhooks": "webhooks"} {
			a := c.Call(t, http.MethodGet, path, nil)
			if paid {
				a.Want(t, http.StatusOK)
				continue
			}
			problem := a.Want(t, http.StatusForbidden).Problem(t).Error
			if problem.Code != api.ErrorErrorCodeEntitlementRequired || !strings.Contains(problem.Message,
				entitlement) {
				t.Errorf("%s on %s: got %s, want entitlement_required for %s", path, plan, a.Body, entitlement)
			}
		}
	}
}

func TestATenantsFirstKeyComesFromAnOperator(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	owner := testkit.Post[api.Tenant](t, p.Operator, tenants, map[string]any{"name": "Acme", "plan": "business"},
		http.StatusCreated)
	for _, environment := range []string{"live", "test"} {
		body := map[string]any{"name": "First", "environment": environment, "permissions": []string{"read:leads"}}
		key := testkit.Post[api.KeyCreated](t, p.Operator, tenants+"/"+owner.ID+"/keys", body, http.StatusCreated)
		me := testkit.Get[api.Me](t, testkit.NewClient(p.URL, key.Key), "/api/v1/me")
		if me.Tenant.ID != owner.ID || me.Tenant.Name != "Acme" || string(me.Environment) != environment ||
			me.Key.ID != key.ID ||
			me.Label != "Acme ("+environment+")" || strings.Join(me.Key.Permissions, " ") != "read:leads" {
			t.Errorf("caller: got %+v, want the tenant, the environment and the key", me)
		}
		p.Operator.Call(t, http.MethodPost, tenants+"/tnt_01jd4x2m9qe4fv0w3n7q1x5z8k/keys", body).
			Want(t, http.StatusNotFound)
	}
	wrong := map[string]any{"name": "First", "environment": "live", "permissions": []string{"read:everything", "*",
		"*"}}
	a := p.Operator.Call(t, http.MethodPost, tenants+"/"+owner.ID+"/keys", wrong).Want(t, http.StatusBadRequest)
	if d := a.Problem(t).Error.Details; len(d) != 2 || d[0].Field != "permissions[0]" ||
		d[1].Field != "permissions[2]" {
		t.Errorf("got %s, want permissions[0] and permissions[2]", a.Body)
	}
}

func TestInvalidTenantsAreRefused(t *testing.T) {
	t.Parallel()
	operator := testkit.Shared(t, testkit.Servers).Operator
	const missing = tenants + "/tnt_01jd4x2m9qe4fv0w3n7q1x5z8k"
	operator.Call(t, http.MethodGet, missing, nil).Want(t, http.StatusNotFound)
	operator.Call(t, http.MethodPatch, missing, map[string]any{"plan": "pro"}).Want(t, http.StatusNotFound)
	for field, body := range map[string]string{
		"name": `{"name":""}`, "plan": `{"name":"refused","plan":"gold"}`,
		"profile": `{"name":"refused","profile":"acme"}`, "id": `{"name":"refused","id":"tnt_1"}`,
	} {
		a := operator.Call(t, http.MethodPost, tenants, body).Want(t, http.StatusBadRequest)
		if d := a.Problem(t).Error.Details; len(d) != 1 || d[0].Field != field {
			t.Errorf("%s: got %s, want the field %s", body, a.Body, field)
		}
	}
	if list := testkit.Get[api.TenantList](t, operator, tenants+"?q=refused"); list.Meta.Total != 0 ||
		len(list.Data) != 0 {
		t.Errorf("got %+v, want none of the refused tenants", list)
	}
}
