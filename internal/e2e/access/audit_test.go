package access_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/job"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/fake"
)

func entries(t *testing.T, c *testkit.Client, path string) []api.AuditEntry {
	t.Helper()
	return testkit.Get[api.AuditEntryList](t, c, path).Data
}

func TestAChangeIsRecordedWithItsActorAndBothStatesAndNoSecret(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		me := testkit.Get[api.Me](t, tenant, "/api/v1/me")
		hook := tenant.NewEndpoint(t, "https://example.com/hooks",
			map[string]any{"headers": map[string]string{"Authorization": "Bearer s3cret-token"}})
		a := tenant.Call(t, http.MethodPatch, "/api/v1/webhooks/"+hook.ID, map[string]any{"enabled": false},
			"X-Forwarded-For", "203.0.113.9").Want(t, http.StatusOK)

		got := entries(t, tenant, "/api/v1/audit-log?action=webhook.updated&target="+hook.ID)
		if len(got) != 1 {
			t.Fatalf("entries: got %d, want 1", len(got))
		}
		entry := got[0]
		if entry.Actor.Type != api.AuditEntryActorTypeKey || entry.Actor.ID != me.Key.ID ||
			entry.Address != "127.0.0.1" || entry.RequestID != a.Header.Get("X-Request-Id") ||
			entry.TenantID.MustGet() != me.Tenant.ID {
			t.Errorf("entry: got %+v, want the key, its address and the request", entry)
		}
		var before, after struct{ Enabled bool }
		if json.Unmarshal(entry.Before.MustGet(), &before) != nil || json.Unmarshal(entry.After.MustGet(),
			&after) != nil || !before.Enabled || after.Enabled {
			t.Errorf("changes: got %s and %s, want enabled, then disabled", entry.Before.MustGet(),
				entry.After.MustGet())
		}
		everything := string(p.Operator.Call(t, http.MethodGet, "/admin/v1/audit-log?limit=100", nil).
			Want(t, http.StatusOK).Body)
		for _, planted := range []string{"s3cret-token", hook.Secret, tenant.Key(), p.Operator.Key()} {
			if strings.Contains(everything, planted) {
				t.Errorf("audit log: got %q in it, want no secret", planted)
			}
		}
	})
}

