package access_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/eventtype"
	"github.com/hookline/hookline/internal/testkit"
)

func eventsOf(tenantID string) string { return "/admin/v1/tenants/" + tenantID + "/events" }

func done(id string, number int) object {
	return object{"id": id, "type": "job.completed", "data": object{"job_id": number, "job_type": "hashtag",
		"status": "finished", "started_at": "2026-11-21T08:00:00Z", "finished_at": "2026-11-21T08:30:00Z",
		"total_leads_stored": 250}}
}

func TestABackendPublishesEventsForATenant(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		backend := p.NewOperator(t, "backend", object{"name": "Server"})
		tenant := p.NewTenant(t, "business")
		id := testkit.TenantOf(t, tenant)
		path := eventsOf(id)
		receiver := testkit.NewReceiver(t, nil)
		tenant.NewEndpoint(t, receiver.URL, nil)
		const name = "once-1"
		made := testkit.Into[api.Event](t, backend.Call(t, http.MethodPost, path, done("job-1", 1), "Idempotency-Key",
			name).Want(t, http.StatusAccepted))
		again := backend.Call(t, http.MethodPost, path, done("job-1", 1), "Idempotency-Key", name).
			Want(t, http.StatusAccepted)
		if made.ID != "job-1" || made.Environment != api.EnvironmentLive || made.Deliveries != 1 ||
			again.Header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("event: got %+v, then %v, want the live event for one endpoint, and its replayed answer", made,
				again.Header)
		}
		backend.Call(t, http.MethodPost, path, done("job-1", 2)).Want(t, http.StatusConflict)
		if body := receiver.Next(t).Body; !json.Valid(body) {
			t.Errorf("delivered: got %s, want the event", body)
		}
		bulk := testkit.Post[api.EventBulkResult](t, backend, path+"/bulk", object{"events": []object{done("job-1", 1),
			done("job-2", 2), {"type": "order.unknown", "data": object{}}}}, http.StatusOK)
		if bulk.Meta.Accepted != 2 || bulk.Data[2].Status != api.EventBulkRowStatusInvalid {
			t.Errorf("bulk: got %+v, want the repetition and the new event accepted, and the unknown type not", bulk)
		}
		backend.Call(t, http.MethodPost, path+"/bulk", object{"events": []object{{"type": "x", "data": object{}}}}).
			Want(t, http.StatusOK)
		testkit.Post[api.Event](t, backend, path+"?environment=test", done("job-3", 3), http.StatusAccepted)
		tested := p.NewKey(t, id, "test", "read:events")
		seen := testkit.Get[api.EventList](t, tested, "/api/v1/events").Data
		if len(seen) != 1 || seen[0].ID != "job-3" {
			t.Errorf("events of the test environment: got %+v, want job-3 alone", seen)
		}
		if seen := testkit.Get[api.EventList](t, tenant, "/api/v1/events").Data; len(seen) != 2 {
			t.Errorf("live events: got %+v, want two", seen)
		}
		want := map[string]int{"event.published": 2, "events.published": 1, "answer.replayed": 1}
		for _, entry := range entries(t, p.Operator, "/admin/v1/audit-log?tenant_id="+id) {
			if entry.Actor.Name == "Server" {
				want[entry.Action]--
			}
		}
		for action, missing := range want {
			if missing != 0 {
				t.Errorf("audit log: got %d entries of %s too few, want none", missing, action)
			}
		}
	})
}