func TestEveryOperationThatPromisesAnEntryLeavesOneAndAFailedOneLeavesNone(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		scanner := fake.NewScanner(t, nil)
		p := testkit.Start(t, e, fake.WithScanner(scanner))
		tenant := p.NewTenant(t, "business")
		me := testkit.Get[api.Me](t, tenant, "/api/v1/me")
		receiver := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) {
			w.WriteHeader(500)
		})
		hook := tenant.NewEndpoint(t, receiver.URL, map[string]any{"signing": "both",
			"retry_policy": map[string]any{"initial": "1s", "max_attempts": 1}})
		tenant.NewLead(t, "ada@example.com")
		d := p.AwaitDelivery(t, tenant, api.DeliveryStatusDead)
		tenant.Call(t, http.MethodPost, "/api/v1/dead-letters/"+d.ID+"/replay", nil).
			Want(t, http.StatusAccepted)
		path := "/api/v1/webhooks/" + hook.ID
		alerts(t, tenant, receiver.URL)
		recoveries(t, p, tenant, hook.ID)
		tenant.Call(t, http.MethodGet, path+"/secret", nil).Want(t, http.StatusOK)
		tenant.Call(t, http.MethodPost, path+"/rotate-secret", map[string]any{"grace": "1h"}).Want(t, http.StatusOK)
		tenant.Call(t, http.MethodPost, path+"/rotate-key-pair", map[string]any{"grace": "1h"}).Want(t, http.StatusOK)
		tenant.Call(t, http.MethodPost, path+"/enable", nil).Want(t, http.StatusOK)
		tenant.Call(t, http.MethodPatch, path, map[string]any{"url": "nonsense"}).Want(t, http.StatusBadRequest)
		tenant.Call(t, http.MethodPut, path, map[string]any{"url": "https://example.com", "events": []string{"*"}}).
			Want(t, http.StatusOK)
		tenant.Call(t, http.MethodDelete, path, nil).Want(t, http.StatusNoContent)
		key := testkit.Post[api.KeyCreated](t, tenant, "/api/v1/keys", map[string]any{"name": "k",
			"permissions": []string{"read:leads"}}, http.StatusCreated)
		tenant.Call(t, http.MethodPatch, "/api/v1/keys/"+key.ID, map[string]any{"name": "other"}).Want(t, http.StatusOK)
		tenant.Call(t, http.MethodPost, "/api/v1/keys/"+key.ID+"/rotate", map[string]any{"grace": "1h"}).
			Want(t, http.StatusCreated)
		tenant.Call(t, http.MethodDelete, "/api/v1/keys/"+key.ID, nil).Want(t, http.StatusNoContent)
		p.Operator.Call(t, http.MethodPatch, "/admin/v1/tenants/"+me.Tenant.ID, map[string]any{"plan": "enterprise"}).
			Want(t, http.StatusOK)
		p.PauseDeliveries(t, me.Tenant.ID, true)
		p.PauseDeliveries(t, me.Tenant.ID, false)
		doOnceEach(t, p, tenant, me.Tenant.ID)
		support(t, p, tenant, me.Tenant.ID)
		billing(t, p, me.Tenant.ID)
		tracking(t, p, tenant)
		eventTypes(t, tenant)
		op := p.NewOperatorKey(t, "support", nil)
		p.Operator.Call(t, http.MethodPatch, "/admin/v1/operator-keys/"+op.ID, map[string]any{"name": "o"}).
			Want(t, http.StatusOK)
		p.Operator.Call(t, http.MethodDelete, "/admin/v1/operator-keys/"+op.ID, nil).Want(t, http.StatusNoContent)
		scanner.Report(t, p, fake.Leak{"token": p.NewKey(t, me.Tenant.ID, "live", "*").Key(), "type": "t"}).
			Want(t, http.StatusOK)

		left := map[string]int{}
		for _, entry := range entries(t, p.Operator, "/admin/v1/audit-log?limit=100") {
			left[entry.Action]++
		}
		for id, rule := range testkit.Contract().Rules {
			if rule.Audit != "" && left[rule.Audit] == 0 {
				t.Errorf("entries of %s: got none of %s, want one", id, rule.Audit)
			}
		}
		if left["webhook.updated"] != 1 {
			t.Errorf("entries of webhook.updated: got %d, want 1: a refused change leaves none",
				left["webhook.updated"])
		}
	})
}

// alerts does everything that is recorded about alerts, of which the dead letter has raised one.
func alerts(t *testing.T, tenant *testkit.Client, target string) {
	t.Helper()
	const channels = "/api/v1/alert-channels"
	c := testkit.Post[api.AlertChannel](t, tenant, channels, map[string]any{"type": "slack", "target": target},
		http.StatusCreated)
	tenant.Call(t, http.MethodPatch, channels+"/"+c.ID, map[string]any{"name": "Team"}).Want(t, http.StatusOK)
	signed := testkit.Post[api.AlertChannelCreated](t, tenant, channels, map[string]any{"type": "webhook",
		"target": target}, http.StatusCreated)
	tenant.Call(t, http.MethodPost, channels+"/"+signed.ID+"/rotate-secret", nil).Want(t, http.StatusOK)
	tenant.Call(t, http.MethodDelete, channels+"/"+c.ID, nil).Want(t, http.StatusNoContent)
	tenant.Call(t, http.MethodPut, "/api/v1/alert-settings", map[string]any{"disable_after_hours": 72}).
		Want(t, http.StatusOK)
	raised := testkit.Get[api.AlertList](t, tenant, "/api/v1/alerts").Data[0]
	tenant.Call(t, http.MethodPost, "/api/v1/alerts/"+raised.ID+"/resolve", nil).Want(t, http.StatusOK)
}

// recoveries does everything that is recorded about dead letters, jobs and queues.
func recoveries(t *testing.T, p *testkit.Program, tenant *testkit.Client, hookID string) {
	t.Helper()
	d := p.AwaitDelivery(t, tenant, api.DeliveryStatusDead) // the replay failed too
	tenant.Call(t, http.MethodPost, "/api/v1/deliveries/"+d.ID+"/replay", nil).Want(t, http.StatusAccepted)
	recovery := map[string]any{"since": time.Now().UTC().Format(time.RFC3339)}
	tenant.Call(t, http.MethodPost, "/api/v1/webhooks/"+hookID+"/recover", recovery).Want(t, http.StatusAccepted)
	for _, change := range []string{"replay", "purge"} {
		all := map[string]any{"filter": map[string]any{}}
		tenant.Call(t, http.MethodPost, "/api/v1/dead-letters/"+change, all).Want(t, http.StatusAccepted)
	}
	tenant.Call(t, http.MethodPost, "/api/v1/deliveries/replay", map[string]any{"filter": map[string]any{
		"webhook_id": hookID}}).Want(t, http.StatusAccepted)
	me := testkit.Get[api.Me](t, tenant, "/api/v1/me")
	waiting, err := job.NewStore(p.App.Database(), clock.System).Create(t.Context(), job.New{
		Scope: principal.Scope{TenantID: me.Tenant.ID, Environment: principal.Live}, Kind: "dead_letters.purge",
		Filter:    "{}",
		CreatedAt: time.Now().Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	tenant.Call(t, http.MethodPost, "/api/v1/jobs/"+waiting.ID+"/cancel", nil).Want(t, http.StatusOK)
	for _, change := range []string{"pause", "unpause"} {
		p.Operator.Call(t, http.MethodPost, "/admin/v1/queues/webhooks/"+change, nil).Want(t, http.StatusOK)
	}
}

// doOnceEach does everything that is recorded about members, sessions, credits and operators' events.
func doOnceEach(t *testing.T, p *testkit.Program, tenant *testkit.Client, tenantID string) {
	t.Helper()
	admin := "/admin/v1/tenants/" + tenantID
	testkit.Post[api.Member](t, p.Operator, admin+"/members", map[string]any{"email": "owner@example.com", "name": "O",
		"role": "owner"}, http.StatusCreated)
	m := testkit.Post[api.Member](t, tenant, "/api/v1/members", map[string]any{"email": "ada@example.com", "name": "A",
		"role": "viewer"}, http.StatusCreated)
	tenant.Call(t, http.MethodPatch, "/api/v1/members/"+m.ID, map[string]any{"role": "developer"}).
		Want(t, http.StatusOK)
	tenant.Call(t, http.MethodDelete, "/api/v1/members/"+m.ID, nil).Want(t, http.StatusNoContent)
	portal := func() string {
		return testkit.Post[api.PortalSession](t, p.Operator, admin+"/portal-sessions",
			map[string]any{"environment": "live"}, http.StatusCreated).ID
	}
	p.Operator.Call(t, http.MethodDelete, admin+"/portal-sessions/"+portal(), nil).Want(t, http.StatusNoContent)
	tenant.Call(t, http.MethodDelete, "/api/v1/sessions/"+portal(), nil).Want(t, http.StatusNoContent)
	p.Operator.Call(t, http.MethodPost, admin+"/credits", map[string]any{"amount": 5, "reason": "welcome"}).
		Want(t, http.StatusCreated)
	p.Operator.Call(t, http.MethodPost, admin+"/events", done("job-1", 1)).Want(t, http.StatusAccepted)
	p.Operator.Call(t, http.MethodPost, admin+"/events/bulk", map[string]any{"events": []object{done("job-2", 2)}}).
		Want(t, http.StatusOK)
}

// support does everything that is recorded about inboxes and messages.
func support(t *testing.T, p *testkit.Program, tenant *testkit.Client, tenantID string) {
	t.Helper()
	admin, inbox := "/admin/v1/tenants/"+tenantID, p.NewInbox(t, tenant, "Support").ID
	p.Operator.Call(t, http.MethodPatch, admin+"/inboxes/"+inbox, map[string]any{"name": "Help"}).Want(t, http.StatusOK)
	message := map[string]any{"type": "inbound", "from": "customer@example.com", "body_text": "Hello"}
	p.Operator.Call(t, http.MethodPost, admin+"/tickets/"+tenant.NewTicket(t, inbox, nil).ID+"/messages", message).
		Want(t, http.StatusCreated)
}

// billing does everything that is recorded about invoices and Stripe's customers.
func billing(t *testing.T, p *testkit.Program, tenantID string) {
	t.Helper()
	invoices := "/admin/v1/tenants/" + tenantID + "/invoices"
	invoice := testkit.Post[api.Invoice](t, p.Operator, invoices, map[string]any{
		"number": "1", "amount": 9900, "currency": "eur", "period_start": "2026-11-01T00:00:00Z",
		"period_end": "2026-12-01T00:00:00Z",
	}, http.StatusCreated)
	p.Operator.Call(t, http.MethodPost, invoices+"/"+invoice.ID+"/pay", map[string]any{}).Want(t, http.StatusOK)
	p.Operator.Call(t, http.MethodPut, "/admin/v1/integrations/stripe/customers/cus_1",
		map[string]any{"tenant_id": tenantID}).Want(t, http.StatusOK)
}

// eventTypes does everything that is recorded about event types.
func eventTypes(t *testing.T, tenant *testkit.Client) {
	t.Helper()
	own := map[string]any{"type": "order.created", "description": "An order was placed.",
		"schema": map[string]any{"type": "object"}, "sample": map[string]any{}}
	tenant.Call(t, http.MethodPost, "/api/v1/event-types", own).Want(t, http.StatusCreated)
	tenant.Call(t, http.MethodPatch, "/api/v1/event-types/order.created", map[string]any{"deprecated": true}).
		Want(t, http.StatusOK)
	tenant.Call(t, http.MethodDelete, "/api/v1/event-types/order.created", nil).Want(t, http.StatusNoContent)
}

// tracking does everything that is recorded about messages and jobs that others do.
func tracking(t *testing.T, p *testkit.Program, tenant *testkit.Client) {
	t.Helper()
	post := func(path string, body map[string]any, status int) string {
		return testkit.Post[struct{ ID string }](t, tenant, path, body, status).ID
	}
	account := post("/api/v1/tracked-accounts", map[string]any{"platform": "x", "account_id": "1", "username": "ada"},
		http.StatusCreated)
	message := post("/api/v1/tracked-accounts/"+account+"/direct-messages", map[string]any{"target_username": "b",
		"message": "c"}, http.StatusAccepted)
	tracked := post("/api/v1/tracker/jobs", map[string]any{"job_type": "hashtag"}, http.StatusAccepted)
	p.Operator.Call(t, http.MethodPost, "/admin/v1/direct-messages/"+message+"/outcome",
		map[string]any{"status": "sent"}).Want(t, http.StatusOK)
	p.Operator.Call(t, http.MethodPatch, "/admin/v1/tracker/jobs/"+tracked, map[string]any{"status": "running"}).
		Want(t, http.StatusOK)
}

func TestATenantReadsItsOwnEntriesOnly(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		one, two := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		one.NewEndpoint(t, "https://example.com", nil)
		own := entries(t, one, "/api/v1/audit-log")
		if len(own) != 3 { // the operator made the tenant and its key; the key made the endpoint
			t.Errorf("entries: got %d, want 3", len(own))
		}
		if others := entries(t, two, "/api/v1/audit-log"); len(others) != 2 {
			t.Errorf("entries: got %d, want 2", len(others))
		}
		page := testkit.Get[api.AuditEntryList](t, one, "/api/v1/audit-log?limit=2")
		rest := testkit.Get[api.AuditEntryList](t, one, "/api/v1/audit-log?limit=2&cursor="+
			page.Meta.NextCursor.MustGet())
		if len(page.Data) != 2 || len(rest.Data) != 1 || rest.Data[0].ID != own[2].ID {
			t.Errorf("pages: got %+v and %+v, want 2 entries and the last one", page, rest)
		}
	})
}