func TestWhatAnOperatorPublishesForATenantObeysTheTenantsRules(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	backend := p.NewOperator(t, "backend", nil)
	tenant, set := withQuotas(t, p, map[string]int64{"stored_bytes_per_day": 1 << 20})
	id := testkit.TenantOf(t, tenant)
	path := eventsOf(id)

	p.NewOperator(t, "support", nil).Call(t, http.MethodPost, path, done("a", 1)).Want(t, http.StatusForbidden)
	tenant.Call(t, http.MethodPost, path, done("a", 1)).Want(t, http.StatusForbidden)
	backend.Call(t, http.MethodPost, eventsOf("tnt_01jd4x2m9qe4fv0w3n7q1x5z8k"), done("a", 1)).
		Want(t, http.StatusNotFound)
	backend.Call(t, http.MethodPost, path+"?environment=prod", done("a", 1)).Want(t, http.StatusBadRequest)
	backend.Call(t, http.MethodPost, path, object{"type": "job.completed", "data": object{}}).
		Want(t, http.StatusUnprocessableEntity)

	own := object{"type": "order.placed", "description": "An order.", "sample": object{"n": 1}, "schema": object{
		"type": "object", "required": []string{"n"}, "properties": object{"n": object{"type": "integer"}}}}
	backend.Call(t, http.MethodPost, path, object{"type": "order.placed", "data": object{"n": 1}}).
		Want(t, http.StatusBadRequest)
	testkit.Post[api.EventType](t, tenant, "/api/v1/event-types", own, http.StatusCreated)
	backend.Call(t, http.MethodPost, path, object{"type": "order.placed", "data": object{"n": 1}}).
		Want(t, http.StatusAccepted)
	backend.Call(t, http.MethodPost, path, object{"type": "order.placed", "data": object{"n": "x"}}).
		Want(t, http.StatusUnprocessableEntity)

	p.PauseDeliveries(t, id, true)
	tenant.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, nil)
	backend.Call(t, http.MethodPost, path, done("paused", 1)).Want(t, http.StatusAccepted)
	p.AwaitCount(t, tenant, api.DeliveryStatusPending, 1)
	set(map[string]int64{"stored_bytes_per_day": 1})
	a := backend.Call(t, http.MethodPost, path, done("b", 1)).Want(t, http.StatusForbidden)
	if a.Problem(t).Error.Code != api.ErrorErrorCodeQuotaExceeded {
		t.Errorf("over the quota of stored bytes: got %s, want quota_exceeded", a.Body)
	}
	free := p.NewTenant(t, "free") // without the entitlement public_api, which is for the tenant's own calls
	path = eventsOf(testkit.TenantOf(t, free))
	backend.Call(t, http.MethodPost, path, done("a", 1)).Want(t, http.StatusAccepted)
	a = backend.Call(t, http.MethodPost, path, object{"type": "order.placed", "data": object{"n": 1}}).
		Want(t, http.StatusBadRequest)
	if got, want := a.Problem(t).Error.Details[0].Message, eventtype.Unknown; got != want {
		t.Errorf("a type of another tenant: got %q, want %q", got, want)
	}
}

func TestAnOperatorPublishesWithAProfilesNamesAndForItsUsers(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	backend := p.NewOperator(t, "backend", nil)
	hooks := eventsOf(testkit.TenantOf(t, p.NewOwner(t, "leadhooks")))
	lead := example(t, "lead.created")
	for name, status := range map[string]int{"new_lead": http.StatusAccepted, "job.completed": http.StatusBadRequest} {
		a := backend.Call(t, http.MethodPost, hooks, object{"type": name, "data": lead}).Want(t, status)
		if status == http.StatusAccepted && testkit.Into[api.Event](t, a).Type != name {
			t.Errorf("event: got %s, want it named %s", a.Body, name)
		}
	}
	ada := p.NewOwner(t, "leadie")
	path := eventsOf(testkit.TenantOf(t, ada))
	number := testkit.Get[api.Me](t, ada, "/api/v1/me").User.MustGet().Number
	for _, c := range []struct {
		user   any
		status int
	}{{number, http.StatusAccepted}, {nil, http.StatusAccepted}, {number + 1, http.StatusBadRequest}} {
		data := object{"platform": "instagram", "tracked_username": "a", "target_username": "b", "message": "x",
			"occurred_at": "2026-01-28T09:00:00Z"}
		if c.user != nil {
			data["user_id"] = c.user
		}
		backend.Call(t, http.MethodPost, path, object{"type": "dm.sent", "data": data}).Want(t, c.status)
	}
	if seen := testkit.Get[api.EventList](t, ada, "/api/v1/events").Data; len(seen) != 2 {
		t.Errorf("events that the owner sees: got %+v, want the own and that of nobody", seen)
	}
}

// example is the sample of an event type's data.
func example(t *testing.T, eventType string) json.RawMessage {
	t.Helper()
	for _, e := range testkit.Contract().EventTypes {
		if e.Name == eventType {
			return e.Sample
		}
	}
	t.Fatalf("event type %s: got none, want its sample", eventType)
	return nil
}
